//! UNSUBSCRIBE and UNSUBACK: sections 3.10 and 3.11.

use super::*;

/// 3.1.1: [MQTT-3.10.3-1]
/// 5.0: [MQTT-3.10.3-1]
#[test]
fn filters_one_after_the_other() {
    let bytes = packet(0xA2, &[b"\0\x01\0\x01a\0\x03b/#"]);
    let Packet::Unsubscribe(unsubscribe) = accepts(V3_1_1, &bytes) else {
        panic!("it is an UNSUBSCRIBE");
    };
    assert_eq!(unsubscribe.filters.iter().collect::<Vec<_>>(), ["a", "b/#"]);
    malformed(
        V3_1_1,
        b"\xA2\x05\0\x01\0\x01\xFF",
        ("invalid-utf-8", 6, "MQTT-1.5.3-1"),
    );
    malformed(
        V5,
        b"\xA2\x06\0\x01\0\0\x01\xFF",
        ("invalid-utf-8", 7, "MQTT-1.5.4-1"),
    );
    malformed(
        V5,
        b"\xA2\x07\0\x01\0\0\x02a#",
        ("hash-not-alone", 8, "MQTT-4.7.1-1"),
    );
}

/// 3.1.1: [MQTT-3.10.3-2]
/// 5.0: [MQTT-3.10.3-2]
#[test]
fn there_is_a_filter() {
    protocol_error(
        V3_1_1,
        &[0xA2, 2, 0, 1],
        ("empty-payload", 4, "MQTT-3.10.3-2"),
    );
    protocol_error(
        V5,
        &[0xA2, 3, 0, 1, 0],
        ("empty-payload", 5, "MQTT-3.10.3-2"),
    );
}

/// 5.0: [MQTT-3.11.3-2]
#[test]
fn unsuback_codes() {
    accepts(V3_1_1, &[0xB0, 2, 0, 1]);
    malformed(
        V3_1_1,
        &[0xB0, 3, 0, 1, 0],
        ("trailing-bytes", 4, "MQTT-4.8.0-1"),
    );
    for code in 0..=u8::MAX {
        let bytes = [0xB0, 4, 0, 1, 0, code];
        if [0, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91].contains(&code) {
            accepts(V5, &bytes);
        } else {
            protocol_error(V5, &bytes, ("reason-code", 5, "MQTT-3.11.3-2"));
        }
    }
    protocol_error(
        V5,
        &[0xB0, 3, 0, 1, 0],
        ("empty-payload", 5, "MQTT-3.11.3-2"),
    );
}
