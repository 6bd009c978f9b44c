//! A lab as a code in an address: all roads, where one stands on each, which is shown, and the lesson they come from.
//!
//! The code is a digit for its version and then, in base64url without padding, a zlib stream of a text in the lab's
//! language. Before and between the lines of a script that has these:
//!
//! ```text
//! lesson qos-1                      # the lesson that it comes from, if any
//! beside                            # the world is shown at QoS 0, 1 and 2 side by side
//! show 1                            # this road is shown, counted from 0; the first where it is left out
//! road position=12                  # what follows is done on the first road, and here one stands
//! @0 painel connect
//! @30 end
//! road from=0 at=7 position=9       # a fork of the first road: what follows is done from its moment 7 on
//! @7 painel cut
//! @9 end
//! ```
//!
//! A code comes from whoever sent it. It is bounded before anything is taken in: its length, what it unpacks to, and
//! all that its script may have; and whoever builds the roads makes no more moments than [`MOST_LINKED_MOMENTS`].

mod reader;

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};
use reader::LinkReader;

use crate::script::{Written, write_acts, write_duration};
use crate::{Act, Problem, Road, Setup, Watch};

/// The version of codes that are written.
const VERSION: char = '1';
/// A code has no more characters.
const MOST_CODE: usize = 256 << 10;
/// A code unpacks to no more bytes.
const MOST_TEXT: usize = 1 << 20;
/// There are no more roads.
pub(crate) const MOST_ROADS: usize = 64;

/// All roads of a code have no more moments together: who opens it makes them all, at once, and may not know from whom
/// it comes.
pub const MOST_LINKED_MOMENTS: u64 = 25_000;

/// What a code holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The name of the lesson that it comes from.
    pub lesson: Option<Rc<str>>,
    /// Whether the world is shown at QoS 0, 1 and 2 side by side.
    pub beside: bool,
    /// The road that is shown, counted from 0.
    pub shown: usize,
    /// How the world begins.
    pub setup: Rc<Setup>,
    /// The roads. The first is no fork; every other one is a fork of one before it.
    pub roads: Vec<LinkRoad>,
}

/// A road in a code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkRoad {
    /// The road that it left, by its place, and the position at which it did.
    pub from: Option<(usize, u64)>,
    /// What is done on it: for a fork from where it left the other.
    pub acts: Vec<Act>,
    /// How far it is known.
    pub end: u64,
    /// Where one stands on it.
    pub position: u64,
    /// How much time has passed there since, within which nothing happened. Whoever opens the link sees to it that no
    /// more is taken for passed than comes before what happens next.
    pub elapsed: Duration,
}

impl LinkRoad {
    /// What a code holds of a road. `from` is what it left, and where.
    #[must_use]
    pub fn of<W: Watch>(road: &Road<W>, from: Option<(usize, u64)>) -> Self {
        Self {
            from,
            acts: road.acts_from(from.map_or(0, |(_, at)| at)),
            end: road.end(),
            position: road.position(),
            elapsed: Duration::ZERO,
        }
    }
}

impl Link {
    /// One road, at its end: as when a script was played.
    #[must_use]
    pub fn to<W: Watch>(road: &Road<W>) -> Self {
        Self {
            setup: Rc::clone(road.setup()),
            roads: Vec::from([LinkRoad::of(road, None)]),
            ..Self::default()
        }
    }

    /// The text that a code holds.
    #[must_use]
    pub fn write(&self) -> String {
        let mut lines = Vec::new();
        if let Some(lesson) = &self.lesson {
            lines.push(Written::of("lesson").plain(lesson.as_bytes(), &[]).finish());
        }
        if self.beside {
            lines.push("beside".to_string());
        }
        if self.shown > 0 {
            lines.push(format!("show {}", self.shown));
        }
        lines.extend(self.setup.write().lines().map(String::from));
        for road in &self.roads {
            let mut line = Written::of("road");
            if let Some((from, at)) = road.from {
                line.key("", "from", &from.to_string())
                    .key("", "at", &at.to_string());
            }
            line.key("", "position", &road.position.to_string());
            if road.elapsed > Duration::ZERO {
                line.key("", "elapsed", &write_duration(road.elapsed));
            }
            lines.push(line.finish());
            lines.extend(write_acts(&self.setup, &road.acts, Some(road.end)));
        }
        let mut text = lines.join("\n");
        text.push('\n');
        text
    }

