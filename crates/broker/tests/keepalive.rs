//! Keep Alive.

use std::time::Duration;

use vitrine_broker::{Config, DeadlineReason, Input};
use vitrine_packet::{Packet, Property};

use crate::harness::*;

/// 3.1.1: [MQTT-3.1.2-24]
/// 5.0: [MQTT-3.1.2-22] [MQTT-3.2.2-22]
#[test]
fn silence_ends_the_connection() {
    for (hello, answer, statement) in [
        (Hello::v3("a"), &["closed"][..], "MQTT-3.1.2-24"),
        (
            Hello::v5("a"),
            &["DISCONNECT 8D", "closed"][..],
            "MQTT-3.1.2-22",
        ),
    ] {
        let mut world = World::new();
        world.observe();
        let client = world.connect(hello.keep_alive(10));
        world.pass(Duration::from_millis(14_999));
        assert!(!world.is_closed(client));
        world.pass(Duration::from_millis(1));
        assert_eq!(world.take(client), answer);
        let (why, _, named) = world.ending();
        assert_eq!((why, named), ("keep-alive", Some(statement)));
    }
}

/// 3.1.1: [MQTT-3.1.2-24]
#[test]
fn every_packet_counts_from_its_coming() {
    let mut world = World::new();
    let client = world.connect(Hello::v3("a").keep_alive(10));
    world.pass(Duration::from_secs(14));
    world.send(client, Packet::PingReq);
    world.pass(Duration::from_secs(14));
    world.publish(client, message("a", ""));
    world.pass(Duration::from_millis(14_999));
    assert!(!world.is_closed(client));
    let deadline = world.broker.next_deadline().unwrap();
    assert_eq!(deadline.reason, DeadlineReason::KeepAlive);
    world.pass(Duration::from_millis(1));
    assert!(world.is_closed(client));
}

/// A packet that never becomes whole does not keep a connection alive.
#[test]
fn a_part_of_a_packet_does_not_count() {
    let mut world = World::new();
    let client = world.connect(Hello::v3("a").keep_alive(2));
    for byte in message("a", "slowly").bytes(V3) {
        world.send_bytes(client, &[byte]);
        world.pass(Duration::from_millis(400));
    }
    assert!(world.is_closed(client));
}

/// 5.0: [MQTT-3.1.2-21] [MQTT-3.2.2-22]
#[test]
fn a_server_keep_alive_is_told_and_counts() {
    let mut world = World::with(Config {
        max_keep_alive: 20,
        ..Config::default()
    });
    for (asked, told) in [(0, true), (21, true), (20, false), (5, false)] {
        let client = world.say(&Hello::v5("a").keep_alive(asked));
        assert_eq!(
            world.take(client)[0].contains("ServerKeepAlive(20)"),
            told,
            "{asked}"
        );
        let kept = if told { 20 } else { asked };
        world.pass(Duration::from_millis(u64::from(kept) * 1_500 - 1));
        assert!(!world.is_closed(client), "{asked}");
        world.pass(Duration::from_millis(1));
        assert!(world.is_closed(client), "{asked}");
    }
    let three = world.connect(Hello::v3("b"));
    world.pass(Duration::from_secs(1_000));
    assert!(!world.is_closed(three), "before 5.0 it cannot be told");
}

/// A Session survives a Keep Alive that ran out, as after any lost connection.
#[test]
fn the_session_is_kept() {
    let mut world = World::new();
    world.connect(Hello::v3("a").kept().keep_alive(1));
    world.pass(Duration::from_secs(2));
    world.reconnect(Hello::v3("a").kept());
}

/// A host that wakes the broker late, as after a laptop's sleep: what was due first is done first. What was retained is over
/// before the silence is too long, so there is room for the Will, though the timer of the Keep Alive was set for before both.
#[test]
fn what_is_late_keeps_its_order() {
    let mut world = World::with(Config {
        max_retained_messages: 1,
        ..Config::default()
    });
    let will = Testament {
        retain: true,
        ..Testament::new("will/a", "gone")
    };
    let client = world.connect(Hello::v5("a").keep_alive(10).will(will));
    let expiring = message("t", "x").retain();
    world.publish(client, expiring.with(Property::MessageExpiryInterval(18)));
    world.pass(Duration::from_secs(5));
    world.send(client, Packet::PingReq);
    world.now = world.now + Duration::from_secs(60);
    world.handle(Input::Deadline);
    assert!(world.is_closed(client));
    assert!(world.broker.retained("t").is_none());
    assert!(world.broker.retained("will/a").is_some());
}
