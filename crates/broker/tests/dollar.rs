//! Topics that begin with `$`: the broker's own.

use std::time::Duration;

use vitrine_broker::{Command, Config, Event};
use vitrine_packet::ReasonCode;

use crate::harness::*;

/// A broker that tells nothing of itself.
fn quiet() -> World {
    World::with(Config {
        sys_interval: Duration::ZERO,
        ..Config::default()
    })
}

/// 3.1.1: [MQTT-4.7.2-1]
#[test]
fn leading_wildcards_do_not_match() {
    let mut world = quiet();
    let wild = world.connect(Hello::v3("a"));
    for filter in ["#", "+/uptime", "+/#"] {
        world.subscribe(wild, filter, Q0);
    }
    let exact = world.connect(Hello::v3("b"));
    for filter in ["$SYS/uptime", "$SYS/#"] {
        world.subscribe(exact, filter, Q0);
    }
    let other = world.connect(Hello::v3("c"));
    world.subscribe(other, "$SYS/+", Q0);
    let (topic, payload) = ("$SYS/uptime", &b"7"[..]);
    world.command(Command::Publish {
        topic,
        payload,
        qos: Q0,
        retain: true,
    });
    assert!(world.take(wild).is_empty());
    assert_eq!(world.take(exact), ["PUBLISH $SYS/uptime \"7\""]);
    assert_eq!(world.take(other), ["PUBLISH $SYS/uptime \"7\""]);
    let late = world.connect(Hello::v3("d"));
    world.subscribe(late, "#", Q0);
    world.subscribe(late, "+/uptime", Q0);
    assert!(world.take(late).is_empty(), "retained ones neither");
    world.subscribe(late, "$SYS/#", Q0);
    assert_eq!(world.take(late), ["PUBLISH retain $SYS/uptime \"7\""]);
}

/// 3.1.1: [MQTT-3.3.5-2]
/// 5.0: [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-4.3.3-9]
#[test]
fn clients_may_not_publish_to_them() {
    let mut world = quiet();
    let subscriber = world.connect(Hello::v3("s"));
    world.subscribe(subscriber, "$SYS/#", Q2);
    world.observe();
    for (version, answers) in [
        (V3, ["PUBACK #1", "PUBREC #2", "PUBREC #2"]),
        (V5, ["PUBACK #1 87", "PUBREC #2 87", "PUBREC #2 87"]),
    ] {
        let publisher = world.connect(Hello {
            version,
            ..Hello::v3("p")
        });
        world.publish(publisher, message("$SYS/a", "x").retain());
        world.publish(publisher, message("$SYS/a", "x").q1(1));
        world.publish(publisher, message("$SYS/a", "x").q2(2));
        world.publish(publisher, message("$SYS/a", "x").q2(2));
        assert_eq!(world.take(publisher), answers);
        let refused = world.events().into_iter().filter(|event| {
            matches!(
                event,
                Event::PublishRefused {
                    reason: ReasonCode::NotAuthorized,
                    ..
                }
            )
        });
        // Before 5.0 the second QoS 2 PUBLISH is the first one again.
        assert_eq!(refused.count(), if version == V3 { 3 } else { 4 });
    }
    assert!(world.take(subscriber).is_empty());
    assert!(world.broker.retained("$SYS/a").is_none());
}
