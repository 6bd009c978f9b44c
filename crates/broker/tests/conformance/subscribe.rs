//! SUBSCRIBE and UNSUBSCRIBE (sections 3.8 to 3.11).

use vitrine_packet::{Packet, SubscriptionOptions};

use super::*;

/// A SUBSCRIBE with a Packet Identifier, filters and options that need not be right.
pub(super) fn subscribe(version: ProtocolVersion, id: u16, filters: &[(&str, u8)]) -> Vec<u8> {
    let properties: &[u8] = if version == V5 { &[0] } else { &[] };
    let mut body = [&id.to_be_bytes()[..], properties].concat();
    for (filter, options) in filters {
        body.extend((filter.len() as u16).to_be_bytes());
        body.extend(filter.as_bytes());
        body.push(*options);
    }
    [&[0x82, body.len() as u8], &body[..]].concat()
}

/// 3.1.1: [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-4] [MQTT-3.8.4-5] [MQTT-3.9.3-1] [MQTT-3.9.3-2] [MQTT-2.3.1-7]
/// 5.0: [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-5] [MQTT-3.8.4-6] [MQTT-3.8.4-7] [MQTT-3.9.3-1] [MQTT-3.9.3-2]
/// 5.0: [MQTT-2.2.1-6]
#[test]
fn one_suback_with_a_code_for_each_filter_in_order() {
    for (version, refused) in [(V3, "80"), (V5, "8F")] {
        let mut world = World::with(vitrine_broker::Config {
            max_topic_levels: 3,
            ..Default::default()
        });
        let client = world.connect(hello(version, "c"));
        let filters = [("a", 2), ("a/b/c/d", 1), ("b", 0), ("+/+/#", 1), ("a", 1)];
        for id in [1, 300, 65_535] {
            world.send_bytes(client, &subscribe(version, id, &filters));
            let codes = format!("SUBACK #{id} 02 {refused} 00 01 01");
            assert_eq!(plain(world.take(client)), [codes]);
        }
        world.publish(client, message("a", "x").q2(1));
        let got = world.take(client);
        assert_eq!(
            got[0], "PUBLISH q1 #1 a \"x\"",
            "the later one replaced the first"
        );
        assert_eq!(world.broker.counts().subscriptions, 3);
    }
}

/// Subscribing again sends the retained message again and loses nothing of what is under way or waits.
///
/// 3.1.1: [MQTT-3.8.4-3]
/// 5.0: [MQTT-3.8.4-3] [MQTT-3.8.4-4]
#[test]
fn subscribing_again_loses_nothing() {
    for version in [V3, V5] {
        let mut world = World::with(vitrine_broker::Config {
            max_in_flight: 2,
            ..Default::default()
        });
        let client = world.connect(hello(version, "c"));
        let publisher = world.connect(hello(version, "p"));
        world.publish(publisher, message("a", "kept").retain());
        world.subscribe(client, "a", Q2);
        assert_eq!(world.take(client), ["PUBLISH retain a \"kept\""]);
        for n in 1..=4 {
            world.publish(publisher, message("a", &n.to_string()).q1(n));
        }
        assert_eq!(world.take(client).len(), 2, "two wait");
        world.send_bytes(client, &subscribe(version, 9, &[("a", 0)]));
        world.publish(publisher, message("a", "after").q1(5));
        let mut got = world.take(client);
        assert_eq!(got.remove(0), "SUBACK #9 00");
        for id in 1..=4 {
            world.send(client, Packet::PubAck(ack(id)));
        }
        got.extend(world.take(client));
        got.sort();
        let all = [
            "PUBLISH a \"after\"",
            "PUBLISH q1 #3 a \"3\"",
            "PUBLISH q1 #4 a \"4\"",
            "PUBLISH retain a \"kept\"",
        ];
        assert_eq!(got, all);
    }
}

/// 3.1.1: [MQTT-3.3.5-1]
/// 5.0: [MQTT-3.3.4-2]
#[test]
fn the_highest_qos_of_those_that_match() {
    for version in [V3, V5] {
        for granted in [[Q0, Q1, Q2], [Q2, Q1, Q0], [Q1, Q0, Q0]] {
            let mut world = World::new();
            let client = world.connect(hello(version, "c"));
            for (filter, qos) in ["a/#", "a/+", "#"].into_iter().zip(granted) {
                world.subscribe(client, filter, qos);
            }
            let publisher = world.connect(hello(version, "p"));
            world.publish(publisher, message("a/b", "x").q2(1));
            let most = granted.into_iter().max().unwrap().as_u8();
            assert_eq!(
                world.take(client),
                [format!("PUBLISH q{most} #1 a/b \"x\"")]
            );
        }
    }
}

