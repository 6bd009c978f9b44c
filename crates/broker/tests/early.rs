//! What is sent before it is kept, and what then need not be kept at all.

mod story;

use vitrine_broker::{Change, Config, ConnectionId, PersistentState, SavedDelivery};
use vitrine_packet::{Packet, ReasonCode};

use crate::harness::*;

fn config() -> Config {
    Config {
        durable: true,
        max_in_flight: 4,
        ..Config::default()
    }
}

/// Two subscribers and a publisher with Sessions that are kept, and nothing that is not durable.
fn world(qos: vitrine_packet::QoS) -> (World, [ConnectionId; 2], ConnectionId) {
    let mut world = World::with(config());
    let subscribers = ["s", "t"].map(|name| {
        let subscriber = world.connect(Hello::v3(name).kept());
        world.subscribe(subscriber, "a", qos);
        subscriber
    });
    let publisher = world.connect(Hello::v3("p").kept());
    keep(&mut world);
    world.pulling = false;
    (world, subscribers, publisher)
}

/// Makes everything durable.
fn keep(world: &mut World) -> Vec<Change> {
    let changes = world.broker.take_changes();
    world.broker.changes_kept();
    changes
}

fn rests(world: &World, connection: ConnectionId) -> bool {
    world.broker.rests_on(connection).is_some()
}

#[test]
fn what_everybody_acknowledged_need_not_be_kept() {
    let (mut world, [one, other], publisher) = world(Q1);
    world.publish(publisher, message("a", "x").q1(1));
    world.publish(publisher, message("a", "y").q1(2));
    let [to_one, to_other, to_publisher] =
        [one, other, publisher].map(|connection| rests(&world, connection));
    assert!(!to_one && !to_other && to_publisher);
    assert!(world.broker.changes_may_pass());
    assert_eq!(world.broker.changes_waiting(), 4);
    for subscriber in [one, other] {
        world.pull(subscriber, usize::MAX);
        world.send(subscriber, Packet::PubAck(ack(1)));
    }
    // The second message is under way, and its acknowledgement is among what is to be sent.
    assert!(rests(&world, publisher));
    let before = world.broker.changes_settled();
    world.send(other, Packet::PubAck(ack(2)));
    assert!(rests(&world, publisher));
    assert_eq!(world.broker.changes_waiting(), 1);
    world.send(one, Packet::PubAck(ack(2)));
    assert!(!rests(&world, publisher));
    assert!(world.broker.changes_settled() > before);
    assert_eq!(
        world.broker.changes_settled(),
        world.broker.changes_latest()
    );
    assert!(!world.broker.changes_press() && !world.broker.changes_may_pass());
    assert_eq!(world.broker.changes_bytes(), 0);
    assert_eq!(world.broker.take_changes(), []);
    world.pull(publisher, usize::MAX);
    assert_eq!(world.take(publisher), ["PUBACK #1", "PUBACK #2"]);
}

#[test]
fn what_was_taken_is_not_taken_back() {
    let (mut world, [one, other], publisher) = world(Q1);
    world.publish(publisher, message("a", "x").q1(1));
    world.pull(one, usize::MAX);
    world.pull(other, usize::MAX);
    world.send(one, Packet::PubAck(ack(1)));
    let changes = world.broker.take_changes();
    let [
        Change::Delivery {
            client,
            delivery: SavedDelivery::Sent(..),
            ..
        },
    ] = &changes[..]
    else {
        panic!("{changes:?}");
    };
    assert_eq!(&**client, "t");
    assert!(rests(&world, publisher), "it is not durable yet");
    // While it is under way, what follows can come to nothing, but not be sent.
    world.send(other, Packet::PubAck(ack(1)));
    world.publish(publisher, message("a", "y").q1(2));
    for subscriber in [one, other] {
        assert!(!rests(&world, subscriber));
        world.pull(subscriber, usize::MAX);
        world.send(subscriber, Packet::PubAck(ack(2)));
    }
    assert!(rests(&world, publisher));
    world.broker.changes_kept();
    assert!(!rests(&world, publisher));
    let changes = keep(&mut world);
    assert!(
        matches!(&changes[..], [Change::Delivered { .. }]),
        "{changes:?}"
    );
}

#[test]
fn nothing_of_qos_2_goes_early() {
    let (mut world, [subscriber, other], publisher) = world(Q2);
    world.cut(other);
    keep(&mut world);
    world.publish(publisher, message("a", "x").q2(1));
    assert!(rests(&world, subscriber) && rests(&world, publisher));
    assert!(!world.broker.changes_may_pass());
    // And nothing that comes behind it, though it rests on nothing.
    world.publish(publisher, message("a", "y").q1(2));
    world.publish(publisher, message("a", "z"));
    assert!(rests(&world, subscriber));
    keep(&mut world);
    assert!(!rests(&world, subscriber) && !rests(&world, publisher));
    world.pull(subscriber, usize::MAX);
    world.pull(publisher, usize::MAX);
    for (from, packet) in [
        (subscriber, Packet::PubRec(ack(1))),
        (publisher, Packet::PubRel(ack(1))),
    ] {
        world.send(from, packet);
        assert!(rests(&world, from));
        keep(&mut world);
        assert!(!rests(&world, from));
    }
}

