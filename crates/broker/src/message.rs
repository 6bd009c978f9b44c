//! An application message that outlives the packet it came in.

use alloc::rc::Rc;

use vitrine_packet::{PacketId, Properties, Property, PropertyBuf, Publish, QoS};

use crate::router::SubscriptionIds;
use crate::send::INLINE_PAYLOAD;
use crate::trie::GroupRef;
use crate::{ClientId, PublicationId, Time};

/// Bytes that a delivery takes besides its message, about.
const DELIVERY_COST: usize = 64;

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

    /// What one more holder of the message counts for among all sessions or connections. Of a large one it
    /// is all of it for the first, half of it for the second, and so on, which is about what it takes to
    /// hold it; a small one is not worth the division.
    #[inline]
    pub(crate) fn charge(self: &Rc<Self>) -> u32 {
        let size = self.size();
        if size <= INLINE_PAYLOAD {
            return (size + DELIVERY_COST) as u32;
        }
        self.charge_in_parts()
    }

    #[cold]
    fn charge_in_parts(self: &Rc<Self>) -> u32 {
        // Besides the one that asks there is the one that it is given by.
        let holders = (Rc::strong_count(self) - 1).max(1);
        u32::try_from(self.size() / holders + DELIVERY_COST).unwrap_or(u32::MAX)
    }

    /// What it counts for in the queue of a session, or under way to its client.
    pub(crate) fn cost(&self) -> usize {
        self.size() + DELIVERY_COST
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
    /// What it counts for among the messages of all sessions.
    pub(crate) charge: u32,
    /// The group of shared subscriptions that it came to.
    pub(crate) group: Option<GroupRef>,
    /// Whether it was told of as what is to survive.
    pub(crate) kept: bool,
}

impl Delivery {
    /// Puts together the PUBLISH of this delivery. `scratch` lends the memory for its properties.
    pub(crate) fn publish<'a>(
        &'a self,
        sending: Sending,
        now: Time,
        scratch: &'a mut PropertyBuf,
    ) -> Publish<'a> {
        let Sending { id, dup, alias } = sending;
        let message = &*self.message;
        let known = matches!(alias, Some(Alias::Known(_)));
        Publish {
            dup,
            qos: self.qos,
            retain: self.retain,
            topic: if known { "" } else { &message.topic },
            packet_id: id,
            properties: self.properties(alias, now, scratch),
            payload: &message.payload,
        }
    }

    /// The properties of the PUBLISH: those of the message, the rest of its lifetime [MQTT-3.3.2-6], the
    /// Subscription Identifiers, and the Topic Alias.
    fn properties<'a>(
        &'a self,
        alias: Option<Alias>,
        now: Time,
        scratch: &'a mut PropertyBuf,
    ) -> Properties<'a> {
        let message = &*self.message;
        let ids = self.ids.as_slice();
        if message.expires.is_none() && ids.is_empty() && alias.is_none() {
            return message.properties.as_properties();
        }
        scratch.clear();
        if let Some(at) = message.expires {
            let left = at.since(now).as_micros().div_ceil(1_000_000);
            let left = u32::try_from(left).unwrap_or(u32::MAX);
            push(scratch, Property::MessageExpiryInterval(left));
        }
        if let Some(Alias::New(alias) | Alias::Known(alias)) = alias {
            push(scratch, Property::TopicAlias(alias));
        }
        for id in ids {
            push(scratch, Property::SubscriptionIdentifier(*id));
        }
        for property in message.properties.as_properties() {
            push(scratch, property);
        }
        scratch.as_properties()
    }
}

/// How a delivery is sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sending {
    pub(crate) id: Option<PacketId>,
    pub(crate) dup: bool,
    pub(crate) alias: Option<Alias>,
}

impl Sending {
    /// For the first time, as to how long that is: with some Packet Identifier where it has one, and no alias.
    pub(crate) fn first(qos: QoS) -> Self {
        Self {
            id: qos.is_acknowledged().then_some(PacketId::MIN),
            ..Self::default()
        }
    }
}

/// A Topic Alias that goes with a PUBLISH.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Alias {
    /// The topic goes with it.
    New(u16),
    /// It stands for the topic.
    Known(u16),
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
