//! SUBSCRIBE (section 3.8).

use alloc::vec::Vec;

use crate::error::Fault;
use crate::read::Reader;
use crate::{
    Carrier, DecodeErrorKind, EncodeError, Filters, PacketId, PacketType, Properties,
    ProtocolVersion, QoS, property, write,
};

/// SUBSCRIBE: a client asks for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscribe<'a> {
    /// The Packet Identifier.
    pub packet_id: PacketId,
    /// Properties; none before 5.0.
    pub properties: Properties<'a>,
    /// What to subscribe to; at least one filter.
    pub filters: Filters<'a>,
}

/// What a subscription asks for besides its filter (5.0 section 3.8.3.1). Before 5.0 there is only
/// the QoS, and the rest has its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SubscriptionOptions {
    /// The highest QoS to deliver with.
    pub qos: QoS,
    /// Do not send the client its own messages.
    pub no_local: bool,
    /// Keep RETAIN as it was published.
    pub retain_as_published: bool,
    /// Which Retained Messages to send on subscribing.
    pub retain_handling: RetainHandling,
}

/// Which Retained Messages are sent on subscribing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RetainHandling {
    /// All that match.
    #[default]
    Send = 0,
    /// All that match, if the subscription did not exist.
    SendIfNew = 1,
    /// None.
    DoNotSend = 2,
}

impl RetainHandling {
    /// The handling of this number; `None` above 2.
    pub const fn from_u8(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Send),
            1 => Some(Self::SendIfNew),
            2 => Some(Self::DoNotSend),
            _ => None,
        }
    }

    /// Its number.
    pub const fn as_u8(self) -> u8 {
        self as u8
    }
}

const NO_LOCAL: u8 = 0x04;
const RETAIN_AS_PUBLISHED: u8 = 0x08;

impl SubscriptionOptions {
    /// This QoS, and the defaults: all that 3.1.1 knows.
    pub const fn with_qos(qos: QoS) -> Self {
        Self {
            qos,
            no_local: false,
            retain_as_published: false,
            retain_handling: RetainHandling::Send,
        }
    }

    /// The byte that stands for it in 5.0.
    pub const fn as_u8(self) -> u8 {
        let mut byte = self.qos.as_u8() | self.retain_handling.as_u8() << 4;
        if self.no_local {
            byte |= NO_LOCAL;
        }
        if self.retain_as_published {
            byte |= RETAIN_AS_PUBLISHED;
        }
        byte
    }

    /// The options of a byte in a SUBSCRIBE of `version`.
    pub(crate) fn read(byte: u8, version: ProtocolVersion) -> Result<Self, DecodeErrorKind> {
        let reserved = if version.has_properties() { 0xC0 } else { 0xFC };
        if byte & reserved != 0 {
            return Err(DecodeErrorKind::ReservedSubscriptionOptions);
        }
        Ok(Self {
            qos: QoS::from_bits(byte & 3).ok_or(DecodeErrorKind::RequestedQos)?,
            no_local: byte & NO_LOCAL != 0,
            retain_as_published: byte & RETAIN_AS_PUBLISHED != 0,
            retain_handling: RetainHandling::from_u8(byte >> 4 & 3)
                .ok_or(DecodeErrorKind::RetainHandling)?,
        })
    }

    /// The options of a byte that was read before.
    pub(crate) fn from_valid_byte(byte: u8) -> Self {
        Self::read(byte, ProtocolVersion::V5).unwrap_or_default()
    }
}

impl<'a> Subscribe<'a> {
    pub(crate) fn read(from: &mut Reader<'a>, version: ProtocolVersion) -> Result<Self, Fault> {
        let packet_id = from.packet_id()?;
        let properties = property::read_in(version, from, Carrier::Packet(PacketType::Subscribe))?;
        Ok(Self {
            packet_id,
            properties,
            filters: Filters::read(from, version)?,
        })
    }

    /// Appends the packet to `out`; before 5.0 without properties, and with the QoS as the only
    /// option.
    ///
    /// # Errors
    /// When the packet is too long; then `out` is as it was.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let packet = PacketType::Subscribe;
        let first = packet.as_u8() << 4 | packet.reserved_flags();
        write::header(first, self.remaining(version)?, out)?;
        out.extend_from_slice(&self.packet_id.get().to_be_bytes());
        if version.has_properties() {
            write::counted(self.properties.as_bytes(), out);
            out.extend_from_slice(self.filters.as_bytes());
        } else {
            for (filter, options) in self.filters.iter() {
                write::field(filter.as_bytes(), out);
                out.push(options.qos.as_u8());
            }
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

    fn remaining(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        let mut len = 2 + self.filters.as_bytes().len();
        if version.has_properties() {
            len += write::counted_len(self.properties.as_bytes())?;
        }
        Ok(len)
    }
}
