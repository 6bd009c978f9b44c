//! The journal: batches one after the other, each written once and synced once.
//!
//! It is a region of fixed length between the head and the database, written in full when the store is made,
//! so that a sync later finds nothing but these bytes to write: no length, no place on the disk. A batch
//! begins at a sector and is cut into pieces, one a sector, each with a checksum, the batch's number, its
//! own, and how many bytes are left. Nothing that was synced before is touched by writing one. When no
//! room is left the journal is worked into the tables and begun again at its first sector; what is left
//! from before is told by its number, which is then too low.
//!
//! # After a crash
//!
//! The batch that was being written last may be there in part: it is cut off, as it was promised to nobody.
//! Everything else that is not as it was written is damage: a batch that is missing before a later one, since
//! that was begun only when this was synced, and a sector whose checksum is wrong, except where the last
//! batch was to be, or one that can be the place where the power failed. So damage passes for a crash at
//! most where it hits the last batch, or parts of what was out of use.

use core::mem;
use std::io;

use redb::StorageBackend;

#[cfg(target_os = "linux")]
use crate::direct::Direct;
use crate::error::OpenErrorKind;
#[cfg(target_os = "linux")]
use crate::error::is_not_supported;
use crate::head::{HEAD, SECTOR, word};

/// Of a sector: checksum of it all with zeros here, number of the batch, number of the piece, bytes of the batch from here on.
const FRONT: usize = 20;

/// What is written directly begins at a multiple of this in memory.
const ALIGNED: usize = 4_096;

/// Bytes of a batch in a sector.
const PIECE: usize = SECTOR - FRONT;

/// Where the next batch goes.
#[derive(Debug)]
pub(crate) struct Journal {
    sectors: u32,
    /// The next sector.
    at: u32,
    /// What it holds, and where in that each batch ends.
    batches: Vec<u8>,
    ends: Vec<usize>,
    /// Memory that is used again and again.
    out: Vec<u8>,
    #[cfg(target_os = "linux")]
    direct: Option<Direct>,
}

/// What a journal was found to hold.
#[derive(Debug)]
pub(crate) struct Found {
    /// Batches that are not in the tables yet, in order.
    pub(crate) batches: Vec<Vec<u8>>,
    /// Sectors that hold parts of a batch that was not finished.
    unfinished: Vec<u32>,
}

/// A sector's front, where its checksum is right.
#[derive(Clone, Copy, Debug)]
struct Front {
    number: u64,
    piece: u32,
    left: u32,
}

impl Journal {
    /// One of so many sectors that holds nothing which is not in the tables.
    pub(crate) const fn new(sectors: u32) -> Self {
        Self {
            sectors,
            at: 0,
            batches: Vec::new(),
            ends: Vec::new(),
            out: Vec::new(),
            #[cfg(target_os = "linux")]
            direct: None,
        }
    }

    /// From now on it is written past the system's cache, if that can be.
    #[cfg(target_os = "linux")]
    pub(crate) fn write_directly(&mut self, direct: Option<Direct>) {
        self.direct = direct;
    }

    /// Writes it for the first time.
    pub(crate) fn make(&self, medium: &dyn StorageBackend) -> io::Result<()> {
        let all = blank().repeat(self.sectors as usize);
        medium.set_len(place(self.sectors))?;
        medium.write(HEAD, &all)
    }

    /// Whether there is room for so many bytes.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        bytes.div_ceil(PIECE) <= (self.sectors - self.at) as usize
    }

    /// All it held is in the tables.
    pub(crate) fn clear(&mut self) {
        self.at = 0;
        self.batches.clear();
        self.ends.clear();
    }

    /// Writes a batch that there is room for, durably. After an error the same batch is to be written again.
    pub(crate) fn append(
        &mut self,
        medium: &dyn StorageBackend,
        number: u64,
        batch: &[u8],
    ) -> io::Result<()> {
        let count = batch.len().div_ceil(PIECE);
        self.out.clear();
        self.out.reserve(count * SECTOR + ALIGNED);
        let from = self.out.as_ptr().align_offset(ALIGNED).min(ALIGNED);
        self.out.resize(from, 0);
        let mut left = batch.len();
        for (count, piece) in batch.chunks(PIECE).enumerate() {
            frame(number, count as u32, left as u32, piece, &mut self.out);
            left -= piece.len();
        }
        self.write(medium, from)?;
        self.at += count as u32;
        self.batches.extend_from_slice(batch);
        self.ends.push(self.batches.len());
        Ok(())
    }

    /// Writes `out` from this byte on, durably.
    fn write(&mut self, medium: &dyn StorageBackend, from: usize) -> io::Result<()> {
        let bytes = &self.out[from..];
        #[cfg(target_os = "linux")]
        if let Some(direct) = &self.direct {
            match direct.write(place(self.at), bytes) {
                // Not this file system, or not this disk with its longer sectors.
                Err(error) if is_not_supported(&error) => self.direct = None,
                result => return result,
            }
        }
        medium.write(place(self.at), bytes)?;
        medium.sync_data()
    }

    /// Reads the batches after that with the number `folded`, which are not in the tables yet, and goes on
    /// behind them.
    pub(crate) fn read(
        &mut self,
        medium: &dyn StorageBackend,
        folded: u64,
    ) -> Result<Found, OpenErrorKind> {
        let mut bytes = vec![0; self.sectors as usize * SECTOR];
        medium.read(HEAD, &mut bytes)?;
        let sectors = Sectors::new(&bytes);
        let batches = sectors.batches(folded);
        let next = folded + 1 + batches.len() as u64;
        let at: usize = batches
            .iter()
            .map(|batch| batch.len().div_ceil(PIECE))
            .sum();
        let unfinished = unfinished(&sectors.fronts, at, next)?;
        self.at = at as u32;
        Ok(Found {
            batches,
            unfinished,
        })
    }

    /// The batches that it took since it was read or cleared.
    pub(crate) fn batches(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.ends.iter().scan(0, |from, end| {
            let from = mem::replace(from, *end);
            Some(&self.batches[from..*end])
        })
    }

    /// Cuts off what was not finished, durably, so that it is never taken for a part of the batch that gets
    /// its number.
    pub(crate) fn cut(medium: &dyn StorageBackend, found: &Found) -> io::Result<()> {
        for at in &found.unfinished {
            medium.write(place(*at), &blank())?;
        }
        if found.unfinished.is_empty() {
            return Ok(());
        }
        medium.sync_data()
    }
}

