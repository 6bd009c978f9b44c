//! The recording: the newest rows, as many as its bounds allow.

use crate::chunks::Chunks;
use crate::ladder::row::{Kind, Row};

/// A ring of rows. Row numbers begin at 1, count up by one and are never reused.
#[derive(Clone)]
pub(crate) struct Recording {
    rows: Chunks<Row>,
    /// The number that the oldest row has, or that the next one gets when there is none.
    first: u64,
    bytes: usize,
    forgotten: u64,
    clearings: u64,
    max_rows: usize,
    max_bytes: usize,
}

impl Recording {
    pub(crate) fn new(max_rows: usize, max_bytes: usize) -> Self {
        let max_rows = max_rows.max(1);
        Self {
            rows: Chunks::default(),
            first: 1,
            bytes: 0,
            forgotten: 0,
            clearings: 0,
            max_rows,
            max_bytes,
        }
    }

    /// The number of the oldest row.
    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// The number of the newest row; one less than [`Self::first`] when there is none.
    pub(crate) fn newest(&self) -> u64 {
        self.first + self.rows.len() as u64 - 1
    }

    /// Rows that were forgotten because of the bounds.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Row> {
        self.rows
            .get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut Row> {
        self.rows
            .get_mut(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// Adds a row and gives its number. [`Self::forget_surplus`] is to be called next.
    pub(crate) fn push(&mut self, row: Row) -> u64 {
        self.bytes += row.weight();
        self.rows.push_back(row);
        self.newest()
    }

    /// Fills a row that was kept free. Tells whether it was still there.
    pub(crate) fn fill(&mut self, number: u64, kind: Kind) -> bool {
        let Some(row) = self.get_mut(number) else {
            return false;
        };
        row.kind = kind;
        self.bytes += self.get(number).map_or(0, Row::weight);
        true
    }

    /// Takes the oldest row out when a bound is passed. The newest row always stays.
    pub(crate) fn forget_surplus(&mut self) -> Option<Row> {
        let over = self.rows.len() > self.max_rows || self.bytes > self.max_bytes;
        if !over || self.rows.len() == 1 {
            return None;
        }
        self.forgotten += 1;
        self.pop()
    }

    /// How often the user wanted everything forgotten.
    pub(crate) fn clearings(&self) -> u64 {
        self.clearings
    }

    /// The user wants everything forgotten, and starts anew: nothing counts as forgotten.
    pub(crate) fn begin_clearing(&mut self) {
        self.clearings += 1;
        self.forgotten = 0;
    }

    /// Takes the oldest row out on the user's wish.
    pub(crate) fn clear_one(&mut self) -> Option<Row> {
        self.pop()
    }

    fn pop(&mut self) -> Option<Row> {
        let row = self.rows.pop_front()?;
        self.first += 1;
        self.bytes -= row.weight();
        Some(row)
    }
}
