//! Reading: strict, and bounded. A file that was written is read; anything else is refused with its line and what is
//! wrong with it.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use vitrine_broker::{Event, Observation, Time, WillInfo};
use vitrine_link::Problem;
use vitrine_packet::{Packet, RetainHandling, SubscriptionOptions};

use crate::tape::fields::Fields;
use crate::tape::{Closed, Entry, Malformed, TAPE_VERSION, Told, access, codes, outside};

/// Bytes of a file that is read.
const MOST_BYTES: usize = 512 * 1024 * 1024;
/// Lines of a file that is read.
const MOST_LINES: usize = 2_000_000;

/// Why a file is no recording that can be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapeError {
    /// The line, counted from 1; 0 where it is about the file as a whole.
    pub line: u32,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for TapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "the recording {}", self.why),
            line => write!(f, "line {line} of the recording {}", self.why),
        }
    }
}

impl Error for TapeError {}

/// A recording that was opened.
#[derive(Clone, Debug)]
pub struct Reel {
    entries: Rc<[Entry]>,
    prologue: usize,
    missing: u64,
    written: u64,
}

impl Reel {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is no recording, one of another version, or damaged.
    pub fn read(bytes: &[u8]) -> Result<Self, TapeError> {
        let fail = |line: usize, why: String| TapeError {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            why,
        };
        if bytes.len() > MOST_BYTES {
            let most = MOST_BYTES >> 20;
            return Err(fail(0, format!("is larger than {most} MiB")));
        }
        let mut lines = (bytes.split(|byte| *byte == b'\n').enumerate())
            .map(|(index, line)| (index + 1, line.strip_suffix(b"\r").unwrap_or(line)))
            .filter(|(_, line)| !line.is_empty());
        let text = |line: usize, bytes: &'_ [u8]| -> Result<String, TapeError> {
            let text = core::str::from_utf8(bytes).map(String::from);
            text.map_err(|_| fail(line, "is not UTF-8".into()))
        };
        let (number, first) = lines.next().ok_or_else(|| fail(0, "is empty".into()))?;
        let head = text(number, first)
            .and_then(|line| Head::read(&line).map_err(|why| fail(number, why)))?;
        let mut entries = Vec::new();
        for (number, line) in lines {
            if entries.len() >= MOST_LINES {
                return Err(fail(number, format!("is one more than {MOST_LINES}")));
            }
            let line = text(number, line)?;
            entries.push(entry(&line).map_err(|why| fail(number, why))?);
        }
        if head.prologue > entries.len() as u64 {
            let why = "says that more entries follow than there are: the end is missing";
            return Err(fail(number, why.into()));
        }
        Ok(Self {
            entries: entries.into(),
            prologue: head.prologue as usize,
            missing: head.missing,
            written: head.written,
        })
    }

    /// All that was told, in its order. The first [`Self::prologue`] of them tell how it was at the beginning.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many entries are to be played at once, to begin with.
    #[must_use]
    pub fn prologue(&self) -> usize {
        self.prologue
    }

    /// How many entries were gone when it was written, because a tape is bounded.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// When it was written, in microseconds since the Unix epoch.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }
}

/// The first line.
struct Head {
    written: u64,
    prologue: u64,
    missing: u64,
}

impl Head {
    fn read(line: &str) -> Result<Self, String> {
        let not_ours = |_| String::from("is not how a recording of Vitrine begins");
        let mut fields = Fields::of(line).map_err(not_ours)?;
        if fields.text("format").map_err(not_ours)? != "vitrine-recording" {
            return Err(not_ours(String::new()));
        }
        let version = fields.number("version")?;
        if version != u64::from(TAPE_VERSION) {
            return Err(format!(
                "says version {version}, and this program reads version {TAPE_VERSION}"
            ));
        }
        let head = Self {
            written: fields.number("written")?,
            prologue: fields.number("prologue")?,
            missing: fields.number("missing")?,
        };
        fields.done()?;
        Ok(head)
    }
}

/// Reads the line of an entry.
fn entry(line: &str) -> Result<Entry, String> {
    let mut fields = Fields::of(line)?;
    let at = fields.number("at")?;
    let event = fields.text("event")?;
    let entry = if event == "access" {
        Entry(Told::Access(Rc::new(access::read(&mut fields)?), at))
    } else if let Some(entry) = outside::read(&event, at, &mut fields)? {
        entry
    } else {
        observed(&event, at, &mut fields)?
    };
    fields.done()?;
    Ok(entry)
}

