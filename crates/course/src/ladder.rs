//! A lesson as text: what happens in it, line by line, and where its texts stand. What an author reads to see whether
//! a text is true, and what a test holds against the last time.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::rc::Rc;

use vitrine_broker::ConnectionId;
use vitrine_client::Time;
use vitrine_lab::{Direction, Happening, Moment, Road, Setup, Trace, Watch, World};
use vitrine_packet::ProtocolVersion;

use crate::packet_line;
use crate::{Error, Laid, Lesson, Texts};

impl Lesson {
    /// The lesson as text, one line for each packet that arrived, was lost, and for whatever else happened. With a
    /// language the texts and questions are in it.
    ///
    /// # Errors
    /// When `laid` is not this lesson's.
    pub fn ladder(&self, laid: &Laid, language: Option<&str>) -> Result<String, Error> {
        let wrong = |why: String| Error::new(1, why);
        let watch = Ladder::new(&laid.script.setup);
        let mut road = Road::of(&laid.script, watch).map_err(|problem| wrong(problem.why))?;
        road.go(road.end());
        let mut text = String::new();
        let mut marks = laid.marks.iter().zip(&self.steps).enumerate().peekable();
        for (position, line) in &road.watch().lines {
            while let Some((number, (_, step))) =
                marks.next_if(|(_, (mark, _))| **mark <= *position)
            {
                self.tell(&mut text, number, step, language);
            }
            let _ = writeln!(text, "{line}");
        }
        for (number, (_, step)) in marks {
            self.tell(&mut text, number, step, language);
        }
        Ok(text)
    }

    fn tell(&self, text: &mut String, number: usize, step: &crate::Step, language: Option<&str>) {
        let _ = writeln!(text, "== text {number}");
        let Some(language) = language else {
            return;
        };
        let put = |text: &mut String, before: &str, what: &Texts| {
            let _ = writeln!(text, "   {before}{}", what.get(language));
        };
        put(text, "", &step.text);
        if let Some(ask) = &step.ask {
            put(text, "? ", &ask.text);
            for (at, option) in ask.options.iter().enumerate() {
                put(text, if at == ask.right { "  * " } else { "  - " }, option);
            }
            put(text, "! ", &ask.because);
        }
        if !step.points.is_empty() {
            let _ = writeln!(text, "   > {}", step.points.join(", "));
        }
    }
}

/// What happened, as lines.
#[derive(Clone, Debug)]
struct Ladder {
    setup: Rc<Setup>,
    start: Time,
    /// The position before each line's moment, and the line.
    lines: Vec<(u64, String)>,
    position: u64,
    whose: BTreeMap<ConnectionId, usize>,
    /// When packets left that have not arrived.
    left: BTreeMap<(ConnectionId, Direction), VecDeque<Time>>,
}

impl Ladder {
    fn new(setup: &Rc<Setup>) -> Self {
        Self {
            setup: Rc::clone(setup),
            start: setup.start,
            lines: Vec::new(),
            position: 0,
            whose: BTreeMap::new(),
            left: BTreeMap::new(),
        }
    }

    fn put(&mut self, at: Time, line: &str) {
        let at = self.seconds(at);
        self.lines.push((self.position, format!("{at:>10} {line}")));
    }

    fn seconds(&self, at: Time) -> String {
        let micros = at.since(self.start).as_micros();
        format!("{}.{:03}", micros / 1_000_000, micros % 1_000_000 / 1_000)
    }

    fn name(&self, node: Option<usize>) -> String {
        node.map_or_else(|| "?".to_owned(), |node| self.setup.name(node))
    }

    fn departed(&mut self, connection: ConnectionId, direction: Direction, at: Time) {
        self.left
            .entry((connection, direction))
            .or_default()
            .push_back(at);
    }

    fn packet(
        &mut self,
        world: &World,
        at: Time,
        connection: ConnectionId,
        direction: Direction,
        bytes: &[u8],
        fate: &str,
    ) {
        let node = self.whose.get(&connection).copied();
        let left = self
            .left
            .get_mut(&(connection, direction))
            .and_then(VecDeque::pop_front);
        let left = left.map_or_else(|| "-".to_owned(), |left| self.seconds(left));
        let client = self.name(node);
        let way = match direction {
            Direction::Up => format!("{client} -> broker"),
            Direction::Down => format!("broker -> {client}"),
        };
        let version = node.map(|node| world.client(node).options().version);
        let packet = packet_line::of(bytes, version.unwrap_or(ProtocolVersion::V5));
        self.put(at, &format!("{way:<24} {packet}{fate} (left {left})"));
    }
}

impl Watch for Ladder {
    fn begins(&mut self, _: &World, position: u64, moment: Moment<'_>) {
        let _ = moment;
        self.position = position;
    }

    fn happened(&mut self, world: &World, trace: Trace) {
        let Trace { at, what, .. } = trace;
        match what {
            Happening::Opening(connection, node) => {
                self.whose.insert(connection, node);
            }
            Happening::FromClient(connection, _, _) => {
                self.departed(connection, Direction::Up, at);
            }
            Happening::FromBroker(connection, _) => {
                self.departed(connection, Direction::Down, at);
            }
            Happening::ToBroker(connection, bytes) => {
                self.packet(world, at, connection, Direction::Up, &bytes, "");
            }
            Happening::ToClient(connection, _, bytes) => {
                self.packet(world, at, connection, Direction::Down, &bytes, "");
            }
            Happening::Lost(lost) => {
                self.packet(
                    world,
                    at,
                    lost.connection,
                    lost.direction,
                    &lost.packet,
                    " LOST",
                );
            }
            Happening::Acted(action) => {
                let line = action.write(&self.setup);
                self.put(at, &format!("* {line}"));
            }
            Happening::Gone(connection) => {
                let client = self.name(self.whose.get(&connection).copied());
                self.put(at, &format!("the broker learns that {client} is gone"));
            }
            Happening::Ended(connection, reason) => {
                let client = self.name(self.whose.get(&connection).copied());
                self.put(
                    at,
                    &format!(
                        "the broker ends the connection of {client}: 0x{:02x} {}",
                        reason.as_u8(),
                        reason.name()
                    ),
                );
            }
            Happening::Cut(_, node) => {
                let client = self.setup.name(node);
                self.put(at, &format!("the connection of {client} is cut"));
            }
            Happening::BrokerCrashed => self.put(at, "the broker crashes"),
            Happening::BrokerStarted { stored } => {
                self.put(
                    at,
                    if stored {
                        "the broker starts"
                    } else {
                        "the broker starts, empty"
                    },
                );
            }
            Happening::ClientCrashed { node, memory } => {
                let client = self.setup.name(node);
                let memory = if memory { "keeps" } else { "loses" };
                self.put(at, &format!("{client} crashes and {memory} its memory"));
            }
            Happening::ClientStarted(node) => {
                let client = self.setup.name(node);
                self.put(at, &format!("{client} starts"));
            }
            Happening::Client(node, vitrine_client::Event::Message { message, .. }) => {
                let client = self.setup.name(node);
                let payload = packet_line::payload(&message.payload);
                self.put(at, &format!("  {client} has {} {payload}", message.topic));
            }
            Happening::Idle(why) => self.put(at, &format!("  idle: {why}")),
            Happening::Opened(..)
            | Happening::Client(..)
            | Happening::Taken(_)
            | Happening::Committed(_)
            | Happening::BrokerDeadline
            | Happening::Observed(_)
            | _ => {}
        }
    }
}
