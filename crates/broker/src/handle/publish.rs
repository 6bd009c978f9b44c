//! PUBLISH from a client (3.1.1 and 5.0, section 3.3).

use alloc::rc::Rc;

use vitrine_packet::{
    Ack, Packet, PacketId, Properties, Property, ProtocolVersion, Publish, QoS, ReasonCode,
};

use crate::broker::Broker;
use crate::changes::Change;
use crate::limits::{Limit, Refused, over_share};
use crate::publication::{Accepted, Publication, Publisher};
use crate::session::Received;
use crate::{Event, ObservationMask, PublicationId};

impl Broker {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest is passed on as it is"
    )]
    pub(crate) fn publish(
        &mut self,
        at: usize,
        session: usize,
        bytes: &[u8],
        publish: &Publish<'_>,
    ) {
        self.statistics.publish_received += 1;
        self.statistics.publish_bytes_received += bytes.len() as u64;
        if let Err((refused, statement)) = self.config.publish_offered(publish.qos, publish.retain)
        {
            self.note_received(at, bytes, None);
            return self.violation_with(at, refused, statement);
        }
        if publish.properties.is_empty() {
            self.publish_to(at, session, bytes, publish, publish.topic, None);
            return;
        }
        let (mut expiry, mut alias) = (None, None);
        for property in publish.properties {
            match property {
                Property::MessageExpiryInterval(seconds) => expiry = Some(seconds),
                Property::TopicAlias(number) => alias = Some(number),
                Property::SubscriptionIdentifier(_) => {
                    self.note_received(at, bytes, None);
                    return self.violation(at, "MQTT-3.3.4-6");
                }
                _ => {}
            }
        }
        let Some(alias) = alias else {
            self.publish_to(at, session, bytes, publish, publish.topic, expiry);
            return;
        };
        let connection = &mut self.connections[at];
        let aliases = &mut connection.aliases;
        if alias == 0 || alias > aliases.maximum() {
            self.note_received(at, bytes, None);
            let refused = self.refusals.refuse(Limit::TopicAliasMaximum);
            return self.violation_with(at, refused, Some("MQTT-3.3.2-9"));
        }
        if !publish.topic.is_empty() {
            if aliases
                .get(alias)
                .is_none_or(|topic| **topic != *publish.topic)
            {
                let before = aliases.get(alias).map_or(0, |topic| topic.len());
                let alias_bytes = connection.alias_bytes - before + publish.topic.len();
                if alias_bytes > self.config.max_alias_bytes {
                    self.note_received(at, bytes, None);
                    let refused = self.refusals.refuse(Limit::AliasBytes);
                    return self.violation_with(at, refused, None);
                }
                connection.alias_bytes = alias_bytes;
                let known = aliases.set(alias, publish.topic.into());
                debug_assert!(known, "it was checked");
            }
            self.publish_to(at, session, bytes, publish, publish.topic, expiry);
            return;
        }
        let Some(topic) = aliases.get(alias).map(Rc::clone) else {
            self.note_received(at, bytes, None);
            // Section 3.3.2.3.4 asks for it without a statement of its own.
            let text = "the Topic Alias stands for no topic yet";
            let refused = Refused::new(ReasonCode::ProtocolError, text);
            return self.violation_with(at, refused, Some("MQTT-4.13.1-1"));
        };
        self.publish_to(at, session, bytes, publish, &topic, expiry);
    }

    /// Handles a PUBLISH whose Topic Name is known.
    fn publish_to(
        &mut self,
        at: usize,
        session: usize,
        bytes: &[u8],
        publish: &Publish<'_>,
        topic: &str,
        expiry: Option<u32>,
    ) {
        let exactly_once = publish.qos == QoS::ExactlyOnce;
        if exactly_once && self.is_repeated(at, session, bytes, publish.packet_id) {
            return;
        }
        let publication = Publication {
            publisher: Publisher::Session(session),
            topic,
            properties: publish.properties,
            payload: publish.payload,
            qos: publish.qos,
            retain: publish.retain,
            expiry,
        };
        if let Err(refused) = self.check(&publication) {
            let Refused { reason, text, .. } = refused;
            self.note_received(at, bytes, None);
            let client = &self.sessions[session].client;
            let told = ObservationMask::ROUTING | ObservationMask::REFUSALS;
            self.observer.note(told, || Event::PublishRefused {
                client: client.clone(),
                topic: topic.into(),
                reason,
                rule: self.access.name_of(refused),
            });
            // Refused in 5.0, the identifier is free at once [MQTT-4.3.3-9].
            let free = self.connections[at].version == ProtocolVersion::V5 && reason.is_error();
            if publish.qos == QoS::ExactlyOnce && !free {
                self.hold_identifier(at, session, publish, None);
            }
            self.acknowledge(at, publish, None, reason, text);
            return;
        }
        let coming = Some(PublicationId(self.publications + 1));
        self.note_received(at, bytes, coming);
        if publish.qos == QoS::ExactlyOnce {
            // Before anything of it is sent, which rests on it: after a crash it would be taken for another one when it comes
            // again, and reach those twice who had it by then.
            self.hold_identifier(at, session, publish, coming);
        }
        let Accepted {
            publication,
            matched,
        } = self.accept(&publication);
        let reason = if matched {
            ReasonCode::Success
        } else {
            ReasonCode::NoMatchingSubscribers
        };
        self.acknowledge(at, publish, Some(publication), reason, "");
    }

    /// Whether a QoS 2 PUBLISH is one that came before and is not released: then it is acknowledged
    /// again and delivered to nobody [MQTT-4.3.3-10]. Also when there are too many of them.
    fn is_repeated(
        &mut self,
        at: usize,
        session: usize,
        bytes: &[u8],
        id: Option<PacketId>,
    ) -> bool {
        let incoming = &self.sessions[session].incoming;
        let before = id.and_then(|id| incoming.get(id).map(|before| (id, before.publication)));
        let v5 = self.connections[at].version == ProtocolVersion::V5;
        if let Some((id, publication)) = before {
            self.note_received(at, bytes, publication);
            self.send(at, publication, &Packet::PubRec(Ack::success(id)));
            return true;
        }
        let sessions = self.sessions.len();
        let most = self.config.max_unreleased_total;
        let (total, own) = (self.unreleased + 1, incoming.len() + 1);
        if over_share(total, own, most, sessions) {
            self.note_received(at, bytes, None);
            let refused = self.refusals.refuse(Limit::UnreleasedTotal);
            self.violation_with(at, refused, None);
            return true;
        }
        // Every connection has the whole Receive Maximum anew (section 4.9).
        let receiving = self.connections[at].receiving;
        if v5 && receiving >= usize::from(self.config.receive_maximum) {
            self.note_received(at, bytes, None);
            let refused = self.refusals.refuse(Limit::ReceiveMaximum);
            self.violation_with(at, refused, Some("MQTT-3.3.4-7"));
            return true;
        }
        false
    }

    /// Remembers the identifier of a QoS 2 PUBLISH until it is released.
    fn hold_identifier(
        &mut self,
        at: usize,
        session: usize,
        publish: &Publish<'_>,
        publication: Option<PublicationId>,
    ) {
        let Some(packet_id) = publish.packet_id else {
            return;
        };
        let connection = &mut self.connections[at];
        connection.receiving += 1;
        let received = Received {
            publication,
            connection: Some(connection.id),
        };
        self.sessions[session].incoming.insert(packet_id, received);
        self.unreleased += 1;
        let change = |_: &Self, client| Change::Received {
            client,
            packet_id,
            publication,
        };
        self.change_session(session, change);
    }

    /// Answers a PUBLISH as its QoS demands [MQTT-3.3.4-1], with words for people where there are any. Before 5.0 a refused one
    /// is answered like an accepted one [MQTT-3.3.5-2].
    fn acknowledge(
        &mut self,
        at: usize,
        publish: &Publish<'_>,
        publication: Option<PublicationId>,
        reason: ReasonCode,
        text: &str,
    ) {
        let Some(packet_id) = publish.packet_id else {
            return;
        };
        let ack = |properties| Ack {
            packet_id,
            reason,
            properties,
        };
        if text.is_empty() {
            let packet = answer(publish.qos, ack(Properties::EMPTY));
            self.send(at, publication, &packet);
            return;
        }
        let explanation = self.explanation(at, text);
        self.send_explained(at, publication, &explanation, |properties| {
            answer(publish.qos, ack(properties))
        });
    }
}

/// The first answer to a PUBLISH of QoS 1 or 2.
#[inline]
fn answer(qos: QoS, ack: Ack<'_>) -> Packet<'_> {
    match qos {
        QoS::ExactlyOnce => Packet::PubRec(ack),
        QoS::AtMostOnce | QoS::AtLeastOnce => Packet::PubAck(ack),
    }
}
