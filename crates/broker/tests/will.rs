//! Wills.

use std::time::Duration;

use vitrine_broker::{Command, Event, WillDrop};
use vitrine_packet::{Packet, Property, ReasonCode};

use crate::harness::*;

fn watched() -> (World, vitrine_broker::ConnectionId) {
    let mut world = World::new();
    let watcher = world.connect(Hello::v5("w"));
    world.subscribe(watcher, "will/#", Q2);
    (world, watcher)
}

fn delayed(seconds: u32) -> Testament<'static> {
    let properties = vec![Property::WillDelayInterval(seconds)];
    Testament {
        properties,
        ..Testament::new("will/a", "gone")
    }
}

/// 3.1.1: [MQTT-3.1.2-8] [MQTT-3.1.2-10]
/// 5.0: [MQTT-3.1.2-7] [MQTT-3.1.2-8] [MQTT-3.1.2-10]
#[test]
fn a_lost_connection_publishes_the_will() {
    let (mut world, watcher) = watched();
    for version in [V3, V5] {
        let will = Testament::new("will/a", "gone");
        let client = world.connect(Hello {
            version,
            ..Hello::v3("a").will(will)
        });
        world.cut(client);
        assert_eq!(world.take(watcher), ["PUBLISH will/a \"gone\""]);
        world.pass(Duration::from_secs(100_000));
        assert!(world.take(watcher).is_empty(), "only once");
    }
}

/// 3.1.1: [MQTT-3.1.2-8]
#[test]
fn every_end_but_disconnect_publishes_the_will() {
    let (mut world, watcher) = watched();
    let hello = || {
        Hello::v3("a")
            .keep_alive(10)
            .will(Testament::new("will/a", "gone"))
    };
    world.connect(hello());
    world.pass(Duration::from_secs(15));
    assert_eq!(
        world.take(watcher),
        ["PUBLISH will/a \"gone\""],
        "keep alive"
    );
    let client = world.connect(hello());
    world.send_bytes(client, &[0xFF]);
    assert_eq!(
        world.take(watcher),
        ["PUBLISH will/a \"gone\""],
        "malformed packet"
    );
    let client = world.connect(hello());
    world.send_bytes(client, &hello().bytes());
    assert_eq!(
        world.take(watcher),
        ["PUBLISH will/a \"gone\""],
        "protocol error"
    );
    for politely in [true, false] {
        world.connect(hello());
        world.command(Command::Drop {
            client: "a",
            politely,
        });
        assert_eq!(world.take(watcher), ["PUBLISH will/a \"gone\""], "operator");
    }
}

/// 3.1.1: [MQTT-3.14.4-3] [MQTT-3.1.2-10] [MQTT-3.1.2-12]
/// 5.0: [MQTT-3.14.4-3] [MQTT-3.1.2-10]
#[test]
fn disconnect_drops_the_will() {
    let (mut world, watcher) = watched();
    for version in [V3, V5] {
        let will = Testament::new("will/a", "gone");
        let client = world.connect(Hello {
            version,
            ..Hello::v3("a").will(will)
        });
        world.observe();
        world.send(client, disconnect(ReasonCode::Success));
        let dropped = Event::WillDropped {
            client: "a".into(),
            why: WillDrop::Disconnected,
            rule: None,
        };
        assert!(world.events().contains(&dropped));
        let without = world.connect(Hello {
            version,
            ..Hello::v3("b")
        });
        world.cut(without);
        assert!(world.take(watcher).is_empty());
    }
}

/// 5.0: section 3.14.2.1
#[test]
fn disconnect_may_ask_for_the_will() {
    let (mut world, watcher) = watched();
    for reason in [
        ReasonCode::DisconnectWithWillMessage,
        ReasonCode::UnspecifiedError,
    ] {
        let client = world.connect(Hello::v5("a").will(Testament::new("will/a", "gone")));
        world.send(client, disconnect(reason));
        assert_eq!(world.take(watcher), ["PUBLISH will/a \"gone\""]);
    }
}

