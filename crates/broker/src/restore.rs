//! Starting from what survived.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use vitrine_packet::topic;
use vitrine_session::Outgoing;

use crate::broker::Broker;
use crate::changes::{ChangeNumber, PersistentState, SavedDelivery, SavedMessage, SavedSession};
use crate::message::Delivery;
use crate::router::SubscriptionIds;
use crate::session::{InFlight, Received, Released, Session, filter_cost};
use crate::timers::TimerKey;
use crate::trie::GroupRef;
use crate::{ClientId, Config, PublicationId, Time};

/// The groups of shared subscriptions by their Topic Filters.
type Groups = BTreeMap<Rc<str>, GroupRef>;

/// Why a broker cannot start from a state: it is none that a broker left.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// A Topic Name of a message or Will, or of a Retained Message, is none.
    TopicName(Rc<str>),
    /// A Topic Filter of a Session is none.
    TopicFilter(Rc<str>),
    /// A Client Identifier is empty.
    ClientId,
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TopicName(topic) => write!(f, "{topic:?} is no valid topic name"),
            Self::TopicFilter(filter) => write!(f, "{filter:?} is no valid topic filter"),
            Self::ClientId => f.write_str("a session has no client identifier"),
        }
    }
}

impl Error for RestoreError {}

impl Broker {
    /// A broker that goes on from what another one left. All clients count as gone: those that were
    /// connected since `now`, so that their Wills are published as after any lost connection.
    ///
    /// # Errors
    /// When the state is not one that a broker leaves.
    pub fn restore(
        config: Config,
        state: PersistentState,
        now: Time,
    ) -> Result<Self, RestoreError> {
        let mut broker = Self::new(config, now);
        for (topic, message) in state.retained {
            check_topic(&message.topic)?;
            if *topic != *message.topic {
                return Err(RestoreError::TopicName(topic));
            }
            broker.saw(message.publication);
            let expires = message.expires;
            let (node, _) = broker.retained.set(message);
            if let Some(due) = expires {
                broker.timers.set(due, TimerKey::RetainedExpiry(node));
            }
        }
        let mut groups = Groups::new();
        let mut deliveries = Vec::new();
        for (client, mut session) in state.sessions {
            let saved = core::mem::take(&mut session.deliveries);
            deliveries.push((broker.sessions.vacant_key(), saved));
            broker.restore_session(client, session, &mut groups)?;
        }
        // Only now, as any of the sessions may be of the group that a message came to.
        for (at, saved) in deliveries {
            broker.restore_deliveries(at, saved, &groups)?;
        }
        // Only now, as Wills may go to any of them.
        for at in 0..broker.sessions.len() {
            let left = broker.sessions[at].left;
            broker.sessions[at].left = Some(left.unwrap_or(now));
            if left.is_none() && broker.sessions[at].expiry > 0 {
                broker.change_settings(at);
            }
            broker.schedule_sweep(at);
        }
        if broker.router.sys_len() > 0 {
            broker.watch_sys();
        }
        let sessions: Vec<_> = broker.sessions.iter().map(|(at, _)| at).collect();
        for at in sessions {
            let left = broker.sessions[at].left.unwrap_or(now);
            broker.await_client(at, left);
        }
        Ok(broker)
    }

