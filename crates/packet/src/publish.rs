//! PUBLISH (section 3.3).

use alloc::vec::Vec;

use crate::error::Fault;
use crate::header::{DUP, RETAIN};
use crate::read::Reader;
use crate::{
    Carrier, DecodeErrorKind, EncodeError, PacketId, PacketType, Properties, ProtocolVersion, QoS,
    property, topic, write,
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
    /// Reads what follows the fixed header, whose first byte, already checked, was `first`.
    #[inline]
    pub(crate) fn read(
        first: u8,
        from: &mut Reader<'a>,
        version: ProtocolVersion,
    ) -> Result<Self, Fault> {
        let qos = QoS::from_bits(first >> 1 & 3).unwrap_or_default();
        let (topic, topic_at) = from.text_unchecked_for_nul()?;
        if !topic.is_empty() || !version.has_properties() {
            topic::check_name(topic.as_bytes()).map_err(|(kind, at)| {
                Fault::new(DecodeErrorKind::TopicName(kind), topic_at + at)
            })?;
        }
        let packet_id = if qos.is_acknowledged() {
            Some(from.packet_id()?)
        } else {
            None
        };
        let properties = if version.has_properties() {
            property::read(from, Carrier::Packet(PacketType::Publish))?
        } else {
            Properties::EMPTY
        };
        if topic.is_empty() && properties.topic_alias().is_none() {
            return Err(Fault::new(
                DecodeErrorKind::EmptyTopicWithoutAlias,
                topic_at,
            ));
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
        self.encode_head(version, self.payload.len(), out)?;
        out.extend_from_slice(self.payload);
        Ok(())
    }

    /// Appends all but the payload to `out`, for a payload of `payload_len` bytes that follows from
    /// elsewhere. Without a Packet Identifier a 0 stands in its place. Returns its offset in `out`.
    ///
    /// # Errors
    /// When a field or the packet is too long; then `out` is as it was.
    #[inline]
    pub(crate) fn encode_head(
        &self,
        version: ProtocolVersion,
        payload_len: usize,
        out: &mut Vec<u8>,
    ) -> Result<usize, EncodeError> {
        let remaining = self.head_len(version)? + payload_len;
        write::header(self.first_byte(), remaining, out)?;
        write::field(self.topic.as_bytes(), out);
        let packet_id_at = out.len();
        if self.qos.is_acknowledged() {
            let id = self.packet_id.map_or(0, PacketId::get);
            out.extend_from_slice(&id.to_be_bytes());
        }
        if version.has_properties() {
            write::counted(self.properties.as_bytes(), out);
        }
        Ok(packet_id_at)
    }

    /// How many bytes [`Self::encode`] would append.
    ///
    /// # Errors
    /// When a field or the packet is too long.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        write::packet_len(self.head_len(version)? + self.payload.len())
    }

    /// The size of the variable header.
    #[inline]
    fn head_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        let mut len = write::field_len(self.topic.as_bytes())?;
        if self.qos.is_acknowledged() {
            len += 2;
        }
        if version.has_properties() {
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
