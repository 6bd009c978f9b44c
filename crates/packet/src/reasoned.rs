//! What DISCONNECT and AUTH are in 5.0, and acknowledgements after their Packet Identifier: a Reason
//! Code and properties, which may both be left out (sections 3.4.2, 3.14.2 and 3.15.2).

use alloc::vec::Vec;

use crate::error::Fault;
use crate::read::Reader;
use crate::{
    Carrier, DecodeErrorKind, EncodeError, PacketType, Properties, ReasonCode, property, write,
};

/// Reads Reason Code and properties.
pub(crate) fn read<'a>(
    from: &mut Reader<'a>,
    packet: PacketType,
) -> Result<(ReasonCode, Properties<'a>), Fault> {
    if from.is_empty() {
        return Ok((ReasonCode::Success, Properties::EMPTY));
    }
    let at = from.at();
    let reason = ReasonCode::from_u8(from.u8()?)
        .filter(|reason| reason.is_allowed_in(packet))
        .ok_or_else(|| Fault::new(DecodeErrorKind::ReasonCode, at))?;
    let properties = if from.is_empty() {
        Properties::EMPTY
    } else {
        property::read(from, Carrier::Packet(packet))?
    };
    Ok((reason, properties))
}

/// Appends a packet of this format, as short as can be.
pub(crate) fn encode(
    packet: PacketType,
    reason: ReasonCode,
    properties: Properties<'_>,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let remaining = remaining(reason, properties)?;
    write::header(packet.as_u8() << 4, remaining, out)?;
    if remaining > 0 {
        out.push(reason.as_u8());
    }
    if remaining > 1 {
        write::counted(properties.as_bytes(), out);
    }
    Ok(())
}

/// The Remaining Length of a packet of this format.
pub(crate) fn remaining(
    reason: ReasonCode,
    properties: Properties<'_>,
) -> Result<usize, EncodeError> {
    Ok(if !properties.is_empty() {
        1 + write::counted_len(properties.as_bytes())?
    } else if reason != ReasonCode::Success {
        1
    } else {
        0
    })
}
