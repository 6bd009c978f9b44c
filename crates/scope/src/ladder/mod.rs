//! The ladder: the recording of what happened, and the part of it that a page has on screen.

mod causes;
mod frame;
mod index;
pub(crate) mod packet;
mod recording;
mod row;

use causes::Causes;
pub(crate) use frame::{FlowLens, tell_row};
pub(crate) use recording::Recording;
pub(crate) use row::{Kind, Recorded, Row};

use crate::limits::Limits;

/// The recording and what leads to what in it.
#[derive(Clone)]
pub(crate) struct Ladder {
    recording: Recording,
    causes: Causes,
    revision: u64,
}

impl Ladder {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            recording: Recording::new(limits.rows, limits.packet_bytes),
            causes: Causes::default(),
            revision: 0,
        }
    }

    pub(crate) fn recording(&self) -> &Recording {
        &self.recording
    }

    pub(crate) fn recording_mut(&mut self) -> &mut Recording {
        &mut self.recording
    }

    /// Adds a row and gives its number.
    pub(crate) fn push(&mut self, row: Row) -> u64 {
        let input = row.input;
        let incoming = match row.packet() {
            Some(packet) => packet.to_broker,
            None => matches!(row.kind, Kind::Malformed(..)),
        };
        let number = self.recording.push(row);
        if incoming {
            self.causes.came(input, number);
        }
        number
    }

    /// Counts up whenever a row changed that may have been looked at already.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Fills a row that was kept free. Tells whether it was still there.
    pub(crate) fn fill(&mut self, number: u64, kind: Kind) -> bool {
        self.revision += 1;
        self.recording.fill(number, kind)
    }

    /// To be called after rows were taken out of the recording.
    pub(crate) fn forgot(&mut self) {
        self.causes.forget_before(self.recording.first());
    }

    /// The row whose handling led to this one.
    pub(crate) fn cause(&self, number: u64, row: &Row) -> Option<u64> {
        self.causes.of(number, row, &self.recording)
    }
}
