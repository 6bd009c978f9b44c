//! What the broker gets, for the model to take in.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use vitrine_broker::ConnectionId;
use vitrine_packet::{Packet, ProtocolVersion, Publish, QoS, ReasonCode};
use vitrine_session::Time;

use super::Player;
use crate::simulate::state::Publication;

impl Player<'_> {
    /// A packet came to the broker.
    pub(super) fn heard(
        &mut self,
        id: ConnectionId,
        bytes: &Rc<[u8]>,
        now: Time,
    ) -> Result<(), String> {
        let Some(wire) = self.wires.get_mut(&id).filter(|wire| !wire.ended) else {
            return Ok(());
        };
        let packet = Packet::decode(bytes, wire.version).map_err(|error| error.to_string())?;
        wire.last_heard = now;
        let acknowledged = wire.heard(&packet);
        let (client, generation) = (wire.client.clone(), wire.generation);
        if let Packet::Connect(connect) = &packet {
            self.comes(id, bytes, connect, now);
            return Ok(());
        }
        if let Packet::Auth(auth) = &packet {
            self.authenticates(id, auth, now);
            return Ok(());
        }
        let Some(client) = client else {
            return Ok(());
        };
        if let Some((n, packet_id)) = acknowledged {
            let promises = &mut self.model.promises;
            promises.acknowledged(n, &client, generation, packet_id);
        }
        match packet {
            Packet::Publish(publish) => self.publishes(id, &client, &publish, now)?,
            Packet::PubRel(ack) => {
                if let Some(session) = self.model.state.sessions.get_mut(&client) {
                    session.received.remove(&ack.packet_id);
                }
            }
            Packet::Subscribe(subscribe) => {
                let identifier = subscribe.properties.subscription_identifiers().next();
                let mut codes = Vec::new();
                for (filter, options) in subscribe.filters.iter() {
                    codes.push(
                        self.model
                            .subscribe(&client, filter, options, identifier, now),
                    );
                }
                if let Some(wire) = self.wires.get_mut(&id) {
                    wire.subscribed(subscribe.packet_id, codes);
                }
            }
            Packet::Unsubscribe(unsubscribe) => {
                for filter in unsubscribe.filters.iter() {
                    self.model.unsubscribe(&client, filter);
                    let name = Rc::clone(&client);
                    self.subscribed.remove(&(name, generation, filter.into()));
                }
            }
            Packet::Disconnect(disconnect) if disconnect.reason == ReasonCode::NotAuthorized => {
                return Err(format!("{client} says that the broker is none"));
            }
            Packet::Disconnect(disconnect) => {
                if let Some(session) = self.model.state.sessions.get_mut(&client) {
                    if let Some(expiry) = disconnect.properties.session_expiry_interval() {
                        session.expiry = expiry.min(self.scenario.config.max_session_expiry);
                    }
                    if disconnect.reason == ReasonCode::Success {
                        session.will = None;
                    }
                }
                self.left(id, now);
            }
            Packet::Connect(_)
            | Packet::ConnAck(_)
            | Packet::PubAck(_)
            | Packet::PubRec(_)
            | Packet::PubComp(_)
            | Packet::SubAck(_)
            | Packet::UnsubAck(_)
            | Packet::PingReq
            | Packet::PingResp
            | Packet::Auth(_) => {}
        }
        Ok(())
    }

    /// PUBLISH came.
    fn publishes(
        &mut self,
        id: ConnectionId,
        client: &Rc<str>,
        publish: &Publish<'_>,
        now: Time,
    ) -> Result<(), String> {
        let Some(wire) = self.wires.get_mut(&id) else {
            return Ok(());
        };
        let alias = publish.properties.topic_alias();
        let topic: Rc<str> = match (publish.topic, alias) {
            ("", Some(alias)) => {
                let known = wire.aliases.get(&alias);
                known.cloned().ok_or("an alias that stands for nothing")?
            }
            (topic, alias) => {
                let topic: Rc<str> = topic.into();
                wire.aliases
                    .extend(alias.map(|alias| (alias, Rc::clone(&topic))));
                topic
            }
        };
        let session = self.model.state.sessions.get(client);
        let exactly_once = (publish.qos == QoS::ExactlyOnce)
            .then_some(publish.packet_id)
            .flatten();
        if let (Some(session), Some(id)) = (session, exactly_once)
            && session.received.contains(&id)
        {
            wire.published(publish, 0);
            return Ok(());
        }
        let v5 = wire.version == ProtocolVersion::V5;
        let user = session.and_then(|session| session.user.clone());
        let publication = Publication {
            publisher: client,
            user: user.as_deref(),
            topic: &topic,
            payload: publish.payload,
            qos: publish.qos,
            retain: publish.retain,
            expiry: publish.properties.message_expiry_interval(),
            is_will: false,
        };
        let taken = self.model.publish(&publication, now);
        let session = self.model.state.sessions.get_mut(client);
        if let (Some(session), Some(id)) = (session, exactly_once)
            && (taken.is_ok() || !v5)
        {
            session.received.insert(id);
        }
        // Before 5.0 there is no other answer.
        let code = match taken {
            _ if !v5 => 0,
            Ok(true) => 0,
            Ok(false) => ReasonCode::NoMatchingSubscribers.as_u8(),
            Err(reason) => reason,
        };
        if let Some(wire) = self.wires.get_mut(&id) {
            wire.published(publish, code);
        }
        Ok(())
    }
}
