//! The QoS 2 flow.

use vitrine_packet::Packet;

use crate::harness::*;

/// 3.1.1: [MQTT-4.3.3-2] [MQTT-2.3.1-6] [MQTT-3.3.4-1]
/// 5.0: [MQTT-4.3.3-8] [MQTT-4.3.3-10] [MQTT-4.3.3-11] [MQTT-4.3.3-12] [MQTT-2.2.1-5]
#[test]
fn a_message_that_comes_again_is_not_delivered_again() {
    for version in [V3, V5] {
        let mut world = World::new();
        let subscriber = world.connect(Hello::v3("s"));
        world.subscribe(subscriber, "a", Q0);
        let publisher = world.connect(Hello {
            version,
            ..Hello::v3("p")
        });
        world.publish(publisher, message("a", "1").q2(7));
        world.publish(publisher, message("a", "1").q2(7).dup());
        world.publish(publisher, message("a", "1").q2(7));
        assert_eq!(world.take(publisher), ["PUBREC #7"; 3]);
        assert_eq!(world.take(subscriber), ["PUBLISH a \"1\""]);
        world.send(publisher, Packet::PubRel(ack(7)));
        assert_eq!(world.take(publisher), ["PUBCOMP #7"]);
        world.publish(publisher, message("a", "2").q2(7));
        assert_eq!(
            world.take(subscriber),
            ["PUBLISH a \"2\""],
            "released: a new message"
        );
    }
}

/// 3.1.1: [MQTT-4.3.3-2] [MQTT-3.1.2-4]
/// 5.0: [MQTT-4.3.3-10]
#[test]
fn also_not_over_a_lost_connection() {
    for hello in [|| Hello::v3("p").kept(), || Hello::v5("p").kept()] {
        let mut world = World::new();
        let subscriber = world.connect(Hello::v3("s"));
        world.subscribe(subscriber, "a", Q0);
        let publisher = world.connect(hello());
        world.publish(publisher, message("a", "1").q2(7));
        world.cut(publisher);
        let publisher = world.reconnect(hello());
        world.publish(publisher, message("a", "1").q2(7).dup());
        assert_eq!(world.take(publisher), ["PUBREC #7"]);
        world.send(publisher, Packet::PubRel(ack(7)));
        world.cut(publisher);
        let publisher = world.reconnect(hello());
        world.send(publisher, Packet::PubRel(ack(7)));
        let answer = world.take(publisher).remove(0);
        assert!(answer.starts_with("PUBCOMP #7"), "{answer}");
        assert_eq!(world.take(subscriber).len(), 1);
    }
}

/// 5.0: [MQTT-4.3.3-11] (0x92, Packet Identifier not found)
#[test]
fn a_release_of_nothing_is_answered() {
    let mut world = World::new();
    let five = world.connect(Hello::v5("p"));
    world.send(five, Packet::PubRel(ack(7)));
    assert_eq!(world.take(five), ["PUBCOMP #7 92"]);
    let three = world.connect(Hello::v3("q"));
    world.send(three, Packet::PubRel(ack(7)));
    assert_eq!(world.take(three), ["PUBCOMP #7"]);
}

/// 3.1.1: [MQTT-4.3.3-1] [MQTT-4.4.0-1]
/// 5.0: [MQTT-4.3.3-1] [MQTT-4.3.3-2] [MQTT-4.3.3-3] [MQTT-4.3.3-4] [MQTT-4.3.3-5] [MQTT-4.3.3-6]
/// 5.0: [MQTT-4.4.0-1]
#[test]
fn each_half_of_the_handshake_is_sent_again() {
    for hello in [|| Hello::v3("s").kept(), || Hello::v5("s").kept()] {
        let mut world = World::new();
        let subscriber = world.connect(hello());
        world.subscribe(subscriber, "a", Q2);
        let publisher = world.connect(Hello::v3("p"));
        world.publish(publisher, message("a", "1").q2(1));
        world.publish(publisher, message("a", "2").q2(2));
        assert_eq!(
            world.take(subscriber),
            ["PUBLISH q2 #1 a \"1\"", "PUBLISH q2 #2 a \"2\""]
        );
        world.send(subscriber, Packet::PubRec(ack(1)));
        world.send(subscriber, Packet::PubRec(ack(1)));
        assert_eq!(world.take(subscriber), ["PUBREL #1", "PUBREL #1"]);
        for _ in 0..2 {
            world.cut(subscriber);
            let subscriber = world.reconnect(hello());
            assert_eq!(
                world.take(subscriber),
                ["PUBREL #1", "PUBLISH q2 #2 dup a \"2\""]
            );
        }
        let subscriber = world.reconnect(hello());
        world.send(subscriber, Packet::PubComp(ack(1)));
        world.send(subscriber, Packet::PubRec(ack(2)));
        world.send(subscriber, Packet::PubComp(ack(2)));
        world.cut(subscriber);
        let subscriber = world.reconnect(hello());
        assert!(world.take(subscriber).is_empty());
        assert_eq!(world.broker.session("s").unwrap().in_flight_out, 0);
    }
}

/// 3.1.1: [MQTT-4.6.0-6] [MQTT-4.6.0-5]
/// 5.0: [MQTT-4.6.0-5] [MQTT-4.6.0-6]
#[test]
fn order_is_kept_through_queue_window_and_reconnect() {
    use vitrine_packet::Property;
    for qos in [Q1, Q2] {
        let hello = || Hello::v5("s").kept().with(Property::ReceiveMaximum(2));
        let mut world = World::new();
        let mut subscriber = world.connect(hello());
        world.subscribe(subscriber, "a", Q2);
        let publisher = world.connect(Hello::v3("p"));
        let mut got: Vec<String> = vec![];
        for n in 1..=60_u16 {
            let payload = n.to_string();
            world.publish(publisher, message("a", &payload).qos(qos, n));
            if n % 5 == 0 {
                world.cut(subscriber);
                subscriber = world.reconnect(hello());
            }
            // Not all are acknowledged: the window is full now and then.
            for line in world.take(subscriber) {
                let words: Vec<_> = line.split(' ').collect();
                let id = words
                    .iter()
                    .find_map(|word| word.strip_prefix('#'))
                    .unwrap();
                let id: u16 = id.parse().unwrap();
                let payload = words[words.len() - 1].to_owned();
                if words[0] == "PUBLISH" && !got.contains(&payload) {
                    got.push(payload);
                }
                if qos == Q1 && n % 3 != 0 {
                    world.send(subscriber, Packet::PubAck(ack(id)));
                } else if n % 3 != 0 {
                    let done = if words[0] == "PUBREL" {
                        Packet::PubComp
                    } else {
                        Packet::PubRec
                    };
                    world.send(subscriber, done(ack(id)));
                }
            }
        }
        let sorted: Vec<String> = (1..=got.len()).map(|n| format!("\"{n}\"")).collect();
        assert_eq!(got, sorted);
        assert!(got.len() > 4);
    }
}
