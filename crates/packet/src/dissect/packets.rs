//! The fields of a packet, whichever it is.

use super::FieldValue;
use super::names::{flag, number, packet_type, qos, reason};
use super::properties::properties;
use super::walker::Walker;
use super::{connect, list};
use crate::PacketType;

/// All fields of a packet.
pub(super) fn packet(walker: &mut Walker<'_>) -> Option<()> {
    let first = walker.peek()?;
    let mut remaining = 0;
    walker.group("Fixed Header", |walker| {
        remaining = fixed_header(walker, first)?;
        Some(())
    })?;
    walker.limit(remaining as usize);
    let packet = PacketType::from_bits(first >> 4)?;
    match packet {
        PacketType::Connect => connect::connect(walker),
        PacketType::ConnAck => connect::connack(walker),
        PacketType::Publish => publish(walker, first),
        PacketType::PubAck => ack(walker, packet, "PUBACK Reason Code"),
        PacketType::PubRec => ack(walker, packet, "PUBREC Reason Code"),
        PacketType::PubRel => ack(walker, packet, "PUBREL Reason Code"),
        PacketType::PubComp => ack(walker, packet, "PUBCOMP Reason Code"),
        PacketType::Subscribe => list::subscribe(walker),
        PacketType::SubAck => list::suback(walker),
        PacketType::Unsubscribe => list::unsubscribe(walker),
        PacketType::UnsubAck => list::unsuback(walker),
        PacketType::PingReq | PacketType::PingResp => Some(()),
        PacketType::Disconnect => reasoned(walker, packet, "Disconnect Reason Code"),
        PacketType::Auth => reasoned(walker, packet, "Authenticate Reason Code"),
    }
}

/// The first byte and the Remaining Length, which is returned.
fn fixed_header(walker: &mut Walker<'_>, first: u8) -> Option<u32> {
    let kind = (
        "Control Packet type",
        7,
        4,
        packet_type(first, walker.version),
    );
    if first >> 4 == PacketType::Publish.as_u8() {
        walker.bits([
            kind,
            ("DUP", 3, 3, flag(first, 3)),
            ("QoS", 2, 1, qos(first, 2, 1)),
            ("RETAIN", 0, 0, flag(first, 0)),
        ]);
    } else {
        walker.bits([kind, ("Reserved", 3, 0, number(first, 3, 0))]);
    }
    walker.variable("Remaining Length", |len| FieldValue::Number(len.into()))
}

fn publish(walker: &mut Walker<'_>, first: u8) -> Option<()> {
    walker.group("Variable Header", |walker| {
        walker.text("Topic Name")?;
        match first >> 1 & 3 {
            0 => {}
            1 | 2 => {
                walker.two_bytes("Packet Identifier")?;
            }
            // There is no telling what would follow.
            _ => return None,
        }
        if walker.version.has_properties() {
            properties(walker, "Properties")?;
        }
        Some(())
    })?;
    if !walker.is_empty() {
        walker.group("Payload", |walker| {
            walker.rest_as("Application Message");
            Some(())
        })?;
    }
    Some(())
}

/// PUBACK and the like.
fn ack(walker: &mut Walker<'_>, packet: PacketType, code: &'static str) -> Option<()> {
    walker.group("Variable Header", |walker| {
        walker.two_bytes("Packet Identifier")?;
        reason_and_properties(walker, packet, code)
    })
}

/// DISCONNECT and AUTH.
fn reasoned(walker: &mut Walker<'_>, packet: PacketType, code: &'static str) -> Option<()> {
    walker.group("Variable Header", |walker| {
        reason_and_properties(walker, packet, code)
    })
}

/// A Reason Code and properties, which 5.0 lets be left out and 3.x does not have.
fn reason_and_properties(
    walker: &mut Walker<'_>,
    packet: PacketType,
    code: &'static str,
) -> Option<()> {
    if walker.is_empty() || !walker.version.has_properties() {
        return Some(());
    }
    walker.byte(code, |byte| reason(byte, packet))?;
    if !walker.is_empty() {
        properties(walker, "Properties")?;
    }
    Some(())
}
