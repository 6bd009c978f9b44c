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
//! broker access [user="ana password=segredo"] [rule="sensors allow=all topics=area/#"] [anonymous=no] [default=deny]
//!                                            # the operator changes who may do what: all of it, see `access`
//! sleep 1h                                   # time passes for everybody, and nobody notices
//! clock +10s | clock -10s                    # the broker's clock jumps
//! wait 2s                                    # all that happens in this time happens
//! pause 35ms                                 # time passes, at most until what comes next
//! ```

mod client;
mod link;
mod subscribe;
mod write;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::problem::unknown;
use super::value::duration;
use super::words::{Word, split};
use super::{Problem, Setup, access};
use crate::Action;

/// Words that a line of the language may begin with: no client is called so.
pub const RESERVED: [&str; 19] = [
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
                let wants = || format!("{first} does what? There are {}", client::VERBS.join(", "));
                let (verb, rest) = rest.split_first().ok_or_else(wants)?;
                let verb = verb.bare().ok_or_else(wants)?;
                client::read(setup, node, verb, rest)
            }
        }
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
    if let Some((first, rest)) = words.split_first()
        && first.bare() == Some("access")
    {
        let access = access::read_all(rest, &setup.config.access)?;
        return Ok(Action::SetAccess(access.into()));
    }
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
            "the broker can: crash, crash flush, start, start empty, drop NAME, drop NAME abruptly, access …"
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
