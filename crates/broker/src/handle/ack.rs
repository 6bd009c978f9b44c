//! PUBACK, PUBREC, PUBREL and PUBCOMP (3.1.1 and 5.0, sections 3.4 to 3.7).

use vitrine_packet::{Ack, Packet, ReasonCode};
use vitrine_session::{AckError, PubRecOutcome};

use crate::broker::Broker;
use crate::changes::Change;
use crate::session::{InFlight, Released};
use crate::{DiscardReason, Event, ObservationMask, PublicationId};

/// What is said with [`ReasonCode::PacketIdentifierNotFound`].
const NOT_FOUND: &str = "no QoS 2 message has this Packet Identifier";

impl Broker {
    /// A subscriber has a QoS 1 message.
    pub(crate) fn puback(&mut self, at: usize, session: usize, ack: &Ack<'_>) {
        match self.sessions[session].outgoing.acknowledge(ack.packet_id) {
            Ok(flight) => self.finished(session, &flight, ack.reason),
            Err(error) => self.stray_ack(at, error),
        }
    }

    /// A subscriber has a QoS 2 message, or refuses it.
    pub(crate) fn pubrec(&mut self, at: usize, session: usize, ack: &Ack<'_>) {
        let id = ack.packet_id;
        let outgoing = &mut self.sessions[session].outgoing;
        if ack.reason.is_error() {
            // Counts as acknowledged: it is not sent again [MQTT-4.4.0-2].
            match outgoing.refused(id) {
                Ok(flight) => self.finished(session, &flight, ack.reason),
                Err(error) => self.stray_ack(at, error),
            }
            return;
        }
        let (outcome, publication) = self.release(session, id);
        match outcome {
            Ok(PubRecOutcome::Release) => {
                self.send(at, publication, &Packet::PubRel(Ack::success(id)));
                // The message waits for PUBCOMP, but nothing before it waits to be sent again. The PUBREL
                // may have been one answer too many for the connection, and the end of the session.
                if self.connections[at].session() == Some(session) {
                    self.go_on(session);
                }
            }
            Ok(PubRecOutcome::Again) => {
                let publication = self.publication_under_way(session, id);
                self.send(at, publication, &Packet::PubRel(Ack::success(id)));
            }
            Err(AckError::Unknown) => {
                // PUBREL is the only answer there is; 5.0 clients are told.
                let reason = ReasonCode::PacketIdentifierNotFound;
                let explanation = self.explanation(at, NOT_FOUND);
                self.send_explained(at, None, &explanation, |properties| {
                    Packet::PubRel(Ack {
                        packet_id: id,
                        reason,
                        properties,
                    })
                });
            }
            Err(error) => self.stray_ack(at, error),
        }
    }

    /// A publisher releases a QoS 2 message.
    pub(crate) fn pubrel(&mut self, at: usize, session: usize, ack: &Ack<'_>) {
        let packet_id = ack.packet_id;
        let released = self.sessions[session].incoming.release(packet_id);
        if let Some(released) = released {
            self.unreleased -= 1;
            let connection = &mut self.connections[at];
            if released.connection == Some(connection.id) {
                connection.receiving -= 1;
            }
            self.change_session(session, |_, client| Change::Released { client, packet_id });
        }
        let Some(released) = released else {
            // A PUBREL that comes again is answered again; 5.0 clients are told that nothing was there.
            let reason = ReasonCode::PacketIdentifierNotFound;
            let explanation = self.explanation(at, NOT_FOUND);
            self.send_explained(at, None, &explanation, |properties| {
                Packet::PubComp(Ack {
                    packet_id,
                    reason,
                    properties,
                })
            });
            return;
        };
        let ack = Ack::success(packet_id);
        self.send(at, released.publication, &Packet::PubComp(ack));
    }

    /// A subscriber has finished a QoS 2 handshake.
    pub(crate) fn pubcomp(&mut self, at: usize, session: usize, ack: &Ack<'_>) {
        match self.sessions[session].outgoing.complete(ack.packet_id) {
            Ok(Released {
                publication,
                number,
            }) => {
                let over = |_: &Self, client| Change::Delivered { client, number };
                self.change_session(session, over);
                // PUBCOMP's only error says that there was nothing to release: it is over all the same.
                self.note_outcome(session, publication, ReasonCode::Success);
                self.go_on(session);
            }
            Err(error) => self.stray_ack(at, error),
        }
    }

    /// An acknowledgement came for nothing that is under way: harmless, as after a Session that the
    /// client still had and the broker had not. One of the wrong kind breaks the protocol.
    fn stray_ack(&mut self, at: usize, error: AckError) {
        match error {
            AckError::Unknown => {}
            AckError::Unexpected => self.out_of_place(at),
        }
    }

    /// The handshake of a message ended with an acknowledgement of its PUBLISH.
    fn finished(&mut self, session: usize, flight: &InFlight, reason: ReasonCode) {
        self.landed(session, &flight.delivery);
        self.change_over(session, flight);
        self.note_outcome(session, flight.delivery.message.publication, reason);
        self.go_on(session);
    }

    fn note_outcome(&mut self, session: usize, publication: PublicationId, reason: ReasonCode) {
        if reason.is_error() {
            self.note_discarded(session, publication, DiscardReason::Refused);
            return;
        }
        let client = &self.sessions[session].client;
        self.observer
            .note(ObservationMask::ROUTING, || Event::Acknowledged {
                client: client.clone(),
                publication,
            });
    }
}
