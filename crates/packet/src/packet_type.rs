//! The Control Packet types (section 2.1.2 of 5.0, 2.2.1 of 3.1.1).

/// A Control Packet type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum PacketType {
    /// Client to server: connection request.
    Connect = 1,
    /// Server to client: answer to CONNECT.
    ConnAck = 2,
    /// Either way: a message.
    Publish = 3,
    /// Either way: a QoS 1 message is acknowledged.
    PubAck = 4,
    /// Either way: a QoS 2 message was received (part 1).
    PubRec = 5,
    /// Either way: a QoS 2 message may be released (part 2).
    PubRel = 6,
    /// Either way: a QoS 2 message is complete (part 3).
    PubComp = 7,
    /// Client to server: subscribe.
    Subscribe = 8,
    /// Server to client: answer to SUBSCRIBE.
    SubAck = 9,
    /// Client to server: unsubscribe.
    Unsubscribe = 10,
    /// Server to client: answer to UNSUBSCRIBE.
    UnsubAck = 11,
    /// Client to server: are you there?
    PingReq = 12,
    /// Server to client: yes.
    PingResp = 13,
    /// The sender is about to close. In 3.x only a client sends it.
    Disconnect = 14,
    /// Either way: enhanced authentication, 5.0 only.
    Auth = 15,
}

impl PacketType {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 15] = [
        Self::Connect,
        Self::ConnAck,
        Self::Publish,
        Self::PubAck,
        Self::PubRec,
        Self::PubRel,
        Self::PubComp,
        Self::Subscribe,
        Self::SubAck,
        Self::Unsubscribe,
        Self::UnsubAck,
        Self::PingReq,
        Self::PingResp,
        Self::Disconnect,
        Self::Auth,
    ];

    /// The type of the high four bits of a packet's first byte; `None` for 0, which is reserved.
    #[inline]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            1 => Self::Connect,
            2 => Self::ConnAck,
            3 => Self::Publish,
            4 => Self::PubAck,
            5 => Self::PubRec,
            6 => Self::PubRel,
            7 => Self::PubComp,
            8 => Self::Subscribe,
            9 => Self::SubAck,
            10 => Self::Unsubscribe,
            11 => Self::UnsubAck,
            12 => Self::PingReq,
            13 => Self::PingResp,
            14 => Self::Disconnect,
            15 => Self::Auth,
            _ => return None,
        })
    }

    /// Its number, 1 to 15.
    #[inline]
    pub const fn as_u8(self) -> u8 {
        self as u8
    }

    /// These types as a set: bit 1 for CONNECT, up to bit 15 for AUTH.
    pub(crate) const fn set(types: &[Self]) -> u16 {
        let mut set = 0;
        let mut rest = types;
        while let [first, others @ ..] = rest {
            set |= 1 << first.as_u8();
            rest = others;
        }
        set
    }

    /// The value that the low four bits of the first byte must have; for PUBLISH, whose bits are
    /// flags, 0.
    #[inline]
    pub const fn reserved_flags(self) -> u8 {
        match self {
            Self::PubRel | Self::Subscribe | Self::Unsubscribe => 0b0010,
            Self::Connect
            | Self::ConnAck
            | Self::Publish
            | Self::PubAck
            | Self::PubRec
            | Self::PubComp
            | Self::SubAck
            | Self::UnsubAck
            | Self::PingReq
            | Self::PingResp
            | Self::Disconnect
            | Self::Auth => 0,
        }
    }

    /// Its name as the standard writes it, such as `PUBLISH`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "CONNECT",
            Self::ConnAck => "CONNACK",
            Self::Publish => "PUBLISH",
            Self::PubAck => "PUBACK",
            Self::PubRec => "PUBREC",
            Self::PubRel => "PUBREL",
            Self::PubComp => "PUBCOMP",
            Self::Subscribe => "SUBSCRIBE",
            Self::SubAck => "SUBACK",
            Self::Unsubscribe => "UNSUBSCRIBE",
            Self::UnsubAck => "UNSUBACK",
            Self::PingReq => "PINGREQ",
            Self::PingResp => "PINGRESP",
            Self::Disconnect => "DISCONNECT",
            Self::Auth => "AUTH",
        }
    }
}
