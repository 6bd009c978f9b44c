//! Worlds of the lab under random faults: what the scope says that each side holds against what it does hold.

use std::collections::BTreeSet;
use std::rc::Rc;

use vitrine_broker::{Access, HeldAs, Observation};
use vitrine_lab::simulate::Scenario;
use vitrine_lab::{Action, Step, World};
use vitrine_link::{ClientsView, Fate, FlowFrame, FlowView, HoldKind, RowKind, TreeView, View};
use vitrine_packet::Packet;
use vitrine_scope::{Lens, Limits, Outside, Scope};
use vitrine_stage::{Listen, Teller};

use crate::common::lab::{play, tell, watch};

/// Something held: whether the broker holds it, for which client, what, and which.
type Held = (bool, String, Thing, u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    /// A message that the one who holds it sent.
    Message,
    /// The identifier of one, or of one that it got; these two may not be told apart, as the page does not.
    PacketId,
    Queued,
}

/// A scope, and what it was told last that happened outside of the broker.
struct Told {
    scope: Scope,
    outside: Vec<Outside>,
}

impl Listen for Told {
    fn observe(&mut self, observation: &Observation) {
        self.scope.observe(observation);
    }

    fn outside(&mut self, happened: &Outside, at: u64) {
        self.scope.outside(happened, at);
        self.outside.push(happened.clone());
    }

    fn access(&mut self, access: &Rc<Access>, _: u64) {
        self.scope.set_access(Rc::clone(access));
    }
}

fn flow(scope: &Scope) -> FlowFrame {
    let mut lens = Lens::new();
    lens.look(View {
        flow: Some(FlowView {
            rows: 500,
            ..FlowView::default()
        }),
        ..View::default()
    });
    let frame = scope.frame(&mut lens, 0).expect("a new page gets a frame");
    frame.flow.expect("the flow was asked for")
}

/// What the scope says that is held now.
fn said(frame: &FlowFrame) -> BTreeSet<Held> {
    assert_eq!(frame.holds_left_out, 0);
    let holds = frame.holds.iter().filter(|hold| hold.until.is_none());
    let tell = |hold: &vitrine_link::Hold| {
        let line = frame.lifelines.iter().find(|line| line.id == hold.lifeline);
        let name = line.expect("its lifeline is told").name.clone();
        let (thing, number) = match hold.kind {
            HoldKind::Message => (Thing::Message, hold.packet_id.map(u64::from)),
            HoldKind::PacketId => (Thing::PacketId, hold.packet_id.map(u64::from)),
            HoldKind::Queued => (Thing::Queued, hold.publication),
        };
        (hold.at_broker, name, thing, number.expect("it has one"))
    };
    holds.map(tell).collect()
}

/// What the clients hold.
fn held_by_clients(world: &World) -> BTreeSet<Held> {
    let mut held = BTreeSet::new();
    for node in 0..world.clients() {
        let (client, name) = (world.client(node), world.name(node));
        let mut add = |thing, id: vitrine_packet::PacketId| {
            held.insert((false, name.to_owned(), thing, u64::from(id.get())));
        };
        client
            .in_flight()
            .for_each(|(id, _)| add(Thing::Message, id));
        client.releasing().for_each(|id| add(Thing::PacketId, id));
        client.receiving().for_each(|id| add(Thing::PacketId, id));
    }
    held
}

/// What the broker holds, but for what waits: of that the numbers may have been given before.
fn held_by_broker(world: &World) -> BTreeSet<Held> {
    let mut held = BTreeSet::new();
    let Some(broker) = world.broker() else {
        return held;
    };
    for node in 0..world.clients() {
        let name = world.name(node);
        for it in broker.held(name) {
            let thing = match it.held {
                HeldAs::Sent => Thing::Message,
                HeldAs::Released | HeldAs::Received => Thing::PacketId,
                HeldAs::Queued => continue,
            };
            let id = it.packet_id.expect("what is sent has one").get();
            held.insert((true, name.to_owned(), thing, u64::from(id)));
        }
    }
    held
}

/// Messages that a client has given an identifier, and never sent, count as held with it; the scope cannot know of
/// them, so only those count that are among `sent`.
fn compare(world: &World, scope: &Scope, sent: &BTreeSet<Held>, at: &str) {
    let frame = flow(scope);
    let said = said(&frame);
    let by_clients = held_by_clients(world);
    let said_of_clients: BTreeSet<Held> = said.iter().filter(|it| !it.0).cloned().collect();
    let too_much: Vec<_> = said_of_clients.difference(&by_clients).collect();
    assert!(
        too_much.is_empty(),
        "{at}: clients do not hold {too_much:?}"
    );
    let missing: Vec<_> = by_clients
        .difference(&said_of_clients)
        .filter(|held| held.2 != Thing::Message || sent.contains(*held))
        .collect();
    assert!(missing.is_empty(), "{at}: clients also hold {missing:?}");
    if world.broker().is_some() {
        let by_broker = held_by_broker(world);
        let said: BTreeSet<Held> = (said.into_iter())
            .filter(|it| it.0 && it.2 != Thing::Queued)
            .collect();
        let too_much: Vec<_> = said.difference(&by_broker).collect();
        assert!(
            too_much.is_empty(),
            "{at}: the broker does not hold {too_much:?}"
        );
        // What it is about to send for the first time it holds before anybody sees it.
        let missing: Vec<_> = by_broker
            .difference(&said)
            .filter(|held| held.2 != Thing::Message)
            .collect();
        assert!(
            missing.is_empty(),
            "{at}: the broker also holds {missing:?}"
        );
        compare_sessions(world, scope, at);
    }
    for row in &frame.rows {
        if let RowKind::Packet(packet) = &row.kind {
            assert_eq!(packet.fate == Fate::Unknown, packet.to_broker, "{at}");
        }
    }
}

