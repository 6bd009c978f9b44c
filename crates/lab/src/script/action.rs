//! What can be done, as a line.
//!
//! ```text
//! painel connect [keys of a client]          # with keys: what it connects with from now on; others as its line says
//! painel disconnect [reason=0x04] [expiry=60]
//! painel subscribe area/10/# qos=1 [no-local] [retain-as-published] [retain-handling=1] [area/20/# qos=2 …] [id=7]
//! painel unsubscribe area/10/# …
//! painel publish area/10/luz "21.5" qos=1 [retain] [utf8] [expiry=60] [content-type=…] [response-topic=…]
//!                                            [correlation="…"] [property="name=value"]
//! painel ping                                # PINGREQ, at once
//! painel auth                                # authenticates again, by SCRAM-SHA-256
//! painel send "\xe0\x00"                     # bytes as they are, right or wrong
//! painel cut [client=2s|never] [broker=never]  # each end learns of it then; at once where it is left out
//! painel cut up+0 before|after|within=3      # when the packet comes that is so many behind the next one
//! painel hold up+0 | painel release up       # packets stay on the link, with all behind them
//! painel line up=1s [down=…] [capacity=…] [fragment=…]    # others as the client's line says
//! painel crash [memory] | painel start
//! broker crash [flush] | broker start [empty]
//! broker drop painel [abruptly]              # the operator ends its connection: with DISCONNECT, or without
//! sleep 1h                                   # time passes for everybody, and nobody notices
//! clock +10s | clock -10s                    # the broker's clock jumps
//! wait 2s                                    # all that happens in this time happens
//! pause 35ms                                 # time passes, at most until what comes next
//! ```

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_client::Message;
use vitrine_packet::{PacketType, QoS, ReasonCode, RetainHandling, SubscriptionOptions};

use super::client::{LINE_KEYS, once, take_line, write_line};
use super::line::Line as Written;
use super::options::{self, OptionsReader};
use super::problem::unknown;
use super::value::{Setting, Value, duration, write_duration, write_seconds};
use super::words::{Word, split};
use super::{Problem, Setup, properties};
use crate::{Action, CutPoint, Direction};

/// Words that a line may begin with and that are no client's name.
pub(super) const RESERVED: [&str; 19] = [
    "broker",
    "client",
    "start",
    "user",
    "anonymous",
    "rule",
    "default",
    "sleep",
    "clock",
    "wait",
    "pause",
    "ping",
    "auth",
    "end",
    "road",
    "lesson",
    "beside",
    "show",
    "until",
];

const VERBS: [&str; 14] = [
    "connect",
    "disconnect",
    "publish",
    "subscribe",
    "unsubscribe",
    "cut",
    "hold",
    "release",
    "line",
    "crash",
    "start",
    "ping",
    "auth",
    "send",
];

/// Words that mean something behind `subscribe`.
const FLAGS: [&str; 2] = ["no-local", "retain-as-published"];

/// In one SUBSCRIBE or UNSUBSCRIBE.
const MOST_FILTERS: usize = 1_000;

