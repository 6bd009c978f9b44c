//! CONNACK: section 3.2.

use super::*;

/// 5.0: [MQTT-3.2.2-8]
#[test]
fn codes_are_those_of_the_version() {
    for code in 0..=u8::MAX {
        let old = [0x20, 2, 0, code];
        if code <= 5 {
            accepts(V3_1_1, &old);
        } else {
            protocol_error(V3_1_1, &old, ("reason-code", 3, "MQTT-4.8.0-1"));
        }
        let new = [0x20, 3, 0, code, 0];
        if matches!(code, 0 | 0x80..=0x8A | 0x8C | 0x90 | 0x95 | 0x97 | 0x99..=0x9D | 0x9F) {
            accepts(V5, &new);
        } else {
            protocol_error(V5, &new, ("reason-code", 3, "MQTT-3.2.2-8"));
        }
    }
}

/// 5.0: [MQTT-3.2.2-1]
#[test]
fn reserved_flags_are_0() {
    for flags in 2..=u8::MAX {
        malformed(
            V3_1_1,
            &[0x20, 2, flags, 0],
            ("reserved-connack-flags", 2, "MQTT-4.8.0-1"),
        );
        malformed(
            V5,
            &[0x20, 3, flags, 0, 0],
            ("reserved-connack-flags", 2, "MQTT-3.2.2-1"),
        );
    }
}

/// 3.1.1: [MQTT-3.2.2-4]
/// 5.0: [MQTT-3.2.2-6]
#[test]
fn a_refusal_has_no_session() {
    let kind = "session-present-on-refusal";
    protocol_error(V3_1_1, &[0x20, 2, 1, 5], (kind, 2, "MQTT-3.2.2-4"));
    protocol_error(V5, &[0x20, 3, 1, 0x87, 0], (kind, 2, "MQTT-3.2.2-6"));
    let Packet::ConnAck(connack) = accepts(V3_1_1, &[0x20, 2, 1, 0]) else {
        panic!("it is a CONNACK");
    };
    assert!(connack.session_present);
}

/// 5.0: [MQTT-2.2.2-1]
#[test]
fn no_properties_are_a_length_of_0() {
    malformed(V5, &[0x20, 2, 0, 0], ("truncated", 4, "MQTT-4.13.1-1"));
    malformed(
        V3_1_1,
        &[0x20, 3, 0, 0, 0],
        ("trailing-bytes", 4, "MQTT-4.8.0-1"),
    );
}
