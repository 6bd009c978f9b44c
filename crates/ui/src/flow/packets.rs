//! The Control Packet types as the ladder tells them apart.

use vitrine_link::PacketType;

/// How a packet's arrow is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Thick, full head, the QoS sign at its tail.
    Publication,
    /// Thin, open head, no tail.
    Acknowledgement,
    /// A square at its tail.
    Connection,
    /// A diamond at its tail.
    Subscription,
    /// Dotted.
    Ping,
}

/// The standard's name of a type; empty for what is none.
pub(crate) fn packet_name(packet_type: u8) -> &'static str {
    PacketType::from_bits(packet_type).map_or("", PacketType::name)
}

pub(super) fn family(packet_type: u8) -> Family {
    match PacketType::from_bits(packet_type) {
        Some(PacketType::Publish) => Family::Publication,
        Some(
            PacketType::PubAck | PacketType::PubRec | PacketType::PubRel | PacketType::PubComp,
        ) => Family::Acknowledgement,
        Some(
            PacketType::Subscribe
            | PacketType::SubAck
            | PacketType::Unsubscribe
            | PacketType::UnsubAck,
        ) => Family::Subscription,
        Some(PacketType::PingReq | PacketType::PingResp) => Family::Ping,
        _ => Family::Connection,
    }
}
