//! The fields of CONNECT and CONNACK.

use super::names::{flag, level, number, qos, reason, return_code};
use super::properties::properties;
use super::walker::Walker;
use crate::connect::flag as connect_flag;
use crate::{PacketType, ProtocolVersion};

pub(super) fn connect(walker: &mut Walker<'_>) -> Option<()> {
    let mut flags = 0;
    walker.group("Variable Header", |walker| {
        walker.text("Protocol Name")?;
        // From here on the packet is of the version that it states.
        let level = walker.byte(level_name(walker.peek()), level)?;
        walker.version = ProtocolVersion::from_level(level)?;
        let clean = if walker.version.has_properties() {
            "Clean Start"
        } else {
            "Clean Session"
        };
        flags = walker.divided_byte("Connect Flags", |byte| {
            [
                ("User Name Flag", 7, 7, flag(byte, 7)),
                ("Password Flag", 6, 6, flag(byte, 6)),
                ("Will Retain", 5, 5, flag(byte, 5)),
                ("Will QoS", 4, 3, qos(byte, 4, 3)),
                ("Will Flag", 2, 2, flag(byte, 2)),
                (clean, 1, 1, flag(byte, 1)),
                ("Reserved", 0, 0, number(byte, 0, 0)),
            ]
        })?;
        walker.two_bytes("Keep Alive")?;
        if walker.version.has_properties() {
            properties(walker, "Properties")?;
        }
        Some(())
    })?;
    walker.group("Payload", |walker| payload(walker, flags))
}

/// What the standard calls the protocol's number: "Level" before 5.0.
fn level_name(level: Option<u8>) -> &'static str {
    if level == Some(ProtocolVersion::V5.level()) {
        "Protocol Version"
    } else {
        "Protocol Level"
    }
}

fn payload(walker: &mut Walker<'_>, flags: u8) -> Option<()> {
    let v5 = walker.version.has_properties();
    walker.text("Client Identifier")?;
    if flags & connect_flag::WILL != 0 {
        if v5 {
            properties(walker, "Will Properties")?;
        }
        walker.text("Will Topic")?;
        walker.binary(if v5 { "Will Payload" } else { "Will Message" })?;
    }
    // 3.1 lets both be announced and left out.
    let optional = walker.version == ProtocolVersion::V3_1;
    if flags & connect_flag::USER_NAME != 0 && !(optional && walker.is_empty()) {
        walker.text("User Name")?;
    }
    if flags & connect_flag::PASSWORD != 0 && !(optional && walker.is_empty()) {
        walker.binary("Password")?;
    }
    Some(())
}

pub(super) fn connack(walker: &mut Walker<'_>) -> Option<()> {
    walker.group("Variable Header", |walker| {
        walker.divided_byte("Connect Acknowledge Flags", |byte| {
            [
                ("Reserved", 7, 1, number(byte, 7, 1)),
                ("Session Present", 0, 0, flag(byte, 0)),
            ]
        })?;
        if walker.version.has_properties() {
            walker.byte("Connect Reason Code", |byte| {
                reason(byte, PacketType::ConnAck)
            })?;
            properties(walker, "Properties")
        } else {
            walker.byte("Connect Return code", return_code)?;
            Some(())
        }
    })
}
