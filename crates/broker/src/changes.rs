//! What must survive the broker: told as changes while it runs, put together to start from.
//!
//! With [`crate::Config::durable`] every change to a Session that outlives its connection, and to the
//! Retained Messages, is collected. The host takes them with [`Broker::take_changes`] and makes them
//! durable before it pulls further bytes: so nothing is promised that would not be kept.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_packet::{PacketId, QoS, SubscriptionOptions};

use crate::broker::Broker;
use crate::collected::Weight;
use crate::message::Delivery;
use crate::session::InFlight;
use crate::{ClientId, ConnectionId, Message, Output, PublicationId, Time, Will};

/// Counts the changes on which something may rest that is sent, from 1 on, in the order of happening. It says which of them have
/// to be durable before that is sent, and counts anew with each broker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangeNumber(pub u64);

impl ChangeNumber {
    /// What comes before all changes: nothing waits for it.
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn plus(self, count: usize) -> Self {
        Self(self.0 + count as u64)
    }
}

/// A change to what must survive. The list is closed: a store that passed over one would lose it.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A Session began, or what is known of it as a whole changed.
    Session {
        /// Whose.
        client: ClientId,
        /// As it is now.
        settings: SessionSettings,
    },
    /// A Session and all that belongs to it are gone.
    SessionEnded {
        /// Whose.
        client: ClientId,
    },
    /// A Subscription was made or replaced.
    Subscribed {
        /// Whose.
        client: ClientId,
        /// The Topic Filter.
        filter: Rc<str>,
        /// As it is now.
        subscription: SavedSubscription,
    },
    /// A Subscription was removed.
    Unsubscribed {
        /// Whose.
        client: ClientId,
        /// The Topic Filter.
        filter: Rc<str>,
    },
    /// A message for a client began to wait or is about to be sent for the first time, or PUBREC came.
    Delivery {
        /// Whose.
        client: ClientId,
        /// Which of the Session's deliveries. Later ones have higher numbers.
        number: u64,
        /// How far it is now.
        delivery: SavedDelivery,
    },
    /// A delivery that was told of waited and is about to be sent, or was not sent after all and waits
    /// again. Its message is the same, and not told again.
    Moved {
        /// Whose.
        client: ClientId,
        /// Which of the Session's deliveries.
        number: u64,
        /// The Packet Identifier of its PUBLISH; `None` when it waits.
        packet_id: Option<PacketId>,
    },
    /// A delivery is over.
    Delivered {
        /// Whose.
        client: ClientId,
        /// Which.
        number: u64,
    },
    /// A QoS 2 message from a client is known by its Packet Identifier until that is released.
    Received {
        /// Whose.
        client: ClientId,
        /// The Packet Identifier.
        packet_id: PacketId,
        /// The publication; `None` when it was refused.
        publication: Option<PublicationId>,
    },
    /// A Packet Identifier of a client is released.
    Released {
        /// Whose.
        client: ClientId,
        /// The Packet Identifier.
        packet_id: PacketId,
    },
    /// A message became its topic's Retained Message.
    Retained(Rc<Message>),
    /// A topic has no Retained Message any more.
    RetainedRemoved {
        /// The Topic Name.
        topic: Rc<str>,
    },
    /// The host looked at a clock. A broker never says so, and does nothing with it.
    Clock(ClockReading),
}

/// How the time that a broker is told goes with the clock of the machine it runs on, which may be set while it
/// runs. What survives has times of the first kind in it; how long nobody ran tells only the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockReading {
    /// The broker's time.
    pub time: Time,
    /// What the machine's clock said then: since the Unix epoch.
    pub machine: Time,
}

/// What is known of a Session as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionSettings {
    /// The Session Expiry Interval in seconds; `u32::MAX` for never.
    pub expiry: u32,
    /// Since when it has no connection; `None` while it has one.
    pub left: Option<Time>,
    /// The Will, until it is published or dropped.
    pub will: Option<Rc<Will>>,
    /// The user of its latest connection; `None` when that was anonymous.
    pub user: Option<Rc<str>>,
}

/// A Subscription, but for its filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedSubscription {
    /// Its options; the QoS among them is the granted one.
    pub options: SubscriptionOptions,
    /// Its Subscription Identifier.
    pub identifier: Option<u32>,
}

/// How far a delivery is.
#[derive(Clone, Debug, PartialEq)]
pub enum SavedDelivery {
    /// It waits.
    Queued(SavedMessage),
    /// PUBLISH was or is about to be sent.
    Sent(PacketId, SavedMessage),
    /// PUBREC came.
    Released {
        /// The Packet Identifier.
        packet_id: PacketId,
        /// The publication.
        publication: PublicationId,
        /// PUBRELs are sent again in this order, which is that of the PUBRECs [MQTT-4.6.0-4].
        order: u64,
    },
}

