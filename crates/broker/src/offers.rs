//! What the broker does not offer, where its configuration takes something away (5.0, section 3.2.2.3).
//!
//! A 5.0 client was told in CONNACK, so that asking for it all the same ends its connection. Before 5.0 a
//! client cannot know: a filter is refused in SUBACK, a PUBLISH ends the connection.

use vitrine_packet::{Property, PropertyBuf, QoS, ReasonCode, Subscribe, topic};

use crate::Config;
use crate::limits::Refused;
use crate::message::push;
use crate::trie::is_shared;

/// Something that is not offered, and the statement that it breaks to ask for it.
pub(crate) type NotOffered = (Refused, Option<&'static str>);

impl Config {
    /// Whether a message of this QoS, retained or not, may be published, at once or by a Will.
    #[inline]
    pub(crate) fn publish_offered(&self, qos: QoS, retain: bool) -> Result<(), NotOffered> {
        if qos > self.maximum_qos {
            let text = "the QoS is above Maximum QoS";
            let refused = Refused::new(ReasonCode::QoSNotSupported, text);
            return Err((refused, Some("MQTT-3.2.2-11")));
        }
        if retain && !self.retain_available {
            let text = "no messages are retained";
            let refused = Refused::new(ReasonCode::RetainNotSupported, text);
            return Err((refused, Some("MQTT-3.2.2-14")));
        }
        Ok(())
    }

    /// As [`Self::publish_offered`], for the Will in a CONNECT.
    pub(crate) fn will_offered(&self, qos: QoS, retain: bool) -> Result<(), NotOffered> {
        self.publish_offered(qos, retain).map_err(|(refused, _)| {
            let of_qos = refused.reason == ReasonCode::QoSNotSupported;
            let statement = if of_qos {
                "MQTT-3.2.2-12"
            } else {
                "MQTT-3.2.2-13"
            };
            (refused, Some(statement))
        })
    }

    /// Whether a subscription to this filter may be made.
    pub(crate) fn filter_offered(&self, filter: &str) -> Result<(), Refused> {
        if !self.shared_subscription_available && is_shared(filter) {
            let text = "there are no Shared Subscriptions";
            return Err(Refused::new(
                ReasonCode::SharedSubscriptionsNotSupported,
                text,
            ));
        }
        let wild = || topic::strip_share(filter).contains(['+', '#']);
        if !self.wildcard_subscription_available && wild() {
            let text = "there are no wildcards in Topic Filters";
            return Err(Refused::new(
                ReasonCode::WildcardSubscriptionsNotSupported,
                text,
            ));
        }
        Ok(())
    }

    /// Whether a SUBSCRIBE of a 5.0 client asks for what it was told that there is not.
    pub(crate) fn subscribe_offered(&self, subscribe: &Subscribe<'_>) -> Result<(), Refused> {
        let mut identifiers = subscribe.properties.subscription_identifiers();
        if !self.subscription_identifiers_available && identifiers.next().is_some() {
            let text = "there are no Subscription Identifiers";
            let reason = ReasonCode::SubscriptionIdentifiersNotSupported;
            return Err(Refused::new(reason, text));
        }
        let mut filters = subscribe.filters.iter();
        filters.try_for_each(|(filter, _)| self.filter_offered(filter))
    }

    /// Tells a 5.0 client in CONNACK what is not offered.
    pub(crate) fn write_offers(&self, properties: &mut PropertyBuf) {
        if self.maximum_qos < QoS::ExactlyOnce {
            push(properties, Property::MaximumQos(self.maximum_qos.as_u8()));
        }
        let missing = [
            (self.retain_available, Property::RetainAvailable(0)),
            (
                self.wildcard_subscription_available,
                Property::WildcardSubscriptionAvailable(0),
            ),
            (
                self.subscription_identifiers_available,
                Property::SubscriptionIdentifierAvailable(0),
            ),
            (
                self.shared_subscription_available,
                Property::SharedSubscriptionAvailable(0),
            ),
        ];
        for (available, property) in missing {
            if !available {
                push(properties, property);
            }
        }
    }
}
