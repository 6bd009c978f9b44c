//! What a host may ask the broker. Nothing here changes anything.

use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_packet::{ProtocolVersion, QoS, SubscriptionOptions};

use crate::broker::Broker;
use crate::connection::Connection;
use crate::{ClientId, ConnectionId, Peer, PublicationId, WillInfo};

/// A transport connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionInfo {
    /// Its number.
    pub connection: ConnectionId,
    /// Who it is.
    pub peer: Peer,
    /// The client, once its CONNECT is accepted.
    pub client: Option<ClientId>,
    /// The version it speaks; 3.1.1 before CONNECT.
    pub version: ProtocolVersion,
    /// Bytes that wait to be pulled.
    pub unsent: usize,
}

/// A Session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// The Client Identifier.
    pub client: ClientId,
    /// The user of the latest connection, as the rules know it; `None` when it was anonymous.
    pub user: Option<Rc<str>>,
    /// The connection, while the client is connected.
    pub connection: Option<ConnectionId>,
    /// The version of the latest connection.
    pub version: ProtocolVersion,
    /// The Session Expiry Interval in seconds; `u32::MAX` for never.
    pub expiry: u32,
    /// The Subscriptions, in the order of their filters.
    pub subscriptions: Vec<(Rc<str>, SubscriptionOptions)>,
    /// QoS 1 and 2 messages to the client whose handshake is not complete.
    pub in_flight_out: usize,
    /// QoS 2 messages from the client that are not released.
    pub in_flight_in: usize,
    /// Messages that wait.
    pub queued: usize,
    /// Bytes of topic, properties and payload that wait or are under way, and 64 for each message.
    pub queued_bytes: usize,
    /// The Will, until it is published or dropped.
    pub will: Option<WillInfo>,
}

/// A Retained Message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetainedInfo {
    /// The Topic Name.
    pub topic: Rc<str>,
    /// The payload.
    pub payload: Rc<[u8]>,
    /// The QoS it was published with.
    pub qos: QoS,
    /// The publication.
    pub publication: PublicationId,
}

/// How much there is of what is limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Transport connections, those that are about to end included.
    pub connections: usize,
    /// Sessions, connected or not.
    pub sessions: usize,
    /// Subscriptions of all Sessions.
    pub subscriptions: usize,
    /// Retained Messages.
    pub retained: usize,
    /// Bytes of the Retained Messages.
    pub retained_bytes: usize,
    /// Bytes in all Sessions' queues and under way to clients, with 64 for each message.
    pub queued_bytes: usize,
    /// Publications accepted since the start.
    pub publications: u64,
}

impl Broker {
    /// How much there is of what is limited.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            connections: self.connections.len(),
            sessions: self.sessions.len(),
            subscriptions: self.router.len(),
            retained: self.retained.len(),
            retained_bytes: self.retained.bytes(),
            queued_bytes: self.queued_bytes,
            publications: self.publications,
        }
    }

    /// The transport connections, in no particular but always the same order.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionInfo> {
        self.connections
            .iter()
            .map(|(_, connection)| self.connection_info(connection))
    }

    /// A transport connection.
    #[must_use]
    pub fn connection(&self, connection: ConnectionId) -> Option<ConnectionInfo> {
        let at = *self.connection_ids.get(&connection)?;
        Some(self.connection_info(&self.connections[at]))
    }

    /// The Client Identifiers of all Sessions, in no particular but always the same order.
    pub fn clients(&self) -> impl Iterator<Item = &ClientId> {
        self.sessions.iter().map(|(_, session)| &session.client)
    }

    /// A client's Session.
    #[must_use]
    pub fn session(&self, client: &str) -> Option<SessionInfo> {
        let session = &self.sessions[*self.clients.get(client)?];
        let subscriptions = session.subscriptions.iter().map(|(filter, subscription)| {
            (Rc::clone(filter), self.router.get(*subscription).options)
        });
        Some(SessionInfo {
            client: session.client.clone(),
            user: session.user.clone(),
            connection: session.connection.map(|at| self.connections[at].id),
            version: session.version,
            expiry: session.expiry,
            subscriptions: subscriptions.collect(),
            in_flight_out: session.outgoing.len(),
            in_flight_in: session.incoming.len(),
            queued: session.queue.len(),
            queued_bytes: session.held_bytes(),
            will: session.will.as_ref().map(|will| will.info()),
        })
    }

    /// The Retained Message of a topic.
    #[must_use]
    pub fn retained(&self, topic: &str) -> Option<RetainedInfo> {
        let message = self.retained.get(topic)?;
        Some(RetainedInfo {
            topic: Rc::clone(&message.topic),
            payload: Rc::clone(&message.payload),
            qos: message.qos,
            publication: message.publication,
        })
    }

    /// What came of a packet whose rest has not come on this connection; empty where it has.
    #[must_use]
    pub fn unfinished(&self, connection: ConnectionId) -> &[u8] {
        let at = self.connection_ids.get(&connection);
        let framer = at.and_then(|at| self.connections[*at].framer.as_deref());
        framer.map_or(&[], vitrine_packet::Framer::partial)
    }

    fn connection_info(&self, connection: &Connection) -> ConnectionInfo {
        ConnectionInfo {
            connection: connection.id,
            peer: connection.peer.clone(),
            client: connection
                .session()
                .map(|at| self.sessions[at].client.clone()),
            version: connection.version,
            unsent: connection.outbox.size(),
        }
    }
}
