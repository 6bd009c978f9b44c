//! A recording that is given out as a file while the broker goes on: a piece each time that the page asks for one, and
//! between two of them whatever clients want. So neither the broker nor what the page has to do besides waits for long.

use vitrine_broker::Time;
use vitrine_link::{Exported, Format};
use vitrine_scope::{Pieces, Tape};
use vitrine_stage::in_pieces;

/// See the module.
pub(crate) struct Giving {
    format: Format,
    pieces: Pieces,
    /// Bytes that were given out.
    at: u64,
}

impl Giving {
    /// Gives out what is on the tape now.
    pub(crate) fn new(tape: &Tape, format: Format, now: Time) -> Self {
        Self {
            format,
            pieces: in_pieces(tape, format, now.as_micros()),
            at: 0,
        }
    }

    /// The next piece. With the last one it is done.
    pub(crate) fn next(&mut self) -> Exported {
        let (at, bytes) = (self.at, self.pieces.next().unwrap_or_default());
        self.at += bytes.len() as u64;
        Exported {
            format: self.format,
            name: String::new(),
            at,
            bytes,
            done: self.pieces.done(),
            last: self.pieces.is_done(),
        }
    }
}
