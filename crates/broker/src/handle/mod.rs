//! What the broker does with what comes: one file for each kind of packet.

mod ack;
mod auth;
mod authenticate;
mod connack;
mod connect;
mod disconnect;
mod publish;
mod subscribe;
mod unsubscribe;

use alloc::boxed::Box;

pub(crate) use auth::Enhanced;

use vitrine_packet::{
    DecodeError, DecodeErrorKind, Framer, Packet, PacketId, PacketType, ProtocolVersion, ReasonCode,
};
use vitrine_session::{AliasBook, Pending, TopicAliases};

use crate::broker::Broker;
use crate::close::{Ending, Manner};
use crate::connection::{Allowance, Connection, Phase};
use crate::limits::{Limit, Refused, over_share};
use crate::outbox::Outbox;
use crate::timers::TimerKey;
use crate::{
    CloseReason, Command, ConnectionId, Event, ObservationMask, Peer, PublicationId, Time,
};

/// Connections above [`crate::Config::max_connections`] that are kept for a moment, so that they can be told: nothing may be said
/// before CONNECT came. Further ones are closed at once.
const MOST_SURPLUS: usize = 64;

impl Broker {
    pub(crate) fn opened(&mut self, id: ConnectionId, peer: Peer) {
        if self.connection_ids.contains_key(&id) {
            debug_assert!(false, "the host minted connection {id:?} twice");
            return;
        }
        self.observer
            .note(ObservationMask::PACKETS, || Event::Opened {
                connection: id,
                door: peer.door.clone(),
                name: peer.name.clone(),
            });
        self.statistics.sockets += 1;
        let surplus = self.connections.len() - self.surplus >= self.config.max_connections;
        let at = self.connections.vacant_key();
        let mut patience = self.config.connect_timeout;
        if surplus {
            self.surplus += 1;
            self.refusals.count(Limit::Connections);
            // As long as one that is closed has to pull its last bytes; with no time for that, nothing could be said at all.
            if !self.config.linger.is_zero() {
                patience = patience.min(self.config.linger);
            }
        }
        let due = self.now() + patience;
        let key = TimerKey::ConnectTimeout(at);
        self.timers.set(due, key);
        self.connection_ids.insert(id, at);
        self.connections.insert(Connection {
            id,
            peer,
            phase: Phase::New,
            surplus,
            version: ProtocolVersion::V3_1_1,
            framer: None,
            pending: None,
            enhanced: None,
            outbox: Outbox::default(),
            max_packet_size: usize::MAX,
            problem_information: true,
            outlived: false,
            aliases: TopicAliases::new(0),
            alias_book: AliasBook::new(0),
            alias_bytes: 0,
            given_alias_bytes: 0,
            kept_bytes: 0,
            waits_since: self.now(),
            throttled_until: Time::ZERO,
            receiving: 0,
            keep_alive: 0,
            last_received: self.now(),
            allowance: Allowance::new(self.config.max_packets_per_second, self.now()),
            timer: Some((due, key)),
        });
        if surplus && self.surplus > MOST_SURPLUS {
            let ending = Ending::limit(Limit::Connections.refused());
            self.end(at, ending, Manner::Quiet);
        }
    }

    pub(crate) fn transport_closed(&mut self, id: ConnectionId) {
        let Some(at) = self.connection_ids.get(&id).copied() else {
            return;
        };
        self.end(at, Ending::untold(CloseReason::Cut), Manner::Gone);
        self.forget(at);
    }

    pub(crate) fn received(&mut self, id: ConnectionId, bytes: &[u8]) {
        let Some(at) = self.connection_ids.get(&id).copied() else {
            return;
        };
        if self.connections[at].phase == Phase::Closing {
            return;
        }
        self.statistics.bytes_received += bytes.len() as u64;
        self.take_in(at, bytes);
    }

    /// Handles bytes of a connection, or keeps them until they may be handled.
    pub(super) fn take_in(&mut self, at: usize, bytes: &[u8]) {
        if self.connections[at].phase == Phase::Waiting {
            return self.came_early(at, bytes);
        }
        // The framer is taken out, so that a packet can be borrowed from it while it is handled.
        if let Some(mut framer) = self.connections[at].framer.take() {
            if self.packets(at, &mut framer, bytes) && framer.buffered() > 0 {
                self.connections[at].framer = Some(framer);
            }
            self.count_partial(at);
            return;
        }
        let mut framer = Framer::new(self.config.max_packet_size);
        if let Phase::Connected(_) | Phase::Authenticating = self.connections[at].phase {
            framer.set_version(self.connections[at].version);
        }
        if self.packets(at, &mut framer, bytes) && framer.buffered() > 0 {
            self.connections[at].framer = Some(Box::new(framer));
        }
        let connection = &self.connections[at];
        let keeps = connection.framer.is_some() || connection.pending.is_some();
        if keeps || connection.kept_bytes > 0 {
            self.count_partial(at);
        }
    }

