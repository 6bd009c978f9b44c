//! Packets as the lines of a file tell them.

use alloc::string::String;

use vitrine_packet::{Packet, ProtocolVersion};

use crate::ladder::packet::tell_packet;
use crate::tape::line::{Line, list};
use crate::tape::without_password;

/// Bytes of a payload that are told in text.
const TOLD: usize = 256;

/// A packet: taken apart for whoever reads the file, and its bytes, which are what is read again.
pub(crate) fn packet(line: &mut Line, bytes: &[u8], version: ProtocolVersion) {
    line.put("version", &version);
    if let Ok(packet) = Packet::decode(bytes, version) {
        let told = told(&packet, version);
        line.raw("packet", &told);
    }
    self::bytes(line, bytes, version);
}

/// Bytes from a link, without what nobody is to read in them.
pub(crate) fn bytes(line: &mut Line, bytes: &[u8], version: ProtocolVersion) {
    let masked = without_password(bytes, version);
    line.bytes("bytes", masked.as_deref().unwrap_or(bytes));
}

/// A packet for people. Nothing reads it again.
fn told(packet: &Packet<'_>, version: ProtocolVersion) -> String {
    let row = tell_packet(packet, version, TOLD);
    let mut line = Line::new();
    line.text("type", packet.packet_type().name())
        .maybe_number("packet_id", row.packet_id);
    match packet {
        Packet::Connect(connect) => {
            line.text("client", connect.client_id)
                .flag("clean_start", connect.clean_start)
                .number("keep_alive", connect.keep_alive)
                .maybe_text("username", connect.username)
                .maybe_text("will_topic", connect.will.as_ref().map(|will| will.topic));
        }
        Packet::ConnAck(connack) => {
            line.flag("session_present", connack.session_present);
        }
        Packet::Publish(publish) => {
            line.text("topic", publish.topic)
                .maybe_number("topic_alias", publish.properties.topic_alias())
                .number("qos", publish.qos as u8)
                .flag("dup", publish.dup)
                .flag("retain", publish.retain)
                .number("size", publish.payload.len() as u64);
            let text = row.payload.and_then(|payload| payload.text);
            line.maybe_text("text", text.as_deref());
        }
        Packet::Subscribe(subscribe) => {
            let all = subscribe.filters.iter();
            let all = all.map(|(filter, options)| (filter, Some(options.qos as u8)));
            line.raw("filters", &filters(all));
        }
        Packet::Unsubscribe(unsubscribe) => {
            let all = unsubscribe.filters.iter().map(|filter| (filter, None));
            line.raw("filters", &filters(all));
        }
        _ => {}
    }
    line.maybe_number("reason", row.reason);
    line.finish()
}

fn filters<'a>(filters: impl Iterator<Item = (&'a str, Option<u8>)>) -> String {
    list(filters.map(|(filter, qos)| {
        let mut line = Line::new();
        line.text("filter", filter).maybe_number("qos", qos);
        line.finish()
    }))
}
