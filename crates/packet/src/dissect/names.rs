//! What numbers in packets are called.

use super::FieldValue;
use crate::{ConnectReturnCode, PacketType, ProtocolVersion, ReasonCode};

/// A number with its name, or without when it has none.
fn named<'a>(value: u8, name: Option<&'static str>) -> FieldValue<'a> {
    match name {
        Some(name) => FieldValue::Named {
            value: value.into(),
            name,
        },
        None => FieldValue::Number(value.into()),
    }
}

/// Bit `bit` of `byte`.
pub(super) const fn flag<'a>(byte: u8, bit: u8) -> FieldValue<'a> {
    FieldValue::Flag(byte >> bit & 1 == 1)
}

/// Bits `high` to `low` of `byte`.
pub(super) fn number<'a>(byte: u8, high: u8, low: u8) -> FieldValue<'a> {
    FieldValue::Number(part(byte, high, low).into())
}

/// Bits `high` to `low` of `byte`, a QoS.
pub(super) fn qos<'a>(byte: u8, high: u8, low: u8) -> FieldValue<'a> {
    let qos = part(byte, high, low);
    named(
        qos,
        Some(match qos {
            0 => "At most once delivery",
            1 => "At least once delivery",
            2 => "Exactly once delivery",
            _ => "Reserved",
        }),
    )
}

/// Bits `high` to `low` of `byte`.
const fn part(byte: u8, high: u8, low: u8) -> u8 {
    (byte >> low) & (0xFF >> (7 - (high - low)))
}

/// The packet type in the high half of `byte`.
pub(super) fn packet_type<'a>(byte: u8, version: ProtocolVersion) -> FieldValue<'a> {
    let packet = PacketType::from_bits(byte >> 4)
        .filter(|&packet| packet != PacketType::Auth || version.has_properties());
    named(byte >> 4, Some(packet.map_or("Reserved", PacketType::name)))
}

/// The protocol level.
pub(super) fn level<'a>(byte: u8) -> FieldValue<'a> {
    named(
        byte,
        ProtocolVersion::from_level(byte).map(ProtocolVersion::name),
    )
}

/// A Reason Code in `packet`.
pub(super) fn reason<'a>(byte: u8, packet: PacketType) -> FieldValue<'a> {
    named(
        byte,
        ReasonCode::from_u8(byte).map(|reason| reason.name_in(packet)),
    )
}

/// A return code of CONNACK in 3.x.
pub(super) fn return_code<'a>(byte: u8) -> FieldValue<'a> {
    named(
        byte,
        ConnectReturnCode::from_u8(byte).map(ConnectReturnCode::name),
    )
}

/// A return code of SUBACK in 3.x.
pub(super) fn granted<'a>(byte: u8) -> FieldValue<'a> {
    named(
        byte,
        match byte {
            0 => Some("Success - Maximum QoS 0"),
            1 => Some("Success - Maximum QoS 1"),
            2 => Some("Success - Maximum QoS 2"),
            0x80 => Some("Failure"),
            _ => None,
        },
    )
}

/// The Retain Handling in bits 5 and 4 of the Subscription Options.
pub(super) fn retain_handling<'a>(byte: u8) -> FieldValue<'a> {
    let handling = part(byte, 5, 4);
    named(
        handling,
        Some(match handling {
            0 => "Send retained messages at the time of the subscribe",
            1 => "Send retained messages only if the subscription is new",
            2 => "Do not send retained messages at the time of the subscribe",
            _ => "Reserved",
        }),
    )
}
