//! The lines of what happened outside of the broker, written and read.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};

use vitrine_packet::PacketType;

use crate::kept::Kept;
use crate::outside::Outside;
use crate::tape::fields::Fields;
use crate::tape::line::Line;
use crate::tape::told::name;
use crate::tape::{Entry, Told, without_password};

/// What a broker goes on from.
pub(crate) fn restored(line: &mut Line, kept: &Kept, at: u64) {
    line.number("at", at).text("event", "restored");
    write_kept(line, kept);
}

pub(crate) fn write(line: &mut Line, outside: &Outside, at: u64) -> Option<()> {
    line.number("at", at);
    match outside {
        Outside::Opening { connection, client } => {
            line.text("event", "opening")
                .number("connection", connection.0)
                .text("client", client);
        }
        Outside::Sent { connection, packet } => {
            line.text("event", "client-sent")
                .number("connection", connection.0);
            let kind = packet
                .first()
                .map(|first| PacketType::ALL.get(usize::from(first >> 4).wrapping_sub(1)));
            line.maybe_text("type", kind.flatten().map(|kind| name(*kind)));
            // A CONNECT says its version itself, and nothing else has a password.
            let masked = without_password(packet, vitrine_packet::ProtocolVersion::V5);
            line.bytes("bytes", masked.as_deref().unwrap_or(packet));
        }
        Outside::Arrived { connection } => {
            line.text("event", "arrived")
                .number("connection", connection.0);
        }
        Outside::Lost { connection, packet } => {
            line.text("event", "lost")
                .number("connection", connection.0)
                .number("packet", *packet);
        }
        Outside::Ended { connection } => {
            line.text("event", "ended")
                .number("connection", connection.0);
        }
        Outside::Cut { client, connection } => {
            line.text("event", "cut")
                .number("connection", connection.0)
                .text("client", client);
        }
        Outside::Held { client, to_broker } => {
            line.text("event", "held")
                .text("client", client)
                .flag("to_broker", *to_broker);
        }
        Outside::Released { client, to_broker } => {
            line.text("event", "released")
                .text("client", client)
                .flag("to_broker", *to_broker);
        }
        Outside::ClientCrashed { client, memory } => {
            line.text("event", "client-crashed")
                .text("client", client)
                .flag("memory", *memory);
        }
        Outside::ClientStarted { client } => {
            line.text("event", "client-started").text("client", client);
        }
        Outside::Reconnecting { client, wait } => {
            line.text("event", "reconnecting")
                .text("client", client)
                .number("wait", *wait);
        }
        Outside::GaveUp { client } => {
            line.text("event", "gave-up").text("client", client);
        }
        Outside::BrokerCrashed { kept, flush } => {
            line.text("event", "broker-crashed").flag("flush", *flush);
            write_kept(line, kept);
        }
        Outside::BrokerStarted { kept, stored } => {
            line.text("event", "broker-started").flag("stored", *stored);
            write_kept(line, kept);
        }
        Outside::Skipped { time } => {
            line.text("event", "skipped").number("time", *time);
        }
        Outside::ClockJumped { by } => {
            line.text("event", "clock-jumped").signed("by", *by);
        }
    }
    Some(())
}

fn write_kept(line: &mut Line, kept: &Kept) {
    // It is made of texts and numbers, which can always be written.
    let json = serde_json::to_string(kept).unwrap_or_else(|_| "{}".to_string());
    line.raw("kept", &json);
}

/// Reads a line of this kind; `None` when it is none.
pub(crate) fn read(event: &str, at: u64, from: &mut Fields) -> Result<Option<Entry>, String> {
    let outside = match event {
        "restored" => {
            let kept = Rc::new(read_kept(from)?);
            return Ok(Some(Entry(Told::Restored(kept, at))));
        }
        "opening" => Outside::Opening {
            connection: from.connection()?,
            client: from.client("client")?,
        },
        "client-sent" => {
            from.ignore("type");
            Outside::Sent {
                connection: from.connection()?,
                packet: from.bytes("bytes")?,
            }
        }
        "arrived" => Outside::Arrived {
            connection: from.connection()?,
        },
        "lost" => Outside::Lost {
            connection: from.connection()?,
            packet: from.number("packet")?,
        },
        "ended" => Outside::Ended {
            connection: from.connection()?,
        },
        "cut" => Outside::Cut {
            client: from.client("client")?,
            connection: from.connection()?,
        },
        "held" => Outside::Held {
            client: from.client("client")?,
            to_broker: from.flag("to_broker")?,
        },
        "released" => Outside::Released {
            client: from.client("client")?,
            to_broker: from.flag("to_broker")?,
        },
        "client-crashed" => Outside::ClientCrashed {
            client: from.client("client")?,
            memory: from.flag("memory")?,
        },
        "client-started" => Outside::ClientStarted {
            client: from.client("client")?,
        },
        "reconnecting" => Outside::Reconnecting {
            client: from.client("client")?,
            wait: from.number("wait")?,
        },
        "gave-up" => Outside::GaveUp {
            client: from.client("client")?,
        },
        "broker-crashed" => Outside::BrokerCrashed {
            kept: Rc::new(read_kept(from)?),
            flush: from.flag("flush")?,
        },
        "broker-started" => Outside::BrokerStarted {
            kept: Rc::new(read_kept(from)?),
            stored: from.flag("stored")?,
        },
        "skipped" => Outside::Skipped {
            time: from.number("time")?,
        },
        "clock-jumped" => Outside::ClockJumped {
            by: from.signed("by")?,
        },
        _ => return Ok(None),
    };
    Ok(Some(Entry(Told::Outside(Rc::new(outside), at))))
}

fn read_kept(from: &mut Fields) -> Result<Kept, String> {
    let kept: Kept = serde_json::from_value(from.value("kept")?)
        .map_err(|error| format!("`kept` is not what a broker keeps: {error}"))?;
    kept.check()?;
    Ok(kept)
}