fn observed(event: &str, at: u64, from: &mut Fields) -> Result<Entry, String> {
    let number = from.number("number")?;
    let cause = from.number("cause")?;
    let event = match event {
        "malformed" => {
            let malformed = Malformed {
                number,
                cause,
                at,
                connection: from.connection()?,
                version: from.version()?,
                problem: Problem {
                    code: from.text("code")?,
                    offset: from.u32("offset")?,
                    statement: from.maybe_text("statement")?.as_deref().map(String::from),
                },
                bytes: from.bytes("bytes")?,
            };
            return Ok(Entry(Told::Malformed(Rc::new(malformed))));
        }
        "closed" => {
            let closed = Closed {
                number,
                cause,
                at,
                connection: from.connection()?,
                client: from.maybe_client("client")?,
                why: from.word("why", codes::close)?,
                reason: from.maybe_reason()?,
                statement: from.maybe_text("statement")?.as_deref().map(String::from),
                abrupt: from.flag("abrupt")?,
            };
            return Ok(Entry(Told::Closed(Rc::new(closed))));
        }
        "received" | "sent" => packet(event == "received", from)?,
        "opened" => Event::Opened {
            connection: from.connection()?,
            door: from.text("door")?.into(),
            name: from.text("name")?.into(),
        },
        "connected" => Event::Connected {
            connection: from.connection()?,
            client: from.client("client")?,
            version: from.version()?,
            clean_start: from.flag("clean_start")?,
            resumed: from.flag("resumed")?,
            keep_alive: from.up_to("keep_alive", u16::MAX.into())? as u16,
            session_expiry: from.u32("session_expiry")?,
            username: from.maybe_text("username")?,
            will: will_info(from)?,
        },
        "connect-refused" => Event::ConnectRefused {
            connection: from.connection()?,
            client: from.client("client")?,
            username: from.maybe_text("username")?,
            reason: from.reason()?,
            rule: from.maybe_text("rule")?,
        },
        "disconnected" => Event::Disconnected {
            client: from.client("client")?,
            kept: from.flag("kept")?,
        },
        "session-ended" => Event::SessionEnded {
            client: from.client("client")?,
            why: from.word("why", codes::session)?,
        },
        "subscribed" => Event::Subscribed {
            client: from.client("client")?,
            filter: from.filter()?,
            options: SubscriptionOptions {
                qos: from.qos("qos")?,
                no_local: from.flag("no_local")?,
                retain_as_published: from.flag("retain_as_published")?,
                retain_handling: match from.up_to("retain_handling", 2)? {
                    0 => RetainHandling::Send,
                    1 => RetainHandling::SendIfNew,
                    _ => RetainHandling::DoNotSend,
                },
            },
            granted: from.qos("granted")?,
            identifier: from.maybe_u32("identifier")?,
            replaced: from.flag("replaced")?,
        },
        "subscribe-refused" => Event::SubscribeRefused {
            client: from.client("client")?,
            filter: from.text("filter")?.into(),
            reason: from.reason()?,
            rule: from.maybe_text("rule")?,
        },
        "unsubscribed" => Event::Unsubscribed {
            client: from.client("client")?,
            filter: from.filter()?,
        },
        "will-published" => Event::WillPublished {
            client: from.client("client")?,
            publication: from.publication()?,
        },
        "will-dropped" => Event::WillDropped {
            client: from.client("client")?,
            why: from.word("why", codes::will)?,
            rule: from.maybe_text("rule")?,
        },
        "published" => Event::Published {
            publication: from.publication()?,
            publisher: from.maybe_client("publisher")?,
            topic: from.topic()?,
            payload: from.bytes("payload")?,
            qos: from.qos("qos")?,
            retain: from.flag("retain")?,
            will: from.flag("will")?,
        },
        "publish-refused" => Event::PublishRefused {
            client: from.client("client")?,
            topic: from.text("topic")?.into(),
            reason: from.reason()?,
            rule: from.maybe_text("rule")?,
        },
        "matched" => Event::Matched {
            publication: from.publication()?,
            client: from.client("client")?,
            filter: from.filter()?,
            granted: from.qos("granted")?,
            qos: from.qos("qos")?,
            retained: from.flag("retained")?,
            queued: from.flag("queued")?,
        },
        "withheld" => Event::Withheld {
            publication: from.publication()?,
            client: from.client("client")?,
            filter: from.maybe_filter()?,
            rule: from.text("rule")?.into(),
            retained: from.flag("retained")?,
        },
        "queued" => Event::Queued {
            client: from.client("client")?,
            publication: from.publication()?,
            length: from.u32("length")? as usize,
        },
        "dequeued" => Event::Dequeued {
            client: from.client("client")?,
            publication: from.publication()?,
            length: from.u32("length")? as usize,
        },
        "discarded" => Event::Discarded {
            client: from.client("client")?,
            publication: from.publication()?,
            why: from.word("why", codes::discard)?,
        },
        "acknowledged" => Event::Acknowledged {
            client: from.client("client")?,
            publication: from.publication()?,
        },
        "retained" => Event::Retained {
            topic: from.topic()?,
            publication: from.publication()?,
            qos: from.qos("qos")?,
            payload: from.bytes("payload")?,
        },
        "retained-removed" => Event::RetainedRemoved {
            topic: from.topic()?,
            expired: from.flag("expired")?,
        },
        unknown => {
            let unknown = crate::tape::fields::cut(unknown);
            return Err(format!("tells of an event that is not known: {unknown:?}"));
        }
    };
    Ok(Entry(Told::Observed(Rc::new(Observation {
        number,
        cause,
        at: Time::from_micros(at),
        event,
    }))))
}

fn packet(received: bool, from: &mut Fields) -> Result<Event, String> {
    from.ignore("packet");
    let connection = from.connection()?;
    let version = from.version()?;
    let bytes = from.bytes("bytes")?;
    let publication = from.maybe_publication()?;
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

fn will_info(from: &mut Fields) -> Result<Option<WillInfo>, String> {
    let Some(value) = from.maybe_value("will") else {
        return Ok(None);
    };
    let mut fields = Fields::of_value(value, "will")?;
    let will = WillInfo {
        topic: fields.topic()?,
        qos: fields.qos("qos")?,
        retain: fields.flag("retain")?,
        delay: fields.u32("delay")?,
    };
    fields.done()?;
    Ok(Some(will))
}
