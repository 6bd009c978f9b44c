//! What the broker has in memory, piece by piece, for who wants to look into its head. Nothing here changes anything,
//! and nothing that the broker does is decided by it.

use alloc::rc::Rc;

use vitrine_packet::{PacketId, QoS};

use crate::broker::Broker;
use crate::connection::Phase;
use crate::message::Message;
use crate::session::Session;
use crate::timers::TimerKey;
use crate::{ClientId, ConnectionId, Deadline, PublicationId, RetainedInfo, Time};

/// A message, or what is remembered of one, that a Session holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// How far it is.
    pub held: HeldAs,
    /// The Packet Identifier, once it has one.
    pub packet_id: Option<PacketId>,
    /// The publication; `None` for one of the client's that was refused.
    pub publication: Option<PublicationId>,
    /// The QoS of the delivery.
    pub qos: QoS,
    /// The message itself; `None` where only its identifier is remembered.
    pub message: Option<Rc<Message>>,
}

/// How far a message is that a Session holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldAs {
    /// To the client: sent, and kept until PUBACK or PUBREC.
    Sent,
    /// To the client: PUBREC came, the identifier is remembered until PUBCOMP.
    Released,
    /// From the client: it came at QoS 2, the identifier is remembered until PUBREL.
    Received,
    /// To the client: it waits.
    Queued,
}

/// Something that is to happen at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// When, and for what.
    pub deadline: Deadline,
    /// Whom it concerns.
    pub whose: Whose,
}

/// Whom a timer concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A client's Session, or its connection.
    Client(ClientId),
    /// A connection without a Session.
    Connection(ConnectionId),
    /// A topic's Retained Message.
    Topic(Rc<str>),
    /// The broker itself.
    Broker,
}

impl Broker {
    /// What a client's Session holds: what was sent in the order of sending, what was released, what was received in
    /// the order of identifiers, and what waits, the next first.
    pub fn held(&self, client: &str) -> impl Iterator<Item = Held> {
        let session = self.clients.get(client).map(|at| &self.sessions[*at]);
        session.into_iter().flat_map(held)
    }

    /// All Retained Messages, those of `$` topics too, in the order of their topics' levels.
    pub fn all_retained(&self) -> impl Iterator<Item = RetainedInfo> {
        self.retained.iter().map(|message| RetainedInfo {
            topic: Rc::clone(&message.topic),
            payload: Rc::clone(&message.payload),
            qos: message.qos,
            publication: message.publication,
        })
    }

    /// What is to happen at what time, as it stands now; in the order in which the timers are set, which differs from
    /// that of their times where a client was heard since.
    pub fn timers(&self) -> impl Iterator<Item = Timer> {
        self.timers.iter().filter_map(|(at, key)| {
            let (whose, at) = self.whose(key, at)?;
            let reason = key.reason();
            Some(Timer {
                deadline: Deadline { at, reason },
                whose,
            })
        })
    }

    /// The Topic Aliases of a client's connection: those that the client gave, and those that the broker did.
    #[must_use]
    pub fn aliases(&self, client: &str) -> [alloc::vec::Vec<(u16, Rc<str>)>; 2] {
        let session = self.clients.get(client).map(|at| &self.sessions[*at]);
        let connection = session.and_then(|session| session.connection);
        let Some(connection) = connection.map(|at| &self.connections[at]) else {
            return Default::default();
        };
        let own = |(alias, topic): (u16, &Rc<str>)| (alias, Rc::clone(topic));
        let mut given: alloc::vec::Vec<_> = connection.alias_book.iter().map(own).collect();
        given.sort_unstable();
        [connection.aliases.iter().map(own).collect(), given]
    }

    /// Whom a timer concerns, and when it falls due as things stand. `None` for one that nobody has to know of.
    fn whose(&self, key: TimerKey, at: Time) -> Option<(Whose, Time)> {
        let of_connection = |index: usize| {
            let connection = self.connections.get(index)?;
            Some(match connection.phase {
                Phase::Connected(session) => {
                    Whose::Client(self.sessions.get(session)?.client.clone())
                }
                Phase::New | Phase::Waiting | Phase::Authenticating | Phase::Closing => {
                    Whose::Connection(connection.id)
                }
            })
        };
        Some(match key {
            TimerKey::KeepAlive(index) => {
                // It is set anew only when it falls due.
                let connection = self.connections.get(index)?;
                let due = connection.last_received + connection.patience();
                (of_connection(index)?, due.max(at))
            }
            TimerKey::ConnectTimeout(index) | TimerKey::Linger(index) => {
                (of_connection(index)?, at)
            }
            TimerKey::WillDelay(index)
            | TimerKey::SessionExpiry(index)
            | TimerKey::QueueExpiry(index) => {
                let client = &self.sessions.get(index)?.client;
                (Whose::Client(client.clone()), at)
            }
            TimerKey::RetainedExpiry(node) => {
                let topic = &self.retained.at(node)?.topic;
                (Whose::Topic(Rc::clone(topic)), at)
            }
            TimerKey::Sys => (Whose::Broker, at),
        })
    }
}

fn held(session: &Session) -> impl Iterator<Item = Held> {
    let sent = session.outgoing.flights().map(|flight| {
        let message = &flight.message.delivery.message;
        Held {
            held: HeldAs::Sent,
            packet_id: Some(flight.id()),
            publication: Some(message.publication),
            qos: flight.qos,
            message: Some(Rc::clone(message)),
        }
    });
    let only_id = |held, (packet_id, publication)| Held {
        held,
        packet_id: Some(packet_id),
        publication,
        qos: QoS::ExactlyOnce,
        message: None,
    };
    let released = session.outgoing.releases();
    let released = released
        .map(move |(id, released)| only_id(HeldAs::Released, (id, Some(released.publication))));
    let received = session.incoming.iter();
    let received =
        received.map(move |(id, received)| only_id(HeldAs::Received, (id, received.publication)));
    let queued = session.queue.iter().map(|delivery| Held {
        held: HeldAs::Queued,
        packet_id: None,
        publication: Some(delivery.message.publication),
        qos: delivery.qos,
        message: Some(Rc::clone(&delivery.message)),
    });
    sent.chain(released).chain(received).chain(queued)
}
