//! What comes from the server.

use alloc::rc::Rc;
use core::mem;

use vitrine_packet::{
    Ack, DecodeError, Packet, PacketId, Properties, Property, PropertyBuf, Publish, QoS, ReasonCode,
};
use vitrine_session::PubRecOutcome;

use crate::client::Client;
use crate::connection::Phase;
use crate::message::Released;
use crate::outbox::What;
use crate::{Event, Loss, Message};

impl Client {
    pub(crate) fn received(&mut self, mut bytes: &[u8]) {
        // The framer is taken out, so that a packet can be borrowed from it while it is handled.
        let Some(connection) = &mut self.connection else {
            return;
        };
        if connection.phase == Phase::Opening {
            return;
        }
        let mut framer = mem::take(&mut connection.framer);
        loop {
            match framer.next(&mut bytes) {
                Ok(None) => break,
                Ok(Some(packet)) => match Packet::decode(packet, self.options.version) {
                    Ok(packet) => self.packet(&packet),
                    Err(error) => self.malformed(error),
                },
                Err(error) => self.malformed(error),
            }
            if self.connection.is_none() {
                return;
            }
        }
        if let Some(connection) = &mut self.connection {
            connection.framer = framer;
        }
        self.announce();
    }

    fn malformed(&mut self, error: DecodeError) {
        self.violation(error.reason_code(), error.statement);
    }

    fn packet(&mut self, packet: &Packet<'_>) {
        let connected = self.is_connected();
        match packet {
            Packet::ConnAck(connack) if !connected => self.connack(connack),
            Packet::Auth(auth) => self.auth(auth),
            // Nothing else comes before CONNACK [MQTT-3.2.0-1].
            _ if !connected => self.wrong("MQTT-3.2.0-1"),
            Packet::Publish(publish) => self.message(publish),
            Packet::PubAck(ack) => self.puback(ack),
            Packet::PubRec(ack) => self.pubrec(ack),
            Packet::PubRel(ack) => self.pubrel(ack),
            Packet::PubComp(ack) => self.pubcomp(ack),
            Packet::SubAck(suback) => self.suback(suback),
            Packet::UnsubAck(unsuback) => self.unsuback(unsuback),
            Packet::PingResp => {
                if let Some(connection) = &mut self.connection {
                    connection.pinged = None;
                }
            }
            Packet::Disconnect(disconnect) => self.disconnected(disconnect),
            // [MQTT-3.2.0-2], and what only a client sends.
            Packet::ConnAck(_) => self.wrong("MQTT-3.2.0-2"),
            Packet::Connect(_)
            | Packet::Subscribe(_)
            | Packet::Unsubscribe(_)
            | Packet::PingReq => self.wrong("MQTT-4.13.1-1"),
        }
    }

    fn wrong(&mut self, statement: &'static str) {
        self.violation(ReasonCode::ProtocolError, Some(statement));
    }

    /// Puts a packet other than PUBLISH among those of the connection.
    pub(crate) fn send(&mut self, packet: &Packet<'_>) {
        let version = self.options.version;
        let most = self.options.max_unsent_control_bytes;
        let Some(connection) = &mut self.connection else {
            return;
        };
        connection.outbox.push(What::Control, |out| {
            let written = packet.encode(version, out);
            debug_assert!(written.is_ok(), "{packet:?}");
        });
        if connection.outbox.control_size() > most {
            self.end(Loss::Stuck, false);
            return;
        }
        self.announce();
    }

    fn message(&mut self, publish: &Publish<'_>) {
        let Some(topic) = self.topic(publish) else {
            return;
        };
        let mut dup = publish.dup;
        match (publish.qos, publish.packet_id) {
            (QoS::AtMostOnce, _) | (_, None) => dup = false,
            (QoS::AtLeastOnce, Some(id)) => self.send(&Packet::PubAck(Ack::success(id))),
            (QoS::ExactlyOnce, Some(id)) => {
                if !self.take_exactly_once(id) {
                    return;
                }
            }
        }
        self.events.push_back(Event::Message {
            message: Message {
                topic,
                payload: publish.payload.into(),
                qos: publish.qos,
                retain: publish.retain,
                properties: without_alias(publish.properties),
            },
            dup,
            packet_id: publish.packet_id,
        });
    }

