//! SUBSCRIBE and SUBACK.

use vitrine_packet::{Packet, Property, RetainHandling, SubscriptionOptions};

use crate::harness::*;

fn with_qos(qos: vitrine_packet::QoS) -> SubscriptionOptions {
    SubscriptionOptions::with_qos(qos)
}

/// 3.1.1: [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-4] [MQTT-3.8.4-5] [MQTT-3.9.3-1] [MQTT-2.3.1-7]
/// 5.0: [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-5] [MQTT-3.8.4-6] [MQTT-3.8.4-7] [MQTT-3.9.3-1]
/// 5.0: [MQTT-2.2.1-6]
#[test]
fn one_code_for_each_filter() {
    for version in [V3, V5] {
        let mut world = World::new();
        let client = world.connect(Hello {
            version,
            ..Hello::v3("s")
        });
        let filters = [
            ("a", with_qos(Q2)),
            ("b", with_qos(Q0)),
            ("c/#", with_qos(Q1)),
        ];
        world.send_subscribe(client, &filters, &[]);
        assert_eq!(world.take(client), ["SUBACK #1 02 00 01"]);
        for topic in ["a", "b", "c"] {
            world.publish(client, message(topic, ""));
        }
        assert_eq!(world.take(client).len(), 3);
    }
}

/// 3.1.1: [MQTT-3.8.4-6]
#[test]
fn the_lower_qos_counts() {
    let mut world = World::new();
    let publisher = world.connect(Hello::v3("p"));
    for granted in [Q0, Q1, Q2] {
        let subscriber = world.connect(Hello::v3("s"));
        world.subscribe(subscriber, "a", granted);
        for published in [Q0, Q1, Q2] {
            world.publish(publisher, message("a", "").qos(published, 1));
            world.send(publisher, Packet::PubRel(ack(1)));
            let got = world.take(subscriber).remove(0);
            let expected = match granted.min(published).as_u8() {
                0 => "PUBLISH a".to_owned(),
                qos => format!("PUBLISH q{qos} #"),
            };
            assert!(
                got.starts_with(&expected),
                "{got}: {published:?} to {granted:?}"
            );
        }
    }
}

/// 3.1.1: [MQTT-3.8.4-3] [MQTT-3.3.1-6]
/// 5.0: [MQTT-3.8.4-3] [MQTT-3.8.4-4]
#[test]
fn the_same_filter_again_replaces_the_subscription() {
    let mut world = World::new();
    for version in [V3, V5] {
        let publisher = world.connect(Hello::v3("p"));
        world.publish(publisher, message("a", "kept").retain());
        let subscriber = world.connect(Hello {
            version,
            ..Hello::v3("s")
        });
        world.subscribe(subscriber, "a", Q0);
        assert_eq!(world.take(subscriber), ["PUBLISH retain a \"kept\""]);
        world.subscribe(subscriber, "a", Q1);
        assert_eq!(world.take(subscriber), ["PUBLISH retain a \"kept\""]);
        world.publish(publisher, message("a", "x").q1(1));
        assert_eq!(world.take(subscriber), ["PUBLISH q1 #1 a \"x\""], "once");
        assert_eq!(world.broker.counts().subscriptions, 1);
    }
}

/// 3.1.1: [MQTT-3.3.5-1]
/// 5.0: [MQTT-3.3.4-2] [MQTT-3.3.4-3] [MQTT-3.3.4-4]
#[test]
fn overlapping_filters_give_one_copy_at_the_highest_qos() {
    let mut world = World::new();
    let publisher = world.connect(Hello::v3("p"));
    let three = world.connect(Hello::v3("s"));
    let five = world.connect(Hello::v5("t"));
    for (filter, qos, id) in [
        ("a/#", Q0, Some(9)),
        ("a/b", Q2, None),
        ("+/+", Q1, Some(200)),
    ] {
        world.subscribe(three, filter, qos);
        let id = id.map(Property::SubscriptionIdentifier);
        world.subscribe_with(five, filter, with_qos(qos), id.as_slice());
    }
    world.publish(publisher, message("a/b", "x").q2(1));
    assert_eq!(world.take(three), ["PUBLISH q2 #1 a/b \"x\""]);
    let ids = "[SubscriptionIdentifier(9), SubscriptionIdentifier(200)]";
    assert_eq!(world.take(five), [format!("PUBLISH q2 #1 a/b \"x\" {ids}")]);
}

