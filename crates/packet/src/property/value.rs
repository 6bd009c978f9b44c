//! A property with its value.

use super::PropertyKind;

/// A property with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Property<'a> {
    /// 1: the payload is UTF-8 text; 0: bytes of any kind.
    PayloadFormatIndicator(u8),
    /// The message's lifetime in seconds.
    MessageExpiryInterval(u32),
    /// What the payload is, in the application's words.
    ContentType(&'a str),
    /// The Topic Name for an answer.
    ResponseTopic(&'a str),
    /// What tells to which request an answer belongs.
    CorrelationData(&'a [u8]),
    /// The subscription's number, 1 to 268,435,455.
    SubscriptionIdentifier(u32),
    /// How long the session outlives the connection, in seconds; 0xFFFFFFFF for ever.
    SessionExpiryInterval(u32),
    /// The Client Identifier that the server made up.
    AssignedClientIdentifier(&'a str),
    /// The Keep Alive, in seconds, that the client has to use.
    ServerKeepAlive(u16),
    /// The name of the enhanced authentication method.
    AuthenticationMethod(&'a str),
    /// The method's data.
    AuthenticationData(&'a [u8]),
    /// 0: Reason Strings and User Properties are unwanted in most packets.
    RequestProblemInformation(u8),
    /// How long the Will waits after the connection is lost, in seconds.
    WillDelayInterval(u32),
    /// 1: Response Information is wanted.
    RequestResponseInformation(u8),
    /// What Response Topics may be made of.
    ResponseInformation(&'a str),
    /// Another server to use.
    ServerReference(&'a str),
    /// The reason in words, for people.
    ReasonString(&'a str),
    /// How many unacknowledged QoS 1 and 2 messages the sender takes, at least 1.
    ReceiveMaximum(u16),
    /// The highest Topic Alias that the sender takes; 0 for none.
    TopicAliasMaximum(u16),
    /// A number that stands for the Topic Name, at least 1.
    TopicAlias(u16),
    /// The highest QoS that may be published: 0 or 1.
    MaximumQos(u8),
    /// 0: there are no Retained Messages.
    RetainAvailable(u8),
    /// A name and a value whose meaning the standard leaves open.
    UserProperty(&'a str, &'a str),
    /// The size in bytes of the largest packet that the sender takes, at least 1.
    MaximumPacketSize(u32),
    /// 0: there are no wildcards.
    WildcardSubscriptionAvailable(u8),
    /// 0: there are no Subscription Identifiers.
    SubscriptionIdentifierAvailable(u8),
    /// 0: there are no Shared Subscriptions.
    SharedSubscriptionAvailable(u8),
}

impl Property<'_> {
    /// Which property it is.
    #[inline]
    pub const fn kind(&self) -> PropertyKind {
        match self {
            Self::PayloadFormatIndicator(..) => PropertyKind::PayloadFormatIndicator,
            Self::MessageExpiryInterval(..) => PropertyKind::MessageExpiryInterval,
            Self::ContentType(..) => PropertyKind::ContentType,
            Self::ResponseTopic(..) => PropertyKind::ResponseTopic,
            Self::CorrelationData(..) => PropertyKind::CorrelationData,
            Self::SubscriptionIdentifier(..) => PropertyKind::SubscriptionIdentifier,
            Self::SessionExpiryInterval(..) => PropertyKind::SessionExpiryInterval,
            Self::AssignedClientIdentifier(..) => PropertyKind::AssignedClientIdentifier,
            Self::ServerKeepAlive(..) => PropertyKind::ServerKeepAlive,
            Self::AuthenticationMethod(..) => PropertyKind::AuthenticationMethod,
            Self::AuthenticationData(..) => PropertyKind::AuthenticationData,
            Self::RequestProblemInformation(..) => PropertyKind::RequestProblemInformation,
            Self::WillDelayInterval(..) => PropertyKind::WillDelayInterval,
            Self::RequestResponseInformation(..) => PropertyKind::RequestResponseInformation,
            Self::ResponseInformation(..) => PropertyKind::ResponseInformation,
            Self::ServerReference(..) => PropertyKind::ServerReference,
            Self::ReasonString(..) => PropertyKind::ReasonString,
            Self::ReceiveMaximum(..) => PropertyKind::ReceiveMaximum,
            Self::TopicAliasMaximum(..) => PropertyKind::TopicAliasMaximum,
            Self::TopicAlias(..) => PropertyKind::TopicAlias,
            Self::MaximumQos(..) => PropertyKind::MaximumQos,
            Self::RetainAvailable(..) => PropertyKind::RetainAvailable,
            Self::UserProperty(..) => PropertyKind::UserProperty,
            Self::MaximumPacketSize(..) => PropertyKind::MaximumPacketSize,
            Self::WildcardSubscriptionAvailable(..) => PropertyKind::WildcardSubscriptionAvailable,
            Self::SubscriptionIdentifierAvailable(..) => {
                PropertyKind::SubscriptionIdentifierAvailable
            }
            Self::SharedSubscriptionAvailable(..) => PropertyKind::SharedSubscriptionAvailable,
        }
    }
}