impl Action {
    /// Reads what is done, as one line: see the language's description in the source of `script::action`.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn parse(setup: &Setup, line: &str) -> Result<Self, Problem> {
        let words = split(line).and_then(|words| {
            if words.is_empty() {
                Err("nothing stands here: write what is done, such as: painel connect".to_string())
            } else {
                Ok(words)
            }
        });
        let action = words.and_then(|words| Self::read(setup, &words));
        action.map_err(|why| Problem::new(1, why))
    }

    pub(super) fn read(setup: &Setup, words: &[Word]) -> Result<Self, String> {
        let Some((first, rest)) = words.split_first() else {
            return Err("nothing is done here: write what, such as: painel connect".to_string());
        };
        let first = first
            .bare()
            .ok_or_else(|| format!("{}: a line begins with who does something", first.shown()))?;
        match first {
            "broker" => broker(setup, rest),
            "sleep" | "wait" | "pause" => {
                let time = match rest {
                    [word] => duration(word.bare().unwrap_or_default())?,
                    _ => return Err(format!("{first} wants one time, such as {first} 2s")),
                };
                Ok(match first {
                    "sleep" => Self::Sleep(time),
                    "wait" => Self::Wait(time),
                    _ => Self::Pause(time),
                })
            }
            "clock" => clock(rest),
            "ping" | "auth" => match rest {
                [name] => {
                    let node = node(setup, name)?;
                    Ok(match first {
                        "ping" => Self::Ping(node),
                        _ => Self::Authenticate(node),
                    })
                }
                _ => Err(format!("{first} wants one client: {first} NAME")),
            },
            _ => {
                let node = node(setup, &words[0])?;
                let wants = || format!("{first} does what? There are {}", VERBS.join(", "));
                let (verb, rest) = rest.split_first().ok_or_else(wants)?;
                let verb = verb.bare().ok_or_else(wants)?;
                client(setup, node, verb, rest)
            }
        }
    }

    /// The line that [`Self::parse`] reads as the same.
    #[must_use]
    pub fn write(&self, setup: &Setup) -> String {
        let mut line = Written::default();
        self.put(setup, &mut line);
        line.finish()
    }

    fn put<'a>(&self, setup: &Setup, line: &'a mut Written) -> &'a mut Written {
        let who = |line: &'a mut Written, node: &usize, verb: &str| {
            line.word(&setup.name(*node)).word(verb)
        };
        match self {
            Self::Connect(node) => who(line, node, "connect"),
            Self::ConnectAs(node, options) => {
                let line = who(line, node, "connect");
                // With one key at least it is told from the other.
                if let Some(client) = setup.clients.get(*node) {
                    if **options == client.options {
                        line.key("", "clean", &options.clean_start.write());
                    }
                    options::write(line, options, &client.options);
                }
                line
            }
            Self::Disconnect(node, reason, expiry) => {
                let line = who(line, node, "disconnect");
                if *reason != ReasonCode::Success {
                    line.key("", "reason", &format!("0x{:02x}", reason.as_u8()));
                }
                if let Some(expiry) = expiry {
                    line.key("", "expiry", &write_seconds(*expiry));
                }
                line
            }
            Self::Publish(node, message) => {
                let line = who(line, node, "publish");
                line.plain(message.topic.as_bytes(), &[]);
                line.plain(&message.payload, &["retain", "utf8"]);
                line.unless("qos", &message.qos, &QoS::AtMostOnce)
                    .when(message.retain, "retain");
                properties::write(line, "", &message.properties);
                line
            }
            Self::Subscribe(node, filters, identifier) => {
                let line = who(line, node, "subscribe");
                for (filter, options) in filters {
                    put_filter(line, filter, *options);
                }
                if let Some(identifier) = identifier {
                    line.key("", "id", &identifier.to_string());
                }
                line
            }
            Self::Unsubscribe(node, filters) => {
                let line = who(line, node, "unsubscribe");
                for filter in filters {
                    line.plain(filter.as_bytes(), &[]);
                }
                line
            }
            Self::Ping(node) => who(line, node, "ping"),
            Self::Authenticate(node) => who(line, node, "auth"),
            Self::Send(node, bytes) => who(line, node, "send").plain(bytes, &[]),
            Self::Cut {
                node,
                client,
                broker,
            } => {
                let line = who(line, node, "cut");
                for (key, notice) in [("client", client), ("broker", broker)] {
                    match notice {
                        Some(Duration::ZERO) => {}
                        Some(notice) => {
                            line.key("", key, &write_duration(*notice));
                        }
                        None => {
                            line.key("", key, "never");
                        }
                    }
                }
                line
            }
            Self::CutAt(node, direction, packets, point) => {
                let line = who(line, node, "cut").word(&place(*direction, *packets));
                match point {
                    CutPoint::Before => line.word("before"),
                    CutPoint::After => line.word("after"),
                    CutPoint::Within(bytes) => line.key("", "within", &bytes.to_string()),
                }
            }
            Self::Hold(node, direction, packets) => {
                who(line, node, "hold").word(&place(*direction, *packets))
            }
            Self::Release(node, direction) => who(line, node, "release").word(direction.word()),
            Self::Line(node, to) => {
                let line = who(line, node, "line");
                if let Some(client) = setup.clients.get(*node) {
                    write_line(line, to, &client.line);
                }
                line
            }
            Self::CrashClient { node, memory } => who(line, node, "crash").when(*memory, "memory"),
            Self::StartClient(node) => who(line, node, "start"),
            Self::CrashBroker { flush } => line.word("broker crash").when(*flush, "flush"),
            Self::StartBroker { stored } => line.word("broker start").when(!*stored, "empty"),
            Self::Drop { node, politely } => {
                let line = line.word("broker drop").word(&setup.name(*node));
                line.when(!*politely, "abruptly")
            }
            Self::Sleep(time) => line.word("sleep").word(&write_duration(*time)),
            Self::Wait(time) => line.word("wait").word(&write_duration(*time)),
            Self::Pause(time) => line.word("pause").word(&write_duration(*time)),
            Self::Clock(micros) => {
                let sign = if *micros < 0 { '-' } else { '+' };
                let time = Duration::from_micros(micros.unsigned_abs());
                line.word("clock")
                    .word(&format!("{sign}{}", write_duration(time)))
            }
        }
    }
}

