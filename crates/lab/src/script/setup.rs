//! How a world begins.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_broker::{Config, Secret};
use vitrine_session::Time;

use super::line::Line;
use super::reader::Reader;
use super::value::write_duration;
use super::{ClientSetup, Problem, access, config};
use crate::World;

/// Who and what there is when a world begins, and when that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The broker's limits, with who may do what. In [`vitrine_broker::User::password`] stands the password itself.
    pub config: Config,
    /// How long it takes to make changes durable, where [`Config::durable`] says that they are to be.
    pub commit: Duration,
    /// How long changes wait on which nothing rests, for those that come next: see [`World::keep_later`]. Default not at all.
    pub later: Duration,
    /// Whether what rests on nothing leaves at once, and how long changes wait then: see [`World::send_early`]. Default not.
    pub early: Option<Duration>,
    /// The world's time when it begins. Default 1,000,000 s.
    pub start: Time,
    /// The clients, which do nothing yet. Their place is their number.
    pub clients: Vec<ClientSetup>,
}

/// When worlds begin where a script does not say.
const START: Time = Time::from_secs(1_000_000);

/// There is nobody who must not guess it.
pub(crate) const SECRET: Secret = Secret::new(*b"a world that has nothing to hide");

impl Default for Setup {
    fn default() -> Self {
        Self {
            config: Config::default(),
            commit: Duration::ZERO,
            later: Duration::ZERO,
            early: None,
            start: START,
            clients: Vec::new(),
        }
    }
}

impl Setup {
    /// Reads the lines of a setup, without actions.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut reader = Reader::default();
        for (at, line) in text.lines().enumerate() {
            reader.line(line).map_err(|why| Problem::new(at + 1, why))?;
            if reader.has_acts() {
                let why = "this is something done, and only who and what there is belongs here";
                return Err(Problem::new(at + 1, why));
            }
        }
        Ok(reader.finish().0)
    }

    /// The lines that [`Self::parse`] reads as the same.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = self.lines().join("\n");
        text.push('\n');
        text
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.start != START {
            let since = self.start.since(Time::ZERO);
            lines.push(Line::of("start").word(&write_duration(since)).finish());
        }
        lines.extend(config::write(self));
        access::write(&self.config.access, &mut lines);
        lines.extend(self.clients.iter().map(ClientSetup::write));
        lines
    }

    /// Gives the broker what enhanced authentication asks for, where somebody may use it.
    pub(super) fn complete(&mut self) {
        let mut users = self.config.access.users.values();
        if users.any(|user| user.scram.is_some()) {
            self.config.secret = SECRET;
        }
    }

    /// The number of the client of this name.
    #[must_use]
    pub fn client(&self, name: &str) -> Option<usize> {
        self.clients.iter().position(|client| &*client.name == name)
    }

    /// What a client is called in scripts; its number where there is no such client.
    #[must_use]
    pub fn name(&self, node: usize) -> String {
        match self.clients.get(node) {
            Some(client) => client.name.to_string(),
            None => format!("{node}"),
        }
    }

    /// The world as it begins.
    #[must_use]
    pub fn world(&self) -> World {
        let mut world = World::new(self.config.clone(), self.commit, self.start);
        world.keep_later(self.later);
        world.send_early(self.early);
        for client in &self.clients {
            world.add_named(&client.name, client.options.clone(), client.line);
        }
        world
    }
}
