//! Properties by name. Each call walks over the properties: whoever needs many of them iterates.

use super::raw::checked;
use super::{Properties, PropertyKind, RawValue};

impl<'a> Properties<'a> {
    /// The first value of this kind.
    #[inline]
    fn find(&self, wanted: PropertyKind) -> Option<RawValue<'a>> {
        self.raw()
            .find_map(|(kind, value)| (kind == wanted).then_some(value))
    }

    #[inline]
    fn number(&self, wanted: PropertyKind) -> Option<u32> {
        self.find(wanted).map(RawValue::number)
    }

    #[inline]
    fn bytes(&self, wanted: PropertyKind) -> Option<&'a [u8]> {
        self.find(wanted).map(RawValue::bytes)
    }

    /// Whether the payload is said to be UTF-8 text: 0 or 1.
    pub fn payload_format_indicator(&self) -> Option<u8> {
        self.number(PropertyKind::PayloadFormatIndicator)
            .map(|number| number as u8)
    }

    /// The message's lifetime in seconds.
    pub fn message_expiry_interval(&self) -> Option<u32> {
        self.number(PropertyKind::MessageExpiryInterval)
    }

    /// What the payload is.
    pub fn content_type(&self) -> Option<&'a str> {
        self.bytes(PropertyKind::ContentType).map(checked)
    }

    /// The Topic Name for an answer.
    pub fn response_topic(&self) -> Option<&'a str> {
        self.bytes(PropertyKind::ResponseTopic).map(checked)
    }

    /// What tells to which request an answer belongs.
    pub fn correlation_data(&self) -> Option<&'a [u8]> {
        self.bytes(PropertyKind::CorrelationData)
    }

    /// How long the session outlives the connection, in seconds; `u32::MAX` for ever.
    pub fn session_expiry_interval(&self) -> Option<u32> {
        self.number(PropertyKind::SessionExpiryInterval)
    }

    /// The Client Identifier that the server made up.
    pub fn assigned_client_identifier(&self) -> Option<&'a str> {
        self.bytes(PropertyKind::AssignedClientIdentifier)
            .map(checked)
    }

    /// The Keep Alive, in seconds, that the client has to use.
    pub fn server_keep_alive(&self) -> Option<u16> {
        self.number(PropertyKind::ServerKeepAlive)
            .map(|number| number as u16)
    }

    /// The name of the enhanced authentication method.
    pub fn authentication_method(&self) -> Option<&'a str> {
        self.bytes(PropertyKind::AuthenticationMethod).map(checked)
    }

    /// The authentication method's data.
    pub fn authentication_data(&self) -> Option<&'a [u8]> {
        self.bytes(PropertyKind::AuthenticationData)
    }

    /// 0 when Reason Strings and User Properties are unwanted in most packets.
    pub fn request_problem_information(&self) -> Option<u8> {
        self.number(PropertyKind::RequestProblemInformation)
            .map(|number| number as u8)
    }

    /// How long the Will waits, in seconds.
    pub fn will_delay_interval(&self) -> Option<u32> {
        self.number(PropertyKind::WillDelayInterval)
    }

    /// 1 when Response Information is wanted.
    pub fn request_response_information(&self) -> Option<u8> {
        self.number(PropertyKind::RequestResponseInformation)
            .map(|number| number as u8)
    }

    /// What Response Topics may be made of.
    pub fn response_information(&self) -> Option<&'a str> {
        self.bytes(PropertyKind::ResponseInformation).map(checked)
    }

    /// Another server to use.
    pub fn server_reference(&self) -> Option<&'a str> {
        self.bytes(PropertyKind::ServerReference).map(checked)
    }

    /// The reason in words.
    pub fn reason_string(&self) -> Option<&'a str> {
        self.bytes(PropertyKind::ReasonString).map(checked)
    }

    /// How many unacknowledged QoS 1 and 2 messages the sender takes; not 0.
    pub fn receive_maximum(&self) -> Option<u16> {
        self.number(PropertyKind::ReceiveMaximum)
            .map(|number| number as u16)
    }

    /// The highest Topic Alias that the sender takes.
    pub fn topic_alias_maximum(&self) -> Option<u16> {
        self.number(PropertyKind::TopicAliasMaximum)
            .map(|number| number as u16)
    }

    /// The number that stands for the Topic Name; not 0.
    pub fn topic_alias(&self) -> Option<u16> {
        self.number(PropertyKind::TopicAlias)
            .map(|number| number as u16)
    }

    /// The highest QoS that may be published: 0 or 1.
    pub fn maximum_qos(&self) -> Option<u8> {
        self.number(PropertyKind::MaximumQos)
            .map(|number| number as u8)
    }

    /// 0 when there are no Retained Messages.
    pub fn retain_available(&self) -> Option<u8> {
        self.number(PropertyKind::RetainAvailable)
            .map(|number| number as u8)
    }

    /// The size in bytes of the largest packet that the sender takes; not 0.
    pub fn maximum_packet_size(&self) -> Option<u32> {
        self.number(PropertyKind::MaximumPacketSize)
    }

    /// 0 when there are no wildcards.
    pub fn wildcard_subscription_available(&self) -> Option<u8> {
        self.number(PropertyKind::WildcardSubscriptionAvailable)
            .map(|number| number as u8)
    }

    /// 0 when there are no Subscription Identifiers.
    pub fn subscription_identifier_available(&self) -> Option<u8> {
        self.number(PropertyKind::SubscriptionIdentifierAvailable)
            .map(|number| number as u8)
    }

    /// 0 when there are no Shared Subscriptions.
    pub fn shared_subscription_available(&self) -> Option<u8> {
        self.number(PropertyKind::SharedSubscriptionAvailable)
            .map(|number| number as u8)
    }

    /// The numbers of the subscriptions that a message is sent for; of a SUBSCRIBE, one at most.
    pub fn subscription_identifiers(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.raw()
            .filter(|(kind, _)| *kind == PropertyKind::SubscriptionIdentifier)
            .map(|(_, value)| value.number())
    }

    /// The User Properties' names and values, in their order.
    pub fn user_properties(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.raw().filter_map(|(_, value)| match value {
            RawValue::Pair(name, value) => Some((checked(name), checked(value))),
            RawValue::Number(_) | RawValue::Bytes(_) => None,
        })
    }
}
