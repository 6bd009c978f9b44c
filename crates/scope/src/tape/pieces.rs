//! A file that is made bit by bit: whoever has a broker to run beside it makes a piece when nothing else waits.

use alloc::vec::Vec;
use core::mem;

use crate::pcapng::{Survey, Talk};
use crate::tape::{Entry, Tape, write};

/// What a piece takes in, counted as a tape's bounds count it: some hundred entries, or one that is large.
const PIECE: usize = 64 * 1024;

/// A file of what was on a tape when it was begun, piece by piece. One after the other they are what [`Tape::write`] or
/// [`Tape::pcapng`] gives. A piece may be empty: not all work leads to bytes.
pub struct Pieces {
    /// What was on the tape then, which it shares with what is on it now.
    tape: Tape,
    prologue: Vec<Entry>,
    /// Which entry is next.
    next: usize,
    kind: Kind,
}

/// What is made, and how far it is.
enum Kind {
    /// Lines. The first one, which is not written yet, has the time at which that is done.
    Lines(Option<u64>),
    /// A capture, of which all entries have to be looked at before the first byte.
    Survey(Survey),
    Talk(Talk),
}

impl Pieces {
    /// The file of [`Tape::write`].
    #[must_use]
    pub fn of_recording(tape: &Tape, now: u64) -> Self {
        Self::new(tape, Kind::Lines(Some(now)))
    }

    /// The file of [`Tape::pcapng`].
    #[must_use]
    pub fn of_pcapng(tape: &Tape) -> Self {
        Self::new(tape, Kind::Survey(Survey::default()))
    }

    fn new(tape: &Tape, kind: Kind) -> Self {
        Self {
            tape: tape.clone(),
            prologue: tape.still.entries().cloned().collect(),
            next: 0,
            kind,
        }
    }

    /// How much of the work is done, from 0 to 1.
    #[must_use]
    pub fn done(&self) -> f32 {
        if self.is_done() {
            return 1.0;
        }
        let all = (self.prologue.len() + self.tape.len()).max(1) as f32;
        let part = self.next as f32 / all;
        match self.kind {
            Kind::Lines(_) => part,
            Kind::Survey(_) => part / 2.0,
            Kind::Talk(_) => 0.5 + part / 2.0,
        }
    }

    /// Whether there are no more pieces.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.entry().is_none()
            && match &self.kind {
                Kind::Lines(first) => first.is_none(),
                Kind::Survey(_) => false,
                Kind::Talk(talk) => talk.is_written(),
            }
    }

    /// The next entry.
    fn entry(&self) -> Option<&Entry> {
        match self.next.checked_sub(self.prologue.len()) {
            None => self.prologue.get(self.next),
            Some(later) => self.tape.entries.get(later),
        }
    }

    /// Takes the next entry in, and gives what it counts for; `None` where there is no other one.
    fn take(&mut self, piece: &mut Vec<u8>) -> Option<usize> {
        let entry = self.entry()?.clone();
        match &mut self.kind {
            Kind::Lines(_) => {
                if let Some(line) = write::write(&entry) {
                    piece.extend_from_slice(line.as_bytes());
                    piece.push(b'\n');
                }
            }
            Kind::Survey(survey) => survey.take(self.next, &entry),
            Kind::Talk(talk) => talk.follow(self.next, &entry),
        }
        self.next += 1;
        Some(entry.weight())
    }
}

impl Iterator for Pieces {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.is_done() {
            return None;
        }
        let mut piece = Vec::new();
        if let Kind::Lines(first) = &mut self.kind
            && let Some(now) = first.take()
        {
            let head = write::head(self.prologue.len(), self.tape.missing(), now);
            piece.extend_from_slice(head.as_bytes());
            piece.push(b'\n');
        }
        let mut weight = 0;
        while weight < PIECE {
            if let Some(more) = self.take(&mut piece) {
                weight += more;
            } else if let Kind::Survey(survey) = &mut self.kind {
                self.kind = Kind::Talk(mem::take(survey).begin());
                self.next = 0;
            } else {
                break;
            }
        }
        if let Kind::Talk(talk) = &mut self.kind {
            piece = talk.written();
        }
        Some(piece)
    }
}
