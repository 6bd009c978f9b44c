//! Sessions that wait for their client, and how they end.

use std::time::Duration;

use vitrine_broker::{Config, Event, SessionEnd};
use vitrine_packet::{Disconnect, Packet, Property, ReasonCode};

use crate::harness::*;

/// 3.1.1: [MQTT-3.1.2-4] [MQTT-3.1.2-5] [MQTT-3.2.2-2] [MQTT-3.2.2-3] [MQTT-4.1.0-1] [MQTT-4.5.0-1]
/// 5.0: [MQTT-3.1.2-5] [MQTT-3.1.2-6] [MQTT-3.1.2-23] [MQTT-3.2.2-3] [MQTT-4.1.0-1] [MQTT-4.5.0-1]
#[test]
fn messages_wait_for_a_client_that_is_gone() {
    for kept in [|| Hello::v3("s").kept(), || Hello::v5("s").kept()] {
        let mut world = World::new();
        let publisher = world.connect(Hello::v3("p"));
        let subscriber = world.say(&kept());
        assert!(!world.take(subscriber)[0].contains("present"));
        world.subscribe(subscriber, "a/#", Q2);
        world.send(subscriber, disconnect(ReasonCode::Success));
        world.publish(publisher, message("a/0", "lost"));
        world.publish(publisher, message("a/1", "one").q1(1));
        world.publish(publisher, message("a/2", "two").q2(2));
        world.publish(publisher, message("b", "no").q1(3));
        assert_eq!(world.broker.session("s").unwrap().queued, 2);
        let subscriber = world.reconnect(kept());
        let waited = ["PUBLISH q1 #1 a/1 \"one\"", "PUBLISH q2 #2 a/2 \"two\""];
        assert_eq!(world.take(subscriber), waited);
        world.publish(publisher, message("a/3", "now"));
        assert_eq!(
            world.take(subscriber),
            ["PUBLISH a/3 \"now\""],
            "the subscription stands"
        );
    }
}

/// 3.1.1: [MQTT-3.1.2-6] [MQTT-3.2.2-1] [MQTT-3.1.4-3]
/// 5.0: [MQTT-3.1.2-4] [MQTT-3.2.2-2] [MQTT-3.1.4-4]
#[test]
fn clean_start_throws_the_old_session_away() {
    for version in [V3, V5] {
        let hello = || Hello {
            version,
            ..Hello::v3("s")
        };
        let mut world = World::new();
        let subscriber = world.connect(hello().kept());
        world.subscribe(subscriber, "a", Q1);
        world.cut(subscriber);
        let publisher = world.connect(Hello::v3("p"));
        world.publish(publisher, message("a", "x").q1(1));
        world.observe();
        let again = world.say(&hello());
        assert_eq!(world.take(again)[0].split(" [").next(), Some("CONNACK 00"));
        world.publish(publisher, message("a", "y").q1(2));
        assert!(
            world.take(again).is_empty(),
            "no message and no subscription is left"
        );
        let ended = world.events().into_iter().find_map(|event| match event {
            Event::SessionEnded { why, .. } => Some(why),
            _ => None,
        });
        assert_eq!(ended, Some(SessionEnd::CleanStart));
    }
}

/// 3.1.1: [MQTT-3.1.2-6] [MQTT-4.1.0-2]
/// 5.0: [MQTT-4.1.0-1] [MQTT-4.1.0-2]
#[test]
fn a_session_that_is_not_kept_ends_with_its_connection() {
    for hello in [
        || Hello::v3("s"),
        || Hello {
            clean: false,
            ..Hello::v5("s")
        },
    ] {
        let mut world = World::new();
        let client = world.connect(hello());
        world.subscribe(client, "a", Q1);
        world.pass(Duration::from_secs(1_000_000));
        assert!(
            world.broker.session("s").is_some(),
            "however long the connection lasts"
        );
        world.cut(client);
        assert!(world.broker.session("s").is_none());
        assert_eq!(world.broker.counts().subscriptions, 0);
        let client = world.say(&hello());
        assert!(!world.take(client)[0].contains("present"));
    }
}