impl Direction {
    /// `up` or `down`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

fn place(direction: Direction, packets: u64) -> String {
    format!("{}+{packets}", direction.word())
}

fn put_filter(line: &mut Written, filter: &str, options: SubscriptionOptions) {
    let SubscriptionOptions {
        qos,
        no_local,
        retain_as_published,
        retain_handling,
    } = options;
    line.plain(filter.as_bytes(), &FLAGS)
        .unless("qos", &qos, &QoS::AtMostOnce)
        .when(no_local, "no-local")
        .when(retain_as_published, "retain-as-published");
    if retain_handling != RetainHandling::Send {
        let number = retain_handling.as_u8().to_string();
        line.key("", "retain-handling", &number);
    }
}

fn node(setup: &Setup, word: &Word) -> Result<usize, String> {
    let name = word.bare().unwrap_or_default();
    setup.client(name).ok_or_else(|| {
        let names = setup.clients.iter().map(|client| &*client.name);
        let others = ["broker", "sleep", "wait", "pause", "clock"];
        unknown("the client", &word.shown(), names.chain(others))
    })
}

fn broker(setup: &Setup, words: &[Word]) -> Result<Action, String> {
    let words: Option<Vec<&str>> = words.iter().map(Word::bare).collect();
    match words.as_deref() {
        Some(["crash"]) => Ok(Action::CrashBroker { flush: false }),
        Some(["crash", "flush"]) => Ok(Action::CrashBroker { flush: true }),
        Some(["start"]) => Ok(Action::StartBroker { stored: true }),
        Some(["start", "empty"]) => Ok(Action::StartBroker { stored: false }),
        Some(["drop", name, rest @ ..]) if matches!(rest, [] | ["abruptly"]) => {
            let node = setup.client(name).ok_or_else(|| {
                let names = setup.clients.iter().map(|client| &*client.name);
                unknown("the client", name, names)
            })?;
            let politely = rest.is_empty();
            Ok(Action::Drop { node, politely })
        }
        _ => Err(
            "the broker can: crash, crash flush, start, start empty, drop NAME, drop NAME abruptly"
                .to_string(),
        ),
    }
}

fn clock(words: &[Word]) -> Result<Action, String> {
    let wants = "clock wants a jump, such as clock +10s or clock -10s";
    let [word] = words else {
        return Err(wants.to_string());
    };
    let text = word.bare().unwrap_or_default();
    let (sign, time) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(time), _) => (1, time),
        (_, Some(time)) => (-1, time),
        _ => return Err(wants.to_string()),
    };
    let micros = i64::try_from(duration(time)?.as_micros()).map_err(|_| wants)?;
    Ok(Action::Clock(sign * micros))
}

fn client(setup: &Setup, node: usize, verb: &str, words: &[Word]) -> Result<Action, String> {
    match verb {
        "connect" if words.is_empty() => Ok(Action::Connect(node)),
        "connect" => connect_as(setup, node, words),
        "disconnect" => disconnect(node, words),
        "publish" => publish(node, words),
        "subscribe" => subscribe(node, words),
        "unsubscribe" => {
            let filters: Result<Vec<Rc<str>>, String> = words.iter().map(filter).collect();
            let filters = filters?;
            if filters.is_empty() || filters.len() > MOST_FILTERS {
                return Err(no_filter("unsubscribe"));
            }
            Ok(Action::Unsubscribe(node, filters))
        }
        "cut" => cut(node, words),
        "hold" => {
            let (direction, packets) = read_place(words, "hold up or hold down+1")?;
            Ok(Action::Hold(node, direction, packets))
        }
        "release" => match words {
            [word] if word.bare() == Some("up") => Ok(Action::Release(node, Direction::Up)),
            [word] if word.bare() == Some("down") => Ok(Action::Release(node, Direction::Down)),
            _ => Err("release what? Write release up or release down".to_string()),
        },
        "line" => line(setup, node, words),
        "send" => match words {
            [word] if word.key.is_none() && !word.bytes.is_empty() => {
                Ok(Action::Send(node, word.bytes[..].into()))
            }
            _ => Err("send wants bytes, such as send \"\\xc0\\x00\"".to_string()),
        },
        "crash" => {
            let memory = flag(words, "crash", "memory")?;
            Ok(Action::CrashClient { node, memory })
        }
        "start" | "ping" | "auth" if !words.is_empty() => {
            Err(format!("{verb} stands alone, without {}", words[0].shown()))
        }
        "start" => Ok(Action::StartClient(node)),
        "ping" => Ok(Action::Ping(node)),
        "auth" => Ok(Action::Authenticate(node)),
        _ => Err(unknown("the action", verb, VERBS)),
    }
}

