//! The line `client NAME`: what it connects with (`options`), and its line: `up=100ms` and `down=100ms` (how long
//! bytes travel), `capacity=65536` (bytes that fit on a link in one direction; 1,048,576 at most), `fragment=0` (packets arrive in pieces
//! of so many bytes; 0: whole), `tls` (its bytes travel encrypted).

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use core::time::Duration;

use vitrine_client::Options;

use super::line::Line as Written;
use super::options::{self, OptionsReader};
use super::problem::unknown;
use super::value::{Setting, Value};
use super::words::{Word, split};
use super::{Problem, action};
use crate::Line;

/// A client of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSetup {
    /// What it is called in scripts; without spaces, and unlike any other's.
    pub name: Rc<str>,
    /// What it connects with. Of the method `SCRAM-SHA-256` without data the world does the exchange: see
    /// [`crate::Scram`].
    pub options: Options,
    /// How its link is.
    pub line: Line,
    /// Whether its bytes travel encrypted. The world is the same; who looks at the link sees no packets.
    pub tls: bool,
}

/// How a link is where a script says nothing: slow enough to be seen.
pub(super) fn default_line() -> Line {
    Line {
        up: Duration::from_millis(100),
        down: Duration::from_millis(100),
        ..Line::default()
    }
}

/// The keys of a line.
pub(super) const LINE_KEYS: [&str; 4] = ["up", "down", "capacity", "fragment"];

/// Takes in a setting of a line. False where it is none.
pub(super) fn take_line(line: &mut Line, setting: &Setting<'_>) -> Result<bool, String> {
    match setting.key {
        "up" => line.up = Value::read(setting)?,
        "down" => line.down = Value::read(setting)?,
        "capacity" => line.capacity = setting.number(1, 1 << 20)? as usize,
        "fragment" => line.fragment = Value::read(setting)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Writes what differs from what holds otherwise.
pub(super) fn write_line(written: &mut Written, line: &Line, base: &Line) {
    written
        .unless("up", &line.up, &base.up)
        .unless("down", &line.down, &base.down)
        .unless("capacity", &line.capacity, &base.capacity)
        .unless("fragment", &line.fragment, &base.fragment);
}

impl ClientSetup {
    /// A client of this name with all defaults.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            options: default_options(name),
            line: default_line(),
            tls: false,
        }
    }

    /// Reads a line: `client ana version=3.1.1`.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn parse(line: &str) -> Result<Self, Problem> {
        let read = || {
            let words = split(line)?;
            match words.first().and_then(Word::bare) {
                Some("client") => Self::read(&words[1..]),
                _ => Err("a client is described by a line such as: client ana version=5.0".into()),
            }
        };
        read().map_err(|why| Problem::new(1, why))
    }

    pub(super) fn read(words: &[Word]) -> Result<Self, String> {
        let (name, rest) = words
            .split_first()
            .ok_or("a client needs a name: client NAME")?;
        let name = read_name(name, "client")?;
        let mut client = Self::new(name);
        let mut reader = OptionsReader::over(&client.options);
        for setting in Setting::each(rest) {
            let setting = setting?;
            if setting.key == "tls" {
                client.tls = setting.yes()?;
            } else if !take_line(&mut client.line, &setting)? && !reader.take(&setting)? {
                let known = options::KEYS.iter().chain(&LINE_KEYS).chain(&["tls"]);
                return Err(unknown("the setting", setting.key, known.copied()));
            }
        }
        client.options = reader.finish()?;
        Ok(client)
    }

    /// The line that [`Self::parse`] reads.
    #[must_use]
    pub fn write(&self) -> String {
        let mut line = Written::of("client");
        line.plain(self.name.as_bytes(), &[]);
        write_line(&mut line, &self.line, &default_line());
        options::write(&mut line, &self.options, &default_options(&self.name));
        line.when(self.tls, "tls").finish()
    }
}

fn default_options(name: &str) -> Options {
    Options {
        client_id: name.into(),
        ..Options::default()
    }
}

/// A name that a line can begin with.
pub(super) fn read_name<'a>(word: &'a Word, of: &str) -> Result<&'a str, String> {
    let wrong = || {
        format!(
            "{} cannot be the name of a {of}: letters, digits and signs can, without spaces, without quotes around them, and without \\ = # @",
            word.shown()
        )
    };
    let name = word.bare().ok_or_else(wrong)?;
    let odd = |sign: char| sign.is_control() || "\\=#@".contains(sign);
    if name.is_empty() || name.contains(odd) {
        return Err(wrong());
    }
    if action::RESERVED.contains(&name) {
        return Err(format!("{name} means something else: choose another name"));
    }
    if name.len() > 200 {
        return Err("a name has at most 200 bytes".to_string());
    }
    Ok(name)
}
