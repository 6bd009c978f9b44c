//! Reason Codes: section 2.4 of 5.0, and the return codes of 3.1.1.

use super::*;
use vitrine_packet::{ConnectReturnCode, PacketType};

#[test]
fn all_43_codes() {
    assert_eq!(ReasonCode::ALL.len(), 43);
    for code in 0..=u8::MAX {
        let known = matches!(code, 0..=2 | 4 | 0x10 | 0x11 | 0x18 | 0x19 | 0x80..=0xA2);
        assert_eq!(ReasonCode::try_from(code).is_ok(), known, "{code:#04X}");
        if let Some(reason) = ReasonCode::from_u8(code) {
            assert_eq!((reason.as_u8(), reason.is_error()), (code, code >= 0x80));
            assert!(!reason.name().is_empty());
        }
    }
}

#[test]
fn success_has_other_names_in_some_packets() {
    let name = |packet| ReasonCode::Success.name_in(packet);
    assert_eq!(name(PacketType::PubAck), "Success");
    assert_eq!(name(PacketType::SubAck), "Granted QoS 0");
    assert_eq!(name(PacketType::Disconnect), "Normal disconnection");
}

/// 3.1.1: [MQTT-3.2.2-6]
#[test]
fn some_reasons_have_no_return_code() {
    let code = |reason| ConnectReturnCode::from_reason(reason).map(ConnectReturnCode::as_u8);
    assert_eq!(code(ReasonCode::Success), Some(0));
    assert_eq!(code(ReasonCode::UnsupportedProtocolVersion), Some(1));
    assert_eq!(code(ReasonCode::ClientIdentifierNotValid), Some(2));
    assert_eq!(code(ReasonCode::ServerBusy), Some(3));
    assert_eq!(code(ReasonCode::BadUserNameOrPassword), Some(4));
    assert_eq!(code(ReasonCode::Banned), Some(5));
    assert_eq!(code(ReasonCode::MalformedPacket), None);
}