    /// Reads what [`Self::write`] writes.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut reader = LinkReader::default();
        for (at, line) in text.lines().enumerate() {
            reader.line(line).map_err(|why| Problem::new(at + 1, why))?;
        }
        reader.finish().map_err(|why| Problem::new(0, why))
    }

    /// The code.
    ///
    /// # Errors
    /// When more was done than an address can hold.
    pub fn encode(&self) -> Result<String, Problem> {
        let text = self.write();
        let packed = compress_to_vec_zlib(text.as_bytes(), 9);
        let code = format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(packed));
        if code.len() > MOST_CODE || text.len() > MOST_TEXT || self.roads.len() > MOST_ROADS {
            let why = "more was done than fits into a link: drop some roads";
            return Err(Problem::new(0, why));
        }
        let moments = |road: &LinkRoad| road.end - road.from.map_or(0, |(_, at)| at.min(road.end));
        let moments: u64 = self.roads.iter().map(moments).sum();
        if moments > MOST_LINKED_MOMENTS {
            let why = format!(
                "the roads have {moments} moments together, and a link takes {MOST_LINKED_MOMENTS}: drop some roads, or save a recording"
            );
            return Err(Problem::new(0, why));
        }
        Ok(code)
    }

    /// Reads a code.
    ///
    /// # Errors
    /// When it is none, is damaged, or holds what this version does not understand.
    pub fn decode(code: &str) -> Result<Self, Problem> {
        let text = unpack(code.trim()).map_err(|why| Problem::new(0, why))?;
        Self::parse(&text)
    }

    /// Builds the roads, and goes on each to where one stands.
    ///
    /// # Errors
    /// When the script of one cannot be gone.
    pub fn roads<W: Watch>(&self, mut watch: impl FnMut() -> W) -> Result<Vec<Road<W>>, Problem> {
        let mut roads: Vec<Road<W>> = Vec::new();
        let mut left = MOST_LINKED_MOMENTS;
        for described in &self.roads {
            let mut road = match described.from {
                None => Road::new(Rc::clone(&self.setup), watch()),
                Some((from, at)) => {
                    let parent = roads.get_mut(from).ok_or_else(wrong_road)?;
                    let here = parent.position();
                    let there = parent.go_known(at);
                    let fork = parent.fork();
                    parent.go(here);
                    if there != at {
                        return Err(wrong_road());
                    }
                    fork
                }
            };
            // All of them together are no more work than one may be.
            left = left
                .checked_sub(described.end.saturating_sub(road.end()))
                .ok_or_else(|| {
                    let why = format!("it leads to more than {MOST_LINKED_MOMENTS} moments");
                    Problem::new(0, why)
                })?;
            road.follow(&described.acts, Some(described.end))?;
            road.go_known(described.position);
            roads.push(road);
        }
        Ok(roads)
    }
}

fn wrong_road() -> Problem {
    Problem::new(0, "a road leaves another where that does not go")
}

/// The text in a code.
fn unpack(code: &str) -> Result<String, String> {
    let damaged = || "the link is cut off or damaged: copy all of it".to_string();
    if code.len() > MOST_CODE {
        return Err(format!(
            "the link is longer than {MOST_CODE} characters: it is none of ours"
        ));
    }
    let mut signs = code.chars();
    match signs.next() {
        Some(VERSION) => {}
        Some(other) if other.is_ascii_digit() => {
            return Err(
                "the link comes from a newer version of this page: load the page again".into(),
            );
        }
        _ => return Err(damaged()),
    }
    let packed = URL_SAFE_NO_PAD
        .decode(signs.as_str())
        .map_err(|_| damaged())?;
    let bytes = decompress_to_vec_zlib_with_limit(&packed, MOST_TEXT).map_err(|error| {
        if error.status == TINFLStatus::HasMoreOutput {
            format!("the link holds more than {MOST_TEXT} bytes: it is none of ours")
        } else {
            damaged()
        }
    })?;
    String::from_utf8(bytes).map_err(|_| damaged())
}
