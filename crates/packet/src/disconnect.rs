//! DISCONNECT (section 3.14).

use alloc::vec::Vec;

use crate::error::Fault;
use crate::read::Reader;
use crate::{EncodeError, PacketType, Properties, ProtocolVersion, ReasonCode, reasoned, write};

/// DISCONNECT: the sender is about to close the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnect<'a> {
    /// Why; Success (normal disconnection) before 5.0.
    pub reason: ReasonCode,
    /// Properties; none before 5.0.
    pub properties: Properties<'a>,
}

impl<'a> Disconnect<'a> {
    pub(crate) fn read(from: &mut Reader<'a>, version: ProtocolVersion) -> Result<Self, Fault> {
        let (reason, properties) = if version.has_properties() {
            reasoned::read(from, PacketType::Disconnect)?
        } else {
            (ReasonCode::Success, Properties::EMPTY)
        };
        from.finish()?;
        Ok(Self { reason, properties })
    }

    /// Appends the packet to `out`, as short as can be; before 5.0 without reason and properties.
    ///
    /// # Errors
    /// When the packet is too long; then `out` is as it was.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if version.has_properties() {
            reasoned::encode(PacketType::Disconnect, self.reason, self.properties, out)
        } else {
            write::header(PacketType::Disconnect.as_u8() << 4, 0, out)
        }
    }

    /// How many bytes [`Self::encode`] would append.
    ///
    /// # Errors
    /// When the packet is too long.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        if version.has_properties() {
            write::packet_len(reasoned::remaining(self.reason, self.properties)?)
        } else {
            Ok(2)
        }
    }
}
