//! What survives the broker.

use vitrine_broker::{
    Broker, Change, Config, ConnectionId, DeadlineReason, Input, Output, Peer, PersistentState,
    RestoreError, SavedDelivery, Time,
};
use vitrine_packet::{Framer, Packet};

use crate::harness::*;

fn config() -> Config {
    Config {
        durable: true,
        max_queued_messages: 20,
        max_in_flight: 4,
        ..Config::default()
    }
}

/// Everything is made durable before the bytes that promise it leave.
#[test]
fn changes_come_before_the_bytes_that_promise_them() {
    let mut world = World::with(config());
    world.pulling = false;
    let subscriber = world.say(&Hello::v3("s").kept());
    world.send_subscribe(
        subscriber,
        &[("a", vitrine_packet::SubscriptionOptions::with_qos(Q1))],
        &[],
    );
    let publisher = world.say(&Hello::v3("p"));
    world.pull(subscriber, usize::MAX);
    world.pull(publisher, usize::MAX);
    world.broker.take_changes();
    let bytes = message("a", "x").q1(1).bytes(V3);
    world.broker.handle(
        Input::Received {
            connection: publisher,
            bytes: &bytes,
        },
        world.now,
    );
    let outputs: Vec<_> = std::iter::from_fn(|| world.broker.poll_output()).collect();
    let transmit = |connection| Output::Transmit { connection };
    assert_eq!(
        outputs,
        [Output::Persist, transmit(subscriber), transmit(publisher)]
    );
    let changes = world.broker.take_changes();
    let [
        Change::Delivery {
            client,
            delivery: SavedDelivery::Sent(id, _),
            ..
        },
    ] = &changes[..]
    else {
        panic!("{changes:?}");
    };
    assert_eq!((&**client, id.get()), ("s", 1));
    let bytes = bytes_of(Packet::PubAck(ack(1)));
    world.broker.handle(
        Input::Received {
            connection: subscriber,
            bytes: &bytes,
        },
        world.now,
    );
    let changes = world.broker.take_changes();
    assert!(
        matches!(&changes[..], [Change::Delivered { .. }]),
        "{changes:?}"
    );
}

/// That a delivery is over need not be durable before anything is sent; everything else has to be.
#[test]
fn what_presses() {
    let mut world = World::with(config());
    let presses = |world: &mut World| {
        let presses = world.broker.changes_press();
        let changes = world.broker.take_changes();
        assert!(!world.broker.changes_press());
        (changes.len(), presses)
    };
    let subscriber = world.connect(Hello::v3("s").kept());
    assert_eq!(presses(&mut world), (1, true));
    world.subscribe(subscriber, "a", Q2);
    assert_eq!(presses(&mut world), (1, true));
    let publisher = world.connect(Hello::v3("p").kept());
    assert_eq!(presses(&mut world), (1, true));
    world.publish(publisher, message("a", "x").q1(1));
    assert_eq!(presses(&mut world), (1, true));
    world.send(subscriber, Packet::PubAck(ack(1)));
    assert_eq!(presses(&mut world), (1, false));
    // Both answers of a subscriber at QoS 2, and both of a publisher's packets.
    world.publish(publisher, message("a", "x").q2(2));
    assert_eq!(presses(&mut world), (2, true));
    world.send(subscriber, Packet::PubRec(ack(2)));
    assert_eq!(presses(&mut world), (1, true));
    world.send(subscriber, Packet::PubComp(ack(2)));
    assert_eq!(presses(&mut world), (1, false));
    world.send(publisher, Packet::PubRel(ack(2)));
    assert_eq!(presses(&mut world), (1, true));
    // One that does not press does not hide one that does.
    world.publish(publisher, message("a", "x").q1(3));
    world.broker.take_changes();
    world.send(subscriber, Packet::PubAck(ack(3)));
    world.publish(publisher, message("a", "x").q1(4));
    assert_eq!(presses(&mut world), (2, true));
}

fn bytes_of(packet: Packet<'_>) -> Vec<u8> {
    bytes(V3, &packet)
}

