//! One PUBLISH for many receivers: written once, then copied with what differs.

use alloc::vec::Vec;

use crate::header::DUP;
use crate::{EncodeError, PacketId, ProtocolVersion, Publish};

/// A PUBLISH as bytes, with the places of what differs from receiver to receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedPublish {
    bytes: Vec<u8>,
    packet_id_at: Option<usize>,
}

impl EncodedPublish {
    /// Writes `publish`. With QoS 1 and 2 the Packet Identifier may be left out, to be given to
    /// each copy.
    ///
    /// # Errors
    /// When a field or the packet is too long.
    pub fn new(publish: &Publish<'_>, version: ProtocolVersion) -> Result<Self, EncodeError> {
        let mut bytes = Vec::new();
        let at = publish.write(version, &mut bytes)?;
        Ok(Self {
            bytes,
            packet_id_at: publish.qos.is_acknowledged().then_some(at),
        })
    }

    /// The packet. Its Packet Identifier is 0, and it must not be sent so, when none was given.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The offset of the Packet Identifier's two bytes; `None` with QoS 0.
    #[inline]
    pub const fn packet_id_at(&self) -> Option<usize> {
        self.packet_id_at
    }

    /// The packet's size in bytes.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "no packet is empty")]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Sets or clears DUP. With QoS 0 DUP stays 0 [MQTT-3.3.1-2].
    pub fn set_dup(&mut self, dup: bool) {
        if self.packet_id_at.is_some() {
            self.bytes[0] = with_dup(self.bytes[0], dup);
        }
    }

    /// Sets the Packet Identifier; with QoS 0 there is none.
    pub fn set_packet_id(&mut self, id: PacketId) {
        if let Some(at) = self.packet_id_at {
            self.bytes[at..at + 2].copy_from_slice(&id.get().to_be_bytes());
        }
    }

    /// Appends a copy to `out` with this Packet Identifier and DUP, which mean nothing with QoS 0.
    #[inline]
    pub fn copy_to(&self, id: Option<PacketId>, dup: bool, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.bytes);
        if let (Some(at), Some(id)) = (self.packet_id_at, id) {
            let copy = &mut out[start..];
            copy[0] = with_dup(copy[0], dup);
            copy[at..at + 2].copy_from_slice(&id.get().to_be_bytes());
        }
    }
}

/// `first` with DUP set or cleared.
#[inline]
const fn with_dup(first: u8, dup: bool) -> u8 {
    if dup { first | DUP } else { first & !DUP }
}
