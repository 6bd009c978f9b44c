//! Writing: a line for everything that was told.

use alloc::string::String;
use alloc::vec::Vec;

use crate::tape::line::Line;
use crate::tape::{Entry, Reel, TAPE_VERSION, Tape, Told, access, events, outside};

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
    let mut text = head(prologue, missing, now);
    text.push('\n');
    for line in entries.filter_map(write) {
        text.push_str(&line);
        text.push('\n');
    }
    text.into_bytes()
}

/// The first line.
pub(super) fn head(prologue: usize, missing: u64, now: u64) -> String {
    let mut head = Line::new();
    head.text("format", "vitrine-recording")
        .number("version", TAPE_VERSION)
        .number("written", now)
        .number("prologue", prologue as u64)
        .number("missing", missing);
    head.finish()
}

/// The line of an entry; `None` for what this version has no words for.
pub(crate) fn write(entry: &Entry) -> Option<String> {
    let mut line = Line::new();
    match &entry.0 {
        Told::Access(it, at) => access::write(&mut line, it, *at),
        Told::Restored(kept, at) => outside::restored(&mut line, kept, *at),
        Told::Outside(outside, at) => outside::write(&mut line, outside, *at)?,
        Told::Observed(observation) => events::write(&mut line, observation)?,
        Told::Malformed(it) => events::write_malformed(&mut line, it),
        Told::Closed(it) => events::write_closed(&mut line, it),
    }
    Some(line.finish())
}
