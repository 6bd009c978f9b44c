//! The lines of what happened outside of the broker, written and read.

use alloc::rc::Rc;
use alloc::string::String;

use vitrine_packet::{PacketType, ProtocolVersion};

use crate::kept::Kept;
use crate::outside::Outside;
use crate::tape::fields::Fields;
use crate::tape::form::{Worded as _, lines};
use crate::tape::line::Line;
use crate::tape::told::bytes;
use crate::tape::{Entry, Told};

lines! {
    Outside:
    "opening" Opening { connection, client }
    "arrived" Arrived { connection }
    "lost" Lost { connection, packet }
    "ended" Ended { connection }
    "cut" Cut { connection, client }
    "held" Held { client, to_broker }
    "released" Released { client, to_broker }
    "client-crashed" ClientCrashed { client, memory }
    "client-started" ClientStarted { client }
    "reconnecting" Reconnecting { client, wait }
    "gave-up" GaveUp { client }
    "broker-crashed" BrokerCrashed { flush, kept }
    "broker-started" BrokerStarted { stored, kept }
    "skipped" Skipped { time }
    "clock-jumped" ClockJumped { by }
    else Self::Sent { .. } => None
}

/// What a broker goes on from.
pub(crate) fn restored(line: &mut Line, kept: &Rc<Kept>, at: u64) {
    line.number("at", at)
        .text("event", "restored")
        .put("kept", kept);
}

pub(crate) fn write(line: &mut Line, outside: &Outside, at: u64) -> Option<()> {
    line.number("at", at);
    let Outside::Sent { connection, packet } = outside else {
        return outside.write(line, |line, event| {
            line.text("event", event);
        });
    };
    let packet_type = packet
        .first()
        .and_then(|first| PacketType::from_bits(first >> 4));
    line.text("event", "client-sent")
        .put("connection", connection)
        .maybe_text("type", packet_type.map(PacketType::name));
    // A CONNECT says its version itself, and nothing else has a password.
    bytes(line, packet, ProtocolVersion::V5);
    Some(())
}

/// Reads a line of this kind; `None` when it is none.
pub(crate) fn read(event: &str, at: u64, from: &mut Fields) -> Result<Option<Entry>, String> {
    let outside = match event {
        "restored" => return Ok(Some(Entry(Told::Restored(from.take("kept")?, at)))),
        "client-sent" => {
            from.ignore("type");
            Some(Outside::Sent {
                connection: from.take("connection")?,
                packet: from.take("bytes")?,
            })
        }
        event => Outside::read(event, from)?,
    };
    Ok(outside.map(|outside| Entry(Told::Outside(Rc::new(outside), at))))
}
