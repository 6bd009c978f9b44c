//! The flows of QoS 1 and 2 from the broker (section 4.3), their repetition (4.4), and flow control (4.9).

use vitrine_packet::{Packet, Property, ReasonCode};

use super::*;

/// 3.1.1: [MQTT-2.3.1-4] [MQTT-4.3.2-1] [MQTT-4.3.3-1] [MQTT-4.4.0-1]
/// 5.0: [MQTT-2.2.1-4] [MQTT-4.3.2-1] [MQTT-4.3.2-2] [MQTT-4.3.2-3] [MQTT-4.3.3-1] [MQTT-4.3.3-2] [MQTT-4.3.3-3]
/// 5.0: [MQTT-4.3.3-4] [MQTT-4.3.3-5] [MQTT-4.3.3-6] [MQTT-4.4.0-1]
#[test]
fn what_is_acknowledged_is_over_and_the_rest_comes_again() {
    for version in [V3, V5] {
        let mut world = World::new();
        let mut client = world.connect(hello(version, "s").kept());
        world.subscribe(client, "#", Q2);
        let publisher = world.connect(hello(version, "p"));
        for n in 1..=3 {
            world.publish(publisher, message("a", &n.to_string()).q1(n));
            world.publish(publisher, message("b", &n.to_string()).q2(n));
        }
        let first = world.take(client);
        for (n, line) in first.iter().enumerate() {
            assert!(
                line.contains(&format!(" #{} ", n + 1)),
                "ids of their own: {first:?}"
            );
        }
        // One of each kind is finished, one is half way, one has not begun.
        world.send(client, Packet::PubAck(ack(1)));
        world.send(client, Packet::PubRec(ack(2)));
        world.send(client, Packet::PubRec(ack(4)));
        assert_eq!(world.take(client), ["PUBREL #2", "PUBREL #4"]);
        world.send(client, Packet::PubComp(ack(2)));
        world.pass(std::time::Duration::from_secs(10_000));
        assert!(
            world.take(client).is_empty(),
            "nothing again while it is there"
        );
        for _ in 0..2 {
            world.cut(client);
            client = world.reconnect(hello(version, "s").kept());
            let again = [
                "PUBREL #4",
                "PUBLISH q1 #3 dup a \"2\"",
                "PUBLISH q1 #5 dup a \"3\"",
                "PUBLISH q2 #6 dup b \"3\"",
            ];
            assert_eq!(world.take(client), again);
        }
        // New ones keep clear of those, and take what is free.
        for _ in 0..2 {
            world.publish(publisher, message("a", "new").q1(9));
        }
        assert_eq!(
            world.take(client),
            ["PUBLISH q1 #7 a \"new\"", "PUBLISH q1 #8 a \"new\""]
        );
    }
}

/// An acknowledgement that refuses ends the flow, at QoS 2 without PUBREL, and nobody else gets the message.
///
/// 5.0: [MQTT-4.4.0-2] [MQTT-4.8.2-6] [MQTT-4.3.3-4]
#[test]
fn what_a_client_refuses_is_over() {
    for reason in [
        ReasonCode::UnspecifiedError,
        ReasonCode::NotAuthorized,
        ReasonCode::PayloadFormatInvalid,
    ] {
        let mut world = World::new();
        let one = world.connect(hello(V5, "a").kept());
        world.subscribe(one, "$share/g/t", Q2);
        let publisher = world.connect(hello(V5, "p"));
        world.publish(publisher, message("t", "1").q1(1));
        world.publish(publisher, message("t", "2").q2(2));
        assert_eq!(world.take(one).len(), 2);
        let two = world.connect(hello(V5, "b"));
        world.subscribe(two, "$share/g/t", Q2);
        world.send(one, Packet::PubAck(ack_with(1, reason)));
        world.send(one, Packet::PubRec(ack_with(2, reason)));
        assert!(world.take(one).is_empty());
        world.cut(one);
        let one = world.reconnect(hello(V5, "a").kept());
        assert!(world.take(one).is_empty());
        assert!(world.take(two).is_empty());
    }
}

/// A client's window, from 1 on, counts what is under way; everything else goes past.
///
/// 5.0: [MQTT-3.3.4-9] [MQTT-3.3.4-10] [MQTT-4.9.0-1] [MQTT-4.9.0-2] [MQTT-4.9.0-3]
#[test]
fn a_window_of_any_size() {
    for most in 1..=5_u16 {
        for qos in [Q1, Q2] {
            let mut world = World::new();
            let window = Property::ReceiveMaximum(most);
            let client = world.connect(hello(V5, "s").with(window));
            world.subscribe(client, "a", Q2);
            let publisher = world.connect(hello(V5, "p"));
            for n in 1..=12 {
                world.publish(publisher, message("a", "x").qos(qos, n));
            }
            let mut under_way = 0;
            let mut seen = 0;
            let mut done = 0;
            while done < 12 {
                let lines = world.take(client);
                let published = lines
                    .iter()
                    .filter(|line| line.starts_with("PUBLISH"))
                    .count();
                under_way += published as u16;
                seen += published;
                assert!(under_way <= most, "{under_way} of {most}");
                assert!(under_way == most || seen == 12, "the window is used");
                // Everything but PUBLISH is answered however full it is.
                world.send(client, Packet::PingReq);
                world.send_unsubscribe(client, &["nothing"]);
                assert_eq!(world.take(client), ["PINGRESP", "UNSUBACK #1 11"]);
                done += 1;
                let id = done;
                if qos == Q1 {
                    world.send(client, Packet::PubAck(ack(id)));
                } else {
                    world.send(client, Packet::PubRec(ack(id)));
                    assert_eq!(world.take(client), [format!("PUBREL #{id}")]);
                    world.send(client, Packet::PubComp(ack(id)));
                }
                under_way -= 1;
            }
            assert!(world.take(client).is_empty());
        }
    }
}