/// 5.0: [MQTT-3.3.4-3]
#[test]
fn a_subscription_identifier_goes_with_what_it_brought() {
    let mut world = World::new();
    let publisher = world.connect(Hello::v5("p"));
    world.publish(publisher, message("a", "kept").retain());
    let subscriber = world.connect(Hello::v5("s").kept());
    let id = [Property::SubscriptionIdentifier(268_435_455)];
    world.subscribe(subscriber, "b", Q1);
    world.subscribe_with(subscriber, "a", with_qos(Q1), &id);
    world.publish(
        publisher,
        message("a", "1").with(Property::UserProperty("k", "v")),
    );
    world.publish(publisher, message("b", "2"));
    let expected = [
        "PUBLISH retain a \"kept\" [SubscriptionIdentifier(268435455)]",
        "PUBLISH a \"1\" [SubscriptionIdentifier(268435455), UserProperty(\"k\", \"v\")]",
        "PUBLISH b \"2\"",
    ];
    assert_eq!(world.take(subscriber), expected);
    world.cut(subscriber);
    world.publish(publisher, message("a", "3").q1(1));
    let subscriber = world.reconnect(Hello::v5("s").kept());
    let expected = "PUBLISH q1 #1 a \"3\" [SubscriptionIdentifier(268435455)]";
    assert_eq!(world.take(subscriber), [expected], "through the queue too");
    // Subscribing again without an identifier takes it away.
    world.subscribe_with(
        subscriber,
        "a",
        SubscriptionOptions {
            retain_handling: RetainHandling::DoNotSend,
            ..with_qos(Q0)
        },
        &[],
    );
    world.publish(publisher, message("a", "4"));
    assert_eq!(world.take(subscriber), ["PUBLISH a \"4\""]);
}

/// 5.0: [MQTT-3.8.3-3]
#[test]
fn no_local_keeps_own_messages_away() {
    let no_local = SubscriptionOptions {
        no_local: true,
        ..with_qos(Q1)
    };
    let mut world = World::new();
    let client = world.connect(Hello::v5("a"));
    let other = world.connect(Hello::v5("b"));
    world.publish(client, message("x/kept", "mine").retain());
    world.publish(other, message("x/other", "theirs").retain());
    world.subscribe_with(client, "x/#", no_local, &[]);
    assert_eq!(world.take(client), ["PUBLISH retain x/other \"theirs\""]);
    world.publish(client, message("x/1", "mine"));
    world.publish(other, message("x/1", "theirs"));
    assert_eq!(world.take(client), ["PUBLISH x/1 \"theirs\""]);
    // Another subscription of the same client that wants them still gets them.
    world.subscribe_with(
        client,
        "x/2",
        with_qos(Q0),
        &[Property::SubscriptionIdentifier(4)],
    );
    world.publish(client, message("x/2", "mine").q1(1));
    let (taken, expected) = (
        world.take(client),
        "PUBLISH x/2 \"mine\" [SubscriptionIdentifier(4)]",
    );
    assert_eq!(taken, [expected, "PUBACK #1"]);
}

/// 5.0: [MQTT-3.3.1-12] [MQTT-3.3.1-13]
#[test]
fn retain_as_published() {
    let as_published = SubscriptionOptions {
        retain_as_published: true,
        ..with_qos(Q0)
    };
    let mut world = World::new();
    let plain = world.connect(Hello::v5("a"));
    world.subscribe(plain, "x", Q0);
    let faithful = world.connect(Hello::v5("b"));
    world.subscribe_with(faithful, "x", as_published, &[]);
    let publisher = world.connect(Hello::v3("p"));
    world.publish(publisher, message("x", "1"));
    world.publish(publisher, message("x", "2").retain());
    assert_eq!(world.take(plain), ["PUBLISH x \"1\"", "PUBLISH x \"2\""]);
    assert_eq!(
        world.take(faithful),
        ["PUBLISH x \"1\"", "PUBLISH retain x \"2\""]
    );
}

/// Retained Messages of several filters of one SUBSCRIBE come after its SUBACK.
#[test]
fn suback_comes_first() {
    let mut world = World::new();
    let client = world.connect(Hello::v3("a"));
    world.publish(client, message("x", "1").retain());
    world.publish(client, message("y", "2").retain());
    world.send_subscribe(client, &[("x", with_qos(Q0)), ("y", with_qos(Q0))], &[]);
    let expected = [
        "SUBACK #1 00 00",
        "PUBLISH retain x \"1\"",
        "PUBLISH retain y \"2\"",
    ];
    assert_eq!(world.take(client), expected);
}
