//! DISCONNECT: section 3.14.

use super::*;
use vitrine_packet::Disconnect;

fn decoded(version: ProtocolVersion, bytes: &[u8]) -> Disconnect<'_> {
    match accepts(version, bytes) {
        Packet::Disconnect(disconnect) => disconnect,
        other => panic!("{other:?}"),
    }
}

#[test]
fn reason_and_properties_may_be_left_out() {
    for bytes in [&[0xE0, 0][..], &[0xE0, 1, 0], &[0xE0, 2, 0, 0]] {
        let disconnect = decoded(V5, bytes);
        assert_eq!(disconnect.reason, ReasonCode::Success);
        assert!(disconnect.properties.is_empty());
    }
    let disconnect = decoded(V5, b"\xE0\x07\x04\x05\x11\0\0\0\x1E");
    assert_eq!(disconnect.reason, ReasonCode::DisconnectWithWillMessage);
    assert_eq!(disconnect.properties.session_expiry_interval(), Some(30));
    decoded(V3_1_1, &[0xE0, 0]);
    malformed(V3_1_1, &[0xE0, 1, 0], ("trailing-bytes", 2, "MQTT-4.8.0-1"));
}

/// 5.0: [MQTT-3.14.2-1]
#[test]
fn reason_codes_are_those_of_the_table() {
    for code in 0..=u8::MAX {
        let allowed = matches!(
            code,
            0 | 4 | 0x80..=0x83 | 0x87 | 0x89 | 0x8B..=0x90 | 0x93..=0xA2
        );
        let bytes = [0xE0, 1, code];
        if allowed {
            assert_eq!(decoded(V5, &bytes).reason.as_u8(), code);
        } else {
            protocol_error(V5, &bytes, ("reason-code", 2, "MQTT-3.14.2-1"));
        }
    }
}
