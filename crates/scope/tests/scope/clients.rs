//! The client table.

use vitrine_link::{ClientRow, ClientsFrame, ClientsView, Detail, Selection, View};
use vitrine_packet::{Properties, ProtocolVersion, QoS, Will};

use crate::common::World;

fn table(world: &mut World) -> ClientsFrame {
    let view = View {
        clients: Some(ClientsView {
            first: 0,
            rows: 100,
        }),
        ..View::default()
    };
    world
        .look(view)
        .clients
        .expect("the clients were asked for")
}

fn row(world: &mut World, client: &str) -> ClientRow {
    let row = table(world)
        .rows
        .into_iter()
        .find(|row| row.client == client);
    row.expect("the client has a session")
}

#[test]
fn a_row_tells_how_a_client_is_connected() {
    let mut world = World::new();
    let (qos, retain, properties) = (QoS::AtLeastOnce, true, Properties::default());
    let will = Will {
        qos,
        retain,
        properties,
        topic: "w",
        payload: b"gone",
    };
    world.connect("x", |connect| {
        connect.version = ProtocolVersion::V5;
        connect.keep_alive = 30;
        connect.username = Some("ana");
        connect.will = Some(will);
    });
    let connected_at = world.now as f64 / 1_000.0;
    let row = row(&mut world, "x");
    assert!(row.connected && row.clean);
    assert_eq!(
        (row.door.as_str(), row.version, row.keep_alive),
        ("page", 5, 30)
    );
    assert_eq!(
        (row.username.as_deref(), row.session_expiry),
        (Some("ana"), 0)
    );
    assert_eq!(row.since, connected_at);
    let will = row.will.expect("the will is armed");
    assert_eq!((will.topic.as_str(), will.qos, will.retain), ("w", 1, true));
}

#[test]
fn subscriptions_tell_their_grant_and_what_they_brought() {
    let mut world = World::new();
    world.join("painel");
    world.subscribe("painel", "a/+", QoS::AtLeastOnce);
    world.subscribe("painel", "b", QoS::ExactlyOnce);
    world.join("sensor");
    world.publish("sensor", "a/1", "", QoS::AtMostOnce);
    world.publish("sensor", "a/2", "", QoS::AtMostOnce);
    let told = |world: &mut World| -> Vec<(String, u8, u64)> {
        let row = row(world, "painel");
        row.subscriptions
            .into_iter()
            .map(|s| (s.filter, s.qos, s.matched))
            .collect()
    };
    assert_eq!(told(&mut world), [("a/+".into(), 1, 2), ("b".into(), 2, 0)]);
    world.subscribe("painel", "a/+", QoS::AtMostOnce);
    world.unsubscribe("painel", "b");
    assert_eq!(told(&mut world), [("a/+".into(), 0, 2)]);
    let sensor = row(&mut world, "sensor");
    assert_eq!((sensor.published, sensor.delivered), (2, 0));
    assert_eq!(row(&mut world, "painel").delivered, 2);
}

#[test]
fn what_is_under_way_and_queued_is_counted() {
    let mut world = World::new();
    world.join("sensor");
    world.join_to_stay("painel");
    world.subscribe("painel", "t", QoS::ExactlyOnce);
    world.mute("painel");
    world.mute("sensor");
    world.publish("sensor", "t", "1", QoS::ExactlyOnce);
    assert_eq!(row(&mut world, "painel").in_flight_out, 1);
    assert_eq!(row(&mut world, "sensor").in_flight_in, 1);
    world.cut("painel");
    world.publish("sensor", "t", "2", QoS::ExactlyOnce);
    world.publish("sensor", "t", "3", QoS::ExactlyOnce);
    let painel = row(&mut world, "painel");
    assert_eq!(
        (painel.connected, painel.in_flight_out, painel.queued),
        (false, 1, 2)
    );
    assert_eq!(row(&mut world, "sensor").in_flight_in, 3);
    world.join_to_stay("painel");
    let painel = row(&mut world, "painel");
    assert_eq!(
        (painel.connected, painel.in_flight_out, painel.queued),
        (true, 0, 0)
    );
}

#[test]
fn bytes_are_counted_from_connect_on() {
    let mut world = World::new();
    world.join("sensor");
    // CONNECT: 2 + 10 + 2 + 6. CONNACK: 4.
    let counts = |row: &ClientRow| (row.bytes_in, row.bytes_out);
    assert_eq!(counts(&row(&mut world, "sensor")), (20, 4));
    // PUBLISH: 2 + 3 + 2 + 1. PUBACK: 4.
    world.publish("sensor", "t", "1", QoS::AtLeastOnce);
    assert_eq!(counts(&row(&mut world, "sensor")), (28, 8));
}

#[test]
fn a_kept_session_stays_and_a_clean_one_goes() {
    let mut world = World::new();
    world.join("clean");
    world.join_to_stay("kept");
    world.cut("kept");
    world.disconnect("clean");
    let kept = row(&mut world, "kept");
    assert!(!kept.connected && !kept.clean);
    assert_eq!(kept.session_expiry, u32::MAX);
    assert_eq!(table(&mut world).total, 1);
    let totals = world.look(View::default()).totals;
    assert_eq!((totals.sessions, totals.connected), (1, 0));
    let selection = Selection::Client("clean".into());
    assert_eq!(
        world
            .look(View {
                selection,
                ..View::default()
            })
            .detail,
        Detail::Gone
    );
}

#[test]
fn a_client_that_takes_over_is_connected_once() {
    let mut world = World::new();
    world.join_to_stay("x");
    world.join_to_stay("x");
    world.join("x");
    let totals = world.look(View::default()).totals;
    assert_eq!((totals.sessions, totals.connected), (1, 1));
    let line = row(&mut world, "x").lifeline.expect("it has rows");
    assert_eq!(line, 0);
}

#[test]
fn the_table_is_in_the_order_of_first_appearance_and_answers_what_is_on_screen() {
    let mut world = World::new();
    for client in ["c", "a", "b"] {
        world.join_to_stay(client);
    }
    world.cut("a");
    world.join_to_stay("a");
    let names = |frame: ClientsFrame| -> Vec<String> {
        frame.rows.into_iter().map(|row| row.client).collect()
    };
    assert_eq!(names(table(&mut world)), ["c", "a", "b"]);
    let view = View {
        clients: Some(ClientsView { first: 1, rows: 1 }),
        ..View::default()
    };
    let frame = world
        .look(view)
        .clients
        .expect("the clients were asked for");
    assert_eq!((frame.total, frame.first), (3, 1));
    assert_eq!(names(frame), ["a"]);
}

#[test]
fn a_subscription_in_full_names_the_topics_it_matches() {
    let mut world = World::new();
    world.join("painel");
    world.subscribe("painel", "a/+", QoS::AtLeastOnce);
    for topic in ["a/10", "a/9", "b"] {
        world.publish("painel", topic, "", QoS::AtMostOnce);
    }
    let select = |filter: &str| {
        let (client, filter) = ("painel".into(), filter.into());
        View {
            selection: Selection::Subscription { client, filter },
            ..View::default()
        }
    };
    let Detail::Client(client) = world.look(select("a/+")).detail else {
        panic!("the subscription is known")
    };
    assert_eq!(client.filter.as_deref(), Some("a/+"));
    assert_eq!(client.topics, ["a/9", "a/10"]);
    assert_eq!(world.look(select("b")).detail, Detail::Gone);
}
