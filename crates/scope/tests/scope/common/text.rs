//! Rows and holds as text, so that a ladder can be read in a test.

use std::fmt::Write;

use vitrine_link::{Fate, FlowFrame, FlowRow, Hold, HoldKind, PacketRow, Payload, RowKind};
use vitrine_packet::PacketType;

/// `5 broker -> painel PUBLISH q1 id1 t "21.4" #1 <4`: the row's number, what it is, its
/// publication, and the row that led to it.
pub(crate) fn row_text(row: &FlowRow, frame: &FlowFrame) -> String {
    let name = row.lifeline.map_or("-", |line| line_name(line, frame));
    let mut text = format!("{} ", row.number);
    match &row.kind {
        RowKind::Packet(packet) if packet.to_broker => {
            text += &format!("{name} -> broker {}", packet_text(packet));
        }
        RowKind::Packet(packet) => text += &format!("broker -> {name} {}", packet_text(packet)),
        RowKind::Opened { door } => text += &format!("{name} opened by {door}"),
        RowKind::Closed(ending) => {
            text += &format!("{name} closed: {}", ending.why);
            if let Some(reason) = ending.reason {
                let _ = write!(text, " 0x{reason:02x}");
            }
            if let Some(statement) = &ending.statement {
                let _ = write!(text, " {statement}");
            }
            if !ending.under_way.is_empty() {
                let _ = write!(text, " under way {:?}", ending.under_way);
            }
        }
        RowKind::Malformed(problem) => {
            text += &format!("{name} malformed: {} at {}", problem.code, problem.offset);
        }
        RowKind::Queued { length } => text += &format!("broker queues for {name}: {length}"),
        RowKind::Discarded { why } => text += &format!("broker discards for {name}: {why}"),
        RowKind::Refused(refusal) => {
            text += &format!("{name} refused: {}", refusal.what);
            if let Some(user) = &refusal.username {
                let _ = write!(text, " of {user}");
            }
            if !refusal.topic.is_empty() {
                let _ = write!(text, " {}", refusal.topic);
            }
            if let Some(reason) = refusal.reason {
                let _ = write!(text, " 0x{reason:02x}");
            }
            let _ = write!(text, " by {}", refusal.rule);
        }
        RowKind::WillPublished { topic } => text += &format!("{name} will published on {topic}"),
        RowKind::SessionEnded { why } => text += &format!("{name} session ended: {why}"),
        RowKind::Dropped => text += &format!("{name} dropped"),
        RowKind::Lost(packet) => text += &format!("{name} lost {}", packet_text(packet)),
        RowKind::Outside(outside) => {
            text += &format!("{name} {}", outside.what);
            if outside.kept {
                text += " kept";
            }
            if let Some(to_broker) = outside.to_broker {
                text += if to_broker { " up" } else { " down" };
            }
            if outside.time != 0.0 {
                let _ = write!(text, " {} ms", outside.time);
            }
        }
    }
    if let Some(publication) = row.publication {
        let _ = write!(text, " #{publication}");
    }
    if let Some(cause) = row.cause {
        let _ = write!(text, " <{cause}");
    }
    text
}

/// `broker holds message 1 of painel #1, 5-6, until PUBACK`.
pub(crate) fn hold_text(hold: &Hold, frame: &FlowFrame) -> String {
    let name = line_name(hold.lifeline, frame);
    let who = if hold.at_broker { "broker" } else { name };
    let what = match hold.kind {
        HoldKind::Message => "message",
        HoldKind::PacketId => "id",
        HoldKind::Queued => "queued",
    };
    let mut text = format!("{who} holds {what}");
    if let Some(id) = hold.packet_id {
        let _ = write!(text, " {id}");
    }
    if hold.at_broker {
        let _ = write!(text, " of {name}");
    }
    if let Some(publication) = hold.publication {
        let _ = write!(text, " #{publication}");
    }
    let until = hold
        .until
        .map_or_else(String::new, |until| until.to_string());
    let _ = write!(text, ", {}-{until}", hold.from);
    if hold.waits_for != 0 {
        let _ = write!(text, ", until {}", type_name(hold.waits_for));
    }
    text
}

fn line_name(line: u32, frame: &FlowFrame) -> &str {
    let line = frame.lifelines.iter().find(|known| known.id == line);
    &line.expect("every lifeline that is named is told").name
}

fn type_name(packet_type: u8) -> &'static str {
    let packet_type = PacketType::from_bits(packet_type);
    packet_type.expect("a packet has a type").name()
}

fn packet_text(packet: &PacketRow) -> String {
    let mut text = String::from(type_name(packet.packet_type));
    if let Some(qos) = packet.qos {
        let _ = write!(text, " q{qos}");
    }
    if packet.dup {
        text += " dup";
    }
    if packet.retain {
        text += " retain";
    }
    if let Some(id) = packet.packet_id {
        let _ = write!(text, " id{id}");
    }
    if let Some(topic) = &packet.topic {
        let _ = write!(text, " {topic}");
    }
    if let Some(Payload {
        text: Some(payload),
        ..
    }) = &packet.payload
    {
        let _ = write!(text, " {payload:?}");
    }
    if let Some(reason) = packet.reason.filter(|reason| *reason != 0) {
        let _ = write!(text, " 0x{reason:02x}");
    }
    text += match packet.fate {
        Fate::Unknown => "",
        Fate::Flying => " flying",
        Fate::Arrived => " arrived",
        Fate::Lost => " lost",
    };
    text
}
