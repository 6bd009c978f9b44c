//! A broker that does not offer all that the standard has (section 3.2.2.3 of 5.0): it says so, and means it.

use vitrine_broker::Config;
use vitrine_packet::{Property, SubscriptionOptions};

use super::*;

fn world(set: impl FnOnce(&mut Config)) -> World {
    let mut config = Config::default();
    set(&mut config);
    World::with(config)
}

/// 5.0: [MQTT-3.2.2-9] [MQTT-3.2.2-10] [MQTT-3.2.2-11] [MQTT-3.2.2-12] [MQTT-3.2.2-7] [MQTT-4.13.1-1] [MQTT-4.13.2-1]
#[test]
fn maximum_qos() {
    for most in [Q0, Q1] {
        let over = if most == Q0 { Q1 } else { Q2 };
        let mut world = world(|config| config.maximum_qos = most);
        let client = world.say(&hello(V5, "c"));
        let told = format!("MaximumQos({})", most.as_u8());
        assert!(world.take(client)[0].contains(&told));
        // Any QoS may be asked for; what is granted is what there is.
        let filters = [("a", Q0), ("b", Q1), ("c", Q2)];
        let options = filters.map(|(filter, qos)| (filter, SubscriptionOptions::with_qos(qos)));
        world.send_subscribe(client, &options, &[]);
        let granted = filters.map(|(_, qos)| format!(" {:02X}", qos.min(most).as_u8()));
        assert_eq!(
            world.take(client),
            [format!("SUBACK #1{}", granted.concat())]
        );
        world.publish(client, message("c", "fits").qos(most, 1));
        assert!(world.take(client)[0].ends_with("c \"fits\""));
        let watcher = world.connect(hello(V3, "w"));
        world.subscribe(watcher, "#", Q0);
        world.publish(client, message("a", "over").qos(over, 2));
        assert_eq!(plain(world.take(client)), ["DISCONNECT 9B", "closed"]);
        for (version, answer) in [(V3, &["closed"][..]), (V5, &["CONNACK 9B", "closed"][..])] {
            let will = |qos| Testament {
                qos,
                ..Testament::new("w", "")
            };
            let client = world.say(&hello(version, "d").will(will(over)));
            assert_eq!(plain(world.take(client)), answer);
            world.connect(hello(version, "d").will(will(most)));
        }
        // Before 5.0 nobody can be told, but neither can it be done.
        let three = world.connect(hello(V3, "e"));
        world.publish(three, message("a", "over").qos(over, 2));
        assert_eq!(world.take(three), ["closed"]);
        assert!(
            world
                .take(watcher)
                .iter()
                .all(|line| !line.contains("over"))
        );
    }
}

/// Section 3.2.2.3.5: who is told that there are no Retained Messages gets none, also where a broker that had some left them. They are
/// there again when it may.
#[test]
fn retained_messages_that_are_left_from_before() {
    let with = |retain_available| Config {
        retain_available,
        durable: true,
        ..Config::default()
    };
    let mut world = World::with(with(true));
    let client = world.connect(hello(V5, "c"));
    world.publish(client, message("a", "kept").retain());
    let mut state = vitrine_broker::PersistentState::default();
    for available in [false, true] {
        for change in world.broker.take_changes() {
            state.apply(change);
        }
        let now = world.now;
        let config = with(available);
        world.broker = vitrine_broker::Broker::restore(config, state.clone(), now).unwrap();
        let client = world.connect(hello(V5, "c"));
        world.subscribe(client, "#", Q0);
        let kept = ["PUBLISH retain a \"kept\""];
        assert_eq!(world.take(client), kept[..usize::from(available)]);
        world.subscribe(client, "$SYS/broker/uptime", Q0);
        assert_eq!(world.take(client).len(), 1, "the broker's own");
    }
}

