//! The table of properties (5.0 section 2.2.2.2): which there are, of which type, and where they may
//! stand.

use crate::PacketType;

/// What carries properties: a packet, or the Will inside CONNECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// A packet of this type.
    Packet(PacketType),
    /// The Will of a CONNECT.
    Will,
}

impl Carrier {
    /// Its bit in the set of carriers of a property: that of the packet in [`PacketType::set`], and the one that is free
    /// there.
    #[inline]
    const fn bit(self) -> u16 {
        match self {
            Self::Packet(packet) => 1 << packet.as_u8(),
            Self::Will => 1,
        }
    }
}

/// The type of a property's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PropertyType {
    /// One byte.
    Byte,
    /// A Two Byte Integer.
    TwoByte,
    /// A Four Byte Integer.
    FourByte,
    /// A Variable Byte Integer.
    Variable,
    /// A UTF-8 Encoded String.
    Text,
    /// Binary Data.
    Binary,
    /// A UTF-8 String Pair.
    Pair,
}

/// Which property, without its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum PropertyKind {
    /// 1: the payload is UTF-8 text; 0: bytes of any kind.
    PayloadFormatIndicator = 0x01,
    /// The message's lifetime in seconds.
    MessageExpiryInterval = 0x02,
    /// What the payload is, in the application's words.
    ContentType = 0x03,
    /// The Topic Name for an answer.
    ResponseTopic = 0x08,
    /// What tells to which request an answer belongs.
    CorrelationData = 0x09,
    /// The subscription's number, 1 to 268,435,455.
    SubscriptionIdentifier = 0x0B,
    /// How long the session outlives the connection, in seconds; 0xFFFFFFFF for ever.
    SessionExpiryInterval = 0x11,
    /// The Client Identifier that the server made up.
    AssignedClientIdentifier = 0x12,
    /// The Keep Alive, in seconds, that the client has to use.
    ServerKeepAlive = 0x13,
    /// The name of the enhanced authentication method.
    AuthenticationMethod = 0x15,
    /// The method's data.
    AuthenticationData = 0x16,
    /// 0: Reason Strings and User Properties are unwanted in most packets.
    RequestProblemInformation = 0x17,
    /// How long the Will waits after the connection is lost, in seconds.
    WillDelayInterval = 0x18,
    /// 1: Response Information is wanted.
    RequestResponseInformation = 0x19,
    /// What Response Topics may be made of.
    ResponseInformation = 0x1A,
    /// Another server to use.
    ServerReference = 0x1C,
    /// The reason in words, for people.
    ReasonString = 0x1F,
    /// How many unacknowledged QoS 1 and 2 messages the sender takes, at least 1.
    ReceiveMaximum = 0x21,
    /// The highest Topic Alias that the sender takes; 0 for none.
    TopicAliasMaximum = 0x22,
    /// A number that stands for the Topic Name, at least 1.
    TopicAlias = 0x23,
    /// The highest QoS that may be published: 0 or 1.
    MaximumQos = 0x24,
    /// 0: there are no Retained Messages.
    RetainAvailable = 0x25,
    /// A name and a value whose meaning the standard leaves open.
    UserProperty = 0x26,
    /// The size in bytes of the largest packet that the sender takes, at least 1.
    MaximumPacketSize = 0x27,
    /// 0: there are no wildcards.
    WildcardSubscriptionAvailable = 0x28,
    /// 0: there are no Subscription Identifiers.
    SubscriptionIdentifierAvailable = 0x29,
    /// 0: there are no Shared Subscriptions.
    SharedSubscriptionAvailable = 0x2A,
}