/// The sessions and Retained Messages that are shown are those of the broker, whatever it went through.
fn compare_sessions(world: &World, scope: &Scope, at: &str) {
    let broker = world.broker().expect("it runs");
    let mut lens = Lens::new();
    lens.look(View {
        clients: Some(ClientsView {
            first: 0,
            rows: 500,
        }),
        tree: Some(TreeView {
            open_depth: 99,
            rows: 500,
            ..TreeView::default()
        }),
        ..View::default()
    });
    let frame = scope.frame(&mut lens, 0).expect("a new page gets a frame");
    let mut shown: Vec<_> = (frame.clients.expect("they were asked for").rows.into_iter())
        .map(|row| {
            let filters = row.subscriptions.into_iter().map(|it| (it.filter, it.qos));
            let filters: Vec<_> = filters.collect();
            (row.client, row.connected, row.queued as usize, filters)
        })
        .collect();
    shown.sort();
    let mut sessions: Vec<_> = broker
        .clients()
        .filter_map(|client| broker.session(client))
        .map(|session| {
            let filters = session.subscriptions.iter();
            let filters = filters.map(|(filter, options)| (filter.to_string(), options.qos as u8));
            let connected = session.connection.is_some();
            (
                session.client.to_string(),
                connected,
                session.queued,
                filters.collect(),
            )
        })
        .collect();
    sessions.sort();
    assert_eq!(shown, sessions, "{at}");
    let rows = frame.tree.expect("it was asked for").rows;
    let shown: BTreeSet<String> = rows
        .into_iter()
        .filter(|row| row.retained.is_some())
        .map(|row| row.topic)
        .collect();
    let retained = broker.all_retained().map(|it| it.topic.to_string());
    let retained: BTreeSet<String> = retained.filter(|topic| !topic.starts_with('$')).collect();
    assert_eq!(shown, retained, "{at}");
}

/// A client sent something that it holds.
fn note_sent(world: &World, outside: &Outside, sent: &mut BTreeSet<Held>) {
    let Outside::Sent { connection, packet } = outside else {
        return;
    };
    // A DISCONNECT that was lost at once may have left nothing of its connection.
    let Some(node) = world.node_of(*connection) else {
        return;
    };
    let version = world.client(node).options().version;
    if let Ok(Packet::Publish(publish)) = Packet::decode(packet, version)
        && let Some(id) = publish.packet_id
    {
        let name = world.name(node).to_owned();
        sent.insert((false, name, Thing::Message, u64::from(id.get())));
    }
}

#[test]
fn what_is_said_to_be_held_is_held() {
    let mut seen = [0; 5];
    for seed in 0..120 {
        let scenario = Scenario::draw(seed);
        let is_start = |step: &Step| matches!(step.action, Action::StartBroker { .. });
        if !scenario.steps.iter().any(is_start) {
            continue;
        }
        let setup = scenario.setup();
        let mut world = setup.world();
        let names = (0..world.clients()).map(|node| world.name(node).to_owned());
        let ids =
            (0..world.clients()).map(|node| world.client(node).options().client_id.to_string());
        if !names.eq(ids) {
            // Two machines that claim to be the same client have one lifeline.
            continue;
        }
        watch(&mut world);
        let mut told = Told {
            scope: Scope::new(Limits::default()),
            outside: Vec::new(),
        };
        let mut teller = Teller::default();
        let mut sent = BTreeSet::new();
        for (step, next) in scenario.steps.iter().enumerate() {
            play(&mut world, next.after, Some(&next.action), |world| {
                tell(&mut teller, &mut told, world);
                for outside in told.outside.drain(..) {
                    note_sent(world, &outside, &mut sent);
                    match &outside {
                        Outside::BrokerStarted { stored: true, kept } if !kept.is_empty() => {
                            seen[0] += 1;
                        }
                        Outside::BrokerStarted { .. } => seen[1] += 1,
                        Outside::ClientCrashed { memory, .. } => {
                            seen[2 + usize::from(*memory)] += 1;
                        }
                        Outside::Cut { .. } => seen[4] += 1,
                        _ => {}
                    }
                }
                let held = held_by_clients(world);
                sent.retain(|it| held.contains(it));
                compare(
                    world,
                    &told.scope,
                    &sent,
                    &format!("seed {seed}, step {step}"),
                );
            });
        }
    }
    assert!(seen.iter().all(|times| *times > 3), "{seen:?}");
}