fn flag(words: &[Word], verb: &str, flag: &str) -> Result<bool, String> {
    match words {
        [] => Ok(false),
        [word] if word.bare() == Some(flag) => Ok(true),
        _ => Err(format!("{verb} stands alone, or with {flag}")),
    }
}

fn connect_as(setup: &Setup, node: usize, words: &[Word]) -> Result<Action, String> {
    let base = &setup.clients[node].options;
    let mut reader = OptionsReader::over(base);
    let mut seen = Vec::new();
    for word in words {
        let setting = Setting::of(word)?;
        once(&mut seen, setting.key)?;
        if matches!(setting.key, "id" | "version") {
            return Err(format!(
                "{} is decided when the world begins: make it another client",
                setting.key
            ));
        }
        if !reader.take(&setting)? {
            let known = options::KEYS.iter().copied();
            return Err(unknown("the setting", setting.key, known));
        }
    }
    Ok(Action::ConnectAs(node, Box::new(reader.finish()?)))
}

fn disconnect(node: usize, words: &[Word]) -> Result<Action, String> {
    let (mut reason, mut expiry) = (ReasonCode::Success, None);
    let mut seen = Vec::new();
    for word in words {
        let setting = Setting::of(word)?;
        once(&mut seen, setting.key)?;
        match setting.key {
            "reason" => {
                let code = ReasonCode::from_u8(setting.number(0, 255)? as u8);
                reason = code
                    .filter(|code| code.is_allowed_in(PacketType::Disconnect))
                    .ok_or("a DISCONNECT cannot have this Reason Code: 0x00 and 0x04 are usual")?;
            }
            "expiry" => expiry = Some(setting.seconds(u32::MAX)?),
            key => return Err(unknown("the setting", key, ["reason", "expiry"])),
        }
    }
    Ok(Action::Disconnect(node, reason, expiry))
}

fn publish(node: usize, words: &[Word]) -> Result<Action, String> {
    let wants = || "publish wants a topic and a payload: publish area/10/luz \"21.5\"".to_string();
    let [topic, payload, rest @ ..] = words else {
        return Err(wants());
    };
    let topic = topic.plain().ok_or_else(wants)?;
    let topic = core::str::from_utf8(topic).map_err(|_| "a Topic Name must be UTF-8")?;
    let payload = payload.plain().ok_or_else(wants)?;
    let mut message = Message::new(topic, payload, QoS::AtMostOnce);
    let mut seen = Vec::new();
    for word in rest {
        let setting = Setting::of(word)?;
        once(&mut seen, setting.key)?;
        match setting.key {
            "qos" => message.qos = setting.qos()?,
            "retain" => message.retain = setting.yes()?,
            key if key != "delay" && properties::read(key, &setting, &mut message.properties)? => {}
            key => {
                let known = properties::KEYS.iter().copied();
                let known = known.filter(|known| *known != "delay");
                return Err(unknown("the setting", key, known.chain(["qos", "retain"])));
            }
        }
    }
    Ok(Action::Publish(node, message))
}

fn filter(word: &Word) -> Result<Rc<str>, String> {
    let bytes = word.plain().ok_or_else(|| {
        format!(
            "{} is no Topic Filter: put one with = in it in quotes",
            word.shown()
        )
    })?;
    let text = core::str::from_utf8(bytes).map_err(|_| "a Topic Filter must be UTF-8")?;
    Ok(text.into())
}

fn no_filter(verb: &str) -> String {
    format!(
        "{verb} wants from one to {MOST_FILTERS} Topic Filters, such as {verb} area/#; a # alone begins a comment: write \"#\""
    )
}

