//! Bytes that are no packet, and packets that do not belong there.

use vitrine_broker::Event;
use vitrine_packet::{ConnAck, Packet, Properties, SubAck};

use crate::harness::*;

/// 3.1.1: [MQTT-2.2.2-2] [MQTT-3.3.1-4] [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-3.14.1-1]
/// 3.1.1: [MQTT-3.8.3-4] [MQTT-1.5.3-1] [MQTT-1.5.3-2] [MQTT-2.3.1-1] [MQTT-4.8.0-1] [MQTT-3.3.2-2]
/// 5.0: [MQTT-3.3.1-4] [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-3.14.1-1] [MQTT-3.15.1-1]
/// 5.0: [MQTT-3.8.3-5] [MQTT-1.5.4-1] [MQTT-1.5.4-2] [MQTT-3.3.2-2] [MQTT-4.13.1-1]
#[test]
fn malformed_packets_end_the_connection_they_came_on() {
    let both: &[&[u8]] = &[
        &[0x00, 0],                         // type 0
        &[0x36, 3, 0, 1, b'a'],             // PUBLISH with QoS 3
        &[0x60, 2, 0, 1],                   // PUBREL with flags 0000
        &[0x80, 2, 0, 1],                   // SUBSCRIBE with flags 0000
        &[0xA0, 2, 0, 1],                   // UNSUBSCRIBE with flags 0000
        &[0xC1, 0],                         // PINGREQ with a flag
        &[0xE1, 0],                         // DISCONNECT with a flag
        &[0xF1, 0],                         // AUTH with a flag
        &[0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1], // a length of five bytes
    ];
    let three: &[&[u8]] = &[
        &[0x30, 3, 0, 1, b'+'],
        &[0x30, 3, 0, 1, 0xFF],
        &[0x30, 3, 0, 1, 0],
        &[0x30, 2, 0, 0],
        &[0x32, 5, 0, 1, b'a', 0, 0],    // Packet Identifier 0
        &[0x82, 2, 0, 1],                // no filter
        &[0x82, 6, 0, 1, 0, 1, b'a', 3], // QoS 3
        &[0x82, 6, 0, 1, 0, 1, b'a', 4], // reserved bit
        &[0x82, 8, 0, 1, 0, 3, b'#', b'/', b'a', 0],
        &[0xF0, 0], // AUTH does not exist
    ];
    let five: &[&[u8]] = &[
        &[0x30, 4, 0, 1, b'+', 0],
        &[0x30, 4, 0, 1, 0xFF, 0],
        &[0x30, 4, 0, 1, 0, 0],
        &[0x30, 3, 0, 0, 0],
        &[0x30, 6, 0, 1, b'a', 2, 0x7F, 0], // a property that does not exist
        &[0x82, 7, 0, 1, 0, 0, 1, b'a', 0xC0], // reserved bits
        &[0x82, 7, 0, 1, 0, 0, 1, b'a', 0x30], // Retain Handling 3
        &[0x40, 3, 0, 1, 0x01],             // a reason that PUBACK does not have
    ];
    for (version, own) in [(V3, three), (V5, five)] {
        for bytes in both.iter().chain(own) {
            let mut world = World::new();
            let innocent = world.connect(Hello::v3("i"));
            world.subscribe(innocent, "a", Q0);
            let client = world.connect(Hello {
                version,
                ..Hello::v3("a")
            });
            world.observe();
            world.send_bytes(client, bytes);
            let answers = world.take(client);
            assert_eq!(answers.last().unwrap(), "closed", "{bytes:02X?}");
            if version == V5 {
                assert!(
                    answers[0].starts_with("DISCONNECT 8"),
                    "{bytes:02X?}: {answers:?}"
                );
            }
            let events = world.events();
            let told = events.iter().find_map(|event| match event {
                Event::Malformed { error, .. } => Some(*error),
                _ => None,
            });
            let told = told.unwrap_or_else(|| panic!("{bytes:02X?}: {events:?}"));
            let closed = events.iter().find_map(|event| match event {
                Event::Closed {
                    why,
                    reason,
                    statement,
                    ..
                } => Some((*why, *reason, *statement)),
                _ => None,
            });
            let (why, reason, statement) = closed.unwrap();
            assert_eq!(why.code(), "malformed");
            assert_eq!(
                (reason, statement),
                (Some(told.reason_code()), told.statement)
            );
            world.publish(innocent, message("a", "still here"));
            assert_eq!(world.take(innocent).len(), 1);
        }
    }
}

/// 3.1.1: [MQTT-4.8.0-1]
/// 5.0: [MQTT-4.13.1-1]
#[test]
fn packets_that_only_a_server_sends() {
    let properties = Properties::EMPTY;
    let packet_id = vitrine_packet::PacketId::MIN;
    for packet in [
        Packet::ConnAck(ConnAck {
            session_present: false,
            code: 0,
            properties,
        }),
        Packet::SubAck(SubAck {
            packet_id,
            properties,
            codes: &[0],
        }),
        Packet::PingResp,
    ] {
        let mut world = World::new();
        let three = world.connect(Hello::v3("a"));
        world.send(three, packet);
        assert_eq!(world.take(three), ["closed"]);
        let five = world.connect(Hello::v5("b"));
        world.send(five, packet);
        assert_eq!(world.take(five), ["DISCONNECT 82", "closed"]);
    }
}

/// 3.1.1: [MQTT-6.0.0-2]
/// 5.0: [MQTT-6.0.0-2]
#[test]
fn packets_may_be_cut_anywhere() {
    let script = |cut: usize| {
        let mut world = World::new();
        let client = world.open();
        let mut bytes = Hello::v3("a").bytes();
        bytes.extend([0x82, 6, 0, 1, 0, 1, b'a', 2]);
        bytes.extend(message("a", "one").q1(1).bytes(V3));
        bytes.extend(message("a", &"long".repeat(100)).q2(2).bytes(V3));
        bytes.extend([0xC0, 0]);
        for part in bytes.chunks(cut) {
            world.send_bytes(client, part);
        }
        world.take(client)
    };
    let whole = script(10_000);
    assert_eq!(whole.len(), 7);
    for cut in 1..40 {
        assert_eq!(script(cut), whole, "{cut}");
    }
}

/// What comes after the end of a connection is not handled, in the same piece of bytes or later.
#[test]
fn nothing_is_handled_after_the_end() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s"));
    world.subscribe(subscriber, "#", Q0);
    let client = world.connect(Hello::v3("a"));
    let mut bytes = vec![0xE0, 0];
    bytes.extend(message("a", "after DISCONNECT").bytes(V3));
    world.send_bytes(client, &bytes);
    world.send_bytes(client, &message("a", "later").bytes(V3));
    assert!(world.take(subscriber).is_empty());
}