/// 3.1.1: [MQTT-3.10.4-1] [MQTT-3.10.4-2] [MQTT-3.10.4-3] [MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.10.4-6]
/// 3.1.1: [MQTT-2.3.1-7]
/// 5.0: [MQTT-3.10.4-1] [MQTT-3.10.4-2] [MQTT-3.10.4-3] [MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.10.4-6]
/// 5.0: [MQTT-3.11.3-1] [MQTT-3.11.3-2] [MQTT-2.2.1-6]
#[test]
fn unsubscribing_ends_what_is_new_and_finishes_what_began() {
    for version in [V3, V5] {
        let mut world = World::new();
        let client = world.connect(hello(version, "c").kept());
        for filter in ["a", "b", "B", "a/+"] {
            world.subscribe(client, filter, Q2);
        }
        let publisher = world.connect(hello(version, "p"));
        world.publish(publisher, message("a", "one").q1(1));
        world.publish(publisher, message("a", "two").q2(2));
        assert_eq!(world.take(client).len(), 2);
        let properties: &[u8] = if version == V5 { &[0] } else { &[] };
        let body = [&[1, 44], properties, b"\0\x01x\0\x01a\0\x01a\0\x01b"].concat();
        world.send_bytes(client, &[&[0xA2, body.len() as u8], &body[..]].concat());
        let answer = if version == V5 {
            "UNSUBACK #300 11 00 11 00"
        } else {
            "UNSUBACK #300"
        };
        assert_eq!(world.take(client), [answer]);
        for topic in ["a", "b"] {
            world.publish(publisher, message(topic, "late").q1(3));
        }
        assert!(world.take(client).is_empty());
        world.publish(publisher, message("B", "still"));
        world.publish(publisher, message("a/x", "still"));
        assert_eq!(world.take(client).len(), 2);
        world.send(client, Packet::PubRec(ack(2)));
        assert_eq!(world.take(client), ["PUBREL #2"]);
        world.cut(client);
        let client = world.reconnect(hello(version, "c").kept());
        let again = ["PUBREL #2", "PUBLISH q1 #1 dup a \"one\""];
        assert_eq!(world.take(client), again);
        world.send(client, Packet::PubAck(ack(1)));
        world.send(client, Packet::PubComp(ack(2)));
        assert_eq!(world.broker.session("c").unwrap().in_flight_out, 0);
    }
}

/// What is reserved in the byte behind a filter ends the connection, and no filter of the packet is subscribed to.
///
/// 3.1.1: [MQTT-3.8.3-4]
/// 5.0: [MQTT-3.8.3-5] [MQTT-4.13.1-1]
#[test]
fn options_that_are_none() {
    for version in [V3, V5] {
        for options in 0..=255_u8 {
            let good = if version == V5 {
                options & 0xC0 == 0 && options & 3 != 3 && options & 0x30 != 0x30
            } else {
                options <= 2
            };
            let mut world = World::new();
            let client = world.connect(hello(version, "c").kept());
            world.send_bytes(client, &subscribe(version, 1, &[("a", 0), ("b", options)]));
            assert_eq!(world.is_closed(client), !good, "{options:02X}");
            let count = world.broker.counts().subscriptions;
            assert_eq!(count, if good { 2 } else { 0 }, "{options:02X}");
        }
    }
}

/// Retained messages come with their own QoS or that of the new subscription, whichever is lower.
///
/// 3.1.1: [MQTT-3.8.4-6] [MQTT-3.3.1-8]
/// 5.0: [MQTT-3.8.4-8]
#[test]
fn retained_messages_come_at_the_lower_qos_too() {
    for version in [V3, V5] {
        for published in [Q0, Q1, Q2] {
            for granted in [Q0, Q1, Q2] {
                let mut world = World::new();
                let publisher = world.connect(hello(version, "p"));
                world.publish(publisher, message("a", "x").qos(published, 1).retain());
                let client = world.connect(hello(version, "c"));
                let options = SubscriptionOptions::with_qos(granted);
                world.send_subscribe(client, &[("a", options)], &[]);
                let qos = match published.min(granted).as_u8() {
                    0 => String::new(),
                    qos => format!("q{qos} #1 "),
                };
                let got = [
                    format!("SUBACK #1 {:02X}", granted.as_u8()),
                    format!("PUBLISH {qos}retain a \"x\""),
                ];
                assert_eq!(world.take(client), got, "{published:?} to {granted:?}");
            }
        }
    }
}
