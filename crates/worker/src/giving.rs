//! A recording that is given out as a file while the broker goes on: a piece each time that the page asks for one, and
//! between two of them whatever clients want. So neither the broker nor what the page has to do besides waits for long.

use vitrine_broker::Time;
use vitrine_link::{Exported, Format};
use vitrine_scope::{Pieces, Tape};
use vitrine_stage::{ending, in_pieces};

/// See the module.
pub(crate) struct Giving {
    format: Format,
    name: String,
    pieces: Pieces,
    /// Bytes that were given out.
    at: u64,
}

impl Giving {
    /// Gives out what is on the tape now.
    pub(crate) fn new(tape: &Tape, format: Format, now: Time) -> Self {
        Self {
            format,
            name: format!("vitrine-{}{}", stamp(now), ending(format)),
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
            name: self.name.clone(),
            at,
            bytes,
            done: self.pieces.done(),
            last: self.pieces.is_done(),
        }
    }
}

/// A time as it stands in the name of a file, such as `2026-11-28-1955`, by the clock of Greenwich.
fn stamp(now: Time) -> String {
    let minutes = now.as_micros() / 60_000_000;
    let (days, minute) = (minutes / 1_440, minutes % 1_440);
    // The calendar repeats every 400 years of 146,097 days; years begin in March here, so that the odd day comes last.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, year) = if month < 10 {
        (month + 3, year + 400 * era)
    } else {
        (month - 9, year + 400 * era + 1)
    };
    let (hour, minute) = (minute / 60, minute % 60);
    format!("{year:04}-{month:02}-{day:02}-{hour:02}{minute:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_the_time() {
        for (seconds, name) in [
            (0, "1970-01-01-0000"),
            (951_782_400, "2000-02-29-0000"),
            (1_709_251_199, "2024-02-29-2359"),
            (1_795_895_700, "2026-11-28-1955"),
            (4_107_542_400, "2100-03-01-0000"),
        ] {
            assert_eq!(stamp(Time::from_secs(seconds)), name);
        }
    }
}
