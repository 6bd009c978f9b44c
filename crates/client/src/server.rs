//! What the server said of itself in CONNACK (5.0 section 3.2.2.3).

use alloc::rc::Rc;

use vitrine_packet::{Properties, Property, QoS};

/// What the server allows on this connection. What it did not say has the standard's default; in 3.x
/// everything has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Session Expiry Interval in seconds that counts, where it is not the one asked for.
    pub session_expiry: Option<u32>,
    /// Receive Maximum: QoS 1 and 2 messages it takes at a time.
    pub receive_maximum: u16,
    /// The highest QoS that may be published.
    pub maximum_qos: QoS,
    /// Whether it keeps Retained Messages.
    pub retain_available: bool,
    /// The largest packet it takes, in bytes.
    pub maximum_packet_size: u32,
    /// The highest Topic Alias it takes; 0 for none.
    pub topic_alias_maximum: u16,
    /// Whether filters may have wildcards.
    pub wildcard_available: bool,
    /// Whether subscriptions may have identifiers.
    pub identifiers_available: bool,
    /// Whether there are Shared Subscriptions.
    pub shared_available: bool,
    /// Keep Alive in seconds that the client has to use, where it is not the one asked for.
    pub keep_alive: Option<u16>,
    /// What Response Topics may be made of.
    pub response_information: Option<Rc<str>>,
    /// Another server to use.
    pub reference: Option<Rc<str>>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            session_expiry: None,
            receive_maximum: u16::MAX,
            maximum_qos: QoS::ExactlyOnce,
            retain_available: true,
            maximum_packet_size: u32::MAX,
            topic_alias_maximum: 0,
            wildcard_available: true,
            identifiers_available: true,
            shared_available: true,
            keep_alive: None,
            response_information: None,
            reference: None,
        }
    }
}

impl Server {
    /// What CONNACK's properties say.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others say nothing of the server"
    )]
    pub(crate) fn of(properties: Properties<'_>) -> Self {
        let mut server = Self::default();
        for property in properties {
            match property {
                Property::SessionExpiryInterval(seconds) => server.session_expiry = Some(seconds),
                Property::ReceiveMaximum(most) => server.receive_maximum = most,
                Property::MaximumQos(0) => server.maximum_qos = QoS::AtMostOnce,
                Property::MaximumQos(_) => server.maximum_qos = QoS::AtLeastOnce,
                Property::RetainAvailable(yes) => server.retain_available = yes != 0,
                Property::MaximumPacketSize(size) => server.maximum_packet_size = size,
                Property::TopicAliasMaximum(most) => server.topic_alias_maximum = most,
                Property::WildcardSubscriptionAvailable(yes) => {
                    server.wildcard_available = yes != 0;
                }
                Property::SubscriptionIdentifierAvailable(yes) => {
                    server.identifiers_available = yes != 0;
                }
                Property::SharedSubscriptionAvailable(yes) => server.shared_available = yes != 0,
                Property::ServerKeepAlive(seconds) => server.keep_alive = Some(seconds),
                Property::ResponseInformation(text) => {
                    server.response_information = Some(text.into());
                }
                Property::ServerReference(text) => server.reference = Some(text.into()),
                _ => {}
            }
        }
        server
    }
}
