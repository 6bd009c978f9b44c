//! What a group of shared subscriptions holds survives the broker (5.0 section 4.8.2).

use std::collections::BTreeMap;
use std::time::Duration;

use vitrine_broker::{
    Broker, Change, Config, ConnectionId, HeldAs, Input, PersistentState, PublicationId, Time,
};
use vitrine_packet::{Packet, Property};

use crate::harness::*;

const GROUP: &str = "$share/g/t";

fn config() -> Config {
    Config {
        durable: true,
        ..Config::default()
    }
}

/// A world whose broker can end.
struct Mortal {
    world: World,
    state: PersistentState,
}

impl Mortal {
    fn new() -> Self {
        Self {
            world: World::with(config()),
            state: PersistentState::default(),
        }
    }

    fn keep(&mut self) {
        let changes = self.world.broker.take_changes();
        changes
            .into_iter()
            .for_each(|change| self.state.apply(change));
    }

    /// The broker ends at once, and another one goes on from what was kept.
    fn crash(&mut self) {
        self.keep();
        let restored = Broker::restore(config(), self.state.clone(), self.world.now);
        self.world.broker = restored.unwrap();
        assert_eq!(self.world.broker.verify(), Ok(()));
    }

    /// A member of the group that is away.
    fn away(&mut self, client: &str) {
        let connection = self.world.connect(Hello::v5(client).kept());
        self.world.subscribe(connection, GROUP, Q2);
        self.world.cut(connection);
    }

    fn publish(&mut self, messages: &[(&str, u8)]) {
        let publisher = self.world.connect(Hello::v5("p"));
        for (id, (payload, qos)) in (1..).zip(messages) {
            let qos = [Q0, Q1, Q2][usize::from(*qos)];
            self.world
                .publish(publisher, message("t", payload).qos(qos, id));
        }
    }

    fn queued(&self, client: &str) -> Vec<String> {
        let held = self.world.broker.held(client);
        let payload = |message: std::rc::Rc<vitrine_broker::Message>| {
            String::from_utf8(message.payload.to_vec()).unwrap()
        };
        held.filter(|held| held.held == HeldAs::Queued)
            .filter_map(|held| held.message.map(payload))
            .collect()
    }
}

/// What waits for a member that never comes back goes to the others, also when the broker ended before the
/// member's Session did.
/// 5.0: [MQTT-4.8.2-5]
#[test]
fn what_waits_for_a_member_goes_to_another_after_a_restart() {
    let mut mortal = Mortal::new();
    mortal.away("a");
    mortal.publish(&[("1", 1), ("2", 2)]);
    mortal.away("b");
    assert_eq!(mortal.queued("a"), ["1", "2"]);
    mortal.crash();
    assert_eq!((mortal.queued("a").len(), mortal.queued("b").len()), (2, 0));
    // Also after another restart, of which the first one told nothing.
    mortal.crash();
    mortal.world.connect(Hello::v5("a"));
    assert_eq!(mortal.queued("b"), ["1", "2"]);
}

/// What is under way to a member is its own as long as its Session lasts, and then another's, but for QoS 2.
/// 5.0: [MQTT-4.8.2-5]
#[test]
fn what_is_under_way_to_a_member_goes_to_another_after_a_restart() {
    let mut mortal = Mortal::new();
    let a = mortal.world.connect(Hello::v5("a").kept());
    mortal.world.subscribe(a, GROUP, Q2);
    mortal.publish(&[("begun q1", 1), ("begun q2", 2)]);
    assert_eq!(mortal.world.take(a).len(), 2);
    mortal.away("b");
    mortal.crash();
    mortal.world.pass(Duration::from_secs(3_500));
    assert!(mortal.queued("b").is_empty(), "a may come back");
    let b = mortal.world.reconnect(Hello::v5("b").kept());
    mortal.world.pass(Duration::from_secs(200));
    assert_eq!(mortal.world.take(b), ["PUBLISH q1 #1 t \"begun q1\""]);
}

/// A member whose Session ends with its connection may hold what nobody else has. When the broker ends, so
/// does that Session, and the others of the group get what it held.
/// 5.0: [MQTT-4.8.2-5]
#[test]
fn what_a_member_held_whose_session_ends_with_the_broker() {
    let mut mortal = Mortal::new();
    mortal.away("kept");
    let window = Property::ReceiveMaximum(3);
    let passing = mortal.world.connect(Hello::v5("passing").with(window));
    mortal.world.subscribe(passing, GROUP, Q2);
    mortal.publish(&[("done", 1), ("q1", 1), ("q2", 2), ("released", 2)]);
    assert_eq!(mortal.world.take(passing).len(), 3);
    mortal.world.send(passing, Packet::PubAck(ack(1)));
    assert_eq!(mortal.world.take(passing).len(), 1);
    mortal.world.send(passing, Packet::PubRec(ack(4)));
    mortal.publish(&[("waits q2", 2), ("waits q1", 1)]);
    mortal.keep();
    mortal.crash();
    assert!(mortal.world.broker.session("passing").is_none());
    assert_eq!(mortal.queued("kept"), ["q1", "waits q2", "waits q1"]);
    mortal.crash();
    assert_eq!(mortal.queued("kept").len(), 3, "once");
    let kept = mortal.world.reconnect(Hello::v5("kept").kept());
    assert_eq!(
        mortal.world.take(kept),
        [
            "PUBLISH q1 #1 t \"q1\"",
            "PUBLISH q2 #2 t \"waits q2\"",
            "PUBLISH q1 #3 t \"waits q1\""
        ]
    );
}

