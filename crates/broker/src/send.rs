//! Sending messages: for the first time, again, and from the queue.

use alloc::rc::Rc;

use vitrine_packet::{Ack, Packet, PacketId, QoS};
use vitrine_session::{AckError, PubRecOutcome};

use crate::broker::Broker;
use crate::changes::ChangeNumber;
use crate::message::{Alias, Delivery, Sending};
use crate::outbox::{Deferred, EntryKind};
use crate::session::{InFlight, Released};
use crate::{DiscardReason, Event, ObservationMask, PublicationId};

/// A payload of more bytes than this is not copied before it is pulled.
pub(crate) const INLINE_PAYLOAD: usize = 1_024;

/// A Topic Alias takes three bytes: shorter topics are sent as they are.
const WORTH_AN_ALIAS: usize = 4;

/// Whether a PUBLISH is written only when it is pulled.
fn is_written_late(delivery: &Delivery) -> bool {
    let message = &delivery.message;
    message.expires.is_some() || message.payload.len() > INLINE_PAYLOAD
}

impl Broker {
    /// Sends a message for the first time. The window is open.
    pub(crate) fn send_first(&mut self, session: usize, at: usize, mut delivery: Delivery) {
        if !self.fits(at, &delivery, Sending::first(delivery.qos)) {
            // Dropped, as if it had been delivered [MQTT-3.1.2-25].
            self.change_delivered(session, &delivery);
            self.note_discarded(
                session,
                delivery.message.publication,
                DiscardReason::TooLarge,
            );
            return;
        }
        let waited = delivery.number > 0;
        let id = match delivery.qos {
            QoS::AtMostOnce => None,
            QoS::AtLeastOnce | QoS::ExactlyOnce => {
                self.sessions[session].number(&mut delivery);
                self.begin(session, at, delivery.clone(), waited)
            }
        };
        let rests_on = self.publish_rests_on(delivery.qos, !waited);
        let deferred = Deferred {
            delivery,
            id,
            dup: false,
        };
        self.write_publish(at, deferred, rests_on);
    }

    /// Whether the client takes a packet as large as this PUBLISH, if need be with the alias that it was told for the topic.
    pub(crate) fn fits(&mut self, at: usize, delivery: &Delivery, sending: Sending) -> bool {
        if self.fits_as(at, delivery, sending) {
            return true;
        }
        let alias = self.known_alias(at, delivery);
        alias.is_some() && self.fits_as(at, delivery, Sending { alias, ..sending })
    }

    /// Whether the client takes a packet as large as this PUBLISH.
    fn fits_as(&mut self, at: usize, delivery: &Delivery, sending: Sending) -> bool {
        let now = self.now();
        let connection = &self.connections[at];
        let publish = delivery.publish(sending, now, &mut self.scratch.properties);
        let size = publish.encoded_len(connection.version);
        size.is_ok_and(|size| size <= connection.max_packet_size)
    }

    /// Begins the handshake of a QoS 1 or 2 message whose PUBLISH is the next packet of the connection.
    /// If it `waited` in the queue, it was told of already as what is to survive.
    pub(crate) fn begin(
        &mut self,
        session_at: usize,
        at: usize,
        mut delivery: Delivery,
        waited: bool,
    ) -> Option<PacketId> {
        let session = &mut self.sessions[session_at];
        session.number(&mut delivery);
        session.in_flight_bytes += delivery.message.cost();
        self.queued_bytes += delivery.charge as usize;
        let qos = delivery.qos;
        let number = Some(self.connections[at].outbox.next_number());
        let mut told = ChangeNumber::NONE;
        if !waited {
            delivery.kept = self.keeps(session_at, &delivery);
        }
        if delivery.kept {
            let id = Some(self.sessions[session_at].outgoing.next_id());
            if waited {
                self.change_moved(session_at, &delivery, id);
            } else {
                told = self.change_delivery(session_at, &delivery, id);
            }
        }
        let flight = InFlight {
            delivery,
            number,
            told,
        };
        self.sessions[session_at].outgoing.begin(qos, flight)
    }

