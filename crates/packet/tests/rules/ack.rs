//! PUBACK, PUBREC, PUBREL and PUBCOMP: sections 3.4 to 3.7.

use super::*;
use vitrine_packet::{Ack, PacketId, Properties};

const ACKS: [(u8, &str); 4] = [
    (0x40, "MQTT-3.4.2-1"),
    (0x50, "MQTT-3.5.2-1"),
    (0x62, "MQTT-3.6.2-1"),
    (0x70, "MQTT-3.7.2-1"),
];

fn decoded(version: ProtocolVersion, bytes: &[u8]) -> Ack<'_> {
    match accepts(version, bytes) {
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            ack
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn success_may_be_left_out() {
    let id = PacketId::new(0x0102).expect("not 0");
    for (first, _) in ACKS {
        assert_eq!(decoded(V3_1_1, &[first, 2, 1, 2]), Ack::success(id));
        assert_eq!(decoded(V5, &[first, 2, 1, 2]), Ack::success(id));
        assert_eq!(decoded(V5, &[first, 3, 1, 2, 0]), Ack::success(id));
        assert_eq!(decoded(V5, &[first, 4, 1, 2, 0, 0]), Ack::success(id));
        let bytes = [first, 3, 1, 2, 0x92];
        if first >= 0x60 {
            let expected = Ack {
                packet_id: id,
                reason: ReasonCode::PacketIdentifierNotFound,
                properties: Properties::EMPTY,
            };
            assert_eq!(decoded(V5, &bytes), expected);
        }
    }
}

/// 5.0: [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1]
#[test]
fn reason_codes_are_those_of_the_table() {
    for (first, statement) in ACKS {
        for code in 0..=u8::MAX {
            let allowed = match first {
                0x40 | 0x50 => {
                    [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99].contains(&code)
                }
                _ => [0x00, 0x92].contains(&code),
            };
            let bytes = [first, 3, 0, 1, code];
            if allowed {
                assert_eq!(decoded(V5, &bytes).reason.as_u8(), code);
            } else {
                protocol_error(V5, &bytes, ("reason-code", 4, statement));
            }
        }
    }
}

/// Nor can the Packet Identifier of a PUBLISH be 0.
#[test]
fn a_packet_identifier_is_not_0() {
    for (first, _) in ACKS {
        protocol_error(
            V3_1_1,
            &[first, 2, 0, 0],
            ("zero-packet-id", 2, "MQTT-2.3.1-6"),
        );
        protocol_error(V5, &[first, 2, 0, 0], ("zero-packet-id", 2, "MQTT-2.2.1-5"));
    }
}

#[test]
fn the_length_is_right() {
    for (first, _) in ACKS {
        malformed(V3_1_1, &[first, 0], ("truncated", 2, "MQTT-4.8.0-1"));
        malformed(V3_1_1, &[first, 1, 0], ("truncated", 2, "MQTT-4.8.0-1"));
        malformed(
            V3_1_1,
            &[first, 3, 0, 1, 0],
            ("trailing-bytes", 4, "MQTT-4.8.0-1"),
        );
        malformed(
            V5,
            &[first, 5, 0, 1, 0, 0, 0],
            ("trailing-bytes", 6, "MQTT-4.13.1-1"),
        );
        malformed(
            V5,
            &[first, 4, 0, 1, 0, 1],
            ("truncated", 6, "MQTT-4.13.1-1"),
        );
    }
}
