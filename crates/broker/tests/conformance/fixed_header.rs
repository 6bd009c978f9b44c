//! The fixed header (section 2).

use vitrine_broker::Event;
use vitrine_packet::PacketType;

use super::*;

/// A valid packet of each kind that a connected client may send.
fn packets(v5: bool) -> Vec<(PacketType, Vec<u8>)> {
    let none: &[u8] = if v5 { &[0] } else { &[] };
    let packet = |first: u8, parts: &[&[u8]]| {
        let body = parts.concat();
        [&[first, body.len() as u8], &body[..]].concat()
    };
    let id: &[u8] = &[0, 1];
    vec![
        (PacketType::PubAck, packet(0x40, &[id])),
        (PacketType::PubRec, packet(0x50, &[id])),
        (PacketType::PubRel, packet(0x62, &[id])),
        (PacketType::PubComp, packet(0x70, &[id])),
        (
            PacketType::Subscribe,
            packet(0x82, &[id, none, &[0, 1, b'a', 0]]),
        ),
        (
            PacketType::Unsubscribe,
            packet(0xA2, &[id, none, &[0, 1, b'a']]),
        ),
        (PacketType::PingReq, packet(0xC0, &[])),
        (PacketType::Disconnect, packet(0xE0, &[])),
    ]
}

/// All 15 wrong values of the low bits of each packet end the connection; the right one does not.
///
/// 3.1.1: [MQTT-2.2.2-1] [MQTT-2.2.2-2] [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-3.14.1-1] [MQTT-4.8.0-1]
/// 5.0: [MQTT-2.1.3-1] [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-3.14.1-1] [MQTT-4.13.1-1]
#[test]
fn wrong_flags_end_the_connection() {
    for version in [V3, V5] {
        for (kind, good) in packets(version == V5) {
            for flags in 0..16 {
                let mut world = World::new();
                let client = world.connect(hello(version, "c"));
                let mut packet = good.clone();
                packet[0] = packet[0] & 0xF0 | flags;
                world.observe();
                world.send_bytes(client, &packet);
                let right = packet[0] == good[0];
                let closed = world.is_closed(client);
                assert_eq!(
                    closed,
                    !right || kind == PacketType::Disconnect,
                    "{packet:02X?}"
                );
                if right {
                    continue;
                }
                let answers = plain(world.take(client));
                let told: &[&str] = if version == V5 {
                    &["DISCONNECT 81", "closed"]
                } else {
                    &["closed"]
                };
                assert_eq!(answers, told, "{packet:02X?}");
                assert_eq!(world.ending().0, "malformed");
            }
        }
    }
}

/// 3.1.1: [MQTT-2.3.1-1]
/// 5.0: [MQTT-2.2.1-3] [MQTT-4.13.1-1]
#[test]
fn packet_identifier_0_ends_the_connection() {
    for version in [V3, V5] {
        let mut bad: Vec<_> = packets(version == V5)
            .into_iter()
            .filter(|(_, packet)| packet.len() > 2)
            .map(|(_, mut packet)| {
                packet[3] = 0;
                packet
            })
            .collect();
        for qos in [Q1, Q2] {
            let mut packet = message("a", "").qos(qos, 1).bytes(version);
            packet[6] = 0;
            bad.push(packet);
        }
        for packet in bad {
            let mut world = World::new();
            world.observe();
            let client = world.connect(hello(version, "c"));
            world.send_bytes(client, &packet);
            assert!(world.is_closed(client), "{packet:02X?}");
            let told = world.events().into_iter().find_map(|event| match event {
                Event::Malformed { error, .. } => Some(error.kind.code()),
                _ => None,
            });
            assert_eq!(told, Some("zero-packet-id"), "{packet:02X?}");
        }
    }
}

/// Lengths in more bytes than they need: 5.0 forbids them, before there is no such rule.
///
/// 5.0: [MQTT-1.5.5-1]
#[test]
fn a_length_is_as_short_as_can_be() {
    let long = [0xC0, 0x80, 0x00];
    let mut world = World::new();
    let five = world.connect(hello(V5, "c"));
    world.send_bytes(five, &long);
    assert_eq!(plain(world.take(five)), ["DISCONNECT 81", "closed"]);
    let property = [0x30, 7, 0, 1, b'a', 0x83, 0x00, 0x01, 0x00];
    let five = world.connect(hello(V5, "c"));
    world.send_bytes(five, &property);
    assert_eq!(plain(world.take(five)), ["DISCONNECT 81", "closed"]);
    let three = world.connect(hello(V3, "d"));
    world.send_bytes(three, &long);
    assert_eq!(world.take(three), ["PINGRESP"]);
}
