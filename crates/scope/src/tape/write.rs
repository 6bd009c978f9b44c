//! Writing: a line for everything that was told.

use alloc::string::String;
use alloc::vec::Vec;

use vitrine_broker::{Event, Observation, WillInfo};
use vitrine_packet::ProtocolVersion;

use crate::tape::line::Line;
use crate::tape::told::packet;
use crate::tape::{Closed, Entry, Malformed, Reel, TAPE_VERSION, Tape, Told, without_password};
use crate::tape::{access, outside};

impl Tape {
    /// The whole file. `now` (microseconds since the Unix epoch) is when it is written.
    #[must_use]
    pub fn write(&self, now: u64) -> Vec<u8> {
        file(self.entries(), self.prologue(), self.missing(), now)
    }
}

impl Reel {
    /// The file once more, as [`Tape::write`] writes it.
    #[must_use]
    pub fn write(&self, now: u64) -> Vec<u8> {
        file(self.entries().iter(), self.prologue(), self.missing(), now)
    }
}

fn file<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    prologue: usize,
    missing: u64,
    now: u64,
) -> Vec<u8> {
    let mut head = Line::new();
    head.text("format", "vitrine-recording")
        .number("version", TAPE_VERSION)
        .number("written", now)
        .number("prologue", prologue as u64)
        .number("missing", missing);
    let mut text = head.finish();
    text.push('\n');
    for line in entries.filter_map(write) {
        text.push_str(&line);
        text.push('\n');
    }
    text.into_bytes()
}

/// The line of an entry; `None` for what this version has no words for.
pub(crate) fn write(entry: &Entry) -> Option<String> {
    let mut line = Line::new();
    match &entry.0 {
        Told::Access(it, at) => access::write(&mut line, it, *at),
        Told::Restored(kept, at) => outside::restored(&mut line, kept, *at),
        Told::Outside(outside, at) => outside::write(&mut line, outside, *at)?,
        Told::Observed(observation) => observed(&mut line, observation)?,
        Told::Malformed(it) => {
            let Malformed {
                number,
                cause,
                at,
                connection,
                ..
            } = **it;
            head(&mut line, "malformed", (at, number, cause));
            line.number("connection", connection.0);
            malformed(&mut line, it.version, &it.bytes, &it.problem);
        }
        Told::Closed(it) => {
            head(&mut line, "closed", (it.at, it.number, it.cause));
            closed(&mut line, it);
        }
    }
    Some(line.finish())
}

/// What every line of an observation begins with: what it is, when, its number, its cause.
fn head(line: &mut Line, event: &str, (at, number, cause): (u64, u64, u64)) {
    line.number("at", at)
        .text("event", event)
        .number("number", number)
        .number("cause", cause);
}

