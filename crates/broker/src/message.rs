//! An application message that outlives the packet it came in.

use alloc::rc::Rc;

use vitrine_packet::{PacketId, Properties, Property, PropertyBuf, Publish, QoS};

use crate::router::SubscriptionIds;
use crate::{ClientId, PublicationId, Time};

/// A publication that is retained, waits in queues, or is under way; shared by all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The publication.
    pub publication: PublicationId,
    /// Who published it; `None` for the broker itself.
    pub publisher: Option<ClientId>,
    /// The QoS it was published with.
    pub qos: QoS,
    /// When it is no longer worth delivering.
    pub expires: Option<Time>,
    /// The Topic Name.
    pub topic: Rc<str>,
    /// The properties that are passed on as they came: all but Topic Alias and Message Expiry Interval.
    pub properties: PropertyBuf,
    /// The payload.
    pub payload: Rc<[u8]>,
}

impl Message {
    /// Bytes of topic, properties and payload.
    pub(crate) fn size(&self) -> usize {
        self.topic.len() + self.properties.as_properties().as_bytes().len() + self.payload.len()
    }

    pub(crate) fn is_expired(&self, now: Time) -> bool {
        self.expires.is_some_and(|at| at <= now)
    }
}

/// A message on its way to one session.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) message: Rc<Message>,
    /// The QoS of this delivery.
    pub(crate) qos: QoS,
    /// The RETAIN flag that is sent.
    pub(crate) retain: bool,
    pub(crate) ids: SubscriptionIds,
    /// Its number among the session's deliveries; 0 while it has none, or for QoS 0.
    pub(crate) number: u64,
}

impl Delivery {
    /// Puts together the PUBLISH of this delivery. `scratch` lends the memory for its properties.
    pub(crate) fn publish<'a>(
        &'a self,
        id: Option<PacketId>,
        dup: bool,
        now: Time,
        scratch: &'a mut PropertyBuf,
    ) -> Publish<'a> {
        let message = &*self.message;
        let properties = message.properties.as_properties();
        let properties = outgoing_properties(properties, message.expires, &self.ids, now, scratch);
        Publish {
            dup,
            qos: self.qos,
            retain: self.retain,
            topic: &message.topic,
            packet_id: id,
            properties,
            payload: &message.payload,
        }
    }
}

/// The properties of a delivery: those of the message, the rest of its lifetime [MQTT-3.3.2-6] and the
/// Subscription Identifiers. `scratch` lends memory where that is more than the message's own.
pub(crate) fn outgoing_properties<'a>(
    properties: Properties<'a>,
    expires: Option<Time>,
    ids: &SubscriptionIds,
    now: Time,
    scratch: &'a mut PropertyBuf,
) -> Properties<'a> {
    let ids = ids.as_slice();
    if expires.is_none() && ids.is_empty() {
        return properties;
    }
    scratch.clear();
    if let Some(at) = expires {
        let left = at.since(now).as_micros().div_ceil(1_000_000);
        push(
            scratch,
            Property::MessageExpiryInterval(u32::try_from(left).unwrap_or(u32::MAX)),
        );
    }
    for id in ids {
        push(scratch, Property::SubscriptionIdentifier(*id));
    }
    for property in properties {
        push(scratch, property);
    }
    scratch.as_properties()
}

/// The properties of a PUBLISH or a Will that are passed on to subscribers as they came and in their
/// order. `scratch` lends memory where some are left out.
pub(crate) fn forwardable<'a>(
    properties: Properties<'a>,
    scratch: &'a mut PropertyBuf,
) -> Properties<'a> {
    if properties.is_empty() || properties.iter().all(|property| is_forwarded(&property)) {
        return properties;
    }
    scratch.clear();
    for property in properties.iter().filter(is_forwarded) {
        push(scratch, property);
    }
    scratch.as_properties()
}

fn is_forwarded(property: &Property<'_>) -> bool {
    !matches!(
        property,
        Property::TopicAlias(_)
            | Property::MessageExpiryInterval(_)
            | Property::WillDelayInterval(_)
            | Property::SubscriptionIdentifier(_)
    )
}

/// Adds a property that cannot be too long: it came in a packet, or is a number in range.
pub(crate) fn push(properties: &mut PropertyBuf, property: Property<'_>) {
    let pushed = properties.push(property);
    debug_assert!(pushed.is_ok(), "{property:?}");
}