/// 3.1.1: [MQTT-3.1.2-16] [MQTT-3.1.2-17]
/// 5.0: [MQTT-3.1.2-14] [MQTT-3.1.2-15] [MQTT-3.1.3-10]
#[test]
fn qos_retain_and_properties_of_the_will() {
    let (mut world, watcher) = watched();
    let properties = vec![
        Property::UserProperty("b", "1"),
        Property::WillDelayInterval(0),
        Property::ContentType("text"),
        Property::UserProperty("a", "2"),
    ];
    let will = Testament {
        qos: Q1,
        properties,
        ..Testament::new("will/a", "x")
    };
    let client = world.connect(Hello::v5("a").will(will));
    world.cut(client);
    let list = r#"[UserProperty("b", "1"), ContentType("text"), UserProperty("a", "2")]"#;
    assert_eq!(
        world.take(watcher),
        [format!("PUBLISH q1 #1 will/a \"x\" {list}")]
    );
    assert!(world.broker.retained("will/a").is_none());
    let will = Testament {
        retain: true,
        ..Testament::new("will/a", "kept")
    };
    let client = world.connect(Hello::v3("b").will(will));
    world.cut(client);
    assert!(world.broker.retained("will/a").is_some());
}

/// 5.0: [MQTT-3.1.2-8] [MQTT-3.1.3-9]
#[test]
fn a_will_waits_for_its_delay() {
    let (mut world, watcher) = watched();
    let client = world.connect(Hello::v5("a").kept().will(delayed(10)));
    world.cut(client);
    world.pass(Duration::from_millis(9_999));
    assert!(world.take(watcher).is_empty());
    world.pass(Duration::from_millis(1));
    assert_eq!(world.take(watcher), ["PUBLISH will/a \"gone\""]);

    let client = world.reconnect(Hello::v5("a").kept().will(delayed(10)));
    world.cut(client);
    world.pass(Duration::from_secs(9));
    world.reconnect(Hello::v5("a").kept());
    world.pass(Duration::from_secs(100));
    assert!(world.take(watcher).is_empty(), "the client came back");
}

/// 5.0: [MQTT-3.1.2-8]
#[test]
fn a_will_does_not_wait_longer_than_its_session() {
    let (mut world, watcher) = watched();
    let five = Property::SessionExpiryInterval(5);
    let hello = Hello {
        clean: false,
        ..Hello::v5("a")
    }
    .with(five)
    .will(delayed(10));
    let client = world.connect(hello);
    world.cut(client);
    world.pass(Duration::from_secs(5));
    assert_eq!(world.take(watcher), ["PUBLISH will/a \"gone\""]);
    let client = world.connect(Hello::v5("b").will(delayed(10)));
    world.cut(client);
    assert_eq!(
        world.take(watcher),
        ["PUBLISH will/a \"gone\""],
        "no session, no delay"
    );
    assert!(world.broker.next_deadline().is_none());
}

/// A host that wakes the broker late: the Will's time came before the client did.
#[test]
fn a_will_that_was_due_is_published_though_the_client_comes_back() {
    let (mut world, watcher) = watched();
    let client = world.connect(Hello::v5("a").kept().will(delayed(10)));
    world.cut(client);
    world.now = world.now + Duration::from_secs(11);
    world.reconnect(Hello::v5("a").kept());
    assert_eq!(world.take(watcher), ["PUBLISH will/a \"gone\""]);
}

/// The Will's own Message Expiry Interval counts from its publication.
#[test]
fn the_expiry_of_a_will() {
    let (mut world, watcher) = watched();
    let properties = vec![
        Property::WillDelayInterval(10),
        Property::MessageExpiryInterval(5),
    ];
    let will = Testament {
        properties,
        ..Testament::new("will/a", "x")
    };
    let client = world.connect(Hello::v5("a").kept().will(will));
    world.cut(client);
    world.pass(Duration::from_secs(10));
    let expected = "PUBLISH will/a \"x\" [MessageExpiryInterval(5)]";
    assert_eq!(world.take(watcher), [expected]);
}

/// Nobody but the broker publishes to topics that begin with `$`, not by a Will either.
#[test]
fn a_will_for_a_dollar_topic_is_refused() {
    let mut world = World::new();
    let five = world.say(&Hello::v5("a").will(Testament::new("$SYS/x", "")));
    assert!(world.take(five)[0].starts_with("CONNACK 87"));
    let three = world.say(&Hello::v3("a").will(Testament::new("$SYS/x", "")));
    assert_eq!(world.take(three), ["CONNACK 05", "closed"]);
    world.send(three, Packet::PingReq);
}
