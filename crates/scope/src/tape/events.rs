//! The lines of what the broker did, written and read.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;

use vitrine_broker::{Event, Observation, Time};
use vitrine_link::Problem;
use vitrine_packet::{Packet, ProtocolVersion};

use crate::tape::fields::{Fields, cut};
use crate::tape::form::{Worded as _, lines};
use crate::tape::line::Line;
use crate::tape::told::{bytes, packet};
use crate::tape::{Closed, Entry, Malformed, Told};

lines! {
    Event:
    "opened" Opened { connection, door, name }
    "connected" Connected {
        connection, client, version, clean_start, resumed, keep_alive, session_expiry, username, will
    }
    "connect-refused" ConnectRefused { connection, client, username, reason, rule }
    "disconnected" Disconnected { client, kept }
    "session-ended" SessionEnded { client, why }
    "subscribed" Subscribed { client, filter by Fields::filter, options, granted, identifier, replaced }
    "subscribe-refused" SubscribeRefused { client, filter, reason, rule }
    "unsubscribed" Unsubscribed { client, filter by Fields::filter }
    "will-published" WillPublished { client, publication }
    "will-dropped" WillDropped { client, why, rule }
    "published" Published { publication, publisher, topic by Fields::topic, qos, retain, will, payload }
    "publish-refused" PublishRefused { client, topic, reason, rule }
    "matched" Matched { publication, client, filter by Fields::filter, granted, qos, retained, queued }
    "withheld" Withheld { publication, client, filter by Fields::maybe_filter, rule, retained }
    "queued" Queued { client, publication, length }
    "dequeued" Dequeued { client, publication, length }
    "discarded" Discarded { client, publication, why }
    "acknowledged" Acknowledged { client, publication }
    "retained" Retained { topic by Fields::topic, publication, qos, payload }
    "retained-removed" RetainedRemoved { topic by Fields::topic, expired }
    else _ => None
}

/// Writes the line of an observation; `None` for what this version has no words for.
pub(crate) fn write(line: &mut Line, observation: &Observation) -> Option<()> {
    let Observation {
        number,
        cause,
        at,
        event,
    } = observation;
    let moment = (at.as_micros(), *number, *cause);
    let begin = |line: &mut Line, event: &str| head(line, event, moment);
    match event {
        Event::Received {
            connection,
            bytes,
            version,
            publication,
        }
        | Event::Sent {
            connection,
            bytes,
            version,
            publication,
        } => {
            let received = matches!(event, Event::Received { .. });
            begin(line, if received { "received" } else { "sent" });
            line.put("connection", connection)
                .put("publication", publication);
            packet(line, bytes, *version);
        }
        Event::Malformed {
            connection,
            bytes,
            version,
            error,
        } => {
            begin(line, "malformed");
            line.put("connection", connection);
            write_problem(line, *version, bytes, &crate::observe::problem(error));
        }
        Event::Closed {
            connection,
            client,
            why,
            reason,
            statement,
            abrupt,
        } => write_closed(
            line,
            &Closed {
                number: *number,
                cause: *cause,
                at: at.as_micros(),
                connection: *connection,
                client: client.clone(),
                why: *why,
                reason: *reason,
                statement: statement.map(String::from),
                abrupt: *abrupt,
            },
        ),
        event => event.write(line, begin)?,
    }
    Some(())
}

/// What every line of an observation begins with: what it is, when, its number, its cause.
fn head(line: &mut Line, event: &str, (at, number, cause): (u64, u64, u64)) {
    line.number("at", at)
        .text("event", event)
        .number("number", number)
        .number("cause", cause);
}

pub(crate) fn write_malformed(line: &mut Line, it: &Malformed) {
    head(line, "malformed", (it.at, it.number, it.cause));
    line.put("connection", &it.connection);
    write_problem(line, it.version, &it.bytes, &it.problem);
}

fn write_problem(line: &mut Line, version: ProtocolVersion, malformed: &[u8], problem: &Problem) {
    line.put("version", &version)
        .put("code", &problem.code)
        .put("offset", &problem.offset)
        .put("statement", &problem.statement);
    bytes(line, malformed, version);
}

pub(crate) fn write_closed(line: &mut Line, it: &Closed) {
    head(line, "closed", (it.at, it.number, it.cause));
    line.put("connection", &it.connection)
        .put("client", &it.client)
        .put("why", &it.why)
        .put("reason", &it.reason)
        .put("statement", &it.statement)
        .put("abrupt", &it.abrupt);
}

/// Reads a line of this kind.
pub(crate) fn read(word: &str, at: u64, from: &mut Fields) -> Result<Entry, String> {
    let number = from.take("number")?;
    let cause = from.take("cause")?;
    let event = match word {
        "malformed" => {
            let malformed = Malformed {
                number,
                cause,
                at,
                connection: from.take("connection")?,
                version: from.take("version")?,
                problem: Problem {
                    code: from.take("code")?,
                    offset: from.take("offset")?,
                    statement: from.take("statement")?,
                },
                bytes: from.take("bytes")?,
            };
            return Ok(Entry(Told::Malformed(Rc::new(malformed))));
        }
        "closed" => {
            let closed = Closed {
                number,
                cause,
                at,
                connection: from.take("connection")?,
                client: from.take("client")?,
                why: from.take("why")?,
                reason: from.take("reason")?,
                statement: from.take("statement")?,
                abrupt: from.take("abrupt")?,
            };
            return Ok(Entry(Told::Closed(Rc::new(closed))));
        }
        "received" | "sent" => read_packet(word == "received", from)?,
        word => Event::read(word, from)?
            .ok_or_else(|| format!("tells of an event that is not known: {:?}", cut(word)))?,
    };
    Ok(Entry(Told::Observed(Rc::new(Observation {
        number,
        cause,
        at: Time::from_micros(at),
        event,
    }))))
}

fn read_packet(received: bool, from: &mut Fields) -> Result<Event, String> {
    // What people are told of it stands in its bytes.
    from.ignore("packet");
    let connection = from.take("connection")?;
    let version = from.take("version")?;
    let bytes: Rc<[u8]> = from.take("bytes")?;
    let publication = from.take("publication")?;
    if let Err(error) = Packet::decode(&bytes, version) {
        return Err(format!("has `bytes` that are no Control Packet: {error}"));
    }
    Ok(if received {
        Event::Received {
            connection,
            bytes,
            version,
            publication,
        }
    } else {
        Event::Sent {
            connection,
            bytes,
            version,
            publication,
        }
    })
}