fn subscribe(node: usize, words: &[Word]) -> Result<Action, String> {
    let mut filters: Vec<(Rc<str>, SubscriptionOptions)> = Vec::new();
    let mut identifier = None;
    for word in words {
        if let Some("id") = word.key.as_deref() {
            let setting = Setting::of(word)?;
            if identifier.is_some() {
                return Err("id stands there twice: one SUBSCRIBE has one identifier".to_string());
            }
            identifier = Some(setting.number(1, 268_435_455)? as u32);
            continue;
        }
        let is_option = word.key.is_some() || word.bare().is_some_and(|word| FLAGS.contains(&word));
        if !is_option {
            filters.push((filter(word)?, SubscriptionOptions::default()));
            continue;
        }
        let setting = Setting::of(word)?;
        let Some((_, options)) = filters.last_mut() else {
            return Err(format!(
                "{} stands before any Topic Filter: it belongs behind its own",
                setting.key
            ));
        };
        match setting.key {
            "qos" => options.qos = setting.qos()?,
            "no-local" => options.no_local = setting.yes()?,
            "retain-as-published" => options.retain_as_published = setting.yes()?,
            "retain-handling" => {
                let number = setting.number(0, 2)? as u8;
                options.retain_handling = RetainHandling::from_u8(number).unwrap_or_default();
            }
            key => {
                let known = [
                    "qos",
                    "no-local",
                    "retain-as-published",
                    "retain-handling",
                    "id",
                ];
                return Err(unknown("the setting", key, known));
            }
        }
    }
    if filters.is_empty() || filters.len() > MOST_FILTERS {
        return Err(no_filter("subscribe"));
    }
    Ok(Action::Subscribe(node, filters, identifier))
}

fn cut(node: usize, words: &[Word]) -> Result<Action, String> {
    let at_packet = words.first().and_then(Word::bare);
    if at_packet.is_some_and(|word| word.starts_with("up") || word.starts_with("down")) {
        let known = "cut up+0 before, cut down+1 after or cut up+0 within=3";
        let (places, points) = match words {
            // `up +1` is `up+1`.
            [_, second, ..] if second.bare().is_some_and(|word| word.starts_with('+')) => {
                words.split_at(2)
            }
            _ => words.split_at(1),
        };
        let (direction, packets) = read_place(places, known)?;
        let point = match points {
            [] => CutPoint::Before,
            [word] if word.bare() == Some("before") => CutPoint::Before,
            [word] if word.bare() == Some("after") => CutPoint::After,
            [word] if word.key.as_deref() == Some("within") => {
                CutPoint::Within(usize::read(&Setting::of(word)?)?)
            }
            _ => return Err(format!("where is it cut? Write {known}")),
        };
        return Ok(Action::CutAt(node, direction, packets, point));
    }
    let (mut client, mut broker) = (Some(Duration::ZERO), Some(Duration::ZERO));
    let mut seen = Vec::new();
    for word in words {
        let setting = Setting::of(word)?;
        once(&mut seen, setting.key)?;
        let notice = match setting.text()? {
            "never" => None,
            _ => Some(setting.duration(Duration::ZERO)?),
        };
        match setting.key {
            "client" => client = notice,
            "broker" => broker = notice,
            key => {
                return Err(unknown(
                    "the setting",
                    key,
                    ["client", "broker", "up", "down"],
                ));
            }
        }
    }
    Ok(Action::Cut {
        node,
        client,
        broker,
    })
}

/// `up`, `up+1` or `up +1`.
fn read_place(words: &[Word], known: &str) -> Result<(Direction, u64), String> {
    let wrong = || format!("which packet, in which direction? Write {known}");
    let text: Option<String> = words.iter().map(Word::bare).collect();
    let text = text.ok_or_else(wrong)?;
    let (direction, rest) = match (text.strip_prefix("up"), text.strip_prefix("down")) {
        (Some(rest), _) => (Direction::Up, rest),
        (_, Some(rest)) => (Direction::Down, rest),
        _ => return Err(wrong()),
    };
    let packets = match rest.strip_prefix('+') {
        None if rest.is_empty() => 0,
        None => return Err(wrong()),
        Some(number) => number.parse::<u32>().map_err(|_| wrong())?,
    };
    Ok((direction, packets.into()))
}

fn line(setup: &Setup, node: usize, words: &[Word]) -> Result<Action, String> {
    let mut line = setup.clients[node].line;
    let mut seen = Vec::new();
    for word in words {
        let setting = Setting::of(word)?;
        once(&mut seen, setting.key)?;
        if !take_line(&mut line, &setting)? {
            return Err(unknown("the setting", setting.key, LINE_KEYS));
        }
    }
    Ok(Action::Line(node, line))
}
