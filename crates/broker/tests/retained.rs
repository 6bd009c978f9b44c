//! Retained Messages.

use vitrine_packet::{Property, RetainHandling, SubscriptionOptions};

use crate::harness::*;

/// 3.1.1: [MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-8]
/// 5.0: [MQTT-3.3.1-5] [MQTT-3.3.1-9]
#[test]
fn a_new_subscription_gets_the_last_one_of_each_topic() {
    let mut world = World::new();
    let publisher = world.connect(Hello::v3("p"));
    world.publish(publisher, message("a/1", "old").retain());
    world.publish(publisher, message("a/1", "new").q1(1).retain());
    world.publish(publisher, message("a/2", "two").q2(2).retain());
    world.publish(publisher, message("b", "no").retain());
    for version in [V3, V5] {
        let subscriber = world.connect(Hello {
            version,
            ..Hello::v3("s")
        });
        world.subscribe(subscriber, "a/#", Q1);
        let got = [
            "PUBLISH q1 #1 retain a/1 \"new\"",
            "PUBLISH q1 #2 retain a/2 \"two\"",
        ];
        assert_eq!(world.take(subscriber), got);
    }
}

/// 3.1.1: [MQTT-3.3.1-9] [MQTT-3.3.1-12]
#[test]
fn a_subscription_that_stands_gets_it_as_any_message() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s"));
    world.subscribe(subscriber, "a", Q0);
    let publisher = world.connect(Hello::v3("p"));
    world.publish(publisher, message("a", "kept").retain());
    world.publish(publisher, message("a", "passing"));
    assert_eq!(
        world.take(subscriber),
        ["PUBLISH a \"kept\"", "PUBLISH a \"passing\""]
    );
    assert_eq!(&*world.broker.retained("a").unwrap().payload, b"kept");
}

/// 3.1.1: [MQTT-3.3.1-10] [MQTT-3.3.1-11]
#[test]
fn an_empty_message_removes_it() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s"));
    world.subscribe(subscriber, "a", Q1);
    let publisher = world.connect(Hello::v3("p"));
    world.publish(publisher, message("a", "kept").q1(1).retain());
    world.publish(publisher, message("a", "").retain());
    assert_eq!(
        world.take(subscriber),
        ["PUBLISH q1 #1 a \"kept\"", "PUBLISH a \"\""]
    );
    assert!(world.broker.retained("a").is_none());
    assert_eq!(world.broker.counts().retained_bytes, 0);
    world.publish(publisher, message("never/was", "").retain());
    let late = world.connect(Hello::v3("t"));
    world.subscribe(late, "#", Q0);
    assert!(world.take(late).is_empty());
}

/// 5.0: [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11] [MQTT-3.8.4-4]
#[test]
fn retain_handling() {
    for (handling, first, again) in [
        (RetainHandling::Send, 1, 1),
        (RetainHandling::SendIfNew, 1, 0),
        (RetainHandling::DoNotSend, 0, 0),
    ] {
        let mut world = World::new();
        let client = world.connect(Hello::v5("a"));
        world.publish(client, message("x", "kept").retain());
        let plain = SubscriptionOptions::with_qos(Q0);
        let options = SubscriptionOptions {
            retain_handling: handling,
            ..plain
        };
        world.subscribe_with(client, "x", options, &[]);
        assert_eq!(world.take(client).len(), first, "{handling:?}");
        world.subscribe_with(client, "x", options, &[]);
        assert_eq!(world.take(client).len(), again, "{handling:?}");
        world.send_unsubscribe(client, &["x"]);
        world.take(client);
        world.subscribe_with(client, "x", options, &[]);
        assert_eq!(world.take(client).len(), first, "{handling:?}");
    }
}

/// Properties are kept with the message.
#[test]
fn properties_are_kept() {
    let mut world = World::new();
    let client = world.connect(Hello::v5("a"));
    let kept = message("x", "1").retain().with(Property::ContentType("t"));
    world.publish(client, kept.with(Property::UserProperty("k", "v")));
    world.subscribe(client, "x", Q0);
    let expected = "PUBLISH retain x \"1\" [ContentType(\"t\"), UserProperty(\"k\", \"v\")]";
    assert_eq!(world.take(client), [expected]);
}

/// They come in the order of their topics' levels, which is the same whoever asks.
#[test]
fn the_order_is_always_the_same() {
    let mut world = World::new();
    let client = world.connect(Hello::v3("a"));
    for name in ["b", "a/c", "a", "a/b/c", "a/", "c", "a/b"] {
        world.publish(client, message(name, "").retain());
        world.publish(client, message(name, "x").retain());
    }
    world.subscribe(client, "#", Q0);
    let order: Vec<_> = world.take(client);
    let topics: Vec<_> = order
        .iter()
        .map(|line| line.split(' ').nth(2).unwrap())
        .collect();
    assert_eq!(topics, ["a", "a/", "a/b", "a/b/c", "a/c", "b", "c"]);
}

/// More Retained Messages than a connection may have unsent wait for it, and what is published
/// meanwhile does not overtake them.
#[test]
fn more_than_fit_wait() {
    let config = vitrine_broker::Config {
        max_unsent_bytes: 100,
        ..Default::default()
    };
    let mut world = World::with(config);
    let publisher = world.connect(Hello::v3("p"));
    for n in 0..50 {
        world.publish(publisher, message(&format!("a/{n:02}"), "old").retain());
    }
    let subscriber = world.connect(Hello::v3("s"));
    world.pulling = false;
    world.send_subscribe(
        subscriber,
        &[("a/#", SubscriptionOptions::with_qos(Q0))],
        &[],
    );
    world.publish(publisher, message("a/49", "new"));
    world.pull(subscriber, usize::MAX);
    let got = world.take(subscriber);
    assert_eq!(got.len(), 52);
    assert_eq!(got[50], "PUBLISH retain a/49 \"old\"");
    assert_eq!(got[51], "PUBLISH a/49 \"new\"");
}