/// A message as it is delivered to a client.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedMessage {
    /// The message.
    pub message: Rc<Message>,
    /// The QoS of the delivery: 1 or 2.
    pub qos: QoS,
    /// The RETAIN flag of the delivery.
    pub retain: bool,
    /// The Subscription Identifiers of the delivery.
    pub identifiers: Vec<u32>,
    /// The Topic Filter of the group of shared subscriptions that it came to, `$share/name/` included: when
    /// the Session ends another of the group gets it.
    pub group: Option<Rc<str>>,
}

/// All that must survive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersistentState {
    /// The Sessions.
    pub sessions: BTreeMap<ClientId, SavedSession>,
    /// The Retained Messages by topic.
    pub retained: BTreeMap<Rc<str>, Rc<Message>>,
    /// The latest look at the machine's clock, where the host has one.
    pub clock: Option<ClockReading>,
}

/// All that must survive of a Session.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedSession {
    /// What is known of it as a whole.
    pub settings: SessionSettings,
    /// The Subscriptions by filter.
    pub subscriptions: BTreeMap<Rc<str>, SavedSubscription>,
    /// The deliveries by number.
    pub deliveries: BTreeMap<u64, SavedDelivery>,
    /// QoS 2 messages that came and are not released.
    pub received: BTreeMap<PacketId, Option<PublicationId>>,
}

impl PersistentState {
    /// Takes in a change. What belongs to a Session that is not there is left out.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Session { client, settings } => match self.sessions.get_mut(&client) {
                Some(session) => session.settings = settings,
                None => {
                    self.sessions.insert(client, SavedSession::new(settings));
                }
            },
            Change::SessionEnded { client } => {
                self.sessions.remove(&client);
            }
            Change::Subscribed {
                client,
                filter,
                subscription,
            } => {
                self.with(&client, |session| {
                    session.subscriptions.insert(filter, subscription)
                });
            }
            Change::Unsubscribed { client, filter } => {
                self.with(&client, |session| session.subscriptions.remove(&filter));
            }
            Change::Delivery {
                client,
                number,
                delivery,
            } => {
                self.with(&client, |session| {
                    session.deliveries.insert(number, delivery)
                });
            }
            Change::Moved {
                client,
                number,
                packet_id,
            } => {
                self.with(&client, |session| {
                    if let Some(delivery) = session.deliveries.get_mut(&number) {
                        delivery.step(packet_id);
                    }
                });
            }
            Change::Delivered { client, number } => {
                self.with(&client, |session| session.deliveries.remove(&number));
            }
            Change::Received {
                client,
                packet_id,
                publication,
            } => {
                self.with(&client, |session| {
                    session.received.insert(packet_id, publication)
                });
            }
            Change::Released { client, packet_id } => {
                self.with(&client, |session| session.received.remove(&packet_id));
            }
            Change::Retained(message) => {
                self.retained.insert(Rc::clone(&message.topic), message);
            }
            Change::RetainedRemoved { topic } => {
                self.retained.remove(&topic);
            }
            Change::Clock(reading) => self.clock = Some(reading),
        }
    }

    fn with<T>(&mut self, client: &ClientId, change: impl FnOnce(&mut SavedSession) -> T) {
        if let Some(session) = self.sessions.get_mut(client) {
            change(session);
        }
    }
}

impl SavedDelivery {
    /// Takes in that it waits, or is sent with this Packet Identifier. Past its PUBREC it stays as it is.
    pub fn step(&mut self, packet_id: Option<PacketId>) {
        let (Self::Queued(message) | Self::Sent(_, message)) = self else {
            return;
        };
        let message = message.clone();
        *self = match packet_id {
            None => Self::Queued(message),
            Some(id) => Self::Sent(id, message),
        };
    }
}

impl SavedSession {
    fn new(settings: SessionSettings) -> Self {
        let (subscriptions, deliveries, received) = Default::default();
        Self {
            settings,
            subscriptions,
            deliveries,
            received,
        }
    }
}

