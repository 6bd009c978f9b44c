//! Any Control Packet.

use alloc::vec::Vec;

use crate::error::Fault;
use crate::{
    Ack, Auth, ConnAck, Connect, DecodeError, DecodeErrorKind, Disconnect, EncodeError, PacketType,
    ProtocolVersion, Publish, SubAck, Subscribe, UnsubAck, Unsubscribe, header, write,
};

/// A Control Packet, borrowed from its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// CONNECT.
    Connect(Connect<'a>),
    /// CONNACK.
    ConnAck(ConnAck<'a>),
    /// PUBLISH.
    Publish(Publish<'a>),
    /// PUBACK.
    PubAck(Ack<'a>),
    /// PUBREC.
    PubRec(Ack<'a>),
    /// PUBREL.
    PubRel(Ack<'a>),
    /// PUBCOMP.
    PubComp(Ack<'a>),
    /// SUBSCRIBE.
    Subscribe(Subscribe<'a>),
    /// SUBACK.
    SubAck(SubAck<'a>),
    /// UNSUBSCRIBE.
    Unsubscribe(Unsubscribe<'a>),
    /// UNSUBACK.
    UnsubAck(UnsubAck<'a>),
    /// PINGREQ.
    PingReq,
    /// PINGRESP.
    PingResp,
    /// DISCONNECT.
    Disconnect(Disconnect<'a>),
    /// AUTH.
    Auth(Auth<'a>),
}

impl<'a> Packet<'a> {
    /// Reads `bytes`, which are one whole packet with its fixed header, by the rules of `version`.
    /// A CONNECT says its version itself: `version` does not matter for it.
    ///
    /// Nothing is allocated: the packet borrows all of its text, payload and properties.
    ///
    /// # Errors
    /// The first rule that the packet breaks. Rules that need more than the packet (who sent it,
    /// what came before) are not checked here.
    #[inline]
    pub fn decode(bytes: &'a [u8], version: ProtocolVersion) -> Result<Self, DecodeError> {
        let mut result = Self::read(bytes, version);
        if let Err(error) = &mut result {
            explain(error, bytes, version);
        }
        result
    }

    #[inline]
    fn read(bytes: &'a [u8], version: ProtocolVersion) -> Result<Self, DecodeError> {
        let Some(&first) = bytes.first() else {
            return Err(Fault::new(DecodeErrorKind::Truncated, 0).into());
        };
        let packet = header::check_first(first, Some(version))?;
        let stated = (packet != PacketType::Connect).then_some(version);
        let mut from = header::rest_of_whole(bytes, stated)?;
        let from = &mut from;
        Ok(match packet {
            PacketType::Connect => Self::Connect(Connect::read(from)?),
            PacketType::ConnAck => Self::ConnAck(ConnAck::read(from, version)?),
            PacketType::Publish => Self::Publish(Publish::read(first, from, version)?),
            PacketType::PubAck => Self::PubAck(Ack::read(packet, from, version)?),
            PacketType::PubRec => Self::PubRec(Ack::read(packet, from, version)?),
            PacketType::PubRel => Self::PubRel(Ack::read(packet, from, version)?),
            PacketType::PubComp => Self::PubComp(Ack::read(packet, from, version)?),
            PacketType::Subscribe => Self::Subscribe(Subscribe::read(from, version)?),
            PacketType::SubAck => Self::SubAck(SubAck::read(from, version)?),
            PacketType::Unsubscribe => Self::Unsubscribe(Unsubscribe::read(from, version)?),
            PacketType::UnsubAck => Self::UnsubAck(UnsubAck::read(from, version)?),
            PacketType::PingReq => {
                from.finish()?;
                Self::PingReq
            }
            PacketType::PingResp => {
                from.finish()?;
                Self::PingResp
            }
            PacketType::Disconnect => Self::Disconnect(Disconnect::read(from, version)?),
            PacketType::Auth => Self::Auth(Auth::read(from)?),
        })
    }

    /// Appends the packet, with its fixed header, to `out`. A CONNECT is written in its own
    /// version. What `version` has no place for (properties and Reason Codes before 5.0) is left
    /// out.
    ///
    /// # Errors
    /// When the format cannot hold the packet; then `out` is as it was.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::Connect(packet) => packet.encode(out),
            Self::ConnAck(packet) => packet.encode(version, out),
            Self::Publish(packet) => packet.encode(version, out),
            Self::PubAck(packet) => packet.encode(PacketType::PubAck, version, out),
            Self::PubRec(packet) => packet.encode(PacketType::PubRec, version, out),
            Self::PubRel(packet) => packet.encode(PacketType::PubRel, version, out),
            Self::PubComp(packet) => packet.encode(PacketType::PubComp, version, out),
            Self::Subscribe(packet) => packet.encode(version, out),
            Self::SubAck(packet) => packet.encode(version, out),
            Self::Unsubscribe(packet) => packet.encode(version, out),
            Self::UnsubAck(packet) => packet.encode(version, out),
            Self::PingReq => write::header(PacketType::PingReq.as_u8() << 4, 0, out),
            Self::PingResp => write::header(PacketType::PingResp.as_u8() << 4, 0, out),
            Self::Disconnect(packet) => packet.encode(version, out),
            Self::Auth(packet) => packet.encode(version, out),
        }
    }

    /// How many bytes [`Self::encode`] would append.
    ///
    /// # Errors
    /// When the format cannot hold the packet.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        match self {
            Self::Connect(packet) => packet.encoded_len(),
            Self::ConnAck(packet) => packet.encoded_len(version),
            Self::Publish(packet) => packet.encoded_len(version),
            Self::PubAck(packet)
            | Self::PubRec(packet)
            | Self::PubRel(packet)
            | Self::PubComp(packet) => packet.encoded_len(version),
            Self::Subscribe(packet) => packet.encoded_len(version),
            Self::SubAck(packet) => packet.encoded_len(version),
            Self::Unsubscribe(packet) => packet.encoded_len(version),
            Self::UnsubAck(packet) => packet.encoded_len(version),
            Self::PingReq | Self::PingResp => Ok(2),
            Self::Disconnect(packet) => packet.encoded_len(version),
            Self::Auth(packet) => packet.encoded_len(version),
        }
    }

    /// Its type.
    pub const fn packet_type(&self) -> PacketType {
        match self {
            Self::Connect(_) => PacketType::Connect,
            Self::ConnAck(_) => PacketType::ConnAck,
            Self::Publish(_) => PacketType::Publish,
            Self::PubAck(_) => PacketType::PubAck,
            Self::PubRec(_) => PacketType::PubRec,
            Self::PubRel(_) => PacketType::PubRel,
            Self::PubComp(_) => PacketType::PubComp,
            Self::Subscribe(_) => PacketType::Subscribe,
            Self::SubAck(_) => PacketType::SubAck,
            Self::Unsubscribe(_) => PacketType::Unsubscribe,
            Self::UnsubAck(_) => PacketType::UnsubAck,
            Self::PingReq => PacketType::PingReq,
            Self::PingResp => PacketType::PingResp,
            Self::Disconnect(_) => PacketType::Disconnect,
            Self::Auth(_) => PacketType::Auth,
        }
    }
}

/// Adds the statement that an error breaks: that of the version which a CONNECT states, as far as it
/// can be told.
#[cold]
fn explain(error: &mut DecodeError, bytes: &[u8], version: ProtocolVersion) {
    let packet = bytes
        .first()
        .and_then(|first| PacketType::from_bits(first >> 4));
    let version = match packet {
        Some(PacketType::Connect) => Connect::stated_version(bytes).unwrap_or(version),
        _ => version,
    };
    error.explain(packet, version);
}
