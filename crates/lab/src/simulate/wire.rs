//! The rules of a connection, as they show in its packets.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_packet::{Packet, PacketId, ProtocolVersion, ReasonCode};
use vitrine_session::Time;

/// A connection as it looks from outside the broker.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) version: ProtocolVersion,
    /// The session's client, once CONNECT was accepted.
    pub(super) client: Option<Rc<str>>,
    /// Whether it ended, for the broker.
    pub(super) ended: bool,
    pub(super) keep_alive: u16,
    pub(super) last_heard: Time,
    /// The client's aliases.
    pub(super) aliases: BTreeMap<u16, Rc<str>>,
    /// Messages of this size and more are not sent to it.
    pub(super) max_packet_size: usize,
    /// QoS 1 and 2 messages that may be under way to the client.
    pub(super) window: usize,
    /// What CONNACK has to say.
    pub(super) session_present: Option<bool>,
    /// Identifiers of messages to the client that wait for PUBACK or PUBREC, and for PUBCOMP.
    in_flight: BTreeSet<PacketId>,
    releasing: BTreeSet<PacketId>,
    /// PUBRECs that were not answered.
    received: Vec<PacketId>,
    /// PUBRELs that belong to no PUBREC of this connection: each once.
    resumed: BTreeSet<PacketId>,
    /// Answers that the broker owes, in their order.
    pubacks: VecDeque<PacketId>,
    pubrecs: VecDeque<PacketId>,
    pubcomps: VecDeque<PacketId>,
    subacks: VecDeque<(PacketId, Vec<u8>)>,
    unsubacks: VecDeque<PacketId>,
    pings: usize,
}

impl Wire {
    pub(super) fn new(version: ProtocolVersion, now: Time) -> Self {
        let (aliases, in_flight, releasing, received, resumed) = Default::default();
        let (pubacks, pubrecs, pubcomps, subacks, unsubacks) = Default::default();
        Self {
            version,
            client: None,
            ended: false,
            keep_alive: 0,
            last_heard: now,
            aliases,
            max_packet_size: usize::MAX,
            window: usize::MAX,
            session_present: None,
            in_flight,
            releasing,
            received,
            resumed,
            pubacks,
            pubrecs,
            pubcomps,
            subacks,
            unsubacks,
            pings: 0,
        }
    }

    /// A packet from the client, which the broker has to answer. SUBSCRIBE is told by [`Self::subscribed`].
    #[allow(clippy::wildcard_enum_match_arm)] // the others have no answer
    pub(super) fn heard(&mut self, packet: &Packet<'_>) {
        match packet {
            Packet::Publish(publish) => match (publish.qos.as_u8(), publish.packet_id) {
                (1, Some(id)) => self.pubacks.push_back(id),
                (2, Some(id)) => self.pubrecs.push_back(id),
                _ => {}
            },
            Packet::PubAck(ack) => {
                self.in_flight.remove(&ack.packet_id);
            }
            Packet::PubRec(ack) => {
                self.in_flight.remove(&ack.packet_id);
                if !ack.reason.is_error() {
                    self.releasing.insert(ack.packet_id);
                    self.received.push(ack.packet_id);
                }
            }
            Packet::PubComp(ack) => {
                self.releasing.remove(&ack.packet_id);
            }
            Packet::PubRel(ack) => self.pubcomps.push_back(ack.packet_id),
            Packet::Unsubscribe(unsubscribe) => self.unsubacks.push_back(unsubscribe.packet_id),
            Packet::PingReq => self.pings += 1,
            _ => {}
        }
    }

    pub(super) fn subscribed(&mut self, id: PacketId, codes: Vec<u8>) {
        self.subacks.push_back((id, codes));
    }

    /// A packet from the broker.
    pub(super) fn said(&mut self, packet: &Packet<'_>, size: usize) -> Result<(), String> {
        if size > self.max_packet_size {
            return Err(format!(
                "{size} bytes are more than the client takes: {packet:?}"
            ));
        }
        let mut in_turn = |list: Turn, id: PacketId| {
            let list = match list {
                Turn::PubAck => &mut self.pubacks,
                Turn::PubRec => &mut self.pubrecs,
                Turn::PubComp => &mut self.pubcomps,
                Turn::UnsubAck => &mut self.unsubacks,
            };
            match list.pop_front() {
                Some(next) if next == id => Ok(()),
                next => Err(format!("{packet:?} is out of turn: {next:?}")),
            }
        };
        match packet {
            Packet::ConnAck(connack) => match self.session_present.take() {
                Some(present) if connack.code == 0 && connack.session_present != present => {
                    Err(format!("Session Present is wrong: {connack:?}"))
                }
                Some(_) => Ok(()),
                None if connack.code != 0 => Ok(()),
                None => Err(format!("nothing asked for {connack:?}")),
            },
            _ if self.session_present.is_some() => {
                Err(format!("CONNACK does not come first: {packet:?}"))
            }
            Packet::Publish(publish) => {
                let Some(id) = publish.packet_id else {
                    return Ok(());
                };
                if !self.in_flight.insert(id) || self.releasing.contains(&id) {
                    return Err(format!("the identifier is in use: {publish:?}"));
                }
                let under_way = self.in_flight.len() + self.releasing.len();
                if under_way > self.window {
                    return Err(format!("{under_way} under way, {} allowed", self.window));
                }
                Ok(())
            }
            Packet::PubRel(ack) => {
                let id = ack.packet_id;
                if let Some(at) = self.received.iter().position(|received| *received == id) {
                    self.received.remove(at);
                    return Ok(());
                }
                if ack.reason == ReasonCode::Success && self.resumed.insert(id) {
                    self.releasing.insert(id);
                    return Ok(());
                }
                Err(format!("PUBREL again on a connection that lives: {ack:?}"))
            }
            Packet::PubAck(ack) => in_turn(Turn::PubAck, ack.packet_id),
            Packet::PubRec(ack) => in_turn(Turn::PubRec, ack.packet_id),
            Packet::PubComp(ack) => in_turn(Turn::PubComp, ack.packet_id),
            Packet::UnsubAck(ack) => in_turn(Turn::UnsubAck, ack.packet_id),
            Packet::SubAck(ack) => match self.subacks.pop_front() {
                Some((id, codes)) if id == ack.packet_id && codes == ack.codes => Ok(()),
                expected => Err(format!("{ack:?} instead of {expected:?}")),
            },
            Packet::PingResp if self.pings > 0 => {
                self.pings -= 1;
                Ok(())
            }
            Packet::PingResp => Err("PINGRESP without PINGREQ".into()),
            Packet::Disconnect(_) if self.version == ProtocolVersion::V5 => Ok(()),
            Packet::Disconnect(_)
            | Packet::Auth(_)
            | Packet::Connect(_)
            | Packet::Subscribe(_)
            | Packet::Unsubscribe(_)
            | Packet::PingReq => Err(format!("no broker sends {packet:?}")),
        }
    }

    /// What the broker still owes, when nothing more comes.
    pub(super) fn owed(&self) -> Option<String> {
        let answers = self.pubacks.len()
            + self.pubrecs.len()
            + self.pubcomps.len()
            + self.subacks.len()
            + self.unsubacks.len()
            + self.pings;
        if answers > 0 || self.session_present.is_some() {
            return Some(format!("answers are missing: {self:?}"));
        }
        let open = self.in_flight.len() + self.releasing.len();
        (open > 0).then(|| format!("handshakes are not complete: {self:?}"))
    }
}

#[derive(Clone, Copy, Debug)]
enum Turn {
    PubAck,
    PubRec,
    PubComp,
    UnsubAck,
}
