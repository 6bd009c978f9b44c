//! The QoS 0 flow, and what is the same for every QoS.

use crate::harness::*;

/// 3.1.1: [MQTT-3.3.4-1] [MQTT-4.3.1-1] [MQTT-3.3.1-2] [MQTT-2.3.1-5]
/// 5.0: [MQTT-3.3.4-1] [MQTT-4.3.1-1] [MQTT-3.3.1-2] [MQTT-2.2.1-2]
#[test]
fn a_message_goes_to_who_subscribed() {
    for version in [V3, V5] {
        let mut world = World::new();
        let subscriber = world.connect(Hello {
            version,
            ..Hello::v3("s")
        });
        world.subscribe(subscriber, "a/+", Q2);
        let publisher = world.connect(Hello {
            version,
            ..Hello::v3("p")
        });
        world.publish(publisher, message("a/b", "hi"));
        world.publish(publisher, message("b/b", "not this"));
        assert_eq!(world.take(subscriber), ["PUBLISH a/b \"hi\""]);
        assert!(world.take(publisher).is_empty());
    }
}

/// 5.0: [MQTT-3.3.4-1] [MQTT-4.3.2-4] [MQTT-4.3.3-8] [MQTT-4.3.3-11]
#[test]
fn every_qos_end_to_end() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s"));
    world.subscribe(subscriber, "#", Q2);
    let publisher = world.connect(Hello::v5("p"));
    world.publish(publisher, message("a", "0"));
    world.publish(publisher, message("a", "1").q1(5));
    world.publish(publisher, message("a", "2").q2(6));
    world.send(publisher, vitrine_packet::Packet::PubRel(ack(6)));
    assert_eq!(
        world.take(publisher),
        ["PUBACK #5", "PUBREC #6", "PUBCOMP #6"]
    );
    let got = world.take(subscriber);
    assert_eq!(
        got,
        [
            "PUBLISH a \"0\"",
            "PUBLISH q1 #1 a \"1\"",
            "PUBLISH q2 #2 a \"2\""
        ]
    );
    world.send(subscriber, vitrine_packet::Packet::PubAck(ack(1)));
    world.send(subscriber, vitrine_packet::Packet::PubRec(ack(2)));
    assert_eq!(world.take(subscriber), ["PUBREL #2"]);
    world.send(subscriber, vitrine_packet::Packet::PubComp(ack(2)));
    assert_eq!(world.broker.session("s").unwrap().in_flight_out, 0);
}