/// What a slow transport lets out of the queue is not given before the change can be taken.
#[test]
fn pulling_waits_for_changes_too() {
    let mut world = World::with(Config {
        max_unsent_bytes: 10,
        ..config()
    });
    let subscriber = world.connect(Hello::v3("s").kept());
    world.subscribe(subscriber, "a", Q1);
    let publisher = world.connect(Hello::v3("p"));
    world.pulling = false;
    for n in 1..=3 {
        world.publish(publisher, message("a", "0123456789").q1(n));
    }
    world.broker.take_changes();
    world.drain();
    world.pull(subscriber, usize::MAX);
    assert_eq!(world.take(subscriber).len(), 1);
    assert_eq!(world.broker.poll_output(), Some(Output::Persist));
    assert_eq!(world.broker.take_changes().len(), 1);
    world.pull(subscriber, usize::MAX);
    assert_eq!(world.take(subscriber).len(), 1);
}

/// A Session that ends with its connection leaves nothing behind but its Will.
#[test]
fn sessions_that_are_not_kept() {
    let mut world = World::with(config());
    let client = world.connect(Hello::v3("a").will(Testament::new("w", "gone")));
    world.subscribe(client, "#", Q2);
    world.publish(client, message("x", "x").q2(1));
    let mut state = PersistentState::default();
    world
        .broker
        .take_changes()
        .into_iter()
        .for_each(|change| state.apply(change));
    let session = &state.sessions["a"];
    assert!(session.subscriptions.is_empty() && session.deliveries.is_empty());
    let mut crashed = Broker::restore(config(), state, world.now).unwrap();
    assert_eq!(crashed.counts().sessions, 0);
    assert_eq!(crashed.counts().publications, 1, "the will");
    assert!(!crashed.take_changes().is_empty());
}

#[test]
fn a_state_that_no_broker_left() {
    let message = std::rc::Rc::new(vitrine_broker::Message {
        publication: vitrine_broker::PublicationId(1),
        publisher: None,
        qos: Q0,
        expires: None,
        topic: "a/#".into(),
        properties: Default::default(),
        payload: [].into(),
    });
    let mut state = PersistentState::default();
    state.apply(Change::Retained(message));
    let error = Broker::restore(config(), state, Time::ZERO).err();
    assert_eq!(error, Some(RestoreError::TopicName("a/#".into())));
}

/// Wherever the broker ends: the one that starts from the changes has the same sessions and the same
/// Retained Messages as the old one would have had if all connections had broken at that moment, and
/// sends the same.
#[test]
fn a_crash_is_like_the_loss_of_all_connections() {
    for seed in seeds(150) {
        let mut broker = Broker::new(config(), Time::ZERO);
        let mut state = PersistentState::default();
        let mut now = Time::ZERO;
        let mut ignored = Transcript::default();
        // Whose turn it is in a group of shared subscriptions does not survive.
        let filters: Vec<_> = FILTERS
            .into_iter()
            .filter(|f| !f.starts_with("$share"))
            .collect();
        let script = Script::with_filters(seed, 250, &filters);
        for (n, step) in script.steps.iter().enumerate() {
            perform(&mut broker, step, &mut now, &mut None, &mut ignored);
            // Mostly what began is over before it is taken: then the broker leaves it out.
            if !(n as u64).is_multiple_of(1 + seed % 12) && n % 50 != 49 {
                continue;
            }
            broker
                .take_changes()
                .into_iter()
                .for_each(|change| state.apply(change));
            if n % 50 == 49 {
                compare(broker.clone(), state.clone(), now);
            }
        }
    }
}

