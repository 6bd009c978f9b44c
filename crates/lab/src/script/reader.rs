//! Reading and writing scripts.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use vitrine_broker::Access;
use vitrine_session::Time;

use super::value::duration;
use super::words::{Word, split};
use super::{ClientSetup, Problem, Setup, access, config};
use crate::Action;

/// A world has no more clients.
const MOST_CLIENTS: usize = 64;
/// In a script no more is done.
const MOST_ACTS: usize = 20_000;

/// Something that is done in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When the world has made so many moments; `None`: behind what the script did before.
    pub at: Option<u64>,
    /// What.
    pub action: Action,
}

/// A world and what is done in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// How the world begins.
    pub setup: Rc<Setup>,
    /// What is done, in its order.
    pub acts: Vec<Act>,
    /// So many moments are known; `None`: up to what was done last.
    pub end: Option<u64>,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut reader = Reader::default();
        for (at, line) in text.lines().enumerate() {
            reader.line(line).map_err(|why| Problem::new(at + 1, why))?;
        }
        let (setup, acts, end) = reader.finish();
        let setup = Rc::new(setup);
        Ok(Self { setup, acts, end })
    }

    /// The text that [`Self::parse`] reads as the same.
    #[must_use]
    pub fn write(&self) -> String {
        let mut lines = self.setup.lines();
        lines.extend(write_acts(&self.setup, &self.acts, self.end));
        let mut text = lines.join("\n");
        text.push('\n');
        text
    }
}

/// What is done, as lines.
pub(crate) fn write_acts(setup: &Setup, acts: &[Act], end: Option<u64>) -> Vec<String> {
    let acts = acts.iter().map(|act| {
        let action = act.action.write(setup);
        match act.at {
            Some(at) => format!("@{at} {action}"),
            None => action,
        }
    });
    acts.chain(end.map(|end| format!("@{end} end"))).collect()
}

/// Reads lines, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    setup: Setup,
    access: Access,
    has_broker: bool,
    has_start: bool,
    has_default: bool,
    has_anonymous: bool,
    /// Whether no line may tell any more how the world begins.
    sealed: bool,
    acts: Vec<Act>,
    end: Option<u64>,
}

impl Reader {
    pub(crate) fn has_acts(&self) -> bool {
        !self.acts.is_empty() || self.end.is_some()
    }

    /// What was done so far, and how far it is known. Goes on with what is done in another world that begins in the
    /// same way.
    pub(crate) fn take(&mut self) -> (Vec<Act>, Option<u64>) {
        self.sealed = true;
        (core::mem::take(&mut self.acts), self.end.take())
    }

    /// Takes in a line.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), String> {
        let words = split(line)?;
        let Some((first, rest)) = words.split_first() else {
            return Ok(());
        };
        let first = first.bare().unwrap_or_default();
        if let Some(at) = first.strip_prefix('@') {
            let at: u64 = at
                .parse()
                .map_err(|_| format!("@{at}: behind @ stands a number of moments, such as @12"))?;
            return self.at(at, rest);
        }
        let begins = rest.first().and_then(Word::bare);
        let is_setup = match first {
            "client" | "start" | "user" | "anonymous" | "rule" | "default" => true,
            "broker" => !matches!(begins, Some("crash" | "start" | "drop" | "access")),
            _ => false,
        };
        if !is_setup {
            return self.act(None, &words);
        }
        if self.sealed || self.has_acts() {
            return Err(format!(
                "{first} tells how the world begins: it must stand before all that is done"
            ));
        }
        self.setup_line(first, rest)
    }

    fn setup_line(&mut self, first: &str, rest: &[Word]) -> Result<(), String> {
        let twice = |has: &mut bool| match core::mem::replace(has, true) {
            true => Err(format!("there are two lines {first}: write one")),
            false => Ok(()),
        };
        match first {
            "client" => {
                let client = ClientSetup::read(rest)?;
                if self.setup.client(&client.name).is_some() {
                    return Err(format!(
                        "there is a client {} already: a name is for one (id= may be the same)",
                        client.name
                    ));
                }
                if self.setup.clients.len() >= MOST_CLIENTS {
                    return Err(format!("there are more than {MOST_CLIENTS} clients"));
                }
                self.setup.clients.push(client);
            }
            "start" => {
                twice(&mut self.has_start)?;
                let [word] = rest else {
                    return Err("start wants one time, such as 1000000s".to_string());
                };
                let since = duration(word.bare().unwrap_or_default())?;
                self.setup.start = Time::ZERO + since;
            }
            "user" => access::read_user(rest, &mut self.access)?,
            "rule" => access::read_rule(rest, &mut self.access)?,
            "anonymous" => {
                twice(&mut self.has_anonymous)?;
                self.access.anonymous = access::read_choice(rest, first, ["yes", "no"])?;
            }
            "default" => {
                twice(&mut self.has_default)?;
                self.access.default_allow = access::read_choice(rest, first, ["allow", "deny"])?;
            }
            _ => {
                twice(&mut self.has_broker)?;
                config::read(rest, &mut self.setup)?;
            }
        }
        Ok(())
    }

    fn at(&mut self, at: u64, rest: &[Word]) -> Result<(), String> {
        let before = self.acts.iter().rev().find_map(|act| act.at);
        let least = before.map_or(0, |before| before + 1);
        if let Some(end) = self.end {
            return Err(format!("nothing comes behind the end, which is at {end}"));
        }
        match rest {
            [word] if word.bare() == Some("end") => {
                if at < least {
                    return Err(format!("the end cannot be before @{least}"));
                }
                self.end = Some(at);
                Ok(())
            }
            _ if at < least => Err(format!(
                "@{at} is not behind what stands before: write @{least} or later"
            )),
            rest => self.act(Some(at), rest),
        }
    }

    fn act(&mut self, at: Option<u64>, words: &[Word]) -> Result<(), String> {
        if self.end.is_some() {
            return Err("nothing comes behind the end".to_string());
        }
        if self.acts.len() >= MOST_ACTS {
            return Err(format!("more than {MOST_ACTS} things are done"));
        }
        if !self.has_acts() {
            // All of it was told.
            self.setup.config.access = Rc::new(self.access.clone());
        }
        let action = Action::read(&self.setup, words)?;
        self.acts.push(Act { at, action });
        Ok(())
    }

    /// How the world begins, what is done, and how far it is known.
    pub(crate) fn finish(mut self) -> (Setup, Vec<Act>, Option<u64>) {
        self.setup.config.access = Rc::new(self.access);
        self.setup.complete();
        (self.setup, self.acts, self.end)
    }
}