    /// Counts what a connection made the broker keep of what came and cannot be handled yet. Where it is
    /// too much the connection ends.
    pub(crate) fn count_partial(&mut self, at: usize) {
        let connection = &mut self.connections[at];
        let framer = connection.framer.as_ref();
        let pending = connection.pending.as_ref();
        let bytes = framer.map_or(0, |framer| framer.capacity())
            + pending.map_or(0, |pending| pending.size());
        self.partial_bytes -= core::mem::replace(&mut connection.kept_bytes, bytes);
        self.partial_bytes += bytes;
        let most = self.config.max_partial_bytes_total;
        if over_share(self.partial_bytes, bytes, most, self.connections.len()) {
            let ending = Ending::limit(self.refusals.refuse(Limit::PartialBytesTotal));
            self.end(at, ending, Manner::Tell);
        }
    }

    /// Handles the packets in `bytes` one after the other. Says whether the connection lives on.
    fn packets(&mut self, at: usize, framer: &mut Framer, mut bytes: &[u8]) -> bool {
        let mut ahead = usize::MAX;
        if self.router.is_large() {
            // Where the first packet is known to begin.
            ahead = usize::from(framer.buffered() > 0);
        }
        loop {
            if ahead == 0 {
                ahead = self.look_ahead(bytes);
            }
            ahead -= 1;
            let packet = framer.next(&mut bytes);
            match packet {
                Ok(None) => return true,
                Ok(Some(packet)) => self.packet(at, packet),
                Err(error) => self.malformed(at, framer.partial(), error),
            }
            match self.connections[at].phase {
                Phase::New => {}
                Phase::Waiting => {
                    self.came_early(at, bytes);
                    return false;
                }
                Phase::Authenticating | Phase::Connected(_) => {
                    framer.set_version(self.connections[at].version)
                }
                Phase::Closing => return false,
            }
        }
    }

    fn packet(&mut self, at: usize, bytes: &[u8]) {
        let connection = &mut self.connections[at];
        connection.last_received = self.observer.now;
        self.statistics.packets_received += 1;
        let rate = self.config.max_packets_per_second;
        if rate > 0 && !connection.allowance.take(rate, self.observer.now) {
            self.note_received(at, bytes, None);
            let ending = Ending::limit(self.refusals.refuse(Limit::PacketRate));
            self.end(at, ending, Manner::Tell);
            return;
        }
        let session = match connection.phase {
            Phase::Connected(session) => session,
            Phase::Authenticating => return self.authenticating(at, bytes),
            Phase::New | Phase::Waiting | Phase::Closing => return self.first_packet(at, bytes),
        };
        match Packet::decode(bytes, connection.version) {
            Ok(Packet::Publish(publish)) => self.publish(at, session, bytes, &publish),
            Ok(packet) => self.other_packet(at, session, bytes, packet),
            Err(error) => self.malformed(at, bytes, error),
        }
    }

    /// Handles a packet other than PUBLISH from a client whose CONNECT was accepted.
    fn other_packet(&mut self, at: usize, session: usize, bytes: &[u8], packet: Packet<'_>) {
        if self.observer.wants(ObservationMask::PACKETS) {
            let publication = self.publication_of(session, &packet);
            self.note_received(at, bytes, publication);
        }
        match packet {
            Packet::Publish(_) => {}
            Packet::PubAck(ack) => self.puback(at, session, &ack),
            Packet::PubRec(ack) => self.pubrec(at, session, &ack),
            Packet::PubRel(ack) => self.pubrel(at, session, &ack),
            Packet::PubComp(ack) => self.pubcomp(at, session, &ack),
            Packet::Subscribe(subscribe) => self.subscribe(at, session, &subscribe),
            Packet::Unsubscribe(unsubscribe) => self.unsubscribe(at, session, &unsubscribe),
            Packet::PingReq => self.send(at, None, &Packet::PingResp),
            Packet::Disconnect(disconnect) => self.disconnect(at, session, &disconnect),
            Packet::Connect(_) => self.violation(at, "MQTT-3.1.0-2"),
            Packet::Auth(auth) => self.auth(at, session, &auth),
            Packet::ConnAck(_) | Packet::SubAck(_) | Packet::UnsubAck(_) | Packet::PingResp => {
                // Only a server sends these.
                self.out_of_place(at);
            }
        }
    }

