//! SUBACK and UNSUBACK (sections 3.9 and 3.11).

use alloc::vec::Vec;

use crate::error::Fault;
use crate::read::Reader;
use crate::{
    Carrier, DecodeErrorKind, EncodeError, PacketId, PacketType, Properties, ProtocolVersion,
    ReasonCode, property, write,
};

/// SUBACK: the answer to SUBSCRIBE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubAck<'a> {
    /// The Packet Identifier of the SUBSCRIBE.
    pub packet_id: PacketId,
    /// Properties; none before 5.0.
    pub properties: Properties<'a>,
    /// For each filter, in their order, the granted QoS or a failure: a [`ReasonCode`] in 5.0; 0,
    /// 1, 2 or 0x80 before.
    pub codes: &'a [u8],
}

/// UNSUBACK: the answer to UNSUBSCRIBE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsubAck<'a> {
    /// The Packet Identifier of the UNSUBSCRIBE.
    pub packet_id: PacketId,
    /// Properties; none before 5.0.
    pub properties: Properties<'a>,
    /// For each filter, in their order, a [`ReasonCode`]; none before 5.0.
    pub codes: &'a [u8],
}

impl<'a> SubAck<'a> {
    pub(crate) fn read(from: &mut Reader<'a>, version: ProtocolVersion) -> Result<Self, Fault> {
        let (packet_id, properties) = read_head(from, PacketType::SubAck, version)?;
        let codes = read_codes(from, |code| {
            if version.has_properties() {
                is_reason(code, PacketType::SubAck)
            } else {
                matches!(code, 0..=2 | 0x80)
            }
        })?;
        Ok(Self {
            packet_id,
            properties,
            codes,
        })
    }

    /// Appends the packet to `out`, before 5.0 without properties.
    ///
    /// # Errors
    /// When the packet is too long; then `out` is as it was.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let properties = version.has_properties().then_some(self.properties);
        encode(
            PacketType::SubAck,
            self.packet_id,
            properties,
            self.codes,
            out,
        )
    }

    /// How many bytes [`Self::encode`] would append.
    ///
    /// # Errors
    /// When the packet is too long.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        let properties = version.has_properties().then_some(self.properties);
        write::packet_len(remaining(properties, self.codes)?)
    }
}

impl<'a> UnsubAck<'a> {
    pub(crate) fn read(from: &mut Reader<'a>, version: ProtocolVersion) -> Result<Self, Fault> {
        let (packet_id, properties) = read_head(from, PacketType::UnsubAck, version)?;
        let codes = if version.has_properties() {
            read_codes(from, |code| is_reason(code, PacketType::UnsubAck))?
        } else {
            from.finish()?;
            &[]
        };
        Ok(Self {
            packet_id,
            properties,
            codes,
        })
    }

    /// Appends the packet to `out`, before 5.0 with nothing but the Packet Identifier.
    ///
    /// # Errors
    /// When the packet is too long; then `out` is as it was.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let (properties, codes) = self.parts(version);
        encode(PacketType::UnsubAck, self.packet_id, properties, codes, out)
    }

    /// How many bytes [`Self::encode`] would append.
    ///
    /// # Errors
    /// When the packet is too long.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        let (properties, codes) = self.parts(version);
        write::packet_len(remaining(properties, codes)?)
    }

    /// What `version` has a place for.
    fn parts(&self, version: ProtocolVersion) -> (Option<Properties<'a>>, &'a [u8]) {
        if version.has_properties() {
            (Some(self.properties), self.codes)
        } else {
            (None, &[])
        }
    }
}

/// Packet Identifier and properties.
fn read_head<'a>(
    from: &mut Reader<'a>,
    packet: PacketType,
    version: ProtocolVersion,
) -> Result<(PacketId, Properties<'a>), Fault> {
    let packet_id = from.packet_id()?;
    let properties = property::read_in(version, from, Carrier::Packet(packet))?;
    Ok((packet_id, properties))
}

/// The codes, at least one, all of them valid.
fn read_codes<'a>(from: &mut Reader<'a>, is_valid: impl Fn(u8) -> bool) -> Result<&'a [u8], Fault> {
    let at = from.at();
    let codes = from.take_rest();
    if codes.is_empty() {
        return Err(Fault::new(DecodeErrorKind::EmptyPayload, at));
    }
    match codes.iter().position(|&code| !is_valid(code)) {
        None => Ok(codes),
        Some(bad) => Err(Fault::new(DecodeErrorKind::ReasonCode, at + bad)),
    }
}

/// Whether `code` is a Reason Code that `packet` may carry.
fn is_reason(code: u8, packet: PacketType) -> bool {
    ReasonCode::from_u8(code).is_some_and(|reason| reason.is_allowed_in(packet))
}

fn encode(
    packet: PacketType,
    id: PacketId,
    properties: Option<Properties<'_>>,
    codes: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    write::header(packet.as_u8() << 4, remaining(properties, codes)?, out)?;
    out.extend_from_slice(&id.get().to_be_bytes());
    if let Some(properties) = properties {
        write::counted(properties.as_bytes(), out);
    }
    out.extend_from_slice(codes);
    Ok(())
}

fn remaining(properties: Option<Properties<'_>>, codes: &[u8]) -> Result<usize, EncodeError> {
    let properties = match properties {
        Some(properties) => write::counted_len(properties.as_bytes())?,
        None => 0,
    };
    Ok(2 + properties + codes.len())
}