    /// What a PUBLISH rests on that is sent now: see [`Broker::rests_on`].
    pub(crate) fn publish_rests_on(&self, qos: QoS, for_the_first_time: bool) -> ChangeNumber {
        match qos {
            QoS::AtMostOnce => ChangeNumber::NONE,
            QoS::AtLeastOnce if for_the_first_time => ChangeNumber::NONE,
            QoS::AtLeastOnce | QoS::ExactlyOnce => self.changes.latest(),
        }
    }

    /// Puts a PUBLISH into a connection's outbox.
    fn write_publish(&mut self, at: usize, publish: Deferred, rests_on: ChangeNumber) {
        let now = self.now();
        let cause = self.observer.cause;
        if is_written_late(&publish.delivery) {
            let outbox = &mut self.connections[at].outbox;
            let before = outbox.held();
            outbox.push_deferred(cause, publish, rests_on);
            self.unsent_bytes += outbox.held() - before;
            self.announce(at);
            return;
        }
        let Deferred { delivery, id, dup } = publish;
        let alias = self.alias(at, &delivery, id);
        let connection = &mut self.connections[at];
        let version = connection.version;
        let publication = Some(delivery.message.publication);
        let sending = Sending { id, dup, alias };
        let publish = delivery.publish(sending, now, &mut self.scratch.properties);
        let kind = EntryKind::Publish;
        let before = connection.outbox.held();
        connection
            .outbox
            .push(cause, publication, kind, id.is_some(), rests_on, |out| {
                let written = publish.encode(version, out);
                debug_assert!(written.is_ok(), "its size was checked");
            });
        self.unsent_bytes += connection.outbox.held() - before;
        self.announce(at);
    }

    /// The Topic Alias that a PUBLISH goes with, where the client was told one for its topic.
    fn known_alias(&self, at: usize, delivery: &Delivery) -> Option<Alias> {
        if is_written_late(delivery) {
            return None;
        }
        let book = &self.connections[at].alias_book;
        book.get(&*delivery.message.topic).map(Alias::Known)
    }

    /// The Topic Alias for a PUBLISH that is written now, where the client takes one and it is worth it.
    /// (One that is written later may be dropped, and an alias told with it would be lost.)
    fn alias(&mut self, at: usize, delivery: &Delivery, id: Option<PacketId>) -> Option<Alias> {
        let book = &self.connections[at].alias_book;
        let topic = &delivery.message.topic;
        if !book.is_open() || topic.len() < WORTH_AN_ALIAS {
            return None;
        }
        if let Some(known) = book.get(&**topic) {
            return Some(Alias::Known(known));
        }
        let bytes = self.connections[at].given_alias_bytes + topic.len();
        if bytes > self.config.max_alias_bytes {
            return None;
        }
        let sending = Sending {
            id,
            alias: Some(Alias::New(u16::MAX)),
            ..Sending::default()
        };
        if !self.fits(at, delivery, sending) {
            return None;
        }
        let connection = &mut self.connections[at];
        let given = connection.alias_book.give(Rc::clone(topic))?;
        connection.given_alias_bytes = bytes;
        Some(Alias::New(given))
    }

    /// Sends again what was under way when the last connection was lost, as the window allows, with
    /// the old identifiers and in the old order [MQTT-4.4.0-1]; then what waits in the queue.
    pub(crate) fn go_on(&mut self, session_at: usize) {
        let session = self.sessions.get(session_at);
        let Some(at) = session.and_then(|session| session.connection) else {
            return;
        };
        while let Some(flight) = self.sessions[session_at].outgoing.next_resend() {
            let delivery = flight.message.delivery.clone();
            let packet_id = flight.id();
            let id = Some(packet_id);
            if let Err(rule) = self.may_receive(session_at, &delivery.message.topic) {
                self.note_not_authorized(session_at, &delivery, rule);
                if self.withdraw(session_at, at, packet_id) {
                    continue;
                }
                return;
            }
            let sending = Sending {
                id,
                dup: true,
                alias: None,
            };
            if !self.fits(at, &delivery, sending) {
                // This client takes less than its last connection did.
                let why = DiscardReason::TooLarge;
                self.note_discarded(session_at, delivery.message.publication, why);
                if self.withdraw(session_at, at, packet_id) {
                    continue;
                }
                return;
            }
            let rests_on = self.publish_rests_on(delivery.qos, false);
            let dup = true;
            self.write_publish(at, Deferred { delivery, id, dup }, rests_on);
        }
        self.pump(session_at, at);
    }