/// Its publisher sends it again after a crash: by then its identifier has to be known, also where nothing is kept of who had it.
#[test]
fn who_keeps_nothing_waits_at_qos_2_too() {
    let mut world = World::with(config());
    let subscriber = world.connect(Hello::v5("s"));
    world.subscribe(subscriber, "a", Q2);
    let publisher = world.connect(Hello::v5("p").kept());
    keep(&mut world);
    world.pulling = false;
    world.publish(publisher, message("a", "x").q2(1));
    assert!(rests(&world, subscriber) && rests(&world, publisher));
    keep(&mut world);
    assert!(!rests(&world, subscriber) && !rests(&world, publisher));
}

/// A message that waited is known to be kept; that it was sent has to be, or it would come again without DUP.
#[test]
fn what_waited_does_not_go_early() {
    let (mut world, [subscriber, other], publisher) = world(Q1);
    world.cut(other);
    for n in 1..=5 {
        world.publish(publisher, message("a", "x").q1(n));
    }
    keep(&mut world);
    world.pull(subscriber, usize::MAX);
    world.send(subscriber, Packet::PubAck(ack(1)));
    assert!(rests(&world, subscriber));
    assert!(!world.broker.changes_may_pass());
    let changes = keep(&mut world);
    assert!(
        matches!(
            &changes[..],
            [Change::Delivered { .. }, Change::Moved { .. }]
        ),
        "{changes:?}"
    );
}

#[test]
fn who_waits_for_whom() {
    let (mut world, [subscriber, other], publisher) = world(Q1);
    let may_pass = |world: &World| world.broker.changes_may_pass();
    assert!(!may_pass(&world), "nothing is to be kept");
    world.publish(publisher, message("a", "x").q1(1));
    assert!(may_pass(&world));
    // What is retained has to be kept.
    world.publish(publisher, message("a", "r").q1(2).retain());
    assert!(!may_pass(&world));
    world.pull(subscriber, usize::MAX);
    world.pull(other, usize::MAX);
    for subscriber in [subscriber, other] {
        (1..=2).for_each(|n| world.send(subscriber, Packet::PubAck(ack(n))));
    }
    let changes = keep(&mut world);
    assert!(matches!(&changes[..], [Change::Retained(_)]), "{changes:?}");
    // So has what is for somebody who is not there, also who goes while the message is under way.
    world.publish(publisher, message("a", "x").q1(3));
    world.pull(subscriber, usize::MAX);
    world.pull(other, usize::MAX);
    assert!(may_pass(&world));
    world.cut(other);
    assert!(!may_pass(&world));
    world.send(subscriber, Packet::PubAck(ack(3)));
    keep(&mut world);
    world.publish(publisher, message("a", "x").q1(4));
    assert!(!may_pass(&world));
}

/// What was never pulled waits again, and only for the changes is the difference to what was.
#[test]
fn taken_back_in_the_same_breath() {
    let (mut world, [subscriber, other], publisher) = world(Q1);
    world.cut(other);
    let mut state = PersistentState::default();
    keep(&mut world);
    world.publish(publisher, message("a", "x").q1(1));
    world.cut(subscriber);
    let settings = vitrine_broker::SessionSettings {
        expiry: 1,
        left: None,
        user: None,
        will: None,
    };
    let client = "s".into();
    state.apply(Change::Session { client, settings });
    keep(&mut world)
        .into_iter()
        .for_each(|change| state.apply(change));
    let deliveries: Vec<_> = state.sessions["s"].deliveries.values().collect();
    assert!(
        matches!(&deliveries[..], [SavedDelivery::Queued(_)]),
        "{deliveries:?}"
    );
}

#[test]
fn a_refusal_ends_it_too() {
    let mut world = World::with(config());
    let subscriber = world.connect(Hello::v5("s").kept());
    world.subscribe(subscriber, "a", Q2);
    let publisher = world.connect(Hello::v5("p").kept());
    keep(&mut world);
    for (n, qos) in [(1, Q1), (2, Q2)] {
        world.publish(publisher, message("a", "x").qos(qos, n));
        let no = ack_with(n, ReasonCode::QuotaExceeded);
        world.send(
            subscriber,
            match qos {
                Q2 => Packet::PubRec(no),
                _ => Packet::PubAck(no),
            },
        );
    }
    let changes = keep(&mut world);
    assert!(
        matches!(&changes[..], [Change::Received { .. }]),
        "{changes:?}"
    );
}

#[test]
fn a_ping_is_answered_at_once() {
    let (mut world, [subscriber, _], publisher) = world(Q2);
    world.send(publisher, Packet::PingReq);
    world.publish(publisher, message("b", "x"));
    world.publish(publisher, message("a", "x").retain());
    assert!(!rests(&world, publisher) && !rests(&world, subscriber));
    world.publish(publisher, message("a", "x").q1(1));
    assert!(rests(&world, publisher));
    assert!(!rests(&world, subscriber));
}
