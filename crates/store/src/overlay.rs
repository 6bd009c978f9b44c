//! What some changes come to, taken together: one state for each key, laid over the tables.

use std::collections::BTreeMap;
use std::rc::Rc;

use vitrine_broker::{
    Change, ClientId, ClockReading, Message, PublicationId, SavedDelivery, SavedSubscription,
    SessionSettings,
};
use vitrine_packet::PacketId;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    pub(crate) clients: BTreeMap<ClientId, ClientChanges>,
    /// The Retained Messages by topic; `None` where there is none any more.
    pub(crate) retained: BTreeMap<Rc<str>, Option<Rc<Message>>>,
    /// The latest look at the machine's clock.
    pub(crate) clock: Option<ClockReading>,
}

/// What changed about one client.
#[derive(Debug, Default)]
pub(crate) struct ClientChanges {
    /// Whether the Session in the tables ended: all its rows are void.
    pub(crate) ended: bool,
    pub(crate) settings: Option<SessionSettings>,
    pub(crate) subscriptions: BTreeMap<Rc<str>, Option<SavedSubscription>>,
    pub(crate) deliveries: BTreeMap<u64, DeliveryChange>,
    pub(crate) received: BTreeMap<PacketId, ReceivedChange>,
}

/// What changed about a Packet Identifier of a client's.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ReceivedChange {
    /// It is known; the tables know nothing of it.
    Began(Option<PublicationId>),
    /// The one in the tables is released.
    Over,
    /// The one in the tables is released, and it is known again.
    Again(Option<PublicationId>),
}

/// What changed about one delivery.
#[derive(Debug)]
pub(crate) enum DeliveryChange {
    /// It began; the tables know nothing of it.
    Began(SavedDelivery),
    /// The one in the tables waits, or is sent.
    Moved(Option<PacketId>),
    /// PUBREC came for the one in the tables.
    Released(SavedDelivery),
    /// The one in the tables is over.
    Over,
}

impl Overlay {
    /// Takes in a change.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Session { client, settings } => self.client(client).settings = Some(settings),
            Change::SessionEnded { client } => {
                *self.client(client) = ClientChanges {
                    ended: true,
                    ..ClientChanges::default()
                };
            }
            Change::Subscribed {
                client,
                filter,
                subscription,
            } => {
                let subscriptions = &mut self.client(client).subscriptions;
                subscriptions.insert(filter, Some(subscription));
            }
            Change::Unsubscribed { client, filter } => {
                self.client(client).subscriptions.insert(filter, None);
            }
            Change::Delivery {
                client,
                number,
                delivery,
            } => self.client(client).delivery(number, delivery),
            Change::Moved {
                client,
                number,
                packet_id,
            } => self.client(client).moved(number, packet_id),
            Change::Delivered { client, number } => {
                let deliveries = &mut self.client(client).deliveries;
                match deliveries.get(&number) {
                    Some(DeliveryChange::Began(_)) => {
                        deliveries.remove(&number);
                    }
                    Some(_) | None => {
                        deliveries.insert(number, DeliveryChange::Over);
                    }
                }
            }
            Change::Received {
                client,
                packet_id,
                publication,
            } => {
                let received = &mut self.client(client).received;
                let change = match received.get(&packet_id) {
                    Some(ReceivedChange::Over | ReceivedChange::Again(_)) => {
                        ReceivedChange::Again(publication)
                    }
                    Some(ReceivedChange::Began(_)) | None => ReceivedChange::Began(publication),
                };
                received.insert(packet_id, change);
            }
            Change::Released { client, packet_id } => {
                let received = &mut self.client(client).received;
                if matches!(received.get(&packet_id), Some(ReceivedChange::Began(_))) {
                    received.remove(&packet_id);
                } else {
                    received.insert(packet_id, ReceivedChange::Over);
                }
            }
            Change::Retained(message) => {
                let topic = Rc::clone(&message.topic);
                self.retained.insert(topic, Some(message));
            }
            Change::RetainedRemoved { topic } => {
                self.retained.insert(topic, None);
            }
            Change::Clock(reading) => self.clock = Some(reading),
        }
    }

    fn client(&mut self, client: ClientId) -> &mut ClientChanges {
        self.clients.entry(client).or_default()
    }
}

impl ClientChanges {
    fn delivery(&mut self, number: u64, delivery: SavedDelivery) {
        let released = matches!(delivery, SavedDelivery::Released { .. });
        let began = matches!(self.deliveries.get(&number), Some(DeliveryChange::Began(_)));
        let change = if released && !began {
            DeliveryChange::Released(delivery)
        } else {
            DeliveryChange::Began(delivery)
        };
        self.deliveries.insert(number, change);
    }

    fn moved(&mut self, number: u64, packet_id: Option<PacketId>) {
        match self.deliveries.get_mut(&number) {
            Some(DeliveryChange::Began(delivery)) => delivery.step(packet_id),
            Some(DeliveryChange::Moved(before)) => *before = packet_id,
            Some(DeliveryChange::Released(_) | DeliveryChange::Over) => {}
            None => {
                let change = DeliveryChange::Moved(packet_id);
                self.deliveries.insert(number, change);
            }
        }
    }
}
