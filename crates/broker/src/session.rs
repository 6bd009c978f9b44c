//! A Session: what is kept for a client, connected or not (3.1.1 section 3.1.2.4, 5.0 section 4.1).

use alloc::collections::{BTreeMap, VecDeque};
use alloc::rc::Rc;

use vitrine_packet::{PropertyBuf, ProtocolVersion, QoS};
use vitrine_session::{Incoming, Outgoing};

use crate::message::Delivery;
use crate::publication::{Publication, Publisher};
use crate::{ClientId, PublicationId, Time, WillInfo};

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) client: ClientId,
    /// The version of the latest connection.
    pub(crate) version: ProtocolVersion,
    /// The connection, while there is one.
    pub(crate) connection: Option<usize>,
    /// The Session Expiry Interval in seconds; `u32::MAX` for never.
    pub(crate) expiry: u32,
    /// For when [`crate::timers::TimerKey::SessionExpiry`] is set.
    pub(crate) expires: Option<Time>,
    /// Subscriptions by filter.
    pub(crate) subscriptions: BTreeMap<Rc<str>, usize>,
    /// Messages to the client that are under way.
    pub(crate) outgoing: Outgoing<InFlight, PublicationId>,
    /// QoS 2 messages from the client that are not released; those refused have no publication.
    pub(crate) incoming: Incoming<Option<PublicationId>>,
    /// Messages to the client that wait.
    pub(crate) queue: Queue,
    /// The Will, until it is published or dropped.
    pub(crate) will: Option<Will>,
    /// For when [`crate::timers::TimerKey::WillDelay`] is set.
    pub(crate) will_due: Option<Time>,
}

/// A message under way.
#[derive(Clone, Debug)]
pub(crate) struct InFlight {
    pub(crate) delivery: Delivery,
    /// Its number in the outbox of the connection that it was first sent on, which tells whether the
    /// host pulled it; `None` once that connection is gone.
    pub(crate) number: Option<u64>,
}

/// A Will, as it came with CONNECT.
#[derive(Clone, Debug)]
pub(crate) struct Will {
    pub(crate) topic: Rc<str>,
    pub(crate) properties: PropertyBuf,
    pub(crate) payload: Rc<[u8]>,
    pub(crate) qos: QoS,
    pub(crate) retain: bool,
    /// Will Delay Interval in seconds.
    pub(crate) delay: u32,
    /// Message Expiry Interval in seconds.
    pub(crate) expiry: Option<u32>,
}

impl Will {
    /// The Will as what it is published as.
    pub(crate) fn publication(&self, client: ClientId) -> Publication<'_> {
        Publication {
            publisher: Publisher::Will(client),
            topic: &self.topic,
            properties: self.properties.as_properties(),
            payload: &self.payload,
            qos: self.qos,
            retain: self.retain,
            expiry: self.expiry,
        }
    }

    pub(crate) fn info(&self) -> WillInfo {
        WillInfo {
            topic: Rc::clone(&self.topic),
            qos: self.qos,
            retain: self.retain,
            delay: self.delay,
        }
    }
}

/// Messages that wait for the client to come back, or for its window or its transport.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    deliveries: VecDeque<Delivery>,
    /// Bytes of topic, properties and payload.
    bytes: usize,
    /// How many of them are QoS 0.
    qos0: usize,
    /// For when [`crate::timers::TimerKey::QueueExpiry`] is set.
    pub(crate) sweep: Option<Time>,
}

impl Queue {
    pub(crate) fn len(&self) -> usize {
        self.deliveries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether QoS 0 messages wait, so that others must wait behind them.
    pub(crate) fn holds_qos0(&self) -> bool {
        self.qos0 > 0
    }

    pub(crate) fn push_back(&mut self, delivery: Delivery) {
        self.count(&delivery);
        self.deliveries.push_back(delivery);
    }

    /// Puts a message back that was taken out last.
    pub(crate) fn push_front(&mut self, delivery: Delivery) {
        self.count(&delivery);
        self.deliveries.push_front(delivery);
    }

    pub(crate) fn front(&self) -> Option<&Delivery> {
        self.deliveries.front()
    }

    pub(crate) fn pop_front(&mut self) -> Option<Delivery> {
        let delivery = self.deliveries.pop_front()?;
        self.uncount(&delivery);
        if self.deliveries.is_empty() && self.deliveries.capacity() > 64 {
            self.deliveries = VecDeque::new();
        }
        Some(delivery)
    }

    /// Takes out the messages that are expired, and gives them. The rest keeps its order.
    pub(crate) fn take_expired(&mut self, now: Time) -> VecDeque<Delivery> {
        let deliveries = core::mem::take(&mut self.deliveries);
        let (gone, left) = deliveries
            .into_iter()
            .partition(|d| d.message.is_expired(now));
        self.deliveries = left;
        let gone: VecDeque<Delivery> = gone;
        gone.iter().for_each(|delivery| self.uncount(delivery));
        gone
    }

    /// When the first of them expires.
    pub(crate) fn first_expiry(&self) -> Option<Time> {
        self.deliveries
            .iter()
            .filter_map(|delivery| delivery.message.expires)
            .min()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Delivery> {
        self.deliveries.iter()
    }

    fn count(&mut self, delivery: &Delivery) {
        self.bytes += delivery.message.size();
        self.qos0 += usize::from(delivery.qos == QoS::AtMostOnce);
    }

    fn uncount(&mut self, delivery: &Delivery) {
        self.bytes -= delivery.message.size();
        self.qos0 -= usize::from(delivery.qos == QoS::AtMostOnce);
    }
}
