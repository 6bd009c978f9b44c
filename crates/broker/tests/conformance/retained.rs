//! Retained Messages (section 3.3.1.3).

use super::*;

/// 3.1.1: [MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-7] [MQTT-3.3.1-8] [MQTT-3.3.1-9] [MQTT-3.3.1-12]
/// 5.0: [MQTT-3.3.1-5] [MQTT-3.3.1-8] [MQTT-3.3.1-9] [MQTT-3.3.1-12]
#[test]
fn the_last_retained_message_is_kept() {
    for version in [V3, V5] {
        let mut world = World::new();
        let watcher = world.connect(hello(version, "w"));
        world.subscribe(watcher, "a", Q2);
        let publisher = world.connect(hello(version, "p"));
        // Of any QoS, replaced by any other; and one that is not retained in between.
        for (number, qos) in [Q2, Q0, Q1, Q0, Q2].into_iter().enumerate() {
            let payload = number.to_string();
            let id = number as u16 + 1;
            world.publish(publisher, message("a", &payload).qos(qos, id).retain());
            let got = world.take(watcher).concat();
            assert!(!got.contains("retain"), "{got}");
            world.publish(publisher, message("a", "passing"));
            assert_eq!(world.take(watcher), ["PUBLISH a \"passing\""]);
            let late = world.connect(hello(version, "l"));
            world.subscribe(late, "a", Q2);
            let expected = match qos.as_u8() {
                0 => format!("PUBLISH retain a \"{payload}\""),
                qos => format!("PUBLISH q{qos} #1 retain a \"{payload}\""),
            };
            assert_eq!(world.take(late), [expected]);
        }
    }
}

/// 3.1.1: [MQTT-3.3.1-10] [MQTT-3.3.1-11]
/// 5.0: [MQTT-3.3.1-6] [MQTT-3.3.1-7]
#[test]
fn an_empty_one_removes_it_and_is_not_kept() {
    for version in [V3, V5] {
        for qos in [Q0, Q1, Q2] {
            let mut world = World::new();
            let watcher = world.connect(hello(version, "w"));
            world.subscribe(watcher, "#", Q0);
            let publisher = world.connect(hello(version, "p"));
            world.publish(publisher, message("a", "kept").retain());
            world.publish(publisher, message("a", "").qos(qos, 1).retain());
            world.publish(publisher, message("b", "").qos(qos, 2).retain());
            let got = ["PUBLISH a \"kept\"", "PUBLISH a \"\"", "PUBLISH b \"\""];
            assert_eq!(world.take(watcher), got, "passed on as any message");
            let late = world.connect(hello(version, "l"));
            world.subscribe(late, "#", Q0);
            assert!(world.take(late).is_empty());
            // An empty one that is not retained removes nothing.
            world.publish(publisher, message("a", "kept").retain());
            world.publish(publisher, message("a", ""));
            let later = world.connect(hello(version, "m"));
            world.subscribe(later, "a", Q0);
            assert_eq!(world.take(later), ["PUBLISH retain a \"kept\""]);
        }
    }
}
