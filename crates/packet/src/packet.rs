//! Any Control Packet.

use alloc::vec::Vec;

use crate::error::Fault;
use crate::{
    Ack, Auth, ConnAck, Connect, DecodeError, DecodeErrorKind, Disconnect, EncodeError, PacketId,
    PacketType, ProtocolVersion, Publish, SubAck, Subscribe, UnsubAck, Unsubscribe, header, write,
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
        if let Some(ack) = Self::read_bare_ack(bytes) {
            return Ok(ack);
        }
        match bytes.first() {
            Some(0x30..=0x3F) if version.has_properties() => Self::read_publish_5(bytes),
            Some(0x30..=0x3F) => Self::read_publish_3(bytes, version),
            _ => Self::read_any(bytes, version),
        }
    }

    /// An acknowledgement that is nothing but a Packet Identifier. With PUBLISH it is what most
    /// traffic is made of, so both have short ways of their own.
    #[inline]
    fn read_bare_ack(bytes: &[u8]) -> Option<Self> {
        let [first, 2, high, low] = *bytes else {
            return None;
        };
        let ack = Ack::success(PacketId::new(u16::from_be_bytes([high, low]))?);
        match first {
            0x40 => Some(Self::PubAck(ack)),
            0x50 => Some(Self::PubRec(ack)),
            0x62 => Some(Self::PubRel(ack)),
            0x70 => Some(Self::PubComp(ack)),
            _ => None,
        }
    }

    /// A PUBLISH before 5.0.
    #[inline(never)]
    fn read_publish_3(bytes: &'a [u8], version: ProtocolVersion) -> Result<Self, DecodeError> {
        match Publish::read::<false>(bytes, version) {
            Ok(publish) => Ok(Self::Publish(publish)),
            Err(fault) => Err(explain(fault, bytes, version)),
        }
    }

    /// A PUBLISH of 5.0.
    #[inline(never)]
    fn read_publish_5(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let version = ProtocolVersion::V5;
        match Publish::read::<true>(bytes, version) {
            Ok(publish) => Ok(Self::Publish(publish)),
            Err(fault) => Err(explain(fault, bytes, version)),
        }
    }

    /// Any packet.
    #[inline(never)]
    fn read_any(bytes: &'a [u8], version: ProtocolVersion) -> Result<Self, DecodeError> {
        Self::read(bytes, version).map_err(|fault| explain(fault, bytes, version))
    }

    fn read(bytes: &'a [u8], version: ProtocolVersion) -> Result<Self, Fault> {
        let packet = bytes
            .first()
            .and_then(|first| PacketType::from_bits(first >> 4));
        // A CONNECT says itself by which rules it is to be read.
        let stated = (packet != Some(PacketType::Connect)).then_some(version);
        let (_, mut from) = header::read_whole(bytes, stated)?;
        let Some(packet) = packet else {
            return Err(Fault::new(DecodeErrorKind::ReservedPacketType, 0));
        };
        let from = &mut from;
        Ok(match packet {
            PacketType::Connect => Self::Connect(Connect::read(from)?),
            PacketType::ConnAck => Self::ConnAck(ConnAck::read(from, version)?),
            PacketType::Publish if version.has_properties() => {
                Self::Publish(Publish::read::<true>(bytes, version)?)
            }
            PacketType::Publish => Self::Publish(Publish::read::<false>(bytes, version)?),
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
    #[inline]
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::Publish(packet) => packet.encode(version, out),
            Self::PubAck(packet) => packet.encode(PacketType::PubAck, version, out),
            Self::PubRec(packet) => packet.encode(PacketType::PubRec, version, out),
            Self::PubRel(packet) => packet.encode(PacketType::PubRel, version, out),
            Self::PubComp(packet) => packet.encode(PacketType::PubComp, version, out),
            Self::Connect(_)
            | Self::ConnAck(_)
            | Self::Subscribe(_)
            | Self::SubAck(_)
            | Self::Unsubscribe(_)
            | Self::UnsubAck(_)
            | Self::PingReq
            | Self::PingResp
            | Self::Disconnect(_)
            | Self::Auth(_) => self.encode_rare(version, out),
        }
    }

    /// [`Self::encode`] for what is seldom sent.
    #[inline(never)]
    fn encode_rare(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::Publish(_)
            | Self::PubAck(_)
            | Self::PubRec(_)
            | Self::PubRel(_)
            | Self::PubComp(_) => self.encode(version, out),
            Self::Connect(packet) => packet.encode(out),
            Self::ConnAck(packet) => packet.encode(version, out),
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

/// The error that a fault is, with the statement that it breaks: that of the version which a CONNECT
/// states, as far as it can be told.
#[cold]
#[inline(never)]
fn explain(fault: Fault, bytes: &[u8], version: ProtocolVersion) -> DecodeError {
    let packet = bytes
        .first()
        .and_then(|first| PacketType::from_bits(first >> 4));
    let version = match packet {
        Some(PacketType::Connect) => Connect::stated_version(bytes).unwrap_or(version),
        _ => version,
    };
    DecodeError::new(fault, packet, version)
}