/// Sectors that were read, and their fronts.
struct Sectors<'a> {
    sectors: &'a [[u8; SECTOR]],
    fronts: Vec<Option<Front>>,
}

impl<'a> Sectors<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let (sectors, _) = bytes.as_chunks();
        let fronts = sectors.iter().map(front).collect();
        Self { sectors, fronts }
    }

    /// The batches after that with the number `folded`, as far as they are whole.
    fn batches(&self, folded: u64) -> Vec<Vec<u8>> {
        let mut batches = Vec::new();
        let mut at = 0;
        while let Some(count) = whole(&self.fronts[at..], folded + 1 + batches.len() as u64) {
            let end = at + count;
            batches.push(join(&self.sectors[at..end], &self.fronts[at..end]));
            at = end;
        }
        batches
    }
}

/// How many sectors the batch with this number has that begins here, if all of it is here.
fn whole(fronts: &[Option<Front>], number: u64) -> Option<usize> {
    let first = begins(fronts.first(), number)?;
    let count = (first.left as usize).div_ceil(PIECE);
    let pieces = fronts.get(..count)?;
    let mut left = first.left as usize;
    for (piece, front) in pieces.iter().enumerate() {
        let front = front.filter(|front| front.number == number)?;
        if (front.piece as usize, front.left as usize) != (piece, left) {
            return None;
        }
        left = left.saturating_sub(PIECE);
    }
    Some(count)
}

/// The front of a batch's first sector.
fn begins(front: Option<&Option<Front>>, number: u64) -> Option<Front> {
    let front = (*front?)?;
    (front.number == number && front.piece == 0 && front.left > 0).then_some(front)
}

/// Which sectors hold something of the batch `next`, which is not whole; it was to begin at `at`.
fn unfinished(fronts: &[Option<Front>], at: usize, next: u64) -> Result<Vec<u32>, OpenErrorKind> {
    let damaged =
        |what: &str| OpenErrorKind::damaged(format!("batch {next} of the journal {what}"));
    let end = begins(fronts.get(at), next).map(|first| at + (first.left as usize).div_ceil(PIECE));
    let mut found = Vec::new();
    let mut wrong = 0;
    for (sector, front) in fronts.iter().enumerate() {
        match front {
            Some(front) if front.number > next => {
                return Err(damaged("is missing before a later one"));
            }
            Some(front) if sector < at || front.number < next => {}
            Some(_) => found.push(sector as u32),
            None => {
                if !end.is_some_and(|end| (at..end).contains(&sector)) {
                    wrong += 1;
                }
                found.push(sector as u32);
            }
        }
    }
    if wrong > 1 {
        return Err(damaged(
            "is not whole, and more is wrong than a crash can explain",
        ));
    }
    Ok(found)
}

/// The bytes of a batch that is whole.
fn join(sectors: &[[u8; SECTOR]], fronts: &[Option<Front>]) -> Vec<u8> {
    let mut batch = Vec::with_capacity(sectors.len() * PIECE);
    for (sector, front) in sectors.iter().zip(fronts) {
        let left = front.map_or(0, |front| front.left as usize);
        batch.extend_from_slice(&sector[FRONT..][..left.min(PIECE)]);
    }
    batch
}

fn place(sector: u32) -> u64 {
    HEAD + u64::from(sector) * SECTOR as u64
}

/// A sector of no batch: there is none with the number 0.
fn blank() -> [u8; SECTOR] {
    let mut out = Vec::with_capacity(SECTOR);
    frame(0, 0, 0, &[], &mut out);
    std::array::from_fn(|at| out[at])
}

/// Writes a sector.
fn frame(number: u64, count: u32, left: u32, piece: &[u8], out: &mut Vec<u8>) {
    let from = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&number.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&left.to_le_bytes());
    out.extend_from_slice(piece);
    out.resize(from + SECTOR, 0);
    let sum = crc32fast::hash(&out[from..]);
    out[from..from + 4].copy_from_slice(&sum.to_le_bytes());
}

fn front(sector: &[u8; SECTOR]) -> Option<Front> {
    let mut summed = *sector;
    summed[..4].fill(0);
    if crc32fast::hash(&summed) != word(sector, 0) {
        return None;
    }
    Some(Front {
        number: u64::from(word(sector, 8)) << 32 | u64::from(word(sector, 4)),
        piece: word(sector, 12),
        left: word(sector, 16),
    })
}
