//! UNSUBSCRIBE (section 3.10).

use alloc::vec::Vec;

use crate::error::Fault;
use crate::read::Reader;
use crate::{
    Carrier, EncodeError, PacketId, PacketType, Properties, ProtocolVersion, Topics, property,
    write,
};

/// UNSUBSCRIBE: a client wants certain messages no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsubscribe<'a> {
    /// The Packet Identifier.
    pub packet_id: PacketId,
    /// Properties; none before 5.0.
    pub properties: Properties<'a>,
    /// The filters of the subscriptions to end; at least one.
    pub filters: Topics<'a>,
}

impl<'a> Unsubscribe<'a> {
    pub(crate) fn read(from: &mut Reader<'a>, version: ProtocolVersion) -> Result<Self, Fault> {
        let packet_id = from.packet_id()?;
        let properties =
            property::read_in(version, from, Carrier::Packet(PacketType::Unsubscribe))?;
        Ok(Self {
            packet_id,
            properties,
            filters: Topics::read(from, version)?,
        })
    }

    /// Appends the packet to `out`, before 5.0 without properties.
    ///
    /// # Errors
    /// When the packet is too long; then `out` is as it was.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let packet = PacketType::Unsubscribe;
        let first = packet.as_u8() << 4 | packet.reserved_flags();
        write::header(first, self.remaining(version)?, out)?;
        out.extend_from_slice(&self.packet_id.get().to_be_bytes());
        if version.has_properties() {
            write::counted(self.properties.as_bytes(), out);
        }
        out.extend_from_slice(self.filters.as_bytes());
        Ok(())
    }

    /// How many bytes [`Self::encode`] would append.
    ///
    /// # Errors
    /// When the packet is too long.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        write::packet_len(self.remaining(version)?)
    }

    fn remaining(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        let mut len = 2 + self.filters.as_bytes().len();
        if version.has_properties() {
            len += write::counted_len(self.properties.as_bytes())?;
        }
        Ok(len)
    }
}
