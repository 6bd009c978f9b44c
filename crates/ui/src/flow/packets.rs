//! The Control Packet types as the ladder tells them apart.

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
    const NAMES: [&str; 16] = [
        "",
        "CONNECT",
        "CONNACK",
        "PUBLISH",
        "PUBACK",
        "PUBREC",
        "PUBREL",
        "PUBCOMP",
        "SUBSCRIBE",
        "SUBACK",
        "UNSUBSCRIBE",
        "UNSUBACK",
        "PINGREQ",
        "PINGRESP",
        "DISCONNECT",
        "AUTH",
    ];
    NAMES.get(usize::from(packet_type)).copied().unwrap_or("")
}

pub(super) fn family(packet_type: u8) -> Family {
    match packet_type {
        3 => Family::Publication,
        4..=7 => Family::Acknowledgement,
        8..=11 => Family::Subscription,
        12 | 13 => Family::Ping,
        _ => Family::Connection,
    }
}