/// 5.0: [MQTT-4.1.0-2] [MQTT-3.1.2-23]
#[test]
fn a_session_expires() {
    let hello = || {
        Hello {
            clean: false,
            ..Hello::v5("s")
        }
        .with(Property::SessionExpiryInterval(10))
    };
    let mut world = World::new();
    let client = world.connect(hello());
    world.cut(client);
    world.pass(Duration::from_millis(9_999));
    let client = world.reconnect(hello());
    world.cut(client);
    world.observe();
    world.pass(Duration::from_secs(10));
    let ended = Event::SessionEnded {
        client: "s".into(),
        why: SessionEnd::Expired,
    };
    assert_eq!(world.events(), [ended]);
    let client = world.say(&hello());
    assert!(!world.take(client)[0].contains("present"));
}

/// A connection that comes just when its Session was to expire keeps it.
#[test]
fn a_session_does_not_expire_while_its_client_is_there() {
    let hello = || {
        Hello {
            clean: false,
            ..Hello::v5("s")
        }
        .with(Property::SessionExpiryInterval(10))
    };
    let mut world = World::new();
    let client = world.connect(hello());
    world.cut(client);
    world.pass(Duration::from_secs(5));
    let client = world.reconnect(hello());
    world.pass(Duration::from_secs(100));
    assert!(!world.is_closed(client));
}

/// A host that wakes the broker late does not give a Session more time.
#[test]
fn a_session_that_is_over_is_not_resumed() {
    let hello = || {
        Hello {
            clean: false,
            ..Hello::v5("s")
        }
        .with(Property::SessionExpiryInterval(10))
    };
    let mut world = World::new();
    let client = world.connect(hello());
    world.cut(client);
    world.now = world.now + Duration::from_secs(11);
    let client = world.say(&hello());
    assert!(!world.take(client)[0].contains("present"));
}

/// 5.0: [MQTT-3.1.2-23] (section 3.14.2.2.2)
#[test]
fn disconnect_may_change_how_long_the_session_lasts() {
    let mut world = World::new();
    let client = world.connect(Hello::v5("s").kept());
    let properties = buf(&[Property::SessionExpiryInterval(0)]);
    world.send(
        client,
        Packet::Disconnect(Disconnect {
            reason: ReasonCode::Success,
            properties: properties.as_properties(),
        }),
    );
    assert!(world.broker.session("s").is_none());
}

/// 5.0: section 3.2.2.3.2
#[test]
fn the_longest_session_expiry_is_told() {
    let mut world = World::with(Config {
        max_session_expiry: 60,
        ..Config::default()
    });
    let client = world.say(&Hello::v5("s").kept());
    assert!(world.take(client)[0].contains("SessionExpiryInterval(60)"));
    assert_eq!(world.broker.session("s").unwrap().expiry, 60);
    world.connect(Hello::v3("t").kept());
    assert_eq!(world.broker.session("t").unwrap().expiry, 60);
}

/// 3.1.1: [MQTT-3.1.2-7]
#[test]
fn retained_messages_outlive_sessions() {
    let mut world = World::new();
    let client = world.connect(Hello::v3("p"));
    world.publish(client, message("a", "kept").retain());
    world.cut(client);
    assert!(world.broker.retained("a").is_some());
}

/// Wherever the connection breaks, whatever version the client comes back with: the Session is the same.
#[test]
fn a_session_may_change_its_version() {
    let mut world = World::new();
    let client = world.connect(Hello::v3("s").kept());
    world.subscribe(client, "a", Q1);
    world.cut(client);
    let publisher = world.connect(Hello::v5("p"));
    world.publish(
        publisher,
        message("a", "x").q1(1).with(Property::ContentType("text")),
    );
    let client = world.reconnect(Hello::v5("s").kept());
    assert_eq!(
        world.take(client),
        ["PUBLISH q1 #1 a \"x\" [ContentType(\"text\")]"]
    );
    world.cut(client);
    let client = world.reconnect(Hello::v3("s").kept());
    assert_eq!(world.take(client), ["PUBLISH q1 #1 dup a \"x\""]);
}
