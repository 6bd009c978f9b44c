//! The rules of a connection, as they show in its packets.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use vitrine_packet::{Ack, ConnAck, Packet, PacketId, ProtocolVersion, Publish, QoS, ReasonCode};
use vitrine_session::Time;

use super::guard::Exchange;
use super::scenario::number;

/// A CONNECT that is answered when its client has proved who it is.
#[derive(Clone, Debug)]
pub(super) struct Login {
    /// The packet.
    pub(super) connect: Rc<[u8]>,
    pub(super) exchange: Exchange,
}

/// A connection as it looks from outside the broker.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) version: ProtocolVersion,
    /// The password that its client may prove.
    pub(super) password: Option<Rc<[u8]>>,
    /// Who waits to be let in.
    pub(super) login: Option<Login>,
    /// The exchange by which a client that was let in authenticates again.
    pub(super) exchange: Option<Exchange>,
    /// Whether the client logged in in that way.
    pub(super) is_enhanced: bool,
    /// The Reason Code with which CONNECT is refused.
    pub(super) refused: Option<u8>,
    /// The broker has to end it, and say this.
    pub(super) doomed: Option<ReasonCode>,
    /// The rules that all that it is sent from now on has to keep to.
    pub(super) epoch: u64,
    /// The session's client, once CONNECT was accepted.
    pub(super) client: Option<Rc<str>>,
    /// The Session's generation.
    pub(super) generation: u64,
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
    /// What CONNACK has to say: Session Present, or a code.
    pub(super) connack: Option<Result<bool, u8>>,
    /// What AUTH has to say.
    pub(super) auths: VecDeque<ReasonCode>,
    /// Identifiers of messages to the client that wait for PUBACK or PUBREC, with the numbers of those that have one, and for
    /// PUBCOMP.
    in_flight: BTreeMap<PacketId, Option<u64>>,
    releasing: BTreeSet<PacketId>,
    /// PUBRECs that were not answered.
    received: Vec<PacketId>,
    /// PUBRELs that belong to no PUBREC of this connection: each once.
    resumed: BTreeSet<PacketId>,
    /// Answers that the broker owes, in their order, with their Reason Codes.
    pubacks: VecDeque<(PacketId, u8)>,
    pubrecs: VecDeque<(PacketId, u8)>,
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
            password: None,
            login: None,
            exchange: None,
            is_enhanced: false,
            refused: None,
            doomed: None,
            epoch: 0,
            client: None,
            generation: 0,
            ended: false,
            keep_alive: 0,
            last_heard: now,
            aliases,
            max_packet_size: usize::MAX,
            window: usize::MAX,
            connack: None,
            auths: VecDeque::new(),
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

    /// A packet from the client, which the broker has to answer. PUBLISH is told by [`Self::published`], SUBSCRIBE by
    /// [`Self::subscribed`]. Gives what PUBACK is for, and the identifier that this had.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others have no answer")]
    pub(super) fn heard(&mut self, packet: &Packet<'_>) -> Option<(u64, PacketId)> {
        match packet {
            Packet::PubAck(ack) => {
                let n = self.in_flight.remove(&ack.packet_id).flatten();
                return n.map(|n| (n, ack.packet_id));
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
        None
    }

    pub(super) fn published(&mut self, publish: &Publish<'_>, code: u8) {
        match (publish.qos, publish.packet_id) {
            (QoS::AtLeastOnce, Some(id)) => self.pubacks.push_back((id, code)),
            (QoS::ExactlyOnce, Some(id)) => self.pubrecs.push_back((id, code)),
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
        if let Packet::ConnAck(connack) = packet {
            return self.admitted(connack);
        }
        if let Packet::Auth(auth) = packet {
            return match self.auths.pop_front() {
                Some(reason) if reason == auth.reason => Ok(()),
                expected => Err(format!("{auth:?} instead of {expected:?}")),
            };
        }
        if self.connack.is_some() {
            return Err(format!("CONNACK does not come first: {packet:?}"));
        }
        if self.client.is_none() {
            return Err(format!("nobody was let in who is sent {packet:?}"));
        }
        match packet {
            Packet::Publish(publish) => {
                let Some(id) = publish.packet_id else {
                    return Ok(());
                };
                let n = number(publish.payload);
                let is_used = self.in_flight.insert(id, n).is_some();
                if is_used || self.releasing.contains(&id) {
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
            Packet::PubAck(ack) => answered(self.pubacks.pop_front(), ack),
            Packet::PubRec(ack) => answered(self.pubrecs.pop_front(), ack),
            Packet::PubComp(ack) => in_turn(self.pubcomps.pop_front(), ack.packet_id, packet),
            Packet::UnsubAck(ack) => in_turn(self.unsubacks.pop_front(), ack.packet_id, packet),
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
            | Packet::ConnAck(_)
            | Packet::Auth(_)
            | Packet::Connect(_)
            | Packet::Subscribe(_)
            | Packet::Unsubscribe(_)
            | Packet::PingReq => Err(format!("no broker sends {packet:?}")),
        }
    }

    /// CONNACK: it says what it has to.
    fn admitted(&mut self, connack: &ConnAck<'_>) -> Result<(), String> {
        let expected = self.connack.take();
        let right = match expected {
            // 3.1 has nothing in that place.
            Some(Ok(present)) => {
                let told = present && self.version != ProtocolVersion::V3_1;
                connack.code == 0 && connack.session_present == told
            }
            Some(Err(code)) => {
                let v5 = self.version == ProtocolVersion::V5;
                let code = if v5 { code } else { return_code(code) };
                connack.code == code && !connack.session_present
            }
            None => false,
        };
        if !right {
            return Err(format!("{connack:?} instead of {expected:?}"));
        }
        Ok(())
    }

    /// What the broker still owes, when nothing more comes.
    pub(super) fn owed(&self) -> Option<String> {
        let answers = self.pubacks.len()
            + self.pubrecs.len()
            + self.pubcomps.len()
            + self.subacks.len()
            + self.unsubacks.len()
            + self.auths.len()
            + self.pings;
        if answers > 0 || self.connack.is_some() {
            return Some(format!("answers are missing: {self:?}"));
        }
        let open = self.in_flight.len() + self.releasing.len();
        (open > 0).then(|| format!("handshakes are not complete: {self:?}"))
    }
}

/// An answer comes in its turn.
fn in_turn(next: Option<PacketId>, id: PacketId, packet: &Packet<'_>) -> Result<(), String> {
    let right = next == Some(id);
    right
        .then_some(())
        .ok_or_else(|| format!("{packet:?} is out of turn: {next:?}"))
}

/// The answer to a PUBLISH comes in its turn, and says what it has to.
fn answered(next: Option<(PacketId, u8)>, ack: &Ack<'_>) -> Result<(), String> {
    let right = next == Some((ack.packet_id, ack.reason.as_u8()));
    right
        .then_some(())
        .ok_or_else(|| format!("{ack:?} instead of {next:?}"))
}

/// What CONNACK says before 5.0 for a Reason Code (3.1.1, table 3.1).
fn return_code(reason: u8) -> u8 {
    match reason {
        0x85 => 2,
        0x97 => 3,
        0x86 => 4,
        _ => 5,
    }
}
