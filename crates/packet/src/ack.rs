//! PUBACK, PUBREC, PUBREL and PUBCOMP (sections 3.4 to 3.7): one format for the four.

use alloc::vec::Vec;

use crate::error::Fault;
use crate::read::Reader;
use crate::{
    DecodeErrorKind, EncodeError, PacketId, PacketType, Properties, ProtocolVersion, ReasonCode,
    reasoned, write,
};

/// PUBACK, PUBREC, PUBREL or PUBCOMP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack<'a> {
    /// The Packet Identifier of the PUBLISH.
    pub packet_id: PacketId,
    /// The Reason Code; Success before 5.0.
    pub reason: ReasonCode,
    /// Properties; none before 5.0.
    pub properties: Properties<'a>,
}

impl<'a> Ack<'a> {
    /// The plain answer: Success and no properties.
    #[inline]
    pub const fn success(packet_id: PacketId) -> Self {
        Self {
            packet_id,
            reason: ReasonCode::Success,
            properties: Properties::EMPTY,
        }
    }

    #[inline]
    pub(crate) fn read(
        packet: PacketType,
        from: &mut Reader<'a>,
        version: ProtocolVersion,
    ) -> Result<Self, Fault> {
        let packet_id = from.packet_id()?;
        // Success and no properties may be left out.
        if from.is_empty() {
            return Ok(Self::success(packet_id));
        }
        if !version.has_properties() {
            return Err(Fault::new(DecodeErrorKind::TrailingBytes, from.at()));
        }
        let (reason, properties) = reasoned::read(from, packet)?;
        from.finish()?;
        Ok(Self {
            packet_id,
            reason,
            properties,
        })
    }

    /// Appends it as a packet of type `packet`, one of the four, to `out`, as short as can be. Before
    /// 5.0 only the Packet Identifier is written.
    ///
    /// # Errors
    /// When the packet is too long; then `out` is as it was.
    #[inline]
    pub fn encode(
        &self,
        packet: PacketType,
        version: ProtocolVersion,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let bare = !version.has_properties()
            || self.reason == ReasonCode::Success && self.properties.is_empty();
        if bare {
            encode_ack(packet, self.packet_id, out);
            return Ok(());
        }
        self.encode_reasoned(packet, out)
    }

    /// [`Self::encode`] for 5.0, with what may be left out.
    #[inline(never)]
    fn encode_reasoned(&self, packet: PacketType, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let remaining = self.remaining(ProtocolVersion::V5)?;
        write::header(
            packet.as_u8() << 4 | packet.reserved_flags(),
            remaining,
            out,
        )?;
        out.extend_from_slice(&self.packet_id.get().to_be_bytes());
        out.push(self.reason.as_u8());
        if remaining > 3 {
            write::counted(self.properties.as_bytes(), out);
        }
        Ok(())
    }

    /// How many bytes [`Self::encode`] would append.
    ///
    /// # Errors
    /// When the packet is too long.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        write::packet_len(self.remaining(version)?)
    }

    #[inline]
    fn remaining(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        Ok(if !version.has_properties() {
            2
        } else if !self.properties.is_empty() {
            3 + write::counted_len(self.properties.as_bytes())?
        } else if self.reason != ReasonCode::Success {
            3
        } else {
            2
        })
    }
}

/// Appends a PUBACK, PUBREC, PUBREL, PUBCOMP or (before 5.0) UNSUBACK with nothing but a Packet
/// Identifier: Success, in every version.
#[inline]
pub fn encode_ack(packet: PacketType, id: PacketId, out: &mut Vec<u8>) {
    let [high, low] = id.get().to_be_bytes();
    out.extend_from_slice(&[packet.as_u8() << 4 | packet.reserved_flags(), 2, high, low]);
}
