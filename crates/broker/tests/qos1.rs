//! The QoS 1 flow.

use vitrine_broker::Event;
use vitrine_packet::{Packet, ReasonCode};

use crate::harness::*;

/// 3.1.1: [MQTT-2.3.1-6] [MQTT-3.3.4-1] [MQTT-4.3.2-2]
/// 5.0: [MQTT-2.2.1-5] [MQTT-3.3.4-1] [MQTT-4.3.2-4] [MQTT-3.4.2-1]
#[test]
fn puback_repeats_the_id() {
    let mut world = World::new();
    for version in [V3, V5] {
        let publisher = world.connect(Hello {
            version,
            ..Hello::v3("p")
        });
        world.subscribe(publisher, "a", Q0);
        for id in [1, 700, 65_535] {
            world.publish(publisher, message("a", "x").q1(id));
            assert_eq!(
                world.take(publisher),
                ["PUBLISH a \"x\"".into(), format!("PUBACK #{id}")]
            );
        }
    }
}

/// 3.1.1: [MQTT-4.3.2-2] [MQTT-3.3.1-3]
#[test]
fn after_puback_the_id_means_a_new_message() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s"));
    world.subscribe(subscriber, "a", Q1);
    let publisher = world.connect(Hello::v3("p"));
    world.publish(publisher, message("a", "x").q1(1));
    world.publish(publisher, message("a", "x").q1(1).dup());
    let twice = ["PUBLISH q1 #1 a \"x\"", "PUBLISH q1 #2 a \"x\""];
    assert_eq!(world.take(subscriber), twice, "and DUP is not passed on");
}

/// 5.0: [MQTT-3.4.2-1] (0x10, No matching subscribers)
#[test]
fn a_5_0_publisher_is_told_that_nobody_subscribed() {
    let mut world = World::new();
    let five = world.connect(Hello::v5("p"));
    world.publish(five, message("a", "x").q1(1));
    world.publish(five, message("a", "x").q2(2));
    assert_eq!(world.take(five), ["PUBACK #1 10", "PUBREC #2 10"]);
    let three = world.connect(Hello::v3("q"));
    world.publish(three, message("a", "x").q1(1));
    assert_eq!(world.take(three), ["PUBACK #1"]);
}

/// 3.1.1: [MQTT-2.3.1-4] [MQTT-4.3.2-1]
#[test]
fn ids_are_not_used_twice_at_a_time() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s").kept());
    world.subscribe(subscriber, "a", Q1);
    let publisher = world.connect(Hello::v3("p"));
    // The first stays unacknowledged while the identifiers go round.
    for n in 0..65_536 {
        world.publish(publisher, message("a", "x").q1(1));
        let id = if n < 65_535 { n + 1 } else { 2 };
        assert_eq!(
            world.take(subscriber),
            [format!("PUBLISH q1 #{id} a \"x\"")]
        );
        if id != 1 {
            world.send(subscriber, Packet::PubAck(ack(id as u16)));
        }
        world.take(publisher);
    }
    let session = world.broker.session("s").unwrap();
    assert_eq!(session.in_flight_out, 1);
}

/// 3.1.1: [MQTT-4.4.0-1] [MQTT-3.3.1-1] [MQTT-4.3.2-1]
/// 5.0: [MQTT-4.4.0-1] [MQTT-3.3.1-1] [MQTT-4.3.2-3]
#[test]
fn what_is_unacknowledged_is_sent_again_in_order_and_with_its_id() {
    for hello in [|| Hello::v3("s").kept(), || Hello::v5("s").kept()] {
        let mut world = World::new();
        let subscriber = world.connect(hello());
        world.subscribe(subscriber, "#", Q1);
        let publisher = world.connect(Hello::v3("p"));
        for payload in ["1", "2", "3", "4"] {
            world.publish(publisher, message("a", payload).q1(1));
        }
        world.send(subscriber, Packet::PubAck(ack(2)));
        world.cut(subscriber);
        world.publish(publisher, message("a", "5").q1(1));
        let again = [
            "PUBLISH q1 #1 dup a \"1\"",
            "PUBLISH q1 #3 dup a \"3\"",
            "PUBLISH q1 #4 dup a \"4\"",
            "PUBLISH q1 #5 a \"5\"",
        ];
        let subscriber = world.reconnect(hello());
        assert_eq!(world.take(subscriber), again);
        world.send(subscriber, Packet::PubAck(ack(3)));
        world.cut(subscriber);
        let subscriber = world.reconnect(hello());
        let again = [again[0], again[2], "PUBLISH q1 #5 dup a \"5\""];
        assert_eq!(world.take(subscriber), again);
    }
}

/// 5.0: [MQTT-4.4.0-1]
#[test]
fn nothing_is_sent_again_on_a_connection_that_lives() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v5("s").kept());
    world.subscribe(subscriber, "a", Q2);
    let publisher = world.connect(Hello::v3("p"));
    world.publish(publisher, message("a", "x").q1(1));
    world.publish(publisher, message("a", "y").q2(2));
    world.take(subscriber);
    world.pass(std::time::Duration::from_secs(100_000));
    assert!(world.take(subscriber).is_empty());
}

/// 5.0: [MQTT-4.4.0-2]
#[test]
fn a_refused_message_is_over() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v5("s").kept());
    world.subscribe(subscriber, "a", Q2);
    let publisher = world.connect(Hello::v3("p"));
    world.publish(publisher, message("a", "x").q1(1));
    world.publish(publisher, message("a", "y").q2(2));
    world.observe();
    world.send(
        subscriber,
        Packet::PubAck(ack_with(1, ReasonCode::NotAuthorized)),
    );
    world.send(
        subscriber,
        Packet::PubRec(ack_with(2, ReasonCode::NotAuthorized)),
    );
    let refused = world
        .events()
        .into_iter()
        .filter(|event| matches!(event, Event::Discarded { .. }));
    assert_eq!(refused.count(), 2);
    world.cut(subscriber);
    let subscriber = world.reconnect(Hello::v5("s").kept());
    assert!(world.take(subscriber).is_empty());
}

/// An acknowledgement for nothing does no harm; one of the wrong kind is a violation.
#[test]
fn acknowledgements_that_do_not_fit() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v5("s"));
    world.subscribe(subscriber, "a", Q2);
    world.send(subscriber, Packet::PubAck(ack(9)));
    world.send(subscriber, Packet::PubComp(ack(9)));
    assert!(world.take(subscriber).is_empty());
    world.send(subscriber, Packet::PubRec(ack(9)));
    assert_eq!(world.take(subscriber), ["PUBREL #9 92"]);
    let publisher = world.connect(Hello::v3("p"));
    world.publish(publisher, message("a", "x").q2(1));
    world.take(subscriber);
    world.send(subscriber, Packet::PubAck(ack(1)));
    assert_eq!(world.take(subscriber), ["DISCONNECT 82", "closed"]);
}