fn compare(mut old: Broker, mut state: PersistentState, now: Time) {
    // What the host did not pull would be sent again without DUP: leave that case out.
    let mut connections: Vec<_> = old.connections().collect();
    for _ in 0..100 {
        for connection in &connections {
            old.poll_transmit(connection.connection, &mut vec![], usize::MAX, now);
        }
    }
    old.take_changes()
        .into_iter()
        .for_each(|change| state.apply(change));
    connections.sort_by(|a, b| a.client.cmp(&b.client));
    for connection in &connections {
        old.handle(
            Input::Closed {
                connection: connection.connection,
            },
            now,
        );
    }
    let mut new = Broker::restore(config(), state.clone(), now).unwrap();
    for broker in [&mut old, &mut new] {
        broker.handle(Input::Deadline, now);
    }
    let mut clients: Vec<_> = old.clients().cloned().collect();
    clients.sort();
    let mut restored: Vec<_> = new.clients().cloned().collect();
    restored.sort();
    assert_eq!(clients, restored);
    for client in &clients {
        let before = old.session(client).unwrap();
        let after = new.session(client).unwrap();
        assert_eq!(
            before,
            vitrine_broker::SessionInfo {
                version: before.version,
                ..after
            }
        );
    }
    // When queues are searched for expired messages may differ.
    let deadline = |broker: &Broker| {
        broker
            .next_deadline()
            .filter(|next| next.reason != DeadlineReason::MessageExpiry)
    };
    if let (Some(before), Some(after)) = (deadline(&old), deadline(&new)) {
        assert_eq!(before, after);
    }
    let counts = |broker: &Broker| {
        let counts = broker.counts();
        (
            counts.retained,
            counts.retained_bytes,
            // What is charged for a message depends on who else holds it, and since when.
            broker
                .clients()
                .map(|client| broker.session(client).unwrap().queued_bytes)
                .sum::<usize>(),
            counts.subscriptions,
        )
    };
    assert_eq!(counts(&old), counts(&new));
    // And again from what the new one leaves.
    new.take_changes()
        .into_iter()
        .for_each(|change| state.apply(change));
    let again = Broker::restore(config(), state, now).unwrap();
    assert_eq!(counts(&new), counts(&again));
    for client in &clients {
        let (before, after) = (
            reconnect(&mut old, client, now),
            reconnect(&mut new, client, now),
        );
        assert_eq!(before, after, "{client}");
    }
}

/// What a client gets when it comes back. New identifiers need not be the same.
fn reconnect(broker: &mut Broker, client: &str, now: Time) -> Vec<String> {
    let connection = ConnectionId(1_000_000 + broker.inputs());
    broker.handle(
        Input::Opened {
            connection,
            peer: Peer::by("lab"),
        },
        now,
    );
    let hello = Hello::v5(client).kept();
    broker.handle(
        Input::Received {
            connection,
            bytes: &hello.bytes(),
        },
        now,
    );
    let mut out = vec![];
    while broker.poll_transmit(connection, &mut out, usize::MAX, now) > 0 {}
    let mut framer = Framer::default();
    let mut rest = &out[..];
    let mut lines = vec![];
    while let Some(packet) = framer.next(&mut rest).unwrap() {
        let line = describe(packet, V5);
        let old = line.contains(" dup ") || line.starts_with("PUBREL");
        let words = line.split(' ').filter(|word| old || !word.starts_with('#'));
        lines.push(words.collect::<Vec<_>>().join(" "));
    }
    lines
}

/// What waits to be taken is weighed by its bytes: a message once, whoever gets it.
#[test]
fn changes_are_weighed() {
    let mut world = World::with(config());
    let [a, b] = ["a", "b"].map(|client| {
        let kept = world.connect(Hello::v3(client).kept());
        world.subscribe(kept, "t", Q1);
        kept
    });
    let publisher = world.connect(Hello::v3("p"));
    world.broker.take_changes();
    assert_eq!(world.broker.changes_bytes(), 0);
    let payload = "x".repeat(10_000);
    world.publish(publisher, message("t", &payload).q1(1).retain());
    let one = world.broker.changes_bytes();
    assert!((10_000..11_000).contains(&one), "{one}");
    world.publish(publisher, message("t", &payload).q1(2));
    assert!((20_000..22_000).contains(&world.broker.changes_bytes()));
    // It weighs as much until the last who gets it has acknowledged it.
    world.send(a, Packet::PubAck(ack(2)));
    assert!((20_000..22_000).contains(&world.broker.changes_bytes()));
    world.send(b, Packet::PubAck(ack(2)));
    assert_eq!(world.broker.changes_bytes(), one);
    world.publish(publisher, message("t", &payload).q1(2));
    // One that nobody keeps weighs nothing.
    world.publish(publisher, message("other", &payload).q1(3));
    assert!((20_000..22_000).contains(&world.broker.changes_bytes()));
    world.broker.take_changes();
    assert_eq!(world.broker.changes_bytes(), 0);
    let long = "f".repeat(1_000);
    let kept = world.connect(Hello::v3("c").kept());
    world.broker.take_changes();
    world.subscribe(kept, &long, Q1);
    assert!(world.broker.changes_bytes() >= 1_000);
}
