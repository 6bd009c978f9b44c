//! What is seen of a lesson while it is played.

use std::rc::Rc;

use vitrine_broker::ConnectionId;
use vitrine_client::Event;
use vitrine_lab::{Happening, Trace, Watch, World};
use vitrine_packet::{Packet, PacketType};

/// What a lesson's conditions and counts speak of. A client is told by its number.
#[derive(Clone, Debug)]
pub(crate) enum Sight {
    /// A packet arrived at a client, or at the broker (`None`).
    Arrived(Option<usize>, PacketType, Facts),
    /// A packet left the broker.
    Sent(usize, PacketType),
    /// A packet left a client.
    Left(usize, PacketType),
    /// A client has its CONNACK.
    Connected(usize),
    /// A client's connection is gone.
    Closed(usize),
    /// A client gave its application a message.
    Message(usize, Facts),
}

/// What is known of a packet or message; what it does not have is none, or false.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) topic: Option<Rc<str>>,
    pub(crate) qos: Option<u8>,
    pub(crate) dup: bool,
    pub(crate) retain: bool,
    /// Reason Codes, in 3.x return codes: one, or in SUBACK and UNSUBACK one for each filter.
    pub(crate) reasons: Vec<u8>,
}

/// What was seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) seen: Vec<Sight>,
    /// Whose connection is which.
    whose: Vec<(ConnectionId, usize)>,
}

impl Seen {
    fn node(&self, connection: ConnectionId) -> Option<usize> {
        let found = self.whose.iter().rev().find(|(of, _)| *of == connection);
        found.map(|(_, node)| *node)
    }

    fn arrived(&mut self, world: &World, at: Option<usize>, from: Option<usize>, bytes: &[u8]) {
        let Some(packet) = packet_type(bytes) else {
            return;
        };
        let version = from.map(|node| world.client(node).options().version);
        let decoded = version.and_then(|version| Packet::decode(bytes, version).ok());
        let facts = decoded.as_ref().map(Facts::of).unwrap_or_default();
        self.seen.push(Sight::Arrived(at, packet, facts));
    }
}

impl Facts {
    fn of(packet: &Packet<'_>) -> Self {
        let mut facts = Self::default();
        match packet {
            Packet::Publish(publish) => {
                facts.topic = Some(publish.topic.into());
                facts.qos = Some(publish.qos.as_u8());
                facts.dup = publish.dup;
                facts.retain = publish.retain;
            }
            Packet::ConnAck(connack) => facts.reasons.push(connack.code),
            Packet::PubAck(ack)
            | Packet::PubRec(ack)
            | Packet::PubRel(ack)
            | Packet::PubComp(ack) => facts.reasons.push(ack.reason.as_u8()),
            Packet::SubAck(suback) => facts.reasons.extend(suback.codes),
            Packet::UnsubAck(unsuback) => facts.reasons.extend(unsuback.codes),
            Packet::Disconnect(disconnect) => facts.reasons.push(disconnect.reason.as_u8()),
            Packet::Auth(auth) => facts.reasons.push(auth.reason.as_u8()),
            Packet::Connect(_)
            | Packet::Subscribe(_)
            | Packet::Unsubscribe(_)
            | Packet::PingReq
            | Packet::PingResp => {}
        }
        facts
    }
}

fn packet_type(bytes: &[u8]) -> Option<PacketType> {
    bytes
        .first()
        .and_then(|first| PacketType::from_bits(first >> 4))
}

impl Watch for Seen {
    fn happened(&mut self, world: &World, trace: Trace) {
        match trace.what {
            Happening::Opening(connection, node) => self.whose.push((connection, node)),
            Happening::ToBroker(connection, bytes) => {
                let from = self.node(connection);
                self.arrived(world, None, from, &bytes);
            }
            Happening::ToClient(_, node, bytes) => {
                self.arrived(world, Some(node), Some(node), &bytes);
            }
            Happening::FromBroker(connection, bytes) => {
                let to = self.node(connection).zip(packet_type(&bytes));
                self.seen
                    .extend(to.map(|(node, packet)| Sight::Sent(node, packet)));
            }
            Happening::FromClient(_, node, bytes) => {
                let packet = packet_type(&bytes);
                self.seen
                    .extend(packet.map(|packet| Sight::Left(node, packet)));
            }
            Happening::Client(node, Event::Connected { .. }) => {
                self.seen.push(Sight::Connected(node));
            }
            Happening::Client(node, Event::Message { message, dup, .. }) => {
                let facts = Facts {
                    topic: Some(message.topic),
                    qos: Some(message.qos.as_u8()),
                    dup,
                    retain: message.retain,
                    reasons: Vec::new(),
                };
                self.seen.push(Sight::Message(node, facts));
            }
            Happening::Client(node, Event::Disconnected { .. })
            | Happening::ClientCrashed { node, .. } => self.seen.push(Sight::Closed(node)),
            Happening::Opened(..)
            | Happening::Gone(_)
            | Happening::Ended(..)
            | Happening::Client(..)
            | Happening::Cut(..)
            | Happening::Taken(_)
            | Happening::Committed(_)
            | Happening::BrokerDeadline
            | Happening::BrokerCrashed
            | Happening::BrokerStarted { .. }
            | Happening::ClientStarted(_)
            | Happening::Acted(_)
            | Happening::Idle(_)
            | Happening::Lost(_)
            | Happening::Observed(_)
            | _ => {}
        }
    }
}
