//! A broker that starts in the place of one that crashed: it counts anew, and the page does not mix the two up.

use std::rc::Rc;

use vitrine_broker::{Config, ObservationMask, PersistentState};
use vitrine_link::{ClientsView, Detail, Selection, TreeView, View};
use vitrine_packet::{ProtocolVersion, QoS};
use vitrine_scope::{Kept, Limits, Outside};

use crate::common::World;

fn config() -> Config {
    Config {
        durable: true,
        observe: ObservationMask::ALL,
        ..Config::default()
    }
}

/// `painel` is subscribed and away, one message waits for it and one is retained; all that is durable. What came
/// after that is not.
fn crashed(stored: bool) -> (World, PersistentState) {
    let mut world = World::with(config(), Limits::default());
    let mut store = PersistentState::default();
    // The broker keeps that such a Session is there, and ends it when it starts.
    world.join("sensor");
    world.join_to_stay("painel");
    world.subscribe("painel", "t/#", QoS::ExactlyOnce);
    world.cut("painel");
    world.publish("sensor", "t/kept", "1", QoS::AtLeastOnce);
    world.publish_with("sensor", "retained", "2", |publish| publish.retain = true);
    world.commit(&mut store);
    world.publish("sensor", "t/lost", "3", QoS::AtLeastOnce);
    world.publish_with("sensor", "forgotten", "4", |publish| publish.retain = true);
    world.join_to_stay("new");
    if !stored {
        store = PersistentState::default();
    }
    let kept = Rc::new(Kept::from(&store));
    world.outside(&Outside::BrokerCrashed { kept, flush: false });
    (world, store)
}

fn start(world: &mut World, store: &PersistentState, stored: bool) {
    let kept = Rc::new(Kept::from(store));
    world.outside(&Outside::BrokerStarted { kept, stored });
    world.restart(config(), store.clone());
}

fn sessions(world: &mut World) -> Vec<(String, bool, u32)> {
    let clients = Some(ClientsView { first: 0, rows: 20 });
    let frame = world.look(View {
        clients,
        ..View::default()
    });
    let rows = frame.clients.expect("it was asked for").rows;
    let tell = |row: vitrine_link::ClientRow| (row.client, row.connected, row.queued);
    rows.into_iter().map(tell).collect()
}

fn retained(world: &mut World) -> Vec<String> {
    let tree = Some(TreeView {
        open_depth: 9,
        rows: 20,
        ..TreeView::default()
    });
    let frame = world.look(View {
        tree,
        ..View::default()
    });
    let rows = frame.tree.expect("it was asked for").rows;
    let retained = rows.into_iter().filter(|row| row.retained.is_some());
    retained.map(|row| row.topic).collect()
}

fn held(world: &mut World) -> Vec<String> {
    let mut holds = world.holds();
    holds.retain(|hold| hold.contains("-,") || hold.ends_with('-'));
    holds
}

#[test]
fn what_was_not_kept_ends_with_the_crash() {
    let (mut world, _) = crashed(true);
    let (sensor, painel) = (("sensor".into(), false, 0), ("painel".into(), false, 1));
    assert_eq!(sessions(&mut world), [sensor, painel]);
    assert_eq!(retained(&mut world), ["retained"]);
    assert_eq!(held(&mut world), ["broker holds queued of painel #1, 11-"]);
    let (mut world, _) = crashed(false);
    assert_eq!(sessions(&mut world), []);
    assert_eq!(retained(&mut world), [""; 0]);
    assert_eq!(held(&mut world), [""; 0]);
}

#[test]
fn stories_and_causes_of_two_brokers_are_not_mixed_up() {
    let (mut world, store) = crashed(true);
    start(&mut world, &store, true);
    world.wait(0);
    assert_eq!(sessions(&mut world), [("painel".into(), false, 1)]);
    let first = world.next_row();
    world.join("sensor");
    // The new broker's first number is one that the old one had given already.
    world.publish("sensor", "t/new", "5", QoS::AtLeastOnce);
    world.join_to_stay("painel");
    let ladder = world.ladder_from(first);
    let find = |what: &str| {
        let found = ladder.iter().find(|row| row.contains(what));
        found.unwrap_or_else(|| panic!("{what} in {ladder:#?}"))
    };
    let number = |row: &str| row.split(' ').next().expect("a number").to_owned();
    // What was kept has the number that it had, what is new has one of its own.
    let kept = find("broker -> painel PUBLISH q1");
    assert!(kept.contains("t/kept \"1\" #1 "), "{kept}");
    let new = find("sensor -> broker PUBLISH");
    assert!(new.ends_with("t/new \"5\" #7"), "{new}");
    // What it leads to names it, and no row of the old broker.
    let number = number(new);
    let acknowledged = find("broker -> sensor PUBACK");
    assert!(
        acknowledged.ends_with(&format!("#7 <{number}")),
        "{acknowledged}"
    );
    for (publication, topic) in [(1, "t/kept"), (3, "t/lost"), (7, "t/new")] {
        let selection = Selection::Publication(publication);
        let frame = world.look(View {
            selection,
            ..View::default()
        });
        let Detail::Story(story) = frame.detail else {
            panic!("{publication} has a story")
        };
        assert_eq!(story.topic, topic);
    }
}

#[test]
fn a_second_crash_is_told_apart_too() {
    let (mut world, mut store) = crashed(true);
    for expected in ["#7", "#11"] {
        start(&mut world, &store, true);
        let first = world.next_row();
        world.join("sensor");
        world.publish("sensor", "t/new", "5", QoS::AtLeastOnce);
        let ladder = world.ladder_from(first);
        let new = ladder.iter().find(|row| row.contains("PUBLISH"));
        let new = new.expect("it is there");
        assert!(new.ends_with(expected), "{new}, {expected}");
        world.commit(&mut store);
        let kept = Rc::new(Kept::from(&store));
        world.outside(&Outside::BrokerCrashed { kept, flush: false });
    }
    let held = held(&mut world);
    let held: Vec<_> = held.iter().filter(|it| it.contains("painel")).collect();
    assert_eq!(held.len(), 3, "{held:#?}");
    start(&mut world, &store, true);
    let first = world.next_row();
    world.join_to_stay("painel");
    let ladder = world.ladder_from(first);
    let publications: Vec<&str> = ladder
        .iter()
        .filter(|row| row.contains("PUBLISH"))
        .filter_map(|row| row.split(' ').find(|word| word.starts_with('#')))
        .collect();
    assert_eq!(publications, ["#1", "#7", "#11"], "{ladder:#?}");
}

#[test]
fn what_is_on_its_way_when_the_broker_crashes() {
    for flush in [false, true] {
        let mut world = World::with(config(), Limits::default());
        let connection = world.next_connection();
        world.outside(&Outside::Opening {
            connection,
            client: "k".into(),
        });
        world.open("k", ProtocolVersion::V3_1_1);
        world.join_to_stay("k");
        // The connection that is watched is the first; the client came by the second.
        world.outside(&Outside::BrokerCrashed {
            kept: Rc::default(),
            flush,
        });
        let frame = world.flow(vitrine_link::FlowView::default());
        assert!(frame.lifelines.iter().all(|line| !line.connected));
    }
}
