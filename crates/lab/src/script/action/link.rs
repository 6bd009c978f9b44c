//! What is done to a client's link: cut, held, released, changed.

use alloc::format;
use alloc::string::{String, ToString};
use core::time::Duration;

use crate::script::Setup;
use crate::script::client::{LINE_KEYS, take_line};
use crate::script::problem::unknown;
use crate::script::value::{Setting, Value};
use crate::script::words::Word;
use crate::{Action, CutPoint, Direction};

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

pub(super) fn cut(node: usize, words: &[Word]) -> Result<Action, String> {
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
    for setting in Setting::each(words) {
        let setting = setting?;
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

pub(super) fn hold(node: usize, words: &[Word]) -> Result<Action, String> {
    let (direction, packets) = read_place(words, "hold up or hold down+1")?;
    Ok(Action::Hold(node, direction, packets))
}

pub(super) fn release(node: usize, words: &[Word]) -> Result<Action, String> {
    match words {
        [word] if word.bare() == Some("up") => Ok(Action::Release(node, Direction::Up)),
        [word] if word.bare() == Some("down") => Ok(Action::Release(node, Direction::Down)),
        _ => Err("release what? Write release up or release down".to_string()),
    }
}

pub(super) fn line(setup: &Setup, node: usize, words: &[Word]) -> Result<Action, String> {
    let mut line = setup.clients[node].line;
    for setting in Setting::each(words) {
        let setting = setting?;
        if !take_line(&mut line, &setting)? {
            return Err(unknown("the setting", setting.key, LINE_KEYS));
        }
    }
    Ok(Action::Line(node, line))
}

/// Reads which packet, in which direction: `up`, `up+1` or `up +1`.
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

/// Writes it.
pub(super) fn place(direction: Direction, packets: u64) -> String {
    format!("{}+{packets}", direction.word())
}