/// 3.1.1: [MQTT-3.2.2-6]
/// 5.0: [MQTT-3.2.2-13] [MQTT-3.2.2-14] [MQTT-3.2.2-7] [MQTT-4.13.1-1]
#[test]
fn retain_available() {
    let mut world = world(|config| config.retain_available = false);
    let watcher = world.connect(hello(V5, "w"));
    world.subscribe(watcher, "#", Q0);
    let client = world.say(&hello(V5, "c"));
    assert!(world.take(client)[0].contains("RetainAvailable(0)"));
    world.publish(client, message("a", "plain"));
    assert_eq!(world.take(watcher), ["PUBLISH a \"plain\""]);
    world.publish(client, message("a", "kept").retain());
    assert_eq!(plain(world.take(client)), ["DISCONNECT 9A", "closed"]);
    let will = || Testament {
        retain: true,
        ..Testament::new("w", "")
    };
    for (version, answer) in [(V3, &["closed"][..]), (V5, &["CONNACK 9A", "closed"][..])] {
        let client = world.say(&hello(version, "d").will(will()));
        assert_eq!(plain(world.take(client)), answer);
    }
    let three = world.connect(hello(V3, "e"));
    world.publish(three, message("a", "kept").retain());
    assert_eq!(world.take(three), ["closed"]);
    // Not by the broker either.
    world.command(vitrine_broker::Command::Publish {
        topic: "a",
        payload: b"own",
        qos: Q0,
        retain: true,
    });
    assert_eq!(world.take(watcher), ["PUBLISH a \"own\""]);
    assert_eq!(world.broker.counts().retained, 0);
}

/// What a SUBSCRIBE may not ask for refuses it before anything of it is done.
///
/// 3.1.1: [MQTT-3.8.3-2] [MQTT-3.9.3-2]
/// 5.0: [MQTT-4.13.1-1] [MQTT-4.13.2-1]
#[test]
fn subscriptions_that_are_not_available() {
    type Set = fn(&mut Config);
    let cases: [(Set, &str, &[&str], &str); 2] = [
        (
            |config| config.wildcard_subscription_available = false,
            "WildcardSubscriptionAvailable(0)",
            &["#", "a/#", "+", "a/+/b", "$share/g/a/+"],
            "DISCONNECT A2",
        ),
        (
            |config| config.shared_subscription_available = false,
            "SharedSubscriptionAvailable(0)",
            &["$share/g/a", "$share/g/#"],
            "DISCONNECT 9E",
        ),
    ];
    for (set, told, filters, answer) in cases {
        for filter in filters {
            let mut world = world(set);
            let options = SubscriptionOptions::with_qos(Q1);
            let list = [("plain", options), (filter, options)];
            let five = world.say(&hello(V5, "c").kept());
            assert!(world.take(five)[0].contains(told));
            world.send_subscribe(five, &list, &[]);
            assert_eq!(plain(world.take(five)), [answer, "closed"], "{filter}");
            assert_eq!(world.broker.counts().subscriptions, 0);
            let three = world.connect(hello(V3, "d"));
            world.send_subscribe(three, &list, &[]);
            assert_eq!(world.take(three), ["SUBACK #1 01 80"], "{filter}");
            assert_eq!(world.broker.counts().subscriptions, 1);
        }
    }
}

/// 5.0: [MQTT-4.13.1-1] [MQTT-4.13.2-1]
#[test]
fn subscription_identifiers_available() {
    let mut world = world(|config| config.subscription_identifiers_available = false);
    let client = world.say(&hello(V5, "c"));
    assert!(world.take(client)[0].contains("SubscriptionIdentifierAvailable(0)"));
    world.subscribe(client, "a", Q0);
    let options = [("b", SubscriptionOptions::with_qos(Q0))];
    world.send_subscribe(client, &options, &[Property::SubscriptionIdentifier(1)]);
    assert_eq!(plain(world.take(client)), ["DISCONNECT A1", "closed"]);
}

/// Where all is offered, CONNACK says nothing of it: that is what 5.0 takes for granted.
#[test]
fn everything_is_offered() {
    let mut world = World::new();
    let client = world.say(&hello(V5, "c"));
    let answer = world.take(client).remove(0);
    for property in ["MaximumQos", "Available"] {
        assert!(!answer.contains(property), "{answer}");
    }
}
