//! The Fixed Header (section 2.1 of 5.0, 2.2 of 3.1.1): type and flags, and the Remaining Length.

use crate::error::Fault;
use crate::read::Reader;
use crate::varint::{self, VarInt};
use crate::{DecodeErrorKind, PacketType, ProtocolVersion, QoS};

/// DUP in the first byte of a PUBLISH.
pub(crate) const DUP: u8 = 0b1000;
/// RETAIN in the first byte of a PUBLISH.
pub(crate) const RETAIN: u8 = 0b0001;

/// Checks that a packet may begin with `first`. `version` is `None` as long as no CONNECT told it;
/// then what any version allows will do.
#[inline]
pub(crate) fn check_first(first: u8, version: Option<ProtocolVersion>) -> Result<(), Fault> {
    let allowed = ALLOWED_IN[usize::from(first)] & versions(version) != 0;
    if allowed {
        Ok(())
    } else {
        Err(wrong_first(first))
    }
}

/// In which versions a packet may begin with a byte, for each byte: a set of [`versions`].
static ALLOWED_IN: [u8; 256] = {
    let mut table = [0; 256];
    let mut first = 0_u8;
    loop {
        if what_is_wrong(first).is_none() {
            let is_auth = first >> 4 == PacketType::Auth.as_u8();
            table[first as usize] = if is_auth {
                IN_5
            } else {
                IN_3_1 | IN_3_1_1 | IN_5
            };
        } else if is_repeated_request(first) {
            table[first as usize] = IN_3_1;
        }
        let Some(next) = first.checked_add(1) else {
            break table;
        };
        first = next;
    }
};

const IN_3_1: u8 = 1;
const IN_3_1_1: u8 = 2;
const IN_5: u8 = 4;

/// Whether it is a PUBREL, SUBSCRIBE or UNSUBSCRIBE with DUP: a client of 3.1 may send one again on the
/// same connection, and says so.
const fn is_repeated_request(first: u8) -> bool {
    matches!(first, 0x6A | 0x8A | 0xAA)
}

/// The versions that `version` may be, as a set.
#[inline]
const fn versions(version: Option<ProtocolVersion>) -> u8 {
    match version {
        Some(ProtocolVersion::V3_1) => IN_3_1,
        Some(ProtocolVersion::V3_1_1) => IN_3_1_1,
        Some(ProtocolVersion::V5) => IN_5,
        // A 3.1 client is known by its CONNECT.
        None => IN_3_1_1 | IN_5,
    }
}

/// What is wrong with a packet that begins with `first`, in any version.
const fn what_is_wrong(first: u8) -> Option<DecodeErrorKind> {
    let flags = first & 0x0F;
    match PacketType::from_bits(first >> 4) {
        None => Some(DecodeErrorKind::ReservedPacketType),
        Some(PacketType::Publish) => match QoS::from_bits(flags >> 1 & 3) {
            None => Some(DecodeErrorKind::PublishQos),
            Some(QoS::AtMostOnce) if flags & DUP != 0 => Some(DecodeErrorKind::DupOnQosZero),
            Some(_) => None,
        },
        Some(packet) if flags != packet.reserved_flags() => Some(DecodeErrorKind::ReservedFlags),
        Some(_) => None,
    }
}

#[cold]
#[inline(never)]
fn wrong_first(first: u8) -> Fault {
    // If nothing is, the version has no such packet.
    let kind = what_is_wrong(first).unwrap_or(DecodeErrorKind::ReservedPacketType);
    Fault::new(kind, 0)
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

/// The first byte of `bytes`, which are to be one whole packet, and a cursor over what follows the
/// fixed header.
#[inline(always)]
pub(crate) fn read_whole(
    bytes: &[u8],
    version: Option<ProtocolVersion>,
) -> Result<(u8, Reader<'_>), Fault> {
    // Nearly all lengths take one or two bytes.
    let (first, start) = match *bytes {
        [first, a @ 0..=0x7F, ref rest @ ..] if rest.len() == usize::from(a) => (first, 2),
        [first, a @ 0x80..=0xFF, b @ 1..=0x7F, ref rest @ ..]
            if rest.len() == usize::from(a & 0x7F) | usize::from(b) << 7 =>
        {
            (first, 3)
        }
        _ => {
            let start = start_of_whole(bytes, version)?;
            (bytes[0], start)
        }
    };
    check_first(first, version)?;
    Ok((first, Reader::new(&bytes[start..], start)))
}

/// The offset of what follows the fixed header of `bytes`, which are to be one whole packet and of
/// which the first byte is checked before anything else.
#[cold]
#[inline(never)]
fn start_of_whole(bytes: &[u8], version: Option<ProtocolVersion>) -> Result<usize, Fault> {
    let Some(&first) = bytes.first() else {
        return Err(Fault::new(DecodeErrorKind::Truncated, 0));
    };
    check_first(first, version)?;
    let Some(VarInt { value, len }) = remaining_length(bytes, version)? else {
        return Err(Fault::new(DecodeErrorKind::Truncated, bytes.len()));
    };
    let start = 1 + len;
    let end = start + value as usize;
    if bytes.len() < end {
        Err(Fault::new(DecodeErrorKind::Truncated, bytes.len()))
    } else if bytes.len() > end {
        Err(Fault::new(DecodeErrorKind::TrailingBytes, end))
    } else {
        Ok(start)
    }
}