/// A client that comes back without wanting its Session to last any longer: what it has by then is not given
/// to another as well.
#[test]
fn a_session_that_stops_being_kept() {
    let mut mortal = Mortal::new();
    mortal.away("a");
    mortal.publish(&[("acknowledged", 1), ("begun", 2), ("open", 1)]);
    mortal.away("b");
    let mut hello = Hello::v5("a");
    hello.clean = false;
    let a = mortal.world.reconnect(hello);
    assert_eq!(mortal.world.take(a).len(), 3);
    mortal.world.send(a, Packet::PubAck(ack(1)));
    mortal.world.send(a, Packet::PubRec(ack(2)));
    mortal.crash();
    assert_eq!(mortal.queued("b"), ["open"]);
}

/// In a group in which all Sessions end with the broker nobody could get anything after it: nothing is kept.
#[test]
fn a_group_of_sessions_that_all_end_costs_nothing() {
    let mut mortal = Mortal::new();
    for client in ["a", "b"] {
        let connection = mortal.world.connect(Hello::v5(client));
        mortal.world.subscribe(connection, GROUP, Q1);
    }
    mortal.keep();
    mortal.publish(&[("1", 1), ("2", 1)]);
    let changes = mortal.world.broker.take_changes();
    let told = |change: &&Change| !matches!(change, Change::Session { .. });
    assert_eq!(changes.iter().find(told), None);
}

/// Wherever the broker ends, what a group held is there for it: all that would be if the connections had
/// been lost instead, nothing that was over, and nothing twice.
#[test]
fn a_crash_loses_and_doubles_nothing_of_a_group() {
    let mut held_in_all = 0;
    for seed in seeds(150) {
        let mut broker = Broker::new(config(), Time::ZERO);
        let mut state = PersistentState::default();
        let mut now = Time::ZERO;
        let mut ignored = Transcript::default();
        keeper(&mut broker);
        // Each topic is in one group.
        let filters = ["$share/g/a/#", "$share/h/b/#"];
        let script = Script::with_filters(seed, 300, &filters);
        for (n, step) in script.steps.iter().enumerate() {
            perform(&mut broker, step, &mut now, &mut None, &mut ignored);
            take(&mut broker, &mut state);
            if n % 60 == 59 {
                held_in_all += end(broker.clone(), state.clone(), now);
            }
        }
    }
    assert!(held_in_all > 1_000, "{held_in_all}");
}

/// A member of all groups that is away.
fn keeper(broker: &mut Broker) {
    let mut world = World::with(config());
    world.now = Time::ZERO;
    world.broker = Broker::new(config(), Time::ZERO);
    let mut hello = Hello::v5("keeper").kept();
    hello.properties = vec![Property::SessionExpiryInterval(u32::MAX)];
    let keeper = world.connect(hello);
    world.subscribe(keeper, "$share/g/a/#", Q2);
    world.subscribe(keeper, "$share/h/b/#", Q2);
    world.cut(keeper);
    *broker = world.broker;
}

fn take(broker: &mut Broker, state: &mut PersistentState) {
    let changes = broker.take_changes();
    changes.into_iter().for_each(|change| state.apply(change));
}

/// Compares the broker after the loss of all connections with the one that goes on from what was kept.
/// Gives how many messages are held.
fn end(mut old: Broker, mut state: PersistentState, now: Time) -> usize {
    // That something was not sent yet the broker knows, and the one after it does not.
    let mut connections: Vec<_> = old.connections().collect();
    for _ in 0..100 {
        for connection in &connections {
            old.poll_transmit(connection.connection, &mut vec![], usize::MAX, now);
        }
    }
    take(&mut old, &mut state);
    let before = held(&old);
    // Those whose Sessions stay go first, so that what the others leave is not sent to them.
    let stays = |client: &Option<vitrine_broker::ClientId>| {
        let session = client.as_ref().and_then(|client| old.session(client));
        session.is_some_and(|session| session.expiry > 0)
    };
    connections.sort_by_key(|connection| !stays(&connection.client));
    let ids: Vec<ConnectionId> = connections.iter().map(|it| it.connection).collect();
    for connection in ids {
        old.handle(Input::Closed { connection }, now);
    }
    let mut new = Broker::restore(config(), state.clone(), now).unwrap();
    for broker in [&mut old, &mut new] {
        broker.handle(Input::Deadline, now);
        assert_eq!(broker.verify(), Ok(()));
    }
    let (lost, kept) = (held(&old), held(&new));
    for publication in lost.keys() {
        assert!(kept.contains_key(publication), "{publication:?} is lost");
    }
    for (publication, count) in &kept {
        assert_eq!(*count, 1, "{publication:?} is there twice");
        assert!(before.contains_key(publication), "{publication:?} was over");
    }
    // And again from what the new one leaves.
    take(&mut new, &mut state);
    let again = Broker::restore(config(), state, now).unwrap();
    assert_eq!(held(&again), kept);
    kept.len()
}

/// The publications that any Session holds for its client, and how many do. Wills are left out: they may be
/// published only now.
fn held(broker: &Broker) -> BTreeMap<PublicationId, usize> {
    let mut held = BTreeMap::new();
    for client in broker.clients() {
        for one in broker.held(client) {
            let is_will = one
                .message
                .is_some_and(|message| *message.payload == *b"will");
            if one.held != HeldAs::Received && !is_will {
                *held.entry(one.publication.unwrap()).or_default() += 1;
            }
        }
    }
    held
}
