//! Message Expiry Interval.

use std::time::Duration;

use vitrine_broker::{DeadlineReason, DiscardReason, Event};
use vitrine_packet::{Packet, Property};

use crate::harness::*;

fn expiring(payload: &str, seconds: u32) -> Message<'_> {
    message("a", payload)
        .q1(1)
        .with(Property::MessageExpiryInterval(seconds))
}

/// 5.0: [MQTT-3.3.2-5] [MQTT-3.3.2-6]
#[test]
fn in_the_queue() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v5("s").kept());
    world.subscribe(subscriber, "a", Q1);
    let publisher = world.connect(Hello::v5("p"));
    world.publish(publisher, expiring("now", 10));
    assert_eq!(
        world.take(subscriber),
        ["PUBLISH q1 #1 a \"now\" [MessageExpiryInterval(10)]"]
    );
    world.send(subscriber, Packet::PubAck(ack(1)));
    world.cut(subscriber);
    world.publish(publisher, expiring("short", 10));
    world.publish(publisher, expiring("long", 100));
    world.publish(publisher, message("a", "for ever").q1(1));
    world.observe();
    let deadline = world.broker.next_deadline().unwrap();
    assert_eq!(deadline.reason, DeadlineReason::MessageExpiry);
    world.pass(Duration::from_millis(9_999));
    assert_eq!(world.broker.session("s").unwrap().queued, 3);
    world.pass(Duration::from_millis(1));
    assert_eq!(world.broker.session("s").unwrap().queued, 2);
    let discarded = world.events().into_iter().find_map(|event| match event {
        Event::Discarded { why, .. } => Some(why),
        _ => None,
    });
    assert_eq!(discarded, Some(DiscardReason::Expired));
    world.pass(Duration::from_millis(5_500));
    let subscriber = world.reconnect(Hello::v5("s").kept());
    let got = [
        "PUBLISH q1 #2 a \"long\" [MessageExpiryInterval(85)]",
        "PUBLISH q1 #3 a \"for ever\"",
    ];
    assert_eq!(world.take(subscriber), got);
}

/// 5.0: [MQTT-3.3.2-5]
#[test]
fn before_the_host_pulls() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v5("s"));
    world.subscribe(subscriber, "a", Q1);
    let publisher = world.connect(Hello::v5("p"));
    world.pulling = false;
    world.publish(publisher, expiring("short", 10));
    world.publish(publisher, expiring("long", 20));
    let short = message("a", "short").with(Property::MessageExpiryInterval(10));
    world.publish(publisher, short);
    world.now = world.now + Duration::from_secs(12);
    world.pull(subscriber, usize::MAX);
    assert_eq!(
        world.take(subscriber),
        ["PUBLISH q1 #2 a \"long\" [MessageExpiryInterval(8)]"]
    );
    assert_eq!(world.broker.session("s").unwrap().in_flight_out, 1);
}

/// 5.0: [MQTT-4.3.3-7]
#[test]
fn not_once_it_was_sent() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v5("s").kept());
    world.subscribe(subscriber, "a", Q2);
    let publisher = world.connect(Hello::v5("p"));
    let short = message("a", "x")
        .q2(1)
        .with(Property::MessageExpiryInterval(10));
    world.publish(publisher, short);
    assert_eq!(world.take(subscriber).len(), 1);
    world.cut(subscriber);
    world.pass(Duration::from_secs(11));
    let subscriber = world.reconnect(Hello::v5("s").kept());
    let again = world.take(subscriber).remove(0);
    assert!(again.starts_with("PUBLISH q2 #1 dup a \"x\""), "{again}");
}

/// What the host never pulled was not sent: it waits again, and expires.
#[test]
fn but_when_it_was_never_pulled() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v5("s").kept());
    world.subscribe(subscriber, "a", Q2);
    let publisher = world.connect(Hello::v5("p"));
    world.pulling = false;
    world.publish(publisher, expiring("short", 10));
    world.publish(publisher, message("a", "stays").q2(2));
    world.cut(subscriber);
    world.pulling = true;
    world.pass(Duration::from_secs(11));
    let subscriber = world.reconnect(Hello::v5("s").kept());
    let got = world.take(subscriber);
    assert_eq!(got.len(), 1);
    assert!(
        got[0].ends_with(" a \"stays\"") && !got[0].contains("dup"),
        "{got:?}"
    );
}

/// 5.0: [MQTT-3.3.2-5] [MQTT-3.3.2-6]
#[test]
fn of_a_retained_message() {
    let mut world = World::new();
    let client = world.connect(Hello::v5("p"));
    world.publish(client, expiring("x", 10).retain());
    world.take(client);
    world.pass(Duration::from_secs(4));
    world.subscribe(client, "a", Q0);
    assert_eq!(
        world.take(client),
        ["PUBLISH retain a \"x\" [MessageExpiryInterval(6)]"]
    );
    world.observe();
    world.pass(Duration::from_secs(6));
    let removed = Event::RetainedRemoved {
        topic: "a".into(),
        expired: true,
    };
    assert!(world.events().contains(&removed));
    assert_eq!(world.broker.counts().retained, 0);
    // Another message takes the place and the timer of the first.
    world.publish(client, expiring("y", 10).retain());
    world.publish(client, message("a", "z").retain());
    world.pass(Duration::from_secs(60));
    assert_eq!(&*world.broker.retained("a").unwrap().payload, b"z");
}

/// Subscribers before 5.0 are not told, but the time counts for them too.
#[test]
fn for_subscribers_before_5_0() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s").kept());
    world.subscribe(subscriber, "a", Q1);
    world.cut(subscriber);
    let publisher = world.connect(Hello::v5("p"));
    world.publish(publisher, expiring("short", 10));
    world.publish(publisher, expiring("long", 100));
    world.pass(Duration::from_secs(11));
    let subscriber = world.reconnect(Hello::v3("s").kept());
    assert_eq!(world.take(subscriber), ["PUBLISH q1 #1 a \"long\""]);
}
