//! The fields of SUBSCRIBE, UNSUBSCRIBE and their answers.

use super::names::{flag, granted, number, qos, reason, retain_handling};
use super::properties::properties;
use super::walker::Walker;
use crate::PacketType;

pub(super) fn subscribe(walker: &mut Walker<'_>) -> Option<()> {
    head(walker)?;
    walker.group("Payload", |walker| {
        while !walker.is_empty() {
            walker.text("Topic Filter")?;
            if walker.version.has_properties() {
                walker.divided_byte("Subscription Options", |byte| {
                    [
                        ("Reserved", 7, 6, number(byte, 7, 6)),
                        ("Retain Handling", 5, 4, retain_handling(byte)),
                        ("Retain As Published", 3, 3, flag(byte, 3)),
                        ("No Local", 2, 2, flag(byte, 2)),
                        ("Maximum QoS", 1, 0, qos(byte, 1, 0)),
                    ]
                })?;
            } else {
                walker.divided_byte("Requested QoS", |byte| {
                    [
                        ("Reserved", 7, 2, number(byte, 7, 2)),
                        ("QoS", 1, 0, qos(byte, 1, 0)),
                    ]
                })?;
            }
        }
        Some(())
    })
}

pub(super) fn unsubscribe(walker: &mut Walker<'_>) -> Option<()> {
    head(walker)?;
    walker.group("Payload", |walker| {
        while !walker.is_empty() {
            walker.text("Topic Filter")?;
        }
        Some(())
    })
}

pub(super) fn suback(walker: &mut Walker<'_>) -> Option<()> {
    head(walker)?;
    walker.group("Payload", |walker| {
        while !walker.is_empty() {
            if walker.version.has_properties() {
                walker.byte("Reason Code", |byte| reason(byte, PacketType::SubAck))?;
            } else {
                walker.byte("Return Code", granted)?;
            }
        }
        Some(())
    })
}

pub(super) fn unsuback(walker: &mut Walker<'_>) -> Option<()> {
    head(walker)?;
    if !walker.version.has_properties() {
        return Some(());
    }
    walker.group("Payload", |walker| {
        while !walker.is_empty() {
            walker.byte("Reason Code", |byte| reason(byte, PacketType::UnsubAck))?;
        }
        Some(())
    })
}

/// Packet Identifier and properties.
fn head(walker: &mut Walker<'_>) -> Option<()> {
    walker.group("Variable Header", |walker| {
        walker.two_bytes("Packet Identifier")?;
        if walker.version.has_properties() {
            properties(walker, "Properties")?;
        }
        Some(())
    })
}