    fn restore_session(
        &mut self,
        client: ClientId,
        saved: SavedSession,
        groups: &mut Groups,
    ) -> Result<(), RestoreError> {
        if client.is_empty() {
            return Err(RestoreError::ClientId);
        }
        let at = self.sessions.vacant_key();
        let mut session = Session::new(client.clone());
        session.expiry = saved.settings.expiry;
        self.kept_sessions += usize::from(session.expiry > 0);
        session.left = saved.settings.left;
        session.user = saved.settings.user;
        session.rules = self.access.list_for(session.who());
        if let Some(will) = saved.settings.will {
            check_topic(&will.topic)?;
            self.will_bytes += will.cost();
            session.will = Some(will);
        }
        for (filter, subscription) in saved.subscriptions {
            if topic::validate_filter(topic::strip_share(&filter)).is_err() {
                return Err(RestoreError::TopicFilter(filter));
            }
            if session.expiry == 0 {
                // They ended with the broker: nobody is to be handed a message because of them.
                continue;
            }
            let (options, identifier) = (subscription.options, subscription.identifier);
            let subscription = self.router.add(at, Rc::clone(&filter), options, identifier);
            session.filter_bytes += filter_cost(&filter);
            if let Some(group) = self.router.group_of(subscription) {
                groups.insert(Rc::clone(&filter), group);
            }
            session.subscriptions.insert(filter, subscription);
        }
        for (id, publication) in saved.received {
            publication
                .into_iter()
                .for_each(|publication| self.saw(publication));
            let connection = None;
            session.incoming.insert(
                id,
                Received {
                    publication,
                    connection,
                },
            );
        }
        self.unreleased += session.incoming.len();
        self.clients.insert(client, at);
        self.sessions.insert(session);
        Ok(())
    }

    fn restore_deliveries(
        &mut self,
        at: usize,
        saved: BTreeMap<u64, SavedDelivery>,
        groups: &Groups,
    ) -> Result<(), RestoreError> {
        let (mut flights, mut releases) = (Vec::new(), Vec::new());
        for (number, delivery) in saved {
            let session = &mut self.sessions[at];
            session.deliveries = session.deliveries.max(number);
            match delivery {
                SavedDelivery::Queued(message) => {
                    let delivery = self.restore_delivery(number, message, groups)?;
                    self.queued_bytes += delivery.charge as usize;
                    self.sessions[at].queue.push_back(delivery);
                }
                SavedDelivery::Sent(id, message) => {
                    let delivery = self.restore_delivery(number, message, groups)?;
                    flights.push((
                        id,
                        delivery.qos,
                        InFlight {
                            delivery,
                            number: None,
                            told: ChangeNumber::NONE,
                        },
                    ));
                }
                SavedDelivery::Released {
                    packet_id,
                    publication,
                    order,
                } => {
                    session.deliveries = session.deliveries.max(order);
                    self.saw(publication);
                    releases.push((
                        order,
                        packet_id,
                        Released {
                            publication,
                            number,
                        },
                    ));
                }
            }
        }
        releases.sort_unstable_by_key(|(order, ..)| *order);
        let releases = releases.into_iter().map(|(_, id, released)| (id, released));
        let outgoing = Outgoing::restore(1, flights, releases);
        // Counted only now: of several with one identifier one is left.
        for flight in outgoing.flights() {
            let delivery = &flight.message.delivery;
            self.sessions[at].in_flight_bytes += delivery.message.cost();
            self.queued_bytes += delivery.charge as usize;
        }
        self.sessions[at].outgoing = outgoing;
        Ok(())
    }

    fn restore_delivery(
        &mut self,
        number: u64,
        saved: SavedMessage,
        groups: &Groups,
    ) -> Result<Delivery, RestoreError> {
        let SavedMessage {
            message,
            qos,
            retain,
            identifiers,
            group,
        } = saved;
        check_topic(&message.topic)?;
        self.saw(message.publication);
        let ids = match *identifiers {
            [] => SubscriptionIds::None,
            [id] => SubscriptionIds::One(id),
            [..] => SubscriptionIds::Several(identifiers.into()),
        };
        Ok(Delivery {
            charge: message.charge(),
            group: group.and_then(|filter| groups.get(&filter).copied()),
            kept: true,
            message,
            qos,
            retain,
            ids,
            number,
        })
    }

    /// New publications get higher numbers than any that survived.
    fn saw(&mut self, publication: PublicationId) {
        self.publications = self.publications.max(publication.0);
    }
}

fn check_topic(topic: &Rc<str>) -> Result<(), RestoreError> {
    match topic::validate_name(topic) {
        Ok(()) => Ok(()),
        Err(_) => Err(RestoreError::TopicName(Rc::clone(topic))),
    }
}
