//! A second connection with the same Client Identifier.

use vitrine_packet::{Packet, Property};

use crate::harness::*;

/// 3.1.1: [MQTT-3.1.4-2]
/// 5.0: [MQTT-3.1.4-3]
#[test]
fn the_older_connection_ends() {
    let mut world = World::new();
    let first = world.connect(Hello::v3("a"));
    let second = world.connect(Hello::v5("a"));
    assert_eq!(world.take(first), ["closed"]);
    world.observe();
    let third = world.connect(Hello::v3("a"));
    assert_eq!(world.take(second), ["DISCONNECT 8E", "closed"]);
    let (why, _, statement) = world.ending();
    assert_eq!((why, statement), ("taken-over", Some("MQTT-3.1.4-3")));
    world.send(third, Packet::PingReq);
    assert_eq!(world.take(third), ["PINGRESP"]);
    assert_eq!(world.broker.counts().sessions, 1);
}

/// 3.1.1: [MQTT-4.4.0-1] [MQTT-3.2.2-2]
/// 5.0: [MQTT-4.4.0-1] [MQTT-3.1.4-3]
#[test]
fn the_session_and_what_is_under_way_pass_to_the_new_connection() {
    for version in [V3, V5] {
        let hello = || {
            Hello {
                version,
                ..Hello::v3("s")
            }
            .kept()
        };
        let mut world = World::new();
        let first = world.connect(hello());
        world.subscribe(first, "a", Q1);
        let publisher = world.connect(Hello::v3("p"));
        world.publish(publisher, message("a", "x").q1(1));
        assert_eq!(world.take(first), ["PUBLISH q1 #1 a \"x\""]);
        let second = world.reconnect(hello());
        assert_eq!(world.take(second), ["PUBLISH q1 #1 dup a \"x\""]);
    }
}

/// A Session that lasts no longer than its connection is not taken over.
#[test]
fn a_session_that_is_not_kept_is_not_resumed() {
    let mut world = World::new();
    let first = world.connect(Hello::v3("s"));
    world.subscribe(first, "a", Q1);
    let second = world.say(&Hello::v3("s").kept());
    assert_eq!(world.take(second), ["CONNACK 00"]);
    assert_eq!(world.broker.counts().subscriptions, 0);
}

/// 3.1.1: [MQTT-3.1.2-8]
/// 5.0: [MQTT-3.1.2-8] [MQTT-3.1.3-9]
#[test]
fn the_old_connections_will() {
    let mut world = World::new();
    let watcher = world.connect(Hello::v3("w"));
    world.subscribe(watcher, "will", Q0);
    let will = || Testament::new("will", "gone");
    world.connect(Hello::v3("a").will(will()));
    world.connect(Hello::v3("a"));
    assert_eq!(world.take(watcher), ["PUBLISH will \"gone\""]);

    let delayed = || Testament {
        properties: vec![Property::WillDelayInterval(5)],
        ..will()
    };
    world.connect(Hello::v5("b").kept().will(delayed()));
    world.connect(Hello::v5("b").kept());
    assert!(
        world.take(watcher).is_empty(),
        "back before the delay was over"
    );

    world.connect(Hello::v5("c").kept().will(delayed()));
    world.connect(Hello::v5("c"));
    assert_eq!(
        world.take(watcher),
        ["PUBLISH will \"gone\""],
        "the session ended"
    );
}
