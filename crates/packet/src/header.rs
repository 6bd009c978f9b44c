//! The Fixed Header (section 2.1 of 5.0, 2.2 of 3.1.1): type and flags, and the Remaining Length.

use crate::error::Fault;
use crate::read::Reader;
use crate::varint::{self, VarInt};
use crate::{DecodeErrorKind, PacketType, ProtocolVersion, QoS};

/// DUP in the first byte of a PUBLISH.
pub(crate) const DUP: u8 = 0b1000;
/// RETAIN in the first byte of a PUBLISH.
pub(crate) const RETAIN: u8 = 0b0001;

/// The type of a packet with the first byte `first`, once its flags are right for the type.
///
/// `version` is `None` as long as no CONNECT told it.
#[inline]
pub(crate) fn check_first(
    first: u8,
    version: Option<ProtocolVersion>,
) -> Result<PacketType, Fault> {
    let flags = first & 0x0F;
    let fault = |kind| Err(Fault::new(kind, 0));
    let Some(packet) = PacketType::from_bits(first >> 4) else {
        return fault(DecodeErrorKind::ReservedPacketType);
    };
    if packet == PacketType::Publish {
        match QoS::from_bits(flags >> 1 & 3) {
            None => return fault(DecodeErrorKind::PublishQos),
            Some(QoS::AtMostOnce) if flags & DUP != 0 => {
                return fault(DecodeErrorKind::DupOnQosZero);
            }
            Some(_) => {}
        }
    } else if flags != packet.reserved_flags() {
        return fault(DecodeErrorKind::ReservedFlags);
    }
    if packet == PacketType::Auth && version.is_some_and(|version| !version.has_properties()) {
        return fault(DecodeErrorKind::ReservedPacketType);
    }
    Ok(packet)
}

/// The Remaining Length after the first byte of `bytes`; `Ok(None)` when it is not all there.
#[inline]
pub(crate) fn remaining_length(
    bytes: &[u8],
    version: Option<ProtocolVersion>,
) -> Result<Option<VarInt>, Fault> {
    let var = varint::read(bytes.get(1..).unwrap_or_default(), 1)?;
    match (var, version) {
        // 3.1.1 lets a length be written longer than it needs.
        (Some(var), Some(ProtocolVersion::V5)) if var.is_overlong() => {
            Err(Fault::new(DecodeErrorKind::OverlongVariableByteInteger, 1))
        }
        _ => Ok(var),
    }
}

/// A cursor over what follows the fixed header of `bytes`, which are to be one whole packet.
#[inline]
pub(crate) fn rest_of_whole(
    bytes: &[u8],
    version: Option<ProtocolVersion>,
) -> Result<Reader<'_>, Fault> {
    let start = match remaining_length(bytes, version)? {
        Some(length) if bytes.len() == 1 + length.len + length.value as usize => 1 + length.len,
        length => return Err(not_whole(bytes, length)),
    };
    Ok(Reader::new(&bytes[start..], start))
}

/// `bytes` are not one whole packet.
#[cold]
fn not_whole(bytes: &[u8], length: Option<VarInt>) -> Fault {
    match length {
        Some(VarInt { value, len }) if 1 + len + (value as usize) < bytes.len() => {
            Fault::new(DecodeErrorKind::TrailingBytes, 1 + len + value as usize)
        }
        _ => Fault::new(DecodeErrorKind::Truncated, bytes.len()),
    }
}
