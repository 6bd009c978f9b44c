//! PUBLISH (section 3.3).

use alloc::vec::Vec;

use crate::error::Fault;
use crate::header::{DUP, RETAIN};
use crate::{
    Carrier, DecodeErrorKind, EncodeError, PacketId, PacketType, Properties, ProtocolVersion, QoS,
    header, property, text, topic, varint, write,
};

/// PUBLISH: a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publish<'a> {
    /// Whether this is a further attempt to deliver the message; false for QoS 0.
    pub dup: bool,
    /// The QoS of this delivery.
    pub qos: QoS,
    /// From a client: keep it as Retained Message. From a server: it was kept.
    pub retain: bool,
    /// The Topic Name. In 5.0 it may be empty when a Topic Alias stands for it.
    pub topic: &'a str,
    /// The Packet Identifier; `None` with QoS 0.
    pub packet_id: Option<PacketId>,
    /// Properties; none before 5.0.
    pub properties: Properties<'a>,
    /// The payload: bytes of any kind, may be none.
    pub payload: &'a [u8],
}

impl<'a> Publish<'a> {
    /// Reads a whole packet. Once for 5.0 and once for the versions before, because what only 5.0
    /// has costs the others registers; and inlined, so that it need not be copied into the packet.
    #[inline(always)]
    pub(crate) fn read<const V5: bool>(
        bytes: &'a [u8],
        version: ProtocolVersion,
    ) -> Result<Self, Fault> {
        let (first, mut from) = header::read_whole(bytes, Some(version))?;
        let (topic, topic_at) = from.text_unchecked_for_nul()?;
        // In 5.0 a Topic Alias may stand for it, which has not been read yet.
        let in_doubt = topic.is_empty() || text::has_nul_or_wildcard(topic.as_bytes());
        if in_doubt && !(V5 && topic.is_empty()) {
            check_topic(topic, topic_at)?;
        }
        let qos = match first >> 1 & 3 {
            0 => QoS::AtMostOnce,
            1 => QoS::AtLeastOnce,
            _ => QoS::ExactlyOnce,
        };
        let packet_id = if qos.is_acknowledged() {
            Some(from.packet_id()?)
        } else {
            None
        };
        let properties = if V5 {
            property::read(&mut from, Carrier::Packet(PacketType::Publish))?
        } else {
            Properties::EMPTY
        };
        if V5 && topic.is_empty() {
            check_alias(properties, topic_at)?;
        }
        Ok(Self {
            dup: first & DUP != 0,
            qos,
            retain: first & RETAIN != 0,
            topic,
            packet_id,
            properties,
            payload: from.take_rest(),
        })
    }

    /// Appends the packet to `out`, before 5.0 without properties.
    ///
    /// # Errors
    /// When a field or the packet is too long, or QoS 1 or 2 lacks a Packet Identifier; then `out`
    /// is as it was.
    #[inline]
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if self.qos.is_acknowledged() && self.packet_id.is_none() {
            return Err(EncodeError::MissingPacketId);
        }
        self.write(version, out)?;
        Ok(())
    }

    /// [`Self::encode`], for a packet of which many receivers get a copy each, with a Packet Identifier of its own. Returns where
    /// in `out` the two bytes of that are; `None` with QoS 0. Without a Packet Identifier they are 0, and the packet must
    /// not be sent so.
    ///
    /// # Errors
    /// When a field or the packet is too long; then `out` is as it was.
    #[inline]
    pub fn encode_template(
        &self,
        version: ProtocolVersion,
        out: &mut Vec<u8>,
    ) -> Result<Option<usize>, EncodeError> {
        let at = self.write(version, out)?;
        Ok(self.qos.is_acknowledged().then_some(at))
    }

    /// Appends the packet. Returns the offset in `out` at which a Packet Identifier is, or would be.
    #[inline]
    fn write(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<usize, EncodeError> {
        if version.has_properties() {
            self.write_in::<true>(out)
        } else {
            self.write_in::<false>(out)
        }
    }

    /// [`Self::write`], once for 5.0 and once for the versions before, as with [`Self::read`].
    #[inline(never)]
    fn write_in<const V5: bool>(&self, out: &mut Vec<u8>) -> Result<usize, EncodeError> {
        let topic = self.topic.as_bytes();
        let length = write::remaining_length(self.remaining::<V5>()?)?;
        let first = self.first_byte();
        let [high, low] = (topic.len() as u16).to_be_bytes();
        let bytes = varint::bytes(length);
        out.reserve(1 + bytes.1 + length as usize);
        // Pieces whose size is known at compile time are copied without a call.
        match bytes {
            ([a, ..], 1) => out.extend_from_slice(&[first, a, high, low]),
            ([a, b, ..], 2) => out.extend_from_slice(&[first, a, b, high, low]),
            ([a, b, c, _], 3) => out.extend_from_slice(&[first, a, b, c, high, low]),
            ([a, b, c, d], _) => out.extend_from_slice(&[first, a, b, c, d, high, low]),
        }
        out.extend_from_slice(topic);
        let packet_id_at = out.len();
        if self.qos.is_acknowledged() {
            let id = self.packet_id.map_or(0, PacketId::get);
            out.extend_from_slice(&id.to_be_bytes());
        }
        if V5 {
            write::counted(self.properties.as_bytes(), out);
        }
        out.extend_from_slice(self.payload);
        Ok(packet_id_at)
    }

    /// How many bytes [`Self::encode`] would append.
    ///
    /// # Errors
    /// When a field or the packet is too long.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        write::packet_len(if version.has_properties() {
            self.remaining::<true>()?
        } else {
            self.remaining::<false>()?
        })
    }

    /// The Remaining Length.
    #[inline]
    fn remaining<const V5: bool>(&self) -> Result<usize, EncodeError> {
        let mut len = write::field_len(self.topic.as_bytes())? + self.payload.len();
        if self.qos.is_acknowledged() {
            len += 2;
        }
        if V5 {
            len += write::counted_len(self.properties.as_bytes())?;
        }
        Ok(len)
    }

    #[inline]
    fn first_byte(&self) -> u8 {
        let mut first = PacketType::Publish.as_u8() << 4 | self.qos.as_u8() << 1;
        if self.dup {
            first |= DUP;
        }
        if self.retain {
            first |= RETAIN;
        }
        first
    }
}

/// The rules for a Topic Name.
#[cold]
#[inline(never)]
fn check_topic(topic: &str, at: usize) -> Result<(), Fault> {
    match topic::check_name(topic.as_bytes()) {
        Ok(()) => Ok(()),
        Err((kind, offset)) => Err(Fault::new(DecodeErrorKind::TopicName(kind), at + offset)),
    }
}

/// Without a Topic Name there is a Topic Alias.
#[cold]
#[inline(never)]
fn check_alias(properties: Properties<'_>, at: usize) -> Result<(), Fault> {
    match properties.topic_alias() {
        Some(_) => Ok(()),
        None => Err(Fault::new(DecodeErrorKind::EmptyTopicWithoutAlias, at)),
    }
}