impl PropertyKind {
    /// All of them, in the order of their identifiers.
    pub const ALL: [Self; 27] = [
        Self::PayloadFormatIndicator,
        Self::MessageExpiryInterval,
        Self::ContentType,
        Self::ResponseTopic,
        Self::CorrelationData,
        Self::SubscriptionIdentifier,
        Self::SessionExpiryInterval,
        Self::AssignedClientIdentifier,
        Self::ServerKeepAlive,
        Self::AuthenticationMethod,
        Self::AuthenticationData,
        Self::RequestProblemInformation,
        Self::WillDelayInterval,
        Self::RequestResponseInformation,
        Self::ResponseInformation,
        Self::ServerReference,
        Self::ReasonString,
        Self::ReceiveMaximum,
        Self::TopicAliasMaximum,
        Self::TopicAlias,
        Self::MaximumQos,
        Self::RetainAvailable,
        Self::UserProperty,
        Self::MaximumPacketSize,
        Self::WildcardSubscriptionAvailable,
        Self::SubscriptionIdentifierAvailable,
        Self::SharedSubscriptionAvailable,
    ];

    /// The property of this identifier; `None` when 5.0 defines none.
    #[inline]
    pub const fn from_identifier(identifier: u32) -> Option<Self> {
        Some(match identifier {
            0x01 => Self::PayloadFormatIndicator,
            0x02 => Self::MessageExpiryInterval,
            0x03 => Self::ContentType,
            0x08 => Self::ResponseTopic,
            0x09 => Self::CorrelationData,
            0x0B => Self::SubscriptionIdentifier,
            0x11 => Self::SessionExpiryInterval,
            0x12 => Self::AssignedClientIdentifier,
            0x13 => Self::ServerKeepAlive,
            0x15 => Self::AuthenticationMethod,
            0x16 => Self::AuthenticationData,
            0x17 => Self::RequestProblemInformation,
            0x18 => Self::WillDelayInterval,
            0x19 => Self::RequestResponseInformation,
            0x1A => Self::ResponseInformation,
            0x1C => Self::ServerReference,
            0x1F => Self::ReasonString,
            0x21 => Self::ReceiveMaximum,
            0x22 => Self::TopicAliasMaximum,
            0x23 => Self::TopicAlias,
            0x24 => Self::MaximumQos,
            0x25 => Self::RetainAvailable,
            0x26 => Self::UserProperty,
            0x27 => Self::MaximumPacketSize,
            0x28 => Self::WildcardSubscriptionAvailable,
            0x29 => Self::SubscriptionIdentifierAvailable,
            0x2A => Self::SharedSubscriptionAvailable,
            _ => return None,
        })
    }

    /// Its identifier.
    #[inline]
    pub const fn identifier(self) -> u8 {
        self as u8
    }

