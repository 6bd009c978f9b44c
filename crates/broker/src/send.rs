//! Sending messages: for the first time, again, and from the queue.

use vitrine_packet::{PacketId, QoS};

use crate::broker::Broker;
use crate::message::Delivery;
use crate::outbox::{Deferred, EntryKind};
use crate::session::InFlight;
use crate::{DiscardReason, Event, ObservationMask};

/// A payload of more bytes than this is not copied before it is pulled.
pub(crate) const INLINE_PAYLOAD: usize = 1_024;

impl Broker {
    /// Sends a message for the first time. The window is open.
    pub(crate) fn send_first(&mut self, session: usize, at: usize, mut delivery: Delivery) {
        let now = self.now();
        let connection = &self.connections[at];
        let scratch = &mut self.scratch.properties;
        let id = delivery.qos.is_acknowledged().then_some(PacketId::MIN);
        let publish = delivery.publish(id, false, now, scratch);
        let size = publish
            .encoded_len(connection.version)
            .unwrap_or(usize::MAX);
        if size > connection.max_packet_size {
            // Dropped, as if it had been delivered [MQTT-3.1.2-25].
            self.change_delivered(session, delivery.number);
            self.note_discarded(
                session,
                delivery.message.publication,
                DiscardReason::TooLarge,
            );
            return;
        }
        let id = match delivery.qos {
            QoS::AtMostOnce => None,
            QoS::AtLeastOnce | QoS::ExactlyOnce => {
                self.sessions[session].number(&mut delivery);
                self.begin(session, at, delivery.clone())
            }
        };
        self.write_publish(at, delivery, id, false, size);
    }

    /// Begins the handshake of a QoS 1 or 2 message whose PUBLISH is the next packet of the connection.
    pub(crate) fn begin(
        &mut self,
        session_at: usize,
        at: usize,
        mut delivery: Delivery,
    ) -> Option<PacketId> {
        let session = &mut self.sessions[session_at];
        session.number(&mut delivery);
        let qos = delivery.qos;
        let number = Some(self.connections[at].outbox.next_number());
        if !self.config.durable {
            return session.outgoing.begin(qos, InFlight { delivery, number });
        }
        let flight = InFlight {
            delivery: delivery.clone(),
            number,
        };
        let id = session.outgoing.begin(qos, flight);
        self.change_delivery(session_at, &delivery, id);
        id
    }

    /// Puts a PUBLISH of this size into a connection's outbox.
    fn write_publish(
        &mut self,
        at: usize,
        delivery: Delivery,
        id: Option<PacketId>,
        dup: bool,
        size: usize,
    ) {
        let now = self.now();
        let cause = self.observer.cause;
        let connection = &mut self.connections[at];
        let message = &delivery.message;
        if message.expires.is_some() || message.payload.len() > INLINE_PAYLOAD {
            connection
                .outbox
                .push_deferred(cause, size, Deferred { delivery, id, dup });
        } else {
            let version = connection.version;
            let publication = Some(message.publication);
            let publish = delivery.publish(id, dup, now, &mut self.scratch.properties);
            connection.outbox.push(
                cause,
                publication,
                EntryKind::Publish,
                id.is_some(),
                |out| {
                    let written = publish.encode(version, out);
                    debug_assert!(written.is_ok(), "its size is known");
                },
            );
        }
        self.announce(at);
    }

    /// Sends again what was under way when the last connection was lost, as the window allows, with
    /// the old identifiers and in the old order [MQTT-4.4.0-1]; then what waits in the queue.
    pub(crate) fn go_on(&mut self, session_at: usize) {
        let session = self.sessions.get(session_at);
        let Some(at) = session.and_then(|session| session.connection) else {
            return;
        };
        while let Some(flight) = self.sessions[session_at].outgoing.next_resend() {
            let connection = &self.connections[at];
            let delivery = flight.message.delivery.clone();
            let id = Some(flight.id());
            let now = self.observer.now;
            let publish = delivery.publish(id, true, now, &mut self.scratch.properties);
            let size = publish
                .encoded_len(connection.version)
                .unwrap_or(usize::MAX);
            if size > connection.max_packet_size {
                // This client takes less than its last connection did.
                if let Some(id) = id {
                    self.sessions[session_at].outgoing.abandon(id);
                }
                self.change_delivered(session_at, delivery.number);
                let why = DiscardReason::TooLarge;
                self.note_discarded(session_at, delivery.message.publication, why);
                continue;
            }
            self.write_publish(at, delivery, id, true, size);
        }
        self.pump(session_at, at);
    }

    /// Sends what waits in the queue, as far as window and transport allow.
    pub(crate) fn pump(&mut self, session_at: usize, at: usize) {
        let now = self.now();
        loop {
            let session = &mut self.sessions[session_at];
            if self.connections[at].outbox.size() > self.config.max_unsent_bytes {
                return;
            }
            let Some(front) = session.queue.front() else {
                return;
            };
            if front.qos.is_acknowledged() && !session.outgoing.has_room() {
                return;
            }
            let Some(delivery) = session.queue.pop_front() else {
                return;
            };
            self.queued_bytes -= delivery.message.size();
            let publication = delivery.message.publication;
            if delivery.message.is_expired(now) {
                self.change_delivered(session_at, delivery.number);
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
}