    /// Answers a QoS 2 message, and says whether it is new [MQTT-4.3.3-10].
    fn take_exactly_once(&mut self, id: PacketId) -> bool {
        let known = self.incoming.get(id).copied();
        let most = usize::from(self.options.receive_maximum);
        if let Some(connection) = &mut self.connection
            && known != Some(true)
        {
            if self.options.version.has_properties() && connection.receiving >= most {
                // More than it was allowed [MQTT-3.3.4-9].
                let reason = ReasonCode::ReceiveMaximumExceeded;
                self.violation(reason, Some("MQTT-3.3.4-9"));
                return false;
            }
            connection.receiving += 1;
        }
        self.incoming.insert(id, true);
        self.send(&Packet::PubRec(Ack::success(id)));
        known.is_none()
    }

    /// The topic of a PUBLISH: its own, or what its alias stands for (5.0 section 3.3.2.3.4).
    fn topic(&mut self, publish: &Publish<'_>) -> Option<Rc<str>> {
        let alias = publish.properties.topic_alias();
        let connection = self.connection.as_mut()?;
        match (publish.topic, alias) {
            ("", Some(alias)) => {
                let known = connection.aliases.get(alias).cloned();
                if known.is_none() {
                    let (reason, statement) = if alias > connection.aliases.maximum() {
                        (ReasonCode::TopicAliasInvalid, "MQTT-3.1.2-26")
                    } else {
                        (ReasonCode::ProtocolError, "MQTT-4.13.1-1")
                    };
                    self.violation(reason, Some(statement));
                }
                known
            }
            (topic, alias) => {
                let topic: Rc<str> = topic.into();
                if let Some(alias) = alias
                    && !connection.aliases.set(alias, Rc::clone(&topic))
                {
                    self.violation(ReasonCode::TopicAliasInvalid, Some("MQTT-3.1.2-26"));
                    return None;
                }
                Some(topic)
            }
        }
    }

    fn puback(&mut self, ack: &Ack<'_>) {
        // One for nothing that is under way may be the answer to what was sent twice.
        if let Ok(stored) = self.outgoing.acknowledge(ack.packet_id) {
            let (ticket, reason) = (stored.ticket, ack.reason);
            self.events.push_back(Event::Published { ticket, reason });
            self.pump();
        }
    }

    fn pubrec(&mut self, ack: &Ack<'_>) {
        let id = ack.packet_id;
        if ack.reason.is_error() {
            if let Ok(stored) = self.outgoing.refused(id) {
                let (ticket, reason) = (stored.ticket, ack.reason);
                self.events.push_back(Event::Published { ticket, reason });
                self.pump();
            }
            return;
        }
        let (sent, place) = (self.now, self.next_place());
        let mut received = None;
        let outcome = self.outgoing.received(id, |stored| {
            let ticket = stored.ticket;
            received = Some(ticket);
            Released {
                ticket,
                place,
                sent,
            }
        });
        let mut answer = Ack::success(id);
        match outcome {
            Ok(PubRecOutcome::Release) => {
                self.events
                    .extend(received.map(|ticket| Event::Received { ticket }));
            }
            Ok(PubRecOutcome::Again) => {}
            Err(_) => answer.reason = ReasonCode::PacketIdentifierNotFound,
        }
        self.send(&Packet::PubRel(answer));
        self.pump();
    }

    fn pubrel(&mut self, ack: &Ack<'_>) {
        let id = ack.packet_id;
        let mut answer = Ack::success(id);
        match self.incoming.release(id) {
            Some(here) => {
                if let Some(connection) = self.connection.as_mut().filter(|_| here) {
                    connection.receiving -= 1;
                }
            }
            None => answer.reason = ReasonCode::PacketIdentifierNotFound,
        }
        self.send(&Packet::PubComp(answer));
    }

    fn pubcomp(&mut self, ack: &Ack<'_>) {
        if let Ok(Released { ticket, .. }) = self.outgoing.complete(ack.packet_id) {
            let reason = ReasonCode::Success;
            self.events.push_back(Event::Published { ticket, reason });
            self.pump();
        }
    }
}

/// The properties of a PUBLISH as the application sees them: the alias is between client and server.
fn without_alias(properties: Properties<'_>) -> PropertyBuf {
    if properties.topic_alias().is_none() {
        return properties.into();
    }
    let mut kept = PropertyBuf::new();
    let others = properties
        .iter()
        .filter(|property| !matches!(property, Property::TopicAlias(_)));
    for property in others {
        let pushed = kept.push(property);
        debug_assert!(pushed.is_ok(), "it came in a packet");
    }
    kept
}
