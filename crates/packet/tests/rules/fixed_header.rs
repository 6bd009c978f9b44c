//! Sections 2.1 (5.0) and 2.2 (3.1.1).

use super::*;
use vitrine_packet::PacketType;

#[test]
fn packet_type_0_is_reserved() {
    malformed(
        V3_1_1,
        &[0x00, 0],
        ("reserved-packet-type", 0, "MQTT-4.8.0-1"),
    );
    malformed(V5, &[0x00, 0], ("reserved-packet-type", 0, "MQTT-4.13.1-1"));
}

#[test]
fn auth_exists_only_in_5() {
    malformed(
        V3_1_1,
        &[0xF0, 0],
        ("reserved-packet-type", 0, "MQTT-4.8.0-1"),
    );
    accepts(V5, &[0xF0, 0]);
}

/// 3.1.1: [MQTT-2.2.2-1] [MQTT-2.2.2-2] [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-3.14.1-1]
/// 5.0: [MQTT-2.1.3-1] [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-3.14.1-1] [MQTT-3.15.1-1]
#[test]
fn reserved_flags_have_the_tabled_value() {
    for packet in PacketType::ALL {
        for flags in 0..16 {
            if packet == PacketType::Publish || flags == packet.reserved_flags() {
                continue;
            }
            let bytes = [packet.as_u8() << 4 | flags, 2, 0, 1];
            let (old, new) = match packet {
                PacketType::PubRel => ("MQTT-3.6.1-1", "MQTT-3.6.1-1"),
                PacketType::Subscribe => ("MQTT-3.8.1-1", "MQTT-3.8.1-1"),
                PacketType::Unsubscribe => ("MQTT-3.10.1-1", "MQTT-3.10.1-1"),
                PacketType::Disconnect => ("MQTT-3.14.1-1", "MQTT-3.14.1-1"),
                PacketType::Auth => ("MQTT-2.2.2-2", "MQTT-3.15.1-1"),
                _ => ("MQTT-2.2.2-2", "MQTT-2.1.3-1"),
            };
            malformed(V3_1_1, &bytes, ("reserved-flags", 0, old));
            malformed(V5, &bytes, ("reserved-flags", 0, new));
        }
    }
}

/// 3.1 let PUBREL, SUBSCRIBE and UNSUBSCRIBE be sent again with DUP. Nothing else came with that bit.
#[test]
fn dup_of_requests_in_3_1() {
    for bytes in [
        &b"\x6A\x02\0\x01"[..],
        b"\x8A\x06\0\x01\0\x01a\0",
        b"\xAA\x05\0\x01\0\x01a",
    ] {
        accepts(V3_1, bytes);
        for version in [V3_1_1, V5] {
            let error = Packet::decode(bytes, version).expect_err("only 3.1 has it");
            assert_eq!((error.code(), error.offset), ("reserved-flags", 0));
        }
    }
    for packet in PacketType::ALL {
        for flags in 0..16 {
            let first = packet.as_u8() << 4 | flags;
            let right = packet == PacketType::Publish || flags == packet.reserved_flags();
            if right || [0x6A, 0x8A, 0xAA].contains(&first) {
                continue;
            }
            let error = Packet::decode(&[first, 2, 0, 1], V3_1).expect_err("no version has it");
            assert_eq!(error.offset, 0, "{first:02X}");
        }
    }
}

#[test]
fn a_remaining_length_has_four_bytes_at_most() {
    let bytes = [0xC0, 0x80, 0x80, 0x80, 0x80, 0x00];
    malformed(V3_1_1, &bytes, ("variable-byte-integer", 4, "MQTT-4.8.0-1"));
    malformed(V5, &bytes, ("variable-byte-integer", 4, "MQTT-4.13.1-1"));
}

/// 3.1.1 has no such rule.
///
/// 5.0: [MQTT-1.5.5-1]
#[test]
fn a_remaining_length_is_as_short_as_can_be() {
    let bytes = [0xC0, 0x80, 0x00];
    malformed(
        V5,
        &bytes,
        ("overlong-variable-byte-integer", 1, "MQTT-1.5.5-1"),
    );
    assert_eq!(accepts(V3_1_1, &bytes), Packet::PingReq);
    let connect = |level| {
        let rest = [0, 4, b'M', b'Q', b'T', b'T', level, 2, 0, 0, 0, 0, 0];
        let len = if level == 5 { 13 } else { 12 };
        [&[0x10, 0x80 | len, 0x80, 0x00], &rest[..usize::from(len)]].concat()
    };
    accepts(V5, &connect(4));
    malformed(
        V3_1_1,
        &connect(5),
        ("overlong-variable-byte-integer", 1, "MQTT-1.5.5-1"),
    );
}

#[test]
fn the_remaining_length_is_the_length_of_the_rest() {
    malformed(V5, &[], ("truncated", 0, "MQTT-4.13.1-1"));
    malformed(V5, &[0xC0], ("truncated", 1, "MQTT-4.13.1-1"));
    malformed(V5, &[0x40, 0x80], ("truncated", 2, "MQTT-4.13.1-1"));
    malformed(V5, &[0x40, 2, 0], ("truncated", 3, "MQTT-4.13.1-1"));
    malformed(
        V3_1_1,
        &[0x40, 2, 0, 1, 9],
        ("trailing-bytes", 4, "MQTT-4.8.0-1"),
    );
    malformed(V3_1_1, &[0xC0, 1, 0], ("trailing-bytes", 2, "MQTT-4.8.0-1"));
    malformed(V5, &[0xD0, 1, 0], ("trailing-bytes", 2, "MQTT-4.13.1-1"));
}

/// They have nothing but a fixed header.
#[test]
fn pings_are_empty() {
    assert_eq!(accepts(V3_1_1, &[0xC0, 0]), Packet::PingReq);
    assert_eq!(accepts(V5, &[0xD0, 0]), Packet::PingResp);
}