    fn first_packet(&mut self, at: usize, bytes: &[u8]) {
        let version = self.connections[at].version;
        match Packet::decode(bytes, version) {
            Ok(Packet::Connect(connect)) => self.connect(at, bytes, &connect),
            Ok(_) => {
                self.note_received(at, bytes, None);
                self.violation(at, "MQTT-3.1.0-1");
            }
            Err(error) => {
                let is_connect = bytes
                    .first()
                    .is_some_and(|first| first >> 4 == PacketType::Connect as u8);
                if is_connect {
                    self.malformed_connect(at, bytes, error);
                } else {
                    self.malformed(at, bytes, error);
                }
            }
        }
    }

    /// Bytes came that are no valid packet.
    pub(crate) fn malformed(&mut self, at: usize, bytes: &[u8], error: DecodeError) {
        self.note_malformed(at, bytes, error);
        let mut text = error.code();
        if error.kind == DecodeErrorKind::PacketTooLarge {
            text = self.refusals.refuse(Limit::PacketSize).text;
        }
        let ending = Ending {
            why: CloseReason::Malformed,
            reason: Some(error.reason_code()),
            statement: error.statement,
            text,
        };
        self.end(at, ending, Manner::Tell);
    }

    /// A well-formed packet came that breaks a rule: the connection ends [MQTT-4.8.0-1],
    /// [MQTT-4.13.1-1].
    pub(crate) fn violation(&mut self, at: usize, statement: &'static str) {
        let refused = Refused::new(ReasonCode::ProtocolError, "");
        self.violation_with(at, refused, Some(statement));
    }

    pub(crate) fn violation_with(
        &mut self,
        at: usize,
        refused: Refused,
        statement: Option<&'static str>,
    ) {
        let ending = Ending {
            why: CloseReason::ProtocolError,
            reason: Some(refused.reason),
            statement,
            text: refused.text,
        };
        self.end(at, ending, Manner::Tell);
    }

    /// A packet came that has no business here, and no statement of its own forbids it.
    pub(crate) fn out_of_place(&mut self, at: usize) {
        let statement = match self.connections[at].version {
            ProtocolVersion::V5 => "MQTT-4.13.1-1",
            ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => "MQTT-4.8.0-1",
        };
        self.violation(at, statement);
    }

    pub(crate) fn note_malformed(&mut self, at: usize, bytes: &[u8], error: DecodeError) {
        let Connection { id, version, .. } = self.connections[at];
        self.observer
            .note(ObservationMask::PACKETS, || Event::Malformed {
                connection: id,
                bytes: bytes.into(),
                version,
                error,
            });
    }

    pub(crate) fn note_received(
        &mut self,
        at: usize,
        bytes: &[u8],
        publication: Option<PublicationId>,
    ) {
        let Connection { id, version, .. } = self.connections[at];
        self.observer
            .note(ObservationMask::PACKETS, || Event::Received {
                connection: id,
                bytes: bytes.into(),
                version,
                publication,
            });
    }

    /// The publication that an acknowledgement belongs to.
    fn publication_of(&self, at: usize, packet: &Packet<'_>) -> Option<PublicationId> {
        let session = &self.sessions[at];
        if let Packet::PubRel(ack) = packet {
            return session.incoming.get(ack.packet_id)?.publication;
        }
        let (Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubComp(ack)) = packet else {
            return None;
        };
        self.publication_under_way(at, ack.packet_id)
    }

    /// The publication that is sent to a session's client with this identifier.
    pub(crate) fn publication_under_way(
        &self,
        session: usize,
        id: PacketId,
    ) -> Option<PublicationId> {
        Some(match self.sessions[session].outgoing.pending(id)? {
            Pending::Publish(flight) => flight.delivery.message.publication,
            Pending::Release(released) => released.publication,
        })
    }

    pub(crate) fn command(&mut self, command: Command<'_>) {
        match command {
            Command::Drop { client, politely } => {
                let session = self.clients.get(client).copied();
                let connection = session.and_then(|session| self.sessions[session].connection);
                let Some(at) = connection else {
                    return;
                };
                let ending = Ending::new(CloseReason::Operator, ReasonCode::AdministrativeAction);
                self.end(
                    at,
                    ending,
                    if politely { Manner::Tell } else { Manner::Cut },
                );
            }
            Command::Publish {
                topic,
                payload,
                qos,
                retain,
            } => {
                self.publish_own(topic, payload, qos, retain);
            }
            Command::SetAccess(access) => self.set_access(access),
            Command::Authenticated {
                connection,
                accepted,
            } => self.authenticated(connection, accepted),
            Command::Shutdown => self.end_all(),
        }
    }
}