    /// Sends what waits in the queue, as far as window and transport allow.
    pub(crate) fn pump(&mut self, session_at: usize, at: usize) {
        let now = self.now();
        while !self.is_clogged(at) {
            let session = &mut self.sessions[session_at];
            let Some(front) = session.queue.front() else {
                return;
            };
            if front.qos.is_acknowledged() && !session.outgoing.has_room() {
                return;
            }
            let Some(delivery) = session.queue.pop_front() else {
                return;
            };
            self.queued_bytes -= delivery.charge as usize;
            let publication = delivery.message.publication;
            if let Err(rule) = self.may_receive(session_at, &delivery.message.topic) {
                self.discard_not_authorized(session_at, &delivery, rule);
                continue;
            }
            if delivery.message.is_expired(now) {
                self.change_delivered(session_at, &delivery);
                self.note_discarded(session_at, publication, DiscardReason::Expired);
                continue;
            }
            let session = &self.sessions[session_at];
            self.observer
                .note(ObservationMask::ROUTING, || Event::Dequeued {
                    client: session.client.clone(),
                    publication,
                    length: session.queue.len(),
                });
            self.send_first(session_at, at, delivery);
        }
    }

    /// Sends a message no more that was sent before. At QoS 2 the client may have it, and would take the next message with its
    /// Packet Identifier for the same: so that is released as after PUBREC, and free when PUBCOMP has come.
    /// Whether the connection goes on.
    fn withdraw(&mut self, session_at: usize, at: usize, id: PacketId) -> bool {
        let (Ok(_), publication) = self.release(session_at, id) else {
            self.give_up(session_at, Some(id));
            return true;
        };
        self.send(at, publication, &Packet::PubRel(Ack::success(id)));
        self.connections[at].session() == Some(session_at)
    }

    /// Remembers of a QoS 2 message that waits for PUBREC only what PUBCOMP will end. Gives also what was published, where
    /// there was such a message.
    pub(crate) fn release(
        &mut self,
        session: usize,
        id: PacketId,
    ) -> (Result<PubRecOutcome, AckError>, Option<PublicationId>) {
        let mut landed = None;
        let outgoing = &mut self.sessions[session].outgoing;
        let outcome = outgoing.received(id, |InFlight { delivery, .. }| {
            let kept = Released {
                publication: delivery.message.publication,
                number: delivery.number,
            };
            landed = Some(delivery);
            kept
        });
        if let Some(delivery) = &landed {
            self.landed(session, delivery);
            let order = self.sessions[session].next_number();
            self.change_released(session, delivery, id, order);
        }
        (outcome, landed.map(|delivery| delivery.message.publication))
    }

    /// Ends the handshake of a message that is not sent.
    pub(crate) fn give_up(&mut self, session_at: usize, id: Option<PacketId>) {
        let outgoing = &mut self.sessions[session_at].outgoing;
        if let Some(flight) = id.and_then(|id| outgoing.abandon(id)) {
            self.landed(session_at, &flight.delivery);
            self.change_over(session_at, &flight);
        }
    }

    /// A message is under way no more.
    pub(crate) fn landed(&mut self, session_at: usize, delivery: &Delivery) {
        self.sessions[session_at].in_flight_bytes -= delivery.message.cost();
        self.queued_bytes -= delivery.charge as usize;
    }
}
