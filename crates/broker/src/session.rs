//! A Session: what is kept for a client, connected or not (3.1.1 section 3.1.2.4, 5.0 section 4.1).

use alloc::collections::BTreeMap;
use alloc::rc::Rc;

use vitrine_packet::{PropertyBuf, ProtocolVersion, QoS};
use vitrine_session::{Incoming, Outgoing};

use crate::access::{Allowed, RuleList};
use crate::changes::ChangeNumber;
use crate::message::Delivery;
use crate::publication::{Publication, Publisher};
use crate::queue::Queue;
use crate::{ClientId, ConnectionId, PublicationId, Time, WillInfo};

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) client: ClientId,
    /// The user of the latest connection; `None` when it was anonymous.
    pub(crate) user: Option<Rc<str>>,
    /// The rules that are for the client.
    pub(crate) rules: RuleList,
    /// Topics that these rules let it publish to.
    pub(crate) allowed: Allowed,
    /// The version of the latest connection.
    pub(crate) version: ProtocolVersion,
    /// The connection, while there is one.
    pub(crate) connection: Option<usize>,
    /// The Session Expiry Interval in seconds; `u32::MAX` for never.
    pub(crate) expiry: u32,
    /// Since when there is no connection; `None` while there is one.
    pub(crate) left: Option<Time>,
    /// For when [`crate::timers::TimerKey::SessionExpiry`] is set.
    pub(crate) expires: Option<Time>,
    /// Subscriptions by filter.
    pub(crate) subscriptions: BTreeMap<Rc<str>, usize>,
    /// What their filters cost together.
    pub(crate) filter_bytes: usize,
    /// Messages to the client that are under way.
    pub(crate) outgoing: Outgoing<InFlight, Released>,
    /// What the messages under way cost that wait for PUBACK or PUBREC.
    pub(crate) in_flight_bytes: usize,
    /// QoS 2 messages from the client that are not released; those refused have no publication.
    pub(crate) incoming: Incoming<Received>,
    /// Messages to the client that wait.
    pub(crate) queue: Queue,
    /// The Will, until it is published or dropped.
    pub(crate) will: Option<Rc<Will>>,
    /// For when [`crate::timers::TimerKey::WillDelay`] is set.
    pub(crate) will_due: Option<Time>,
    /// The latest number that was given to a delivery.
    pub(crate) deliveries: u64,
}

impl Session {
    /// A session that has nothing yet.
    pub(crate) fn new(client: ClientId) -> Self {
        Self {
            client,
            user: None,
            rules: RuleList::default(),
            allowed: Allowed::default(),
            version: ProtocolVersion::V3_1_1,
            connection: None,
            expiry: 0,
            left: None,
            expires: None,
            subscriptions: BTreeMap::new(),
            filter_bytes: 0,
            outgoing: Outgoing::new(1),
            in_flight_bytes: 0,
            incoming: Incoming::default(),
            queue: Queue::default(),
            will: None,
            will_due: None,
            deliveries: 0,
        }
    }

    /// What the messages in its queue and under way cost.
    pub(crate) fn held_bytes(&self) -> usize {
        self.queue.bytes() + self.in_flight_bytes
    }

    /// Gives a delivery a number, if it has none.
    pub(crate) fn number(&mut self, delivery: &mut Delivery) {
        if delivery.number == 0 {
            delivery.number = self.next_number();
        }
    }

    /// A number above all that were given so far.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.deliveries += 1;
        self.deliveries
    }
}

/// What a Topic Filter counts for: its bytes, and something for the memory of each level.
pub(crate) fn filter_cost(filter: &str) -> usize {
    let levels = 1 + filter.bytes().filter(|byte| *byte == b'/').count();
    filter.len() + 128 * levels
}

/// What is remembered of a QoS 2 message from the client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received {
    pub(crate) publication: Option<PublicationId>,
    /// The connection it came on, whose Receive Maximum it takes from; `None` after a restart.
    pub(crate) connection: Option<ConnectionId>,
}

/// What is left of a QoS 2 message under way after its PUBREC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Released {
    pub(crate) publication: PublicationId,
    /// Its number among the session's deliveries.
    pub(crate) number: u64,
}

/// A message under way.
#[derive(Clone, Debug)]
pub(crate) struct InFlight {
    pub(crate) delivery: Delivery,
    /// Its number in the outbox of the connection that it was first sent on, which tells whether the
    /// host pulled it; `None` once that connection is gone.
    pub(crate) number: Option<u64>,
    /// The change that told of it, if that is the only one.
    pub(crate) told: ChangeNumber,
}

/// A Will, as it came with CONNECT.
#[derive(Clone, Debug, PartialEq)]
pub struct Will {
    /// The Topic Name.
    pub topic: Rc<str>,
    /// The properties that are passed on as they came.
    pub properties: PropertyBuf,
    /// The payload.
    pub payload: Rc<[u8]>,
    /// Its QoS.
    pub qos: QoS,
    /// Its RETAIN flag.
    pub retain: bool,
    /// Will Delay Interval in seconds.
    pub delay: u32,
    /// Message Expiry Interval in seconds.
    pub expiry: Option<u32>,
}

impl Will {
    /// The Will as what it is published as.
    pub(crate) fn publication(&self, client: ClientId, user: Option<Rc<str>>) -> Publication<'_> {
        Publication {
            publisher: Publisher::Will { client, user },
            topic: &self.topic,
            properties: self.properties.as_properties(),
            payload: &self.payload,
            qos: self.qos,
            retain: self.retain,
            expiry: self.expiry,
        }
    }

    /// What it counts for among all Wills.
    pub(crate) fn cost(&self) -> usize {
        let properties = self.properties.as_properties().as_bytes();
        self.topic.len() + properties.len() + self.payload.len() + 64
    }

    pub(crate) fn info(&self) -> WillInfo {
        WillInfo {
            topic: Rc::clone(&self.topic),
            payload: Rc::clone(&self.payload),
            qos: self.qos,
            retain: self.retain,
            delay: self.delay,
        }
    }
}
