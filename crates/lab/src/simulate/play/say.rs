//! What the broker sends and tells, held against what the model allows.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is not looked at needs no list"
)]

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_broker::{Actions, ConnectionId, DiscardReason, Event as Seen, PublicationId};
use vitrine_client::{Event, Loss, Ticket};
use vitrine_packet::{Packet, ProtocolVersion, QoS, ReasonCode};

use super::Player;
use crate::simulate::copies::Copy;
use crate::simulate::guard::{may, may_subscribe};
use crate::simulate::scenario::number;

impl Player<'_> {
    /// A packet left the broker.
    pub(super) fn said(&mut self, id: ConnectionId, bytes: &[u8]) -> Result<(), String> {
        let Some(wire) = self.wires.get_mut(&id) else {
            return Err(format!("{id:?} is not there"));
        };
        let packet = Packet::decode(bytes, wire.version)
            .map_err(|error| format!("not a packet: {error}: {bytes:02X?}"))?;
        if let (Packet::Disconnect(disconnect), Some(doomed)) = (&packet, wire.doomed)
            && disconnect.reason != doomed
        {
            return Err(format!("{disconnect:?} instead of {doomed:?}"));
        }
        let opens = matches!(packet, Packet::ConnAck(_) | Packet::Auth(_));
        if opens || !wire.ended {
            wire.said(&packet, bytes.len())?;
        }
        let Packet::Publish(publish) = packet else {
            return Ok(());
        };
        if wire.ended {
            return Err(format!(
                "a message for a connection that ended: {publish:?}"
            ));
        }
        let n = number(publish.payload);
        if let (Some(n), Some(client)) = (n, &wire.client) {
            let promises = &mut self.model.promises;
            promises.begin(n, client, wire.generation, publish.qos);
        }
        let origin = n.and_then(|n| self.model.promises.origins.get(&n));
        if let (Some(origin), Some(client)) = (origin, &wire.client)
            && wire.epoch == self.model.epoch
            && let Err(rule) = self.model.may_receive(client, &origin.topic)
        {
            return Err(format!(
                "{client} is sent what {rule:?} forbids: {publish:?}"
            ));
        }
        Ok(())
    }

    /// A client tells its application something.
    pub(super) fn event(&mut self, node: usize, event: &Event) -> Result<(), String> {
        let client = &self.scenario.clients[node].0.client_id;
        match event {
            Event::Message {
                message,
                dup,
                packet_id,
            } => {
                self.report.received += 1;
                let Some(n) = number(&message.payload) else {
                    return Ok(());
                };
                let connection = self.coming.get(&node);
                let served = connection.and_then(|connection| self.served.get(connection));
                let Some(&(generation, start)) = served else {
                    return Err(format!("{n} came to a client that was not let in"));
                };
                let v5 = self.scenario.clients[node].0.version == ProtocolVersion::V5;
                let ids = message
                    .properties
                    .as_properties()
                    .subscription_identifiers();
                let mut ids: Vec<_> = ids.collect();
                ids.sort_unstable();
                let copy = Copy {
                    client: Rc::clone(client),
                    generation,
                    start,
                    qos: message.qos,
                    retain: message.retain,
                    dup: *dup,
                    packet_id: *packet_id,
                    ids: v5.then_some(ids),
                    came: 0,
                    over: None,
                };
                self.model.promises.receive(n, &message.topic, copy)
            }
            Event::Published { ticket, reason } if !reason.is_error() => self.told(node, *ticket),
            Event::Received { ticket } => self.told(node, *ticket),
            Event::Subscribed { ticket, codes } => {
                let filters = self.asked.remove(&(node, *ticket)).unwrap_or_default();
                let connection = self.coming.get(&node);
                let served = connection.and_then(|connection| self.served.get(connection));
                let generation = served.map_or(0, |(generation, _)| *generation);
                let granted = filters.into_iter().zip(codes);
                for (filter, _) in granted.filter(|(_, code)| **code < 0x80) {
                    let client = Rc::clone(client);
                    self.subscribed.insert((client, generation, filter));
                }
                Ok(())
            }
            Event::Disconnected {
                why: Loss::Violation(reason, statement),
                ..
            } => Err(format!(
                "client {node} says that the broker broke a rule: {reason:?} {statement:?}"
            )),
            Event::Disconnected {
                why: Loss::Stuck, ..
            } => Err(format!("client {node} is stuck")),
            _ => Ok(()),
        }
    }

    /// PUBACK, PUBREC or PUBCOMP came for a publication: the broker has it, and for good.
    fn told(&mut self, node: usize, ticket: Ticket) -> Result<(), String> {
        let client = &self.scenario.clients[node].0.client_id;
        match self.tickets.get(&(node, ticket)) {
            // Names that are shared confuse identifiers.
            Some(&(n, qos)) if qos > QoS::AtMostOnce && !self.is_muddled(client) => {
                self.model.promises.tell(n)
            }
            _ => Ok(()),
        }
    }

    /// What the broker says that it gave up on, if it had a reason.
    pub(super) fn excuses(&mut self) -> Result<(), String> {
        let handed_over = core::mem::take(&mut self.handed_over);
        for event in core::mem::take(&mut self.seen) {
            match event {
                Seen::Withheld {
                    client,
                    publication,
                    rule,
                    ..
                } if !handed_over.contains(&*client) => {
                    let n = self.publications.get(&publication);
                    let origin = n.and_then(|n| self.model.promises.origins.get(n));
                    let (Some(origin), true) = (origin, self.is_there(&client)) else {
                        continue;
                    };
                    let expected = self.model.may_receive(&client, &origin.topic);
                    refuses("may not receive", &client, &rule, expected)?;
                }
                Seen::PublishRefused {
                    client,
                    topic,
                    reason: ReasonCode::NotAuthorized,
                    rule: Some(rule),
                } if self.is_there(&client) => {
                    let who = self.model.who(&client);
                    let expected = may(&self.model.access, who, Actions::PUBLISH, &topic);
                    refuses("may not publish", &client, &rule, expected)?;
                }
                Seen::SubscribeRefused {
                    client,
                    filter,
                    reason: ReasonCode::NotAuthorized,
                    rule: Some(rule),
                } if self.is_there(&client) => {
                    let expected =
                        may_subscribe(&self.model.access, self.model.who(&client), &filter);
                    refuses("may not subscribe", &client, &rule, expected)?;
                }
                Seen::Published {
                    publication,
                    payload,
                    ..
                } => {
                    // A broker that crashed gives what it forgot again, also to what has no number.
                    match number(&payload) {
                        Some(n) => self.publications.insert(publication, n),
                        None => self.publications.remove(&publication),
                    };
                }
                Seen::Discarded {
                    client,
                    publication,
                    why,
                } => {
                    self.excuse(&client, publication, why)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn excuse(
        &mut self,
        client: &str,
        publication: PublicationId,
        why: DiscardReason,
    ) -> Result<(), String> {
        let session = self.model.state.sessions.get(client);
        let generation = session.map_or(0, |session| session.generation);
        let plausible = match why {
            DiscardReason::QueueFull => {
                let most = self.scenario.config.max_queued_messages;
                let promises = &self.model.promises;
                session.is_none() || promises.may_hold_more(client, generation, most)
            }
            DiscardReason::TooLarge => {
                let clients = self.scenario.clients.iter();
                let mut of_it = clients.filter(|(options, _)| *options.client_id == *client);
                of_it.any(|(options, _)| options.max_packet_size < 100)
            }
            // Those with a lifetime are promised to nobody, and neither is QoS 0.
            DiscardReason::Expired | DiscardReason::OfflineQoS0 | DiscardReason::SlowConsumer => {
                return Ok(());
            }
            DiscardReason::SessionEnded => return Ok(()),
            DiscardReason::NotAuthorized => {
                let n = self.publications.get(&publication);
                let origin = n.and_then(|n| self.model.promises.origins.get(n));
                origin.is_none_or(|origin| self.model.may_receive(client, &origin.topic).is_err())
            }
            _ => false,
        };
        if !plausible {
            return Err(format!(
                "{client} does not get {publication:?} because of {why:?}"
            ));
        }
        if let Some(n) = self.publications.get(&publication) {
            if why == DiscardReason::QueueFull {
                self.model.promises.excuse_retained(*n, client);
            }
            self.model.promises.excuse(*n, client);
        }
        Ok(())
    }

    /// Whether a client has a Session, for the model.
    fn is_there(&self, client: &str) -> bool {
        self.model.state.sessions.contains_key(client)
    }
}

/// The broker names a rule that refuses something: so does the model.
fn refuses(
    what: &str,
    client: &str,
    rule: &Rc<str>,
    expected: Result<(), Rc<str>>,
) -> Result<(), String> {
    match expected {
        Err(expected) if expected == *rule => Ok(()),
        Err(expected) => Err(format!(
            "{client} {what} by {rule:?} instead of {expected:?}"
        )),
        Ok(()) => Err(format!("{client} {what} by {rule:?}, and no rule says so")),
    }
}
