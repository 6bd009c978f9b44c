//! What the client has in memory besides what it tells anyway, for who wants to look into its head. Nothing here changes
//! anything.

use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_packet::{PacketId, PacketType, QoS};

use crate::client::Client;
use crate::connection::Phase;
use crate::request::Request;
use crate::{Message, Ticket};

/// How far a client is with its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It has none, and does not wait for one.
    Offline,
    /// It waits until it asks for the next one.
    Waiting,
    /// It asked for a transport.
    Opening,
    /// CONNECT is on its way, CONNACK has not come.
    Connecting,
    /// CONNACK accepted.
    Connected,
}

/// A message, or what is remembered of one, that a client holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<'a> {
    /// How far it is.
    pub held: HeldAs,
    /// The Packet Identifier, once it has one.
    pub packet_id: Option<PacketId>,
    /// The number of the publication; `None` for a message from the server.
    pub ticket: Option<Ticket>,
    /// The QoS.
    pub qos: QoS,
    /// The message itself; `None` where only its identifier is remembered.
    pub message: Option<&'a Message>,
    /// Whether the PUBLISH or PUBREL for it left on the present connection. What came always did.
    pub is_sent: bool,
    /// Whether the PUBLISH was on an earlier connection: a further attempt has DUP.
    pub was_sent: bool,
}

/// How far a message is that a client holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldAs {
    /// To the server: it has an identifier, and is kept until PUBACK or PUBREC.
    Sent,
    /// To the server: PUBREC came, the identifier is remembered until PUBCOMP.
    Released,
    /// From the server: it came at QoS 2, the identifier is remembered until PUBREL.
    Received,
    /// To the server: it waits for a connection or for its turn.
    Queued,
}

impl Client {
    /// How far it is with its connection.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.connection.as_ref().map(|connection| connection.phase) {
            None if self.retry_at.is_some() => Status::Waiting,
            None => Status::Offline,
            Some(Phase::Opening) => Status::Opening,
            Some(Phase::Connecting) => Status::Connecting,
            Some(Phase::Connected) => Status::Connected,
        }
    }

    /// Attempts that failed since the last success: what decides how long it waits before the next.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// What it holds: what was sent in the order of sending, what was released, what was received in the order of
    /// identifiers, and what waits, the next first.
    pub fn held(&self) -> impl Iterator<Item = Held<'_>> {
        let connection = self.connection.as_ref();
        let is_sent = move |place: Option<u64>| {
            let outbox = connection.map(|connection| &connection.outbox);
            place.is_some_and(|place| outbox.is_some_and(|outbox| outbox.is_pulled(place)))
        };
        let sent = self.outgoing.flights().map(move |flight| Held {
            held: HeldAs::Sent,
            packet_id: Some(flight.id()),
            ticket: Some(flight.message.ticket),
            qos: flight.qos,
            message: Some(&flight.message.message),
            is_sent: is_sent(flight.message.place),
            was_sent: flight.message.sent_before,
        });
        let released = self.outgoing.releases().map(move |(id, released)| Held {
            held: HeldAs::Released,
            packet_id: Some(id),
            ticket: Some(released.ticket),
            qos: QoS::ExactlyOnce,
            message: None,
            is_sent: is_sent(released.place),
            was_sent: true,
        });
        let received = self.incoming.iter().map(|(id, _)| Held {
            held: HeldAs::Received,
            packet_id: Some(id),
            ticket: None,
            qos: QoS::ExactlyOnce,
            message: None,
            is_sent: true,
            was_sent: true,
        });
        let queued = self.queue.iter().map(|stored| Held {
            held: HeldAs::Queued,
            packet_id: None,
            ticket: Some(stored.ticket),
            qos: stored.message.qos,
            message: Some(&stored.message),
            is_sent: false,
            was_sent: stored.sent_before,
        });
        sent.chain(released).chain(received).chain(queued)
    }

    /// Messages that wait for a connection or for their turn, the next first. There are [`Self::queued`].
    pub fn waiting(&self) -> impl Iterator<Item = &Message> {
        self.queue.iter().map(|stored| &*stored.message)
    }

    /// SUBSCRIBE and UNSUBSCRIBE packets that wait for their answer.
    pub fn requests(&self) -> impl Iterator<Item = (PacketId, PacketType)> + '_ {
        self.requests.iter().map(|(id, request)| {
            let what = match request {
                Request::Subscribe(..) => PacketType::Subscribe,
                Request::Unsubscribe(..) => PacketType::Unsubscribe,
            };
            (*id, what)
        })
    }

    /// Whether, as far as it knows, the server may have a Session of it.
    #[must_use]
    pub fn has_session(&self) -> bool {
        self.has_session
    }

    /// The Topic Aliases of the connection: those that the server gave, and those that the client did, in their order.
    #[must_use]
    pub fn aliases(&self) -> [Vec<(u16, Rc<str>)>; 2] {
        let Some(connection) = &self.connection else {
            return Default::default();
        };
        let own = |(alias, topic): (u16, &Rc<str>)| (alias, Rc::clone(topic));
        let mut given: Vec<_> = connection.book.iter().map(own).collect();
        given.sort_unstable();
        [connection.aliases.iter().map(own).collect(), given]
    }
}