impl Broker {
    /// The changes since they were last taken, in the order of happening, but for those that have come to
    /// nothing meanwhile. They are to be made durable, all or none, before what rests on them is sent:
    /// before [`Broker::poll_transmit`] is called again, or for a host that looks closer,
    /// before it is for a connection that has [`Broker::rests_on`].
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.changes.take()
    }

    /// How many changes there is room taken up for until they are taken: those that wait, and those of them that have come
    /// to nothing. What a host has to bound that cannot commit them at once, beside [`Broker::changes_bytes`].
    #[must_use]
    pub fn changes_room(&self) -> usize {
        self.changes.room()
    }

    /// How many changes wait to be taken.
    #[must_use]
    pub fn changes_waiting(&self) -> usize {
        self.changes.len()
    }

    /// Whether what is sent next may rest on the changes that wait to be taken. It does not while they say
    /// nothing but that deliveries are over: a crash that forgets a PUBACK or PUBCOMP has the PUBLISH or
    /// PUBREL sent once more, as the standard has it when the answer is lost on its way, and whatever takes
    /// up the Packet Identifier again is a later change. A host may keep such changes with the next
    /// ones, in a while, and pull meanwhile.
    #[must_use]
    pub fn changes_press(&self) -> bool {
        self.changes.pressing() > 0
    }

    /// Whether all that presses among the changes that wait to be taken comes to nothing when clients
    /// that are connected acknowledge the QoS 1 messages that they are sent. Those may be sent before
    /// ([`Broker::rests_on`]), and a host that waits a moment for the answers may have nothing to
    /// make durable then.
    #[must_use]
    pub fn changes_may_pass(&self) -> bool {
        self.changes_press() && self.changes.owed() == self.changes.pressing()
    }

    /// About how many bytes of messages, Wills and names the changes hold that wait to be taken: what a
    /// host has to bound that cannot commit them at once. A message counts once for all who get it.
    #[must_use]
    pub fn changes_bytes(&self) -> usize {
        self.changes.bytes()
    }

    /// The number of the latest change.
    #[must_use]
    pub fn changes_latest(&self) -> ChangeNumber {
        self.changes.latest()
    }

    /// All changes up to this one are durable, or came to nothing before they were taken: what was begun
    /// with them is over, and a crash now leaves the same as one that happens after both were made durable.
    #[must_use]
    pub fn changes_settled(&self) -> ChangeNumber {
        self.changes.settled()
    }

    /// The host says that all changes it took are durable. Only [`Broker::changes_settled`] and
    /// [`Broker::rests_on`] depend on it.
    pub fn changes_kept(&mut self) {
        self.changes.kept();
    }

    /// The latest change that has to be durable before what a connection has to send is pulled and sent;
    /// `None` when it may be at once. That is so for PINGRESP, and for messages at QoS 0 and, when they are
    /// sent for the first time and at once, QoS 1: they promise nothing. After a crash that has the broker forget a QoS 1
    /// message its publisher, who was not answered, sends it again, and that a client gets another one with
    /// the same Packet Identifier then does no harm. (At QoS 2 that would be taken for the same.) All packets
    /// of a connection leave in their order, so that these wait behind those that have to.
    #[must_use]
    pub fn rests_on(&self, connection: ConnectionId) -> Option<ChangeNumber> {
        let at = self.connection_ids.get(&connection)?;
        let number = self.connections[*at].outbox.rests_on();
        (number > self.changes_settled()).then_some(number)
    }

    /// Collects a change, if changes are collected.
    #[inline]
    pub(crate) fn change(&mut self, change: impl FnOnce(&Self) -> Change) {
        if self.config.durable {
            let change = change(self);
            self.collect(change, false);
        }
    }

    /// Collects a change of a session, if changes are collected and it outlives its connection.
    #[inline]
    pub(crate) fn change_session(
        &mut self,
        session: usize,
        change: impl FnOnce(&Self, ClientId) -> Change,
    ) {
        if self.config.durable && self.sessions[session].expiry > 0 {
            let change = change(self, self.sessions[session].client.clone());
            self.collect(change, false);
        }
    }

    /// Collects a change and gives its number. It is `owed` where an acknowledgement is all that it needs to come to nothing.
    #[cold]
    fn collect(&mut self, change: Change, owed: bool) -> ChangeNumber {
        if self.changes.is_empty() {
            // Ahead of the bytes that must wait for it.
            self.outputs.push_front(Output::Persist);
        }
        if matches!(change, Change::Delivered { .. }) {
            self.changes.add(change);
            return ChangeNumber::NONE;
        }
        let weight = self.weigh(&change);
        self.changes.press(change, weight, owed)
    }

    /// What a change keeps in memory besides itself.
    fn weigh(&mut self, change: &Change) -> Option<Weight> {
        let message = match change {
            Change::Delivery { delivery, .. } => match delivery {
                SavedDelivery::Queued(saved) | SavedDelivery::Sent(_, saved) => &saved.message,
                SavedDelivery::Released { .. } => return None,
            },
            Change::Retained(message) => message,
            Change::Session { settings, .. } => {
                let will = settings.will.as_ref();
                return self.changes.weigh(will.map_or(0, |will| will.cost()));
            }
            Change::Subscribed { filter, .. } | Change::Unsubscribed { filter, .. } => {
                return self.changes.weigh(filter.len());
            }
            Change::RetainedRemoved { topic } => return self.changes.weigh(topic.len()),
            Change::SessionEnded { .. }
            | Change::Moved { .. }
            | Change::Delivered { .. }
            | Change::Received { .. }
            | Change::Released { .. }
            | Change::Clock(_) => return None,
        };
        self.changes.weigh_message(message)
    }

    /// Collects what is known of a session as a whole. Of one that ends with its connection this is all
    /// that is kept: should the broker end first, its Will is still to be published.
    pub(crate) fn change_settings(&mut self, at: usize) {
        self.change(|broker| {
            let session = &broker.sessions[at];
            Change::Session {
                client: session.client.clone(),
                settings: SessionSettings {
                    expiry: session.expiry,
                    left: session.left,
                    will: session.will.clone(),
                    user: session.user.clone(),
                },
            }
        });
    }

    /// Whether a delivery to a session survives the broker: with the session, or, when that ends with the
    /// broker, for those of its group who do not.
    pub(crate) fn keeps(&self, session: usize, delivery: &Delivery) -> bool {
        if !self.config.durable {
            return false;
        }
        let kept = |session: usize| self.sessions[session].expiry > 0;
        let by_another = || {
            let group = self.router.find_group(delivery.group?)?;
            let mut members = self.router.group(group).members.iter();
            Some(members.any(|member| kept(self.router.get(*member).session)))
        };
        kept(session) || by_another().unwrap_or(false)
    }

    /// Collects that a message waits for a client, or is sent to it with this Packet Identifier, if it is
    /// [`Delivery::kept`]. Gives the number of the change, for [`Self::change_over`].
    pub(crate) fn change_delivery(
        &mut self,
        session: usize,
        delivery: &Delivery,
        packet_id: Option<PacketId>,
    ) -> ChangeNumber {
        if !delivery.kept {
            return ChangeNumber::NONE;
        }
        let group = delivery.group;
        let client = self.sessions[session].client.clone();
        let message = SavedMessage {
            message: Rc::clone(&delivery.message),
            qos: delivery.qos,
            retain: delivery.retain,
            identifiers: delivery.ids.as_slice().into(),
            group: group.and_then(|group| self.router.group_filter(group)),
        };
        let number = delivery.number;
        let owed = packet_id.is_some() && delivery.qos == QoS::AtLeastOnce;
        let delivery = match packet_id {
            None => SavedDelivery::Queued(message),
            Some(id) => SavedDelivery::Sent(id, message),
        };
        let change = Change::Delivery {
            client,
            number,
            delivery,
        };
        self.collect(change, owed)
    }

    /// Collects that a delivery which was told of is sent, or waits again.
    pub(crate) fn change_moved(
        &mut self,
        session: usize,
        delivery: &Delivery,
        packet_id: Option<PacketId>,
    ) {
        if delivery.kept {
            let (client, number) = (self.sessions[session].client.clone(), delivery.number);
            let change = Change::Moved {
                client,
                number,
                packet_id,
            };
            self.collect(change, false);
        }
    }

    /// Collects that PUBREC came for a delivery which was told of.
    pub(crate) fn change_released(
        &mut self,
        session: usize,
        delivery: &Delivery,
        packet_id: PacketId,
        order: u64,
    ) {
        if self.sessions[session].expiry == 0 {
            // Nobody else gets it from here on, and the handshake ends with the session.
            return self.change_delivered(session, delivery);
        }
        if delivery.kept {
            let (client, number) = (self.sessions[session].client.clone(), delivery.number);
            let publication = delivery.message.publication;
            let delivery = SavedDelivery::Released {
                packet_id,
                publication,
                order,
            };
            let change = Change::Delivery {
                client,
                number,
                delivery,
            };
            self.collect(change, false);
        }
    }

    /// Collects that a delivery is over whose PUBLISH is under way. Where it began among the changes that wait to be taken
    /// there is nothing left of it instead.
    pub(crate) fn change_over(&mut self, session: usize, flight: &InFlight) {
        if !self.changes.cancel(flight.told) {
            self.change_delivered(session, &flight.delivery);
        }
    }

    /// Collects that a delivery is over, if it was told of.
    pub(crate) fn change_delivered(&mut self, session: usize, delivery: &Delivery) {
        if delivery.kept {
            let (client, number) = (self.sessions[session].client.clone(), delivery.number);
            self.collect(Change::Delivered { client, number }, false);
        }
    }
}