    /// Its name as the standard writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PayloadFormatIndicator => "Payload Format Indicator",
            Self::MessageExpiryInterval => "Message Expiry Interval",
            Self::ContentType => "Content Type",
            Self::ResponseTopic => "Response Topic",
            Self::CorrelationData => "Correlation Data",
            Self::SubscriptionIdentifier => "Subscription Identifier",
            Self::SessionExpiryInterval => "Session Expiry Interval",
            Self::AssignedClientIdentifier => "Assigned Client Identifier",
            Self::ServerKeepAlive => "Server Keep Alive",
            Self::AuthenticationMethod => "Authentication Method",
            Self::AuthenticationData => "Authentication Data",
            Self::RequestProblemInformation => "Request Problem Information",
            Self::WillDelayInterval => "Will Delay Interval",
            Self::RequestResponseInformation => "Request Response Information",
            Self::ResponseInformation => "Response Information",
            Self::ServerReference => "Server Reference",
            Self::ReasonString => "Reason String",
            Self::ReceiveMaximum => "Receive Maximum",
            Self::TopicAliasMaximum => "Topic Alias Maximum",
            Self::TopicAlias => "Topic Alias",
            Self::MaximumQos => "Maximum QoS",
            Self::RetainAvailable => "Retain Available",
            Self::UserProperty => "User Property",
            Self::MaximumPacketSize => "Maximum Packet Size",
            Self::WildcardSubscriptionAvailable => "Wildcard Subscription Available",
            Self::SubscriptionIdentifierAvailable => "Subscription Identifier Available",
            Self::SharedSubscriptionAvailable => "Shared Subscription Available",
        }
    }

    /// The type of its value.
    #[inline]
    pub const fn value_type(self) -> PropertyType {
        match self {
            Self::PayloadFormatIndicator
            | Self::RequestProblemInformation
            | Self::RequestResponseInformation
            | Self::MaximumQos
            | Self::RetainAvailable
            | Self::WildcardSubscriptionAvailable
            | Self::SubscriptionIdentifierAvailable
            | Self::SharedSubscriptionAvailable => PropertyType::Byte,
            Self::MessageExpiryInterval
            | Self::SessionExpiryInterval
            | Self::WillDelayInterval
            | Self::MaximumPacketSize => PropertyType::FourByte,
            Self::ContentType
            | Self::ResponseTopic
            | Self::AssignedClientIdentifier
            | Self::AuthenticationMethod
            | Self::ResponseInformation
            | Self::ServerReference
            | Self::ReasonString => PropertyType::Text,
            Self::CorrelationData | Self::AuthenticationData => PropertyType::Binary,
            Self::SubscriptionIdentifier => PropertyType::Variable,
            Self::ServerKeepAlive
            | Self::ReceiveMaximum
            | Self::TopicAliasMaximum
            | Self::TopicAlias => PropertyType::TwoByte,
            Self::UserProperty => PropertyType::Pair,
        }
    }

    /// Whether `carrier` may carry it.
    #[inline]
    pub const fn is_allowed_in(self, carrier: Carrier) -> bool {
        self.carriers() & carrier.bit() != 0
    }

    /// Whether `carrier` may carry it more than once: User Property everywhere, Subscription
    /// Identifier in PUBLISH.
    #[inline]
    pub const fn may_repeat_in(self, carrier: Carrier) -> bool {
        matches!(self, Self::UserProperty)
            || matches!(
                (self, carrier),
                (
                    Self::SubscriptionIdentifier,
                    Carrier::Packet(PacketType::Publish)
                )
            )
    }

    /// The carriers that may carry it, as a set of bits.
    #[inline]
    const fn carriers(self) -> u16 {
        use PacketType as P;
        const WILL: u16 = Carrier::Will.bit();
        match self {
            Self::PayloadFormatIndicator
            | Self::MessageExpiryInterval
            | Self::ContentType
            | Self::ResponseTopic
            | Self::CorrelationData => const { P::set(&[P::Publish]) | WILL },
            Self::SubscriptionIdentifier => const { P::set(&[P::Publish, P::Subscribe]) },
            Self::SessionExpiryInterval => {
                const { P::set(&[P::Connect, P::ConnAck, P::Disconnect]) }
            }
            Self::AssignedClientIdentifier
            | Self::ServerKeepAlive
            | Self::ResponseInformation
            | Self::MaximumQos
            | Self::RetainAvailable
            | Self::WildcardSubscriptionAvailable
            | Self::SubscriptionIdentifierAvailable
            | Self::SharedSubscriptionAvailable => const { P::set(&[P::ConnAck]) },
            Self::AuthenticationMethod | Self::AuthenticationData => {
                const { P::set(&[P::Connect, P::ConnAck, P::Auth]) }
            }
            Self::RequestProblemInformation | Self::RequestResponseInformation => {
                const { P::set(&[P::Connect]) }
            }
            Self::WillDelayInterval => const { WILL },
            Self::ServerReference => const { P::set(&[P::ConnAck, P::Disconnect]) },
            Self::ReasonString => {
                const {
                    P::set(&[
                        P::ConnAck,
                        P::PubAck,
                        P::PubRec,
                        P::PubRel,
                        P::PubComp,
                        P::SubAck,
                        P::UnsubAck,
                        P::Disconnect,
                        P::Auth,
                    ])
                }
            }
            Self::ReceiveMaximum | Self::TopicAliasMaximum | Self::MaximumPacketSize => {
                const { P::set(&[P::Connect, P::ConnAck]) }
            }
            Self::TopicAlias => const { P::set(&[P::Publish]) },
            Self::UserProperty => {
                const {
                    P::set(&[
                        P::Connect,
                        P::ConnAck,
                        P::Publish,
                        P::PubAck,
                        P::PubRec,
                        P::PubRel,
                        P::PubComp,
                        P::Subscribe,
                        P::SubAck,
                        P::Unsubscribe,
                        P::UnsubAck,
                        P::Disconnect,
                        P::Auth,
                    ]) | WILL
                }
            }
        }
    }
}
