//! UNSUBSCRIBE and UNSUBACK.

use vitrine_packet::Packet;

use crate::harness::*;

/// 3.1.1: [MQTT-3.10.4-1] [MQTT-3.10.4-2] [MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.10.4-6]
/// 3.1.1: [MQTT-2.3.1-7]
/// 5.0: [MQTT-3.10.4-1] [MQTT-3.10.4-2] [MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.10.4-6]
/// 5.0: [MQTT-3.11.3-1] [MQTT-3.11.3-2] [MQTT-2.2.1-6]
#[test]
fn filters_are_compared_as_they_are() {
    for (version, answer) in [(V3, "UNSUBACK #1"), (V5, "UNSUBACK #1 11 00 11")] {
        let mut world = World::new();
        let client = world.connect(Hello {
            version,
            ..Hello::v3("s")
        });
        world.subscribe(client, "a/+", Q0);
        world.subscribe(client, "a/#", Q0);
        // `a/b` is matched by both and equal to none.
        world.send_unsubscribe(client, &["a/b", "a/+", "A/#"]);
        assert_eq!(world.take(client), [answer]);
        world.publish(client, message("a/b", "still by #"));
        assert_eq!(world.take(client), ["PUBLISH a/b \"still by #\""]);
        world.send_unsubscribe(client, &["a/#"]);
        world.publish(client, message("a/b", "no more"));
        assert_eq!(world.take(client).len(), 1);
        assert_eq!(world.broker.counts().subscriptions, 0);
    }
}

/// 3.1.1: [MQTT-3.10.4-3]
#[test]
fn deliveries_that_began_are_finished() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s").kept());
    world.subscribe(subscriber, "a", Q2);
    let publisher = world.connect(Hello::v3("p"));
    world.publish(publisher, message("a", "x").q2(1));
    world.publish(publisher, message("a", "y").q1(2));
    world.take(subscriber);
    world.send_unsubscribe(subscriber, &["a"]);
    world.send(subscriber, Packet::PubRec(ack(1)));
    assert_eq!(world.take(subscriber), ["UNSUBACK #1", "PUBREL #1"]);
    world.cut(subscriber);
    let subscriber = world.reconnect(Hello::v3("s").kept());
    assert_eq!(
        world.take(subscriber),
        ["PUBREL #1", "PUBLISH q1 #2 dup a \"y\""]
    );
}
