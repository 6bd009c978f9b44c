//! A Control Packet as a row tells it.

use alloc::string::String;

use vitrine_link::PacketRow;
use vitrine_packet::{Packet, PacketId, ProtocolVersion};

use crate::ladder::row::Recorded;
use crate::preview;

/// Bytes of a packet that a row shows at [`vitrine_link::Depth::Bytes`].
const HEAD: usize = 24;

/// The recorded packet, with at most `limit` bytes of its payload, and with its first bytes where
/// `head` is set.
pub(crate) fn tell(recorded: &Recorded, limit: usize, head: bool) -> PacketRow {
    let mut row = match &recorded.told {
        Some(told) => PacketRow::clone(told),
        None => match Packet::decode(&recorded.bytes, recorded.version) {
            Ok(packet) => tell_packet(&packet, recorded.version, limit),
            Err(_) => PacketRow::default(),
        },
    };
    row.fate = recorded.fate;
    row.to_broker = recorded.to_broker;
    row.packet_type = recorded.packet_type as u8;
    row.size = recorded.size;
    row.version = recorded.version as u8;
    if head {
        row.head = recorded.bytes[..recorded.bytes.len().min(HEAD)].to_vec();
    }
    row
}

/// What a row tells of the packet itself.
pub(crate) fn tell_packet(
    packet: &Packet<'_>,
    version: ProtocolVersion,
    limit: usize,
) -> PacketRow {
    // Before 5.0 acknowledgements and DISCONNECT carry no Reason Code.
    let reason = |code: u8| version.has_properties().then_some(code);
    let mut row = PacketRow {
        packet_id: packet_id(packet).map(PacketId::get),
        ..PacketRow::default()
    };
    match packet {
        Packet::Publish(publish) => {
            row.dup = publish.dup;
            row.qos = Some(publish.qos as u8);
            row.retain = publish.retain;
            row.topic = Some(String::from(publish.topic));
            row.payload = Some(preview::tell_head(publish.payload, limit));
        }
        Packet::ConnAck(connack) => row.reason = Some(connack.code),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            row.reason = reason(ack.reason as u8);
        }
        Packet::Subscribe(subscribe) => {
            row.topic = subscribe
                .filters
                .iter()
                .next()
                .map(|(filter, _)| filter.into());
        }
        Packet::Unsubscribe(unsubscribe) => {
            row.topic = unsubscribe.filters.iter().next().map(String::from);
        }
        Packet::SubAck(suback) => row.reason = suback.codes.first().copied(),
        Packet::UnsubAck(unsuback) => row.reason = unsuback.codes.first().copied(),
        Packet::Disconnect(disconnect) => row.reason = reason(disconnect.reason as u8),
        Packet::Auth(auth) => row.reason = Some(auth.reason as u8),
        Packet::Connect(_) | Packet::PingReq | Packet::PingResp => {}
    }
    row
}

/// The Packet Identifier of any packet that has one.
pub(crate) fn packet_id(packet: &Packet<'_>) -> Option<PacketId> {
    match packet {
        Packet::Publish(publish) => publish.packet_id,
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            Some(ack.packet_id)
        }
        Packet::Subscribe(subscribe) => Some(subscribe.packet_id),
        Packet::SubAck(suback) => Some(suback.packet_id),
        Packet::Unsubscribe(unsubscribe) => Some(unsubscribe.packet_id),
        Packet::UnsubAck(unsuback) => Some(unsuback.packet_id),
        Packet::Connect(_)
        | Packet::ConnAck(_)
        | Packet::PingReq
        | Packet::PingResp
        | Packet::Disconnect(_)
        | Packet::Auth(_) => None,
    }
}
