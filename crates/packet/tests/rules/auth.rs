//! AUTH: section 3.15 of 5.0.

use super::*;

/// 5.0: [MQTT-3.15.2-1]
#[test]
fn reason_codes_are_those_of_the_table() {
    for code in 0..=u8::MAX {
        let bytes = packet(0xF0, &[&[code], b"\x05\x15\0\x02ab"]);
        if [0, 0x18, 0x19].contains(&code) {
            accepts(V5, &bytes);
        } else {
            protocol_error(V5, &bytes, ("reason-code", 2, "MQTT-3.15.2-1"));
        }
    }
}

/// It names the method; section 3.15.2.1 lets Success come without anything.
///
/// 5.0: [MQTT-4.12.0-5]
#[test]
fn the_method_is_there() {
    let kind = "missing-authentication-method";
    for bytes in [
        &b"\xF0\x01\x18"[..],
        b"\xF0\x02\x19\0",
        b"\xF0\x06\0\x04\x1F\0\x01a",
    ] {
        protocol_error(V5, bytes, (kind, 2, "MQTT-4.12.0-5"));
    }
    for bytes in [&b"\xF0\x00"[..], b"\xF0\x01\0", b"\xF0\x02\0\0"] {
        accepts(V5, bytes);
    }
    let data = b"\xF0\x06\x18\x04\x16\0\x01x";
    protocol_error(
        V5,
        data,
        ("authentication-data-without-method", 4, "MQTT-4.13.1-1"),
    );
}