fn observed(line: &mut Line, observation: &Observation) -> Option<()> {
    let Observation {
        number,
        cause,
        at,
        event,
    } = observation;
    let begin = |line: &mut Line, event: &str| {
        head(line, event, (at.as_micros(), *number, *cause));
    };
    match event {
        Event::Opened {
            connection,
            door,
            name,
        } => {
            begin(line, "opened");
            line.number("connection", connection.0)
                .text("door", door)
                .text("name", name);
        }
        Event::Received {
            connection,
            bytes,
            version,
            publication,
        } => {
            begin(line, "received");
            line.number("connection", connection.0)
                .maybe_number("publication", publication.map(|it| it.0));
            packet(line, bytes, *version);
        }
        Event::Sent {
            connection,
            bytes,
            version,
            publication,
        } => {
            begin(line, "sent");
            line.number("connection", connection.0)
                .maybe_number("publication", publication.map(|it| it.0));
            packet(line, bytes, *version);
        }
        Event::Malformed {
            connection,
            bytes,
            version,
            error,
        } => {
            begin(line, "malformed");
            line.number("connection", connection.0);
            malformed(line, *version, bytes, &crate::observe::problem(error));
        }
        Event::Closed {
            connection,
            client,
            why,
            reason,
            statement,
            abrupt,
        } => {
            begin(line, "closed");
            let it = Closed {
                number: *number,
                cause: *cause,
                at: at.as_micros(),
                connection: *connection,
                client: client.clone(),
                why: *why,
                reason: *reason,
                statement: statement.map(String::from),
                abrupt: *abrupt,
            };
            closed(line, &it);
        }
        Event::Connected {
            connection,
            client,
            version,
            clean_start,
            resumed,
            keep_alive,
            session_expiry,
            username,
            will,
        } => {
            begin(line, "connected");
            line.number("connection", connection.0)
                .text("client", client)
                .number("version", *version as u8)
                .flag("clean_start", *clean_start)
                .flag("resumed", *resumed)
                .number("keep_alive", *keep_alive)
                .number("session_expiry", *session_expiry)
                .maybe_text("username", username.as_deref());
            if let Some(will) = will {
                line.raw("will", &will_info(will));
            }
        }
        Event::ConnectRefused {
            connection,
            client,
            username,
            reason,
            rule,
        } => {
            begin(line, "connect-refused");
            line.number("connection", connection.0)
                .text("client", client)
                .maybe_text("username", username.as_deref())
                .number("reason", *reason as u8)
                .maybe_text("rule", rule.as_deref());
        }
        Event::Disconnected { client, kept } => {
            begin(line, "disconnected");
            line.text("client", client).flag("kept", *kept);
        }
        Event::SessionEnded { client, why } => {
            begin(line, "session-ended");
            line.text("client", client).text("why", why.code());
        }
        Event::Subscribed {
            client,
            filter,
            options,
            granted,
            identifier,
            replaced,
        } => {
            begin(line, "subscribed");
            line.text("client", client)
                .text("filter", filter)
                .number("qos", options.qos as u8)
                .flag("no_local", options.no_local)
                .flag("retain_as_published", options.retain_as_published)
                .number("retain_handling", options.retain_handling as u8)
                .number("granted", *granted as u8)
                .maybe_number("identifier", *identifier)
                .flag("replaced", *replaced);
        }
        Event::SubscribeRefused {
            client,
            filter,
            reason,
            rule,
        } => {
            begin(line, "subscribe-refused");
            line.text("client", client)
                .text("filter", filter)
                .number("reason", *reason as u8)
                .maybe_text("rule", rule.as_deref());
        }
        Event::Unsubscribed { client, filter } => {
            begin(line, "unsubscribed");
            line.text("client", client).text("filter", filter);
        }
        Event::WillPublished {
            client,
            publication,
        } => {
            begin(line, "will-published");
            line.text("client", client)
                .number("publication", publication.0);
        }
        Event::WillDropped { client, why, rule } => {
            begin(line, "will-dropped");
            line.text("client", client)
                .text("why", why.code())
                .maybe_text("rule", rule.as_deref());
        }
        Event::Published {
            publication,
            publisher,
            topic,
            payload,
            qos,
            retain,
            will,
        } => {
            begin(line, "published");
            line.number("publication", publication.0)
                .maybe_text("publisher", publisher.as_deref())
                .text("topic", topic)
                .number("qos", *qos as u8)
                .flag("retain", *retain)
                .flag("will", *will)
                .bytes("payload", payload);
        }
        Event::PublishRefused {
            client,
            topic,
            reason,
            rule,
        } => {
            begin(line, "publish-refused");
            line.text("client", client)
                .text("topic", topic)
                .number("reason", *reason as u8)
                .maybe_text("rule", rule.as_deref());
        }
        Event::Matched {
            publication,
            client,
            filter,
            granted,
            qos,
            retained,
            queued,
        } => {
            begin(line, "matched");
            line.number("publication", publication.0)
                .text("client", client)
                .text("filter", filter)
                .number("granted", *granted as u8)
                .number("qos", *qos as u8)
                .flag("retained", *retained)
                .flag("queued", *queued);
        }
        Event::Withheld {
            publication,
            client,
            filter,
            rule,
            retained,
        } => {
            begin(line, "withheld");
            line.number("publication", publication.0)
                .text("client", client)
                .maybe_text("filter", filter.as_deref())
                .text("rule", rule)
                .flag("retained", *retained);
        }
        Event::Queued {
            client,
            publication,
            length,
        } => {
            begin(line, "queued");
            line.text("client", client)
                .number("publication", publication.0)
                .number("length", *length as u64);
        }
        Event::Dequeued {
            client,
            publication,
            length,
        } => {
            begin(line, "dequeued");
            line.text("client", client)
                .number("publication", publication.0)
                .number("length", *length as u64);
        }
        Event::Discarded {
            client,
            publication,
            why,
        } => {
            begin(line, "discarded");
            line.text("client", client)
                .number("publication", publication.0)
                .text("why", why.code());
        }
        Event::Acknowledged {
            client,
            publication,
        } => {
            begin(line, "acknowledged");
            line.text("client", client)
                .number("publication", publication.0);
        }
        Event::Retained {
            topic,
            publication,
            qos,
            payload,
        } => {
            begin(line, "retained");
            line.text("topic", topic)
                .number("publication", publication.0)
                .number("qos", *qos as u8)
                .bytes("payload", payload);
        }
        Event::RetainedRemoved { topic, expired } => {
            begin(line, "retained-removed");
            line.text("topic", topic).flag("expired", *expired);
        }
        _ => return None,
    }
    Some(())
}

fn malformed(
    line: &mut Line,
    version: ProtocolVersion,
    bytes: &[u8],
    problem: &vitrine_link::Problem,
) {
    line.number("version", version as u8)
        .text("code", &problem.code)
        .number("offset", problem.offset)
        .maybe_text("statement", problem.statement.as_deref());
    let masked = without_password(bytes, version);
    line.bytes("bytes", masked.as_deref().unwrap_or(bytes));
}

fn closed(line: &mut Line, it: &Closed) {
    line.number("connection", it.connection.0)
        .maybe_text("client", it.client.as_deref())
        .text("why", it.why.code())
        .maybe_number("reason", it.reason.map(|reason| reason as u8))
        .maybe_text("statement", it.statement.as_deref())
        .flag("abrupt", it.abrupt);
}

fn will_info(will: &WillInfo) -> String {
    let mut line = Line::new();
    line.text("topic", &will.topic)
        .number("qos", will.qos as u8)
        .flag("retain", will.retain)
        .number("delay", will.delay);
    line.finish()
}
