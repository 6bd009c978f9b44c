//! What a store begins with: that it is one, of which version, and how long its journal is.

use std::io;

use redb::StorageBackend;

use crate::error::OpenErrorKind;

/// Bytes in front of the journal. Only the first [`SECTOR`] of them hold something.
pub(crate) const HEAD: u64 = 4_096;

/// What a disk writes whole or not at all.
pub(crate) const SECTOR: usize = 512;

/// The version of all that a store holds. It rises with every kind of thing that may be in one and was not before, so that no
/// program takes for damage what it does not know.
///
/// Version 3 has looks at the machine's clock, and which group of shared subscriptions a message came to. All else is as in version 2.
pub(crate) const VERSION: u32 = 3;

/// The oldest version that is read. A store of it is marked with [`VERSION`] when it is opened.
const OLDEST: u32 = 2;

const MAGIC: [u8; 16] = *b"Vitrine store\r\n\x1a";

/// What a store of version 1 began with, which was nothing but a database.
const OLD: &[u8] = b"redb";

/// How far the making of a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It is being made: it holds nothing.
    Making = 0,
    /// It is a store.
    Whole = 1,
}

/// What a head says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// The number of the journal's sectors.
    pub(crate) sectors: u32,
    /// It has an older version than what is written from now on.
    pub(crate) is_old: bool,
}

/// Gives `None` where no store was ever finished.
pub(crate) fn read(medium: &dyn StorageBackend) -> Result<Option<Head>, OpenErrorKind> {
    let length = medium.len().map_err(OpenErrorKind::Io)?;
    let mut head = vec![0; length.min(HEAD) as usize];
    medium.read(0, &mut head).map_err(OpenErrorKind::Io)?;
    if is_nothing(length, &head) {
        return Ok(None);
    }
    if head.starts_with(OLD) {
        return Err(OpenErrorKind::Older { found: 1 });
    }
    if !head.starts_with(&MAGIC) {
        return Err(OpenErrorKind::Foreign);
    }
    let short = || OpenErrorKind::damaged("it ends too early");
    let head: &[u8; SECTOR] = head.first_chunk().ok_or_else(short)?;
    if *head != write(word(head, 16), word(head, 20), word(head, 24)) {
        return Err(OpenErrorKind::damaged("its first bytes are wrong"));
    }
    let (version, stage, sectors) = (word(head, 16), word(head, 20), word(head, 24));
    if version > VERSION {
        let (found, known) = (version.into(), VERSION.into());
        return Err(OpenErrorKind::Newer { found, known });
    }
    if version < OLDEST {
        let found = version.into();
        return Err(OpenErrorKind::Older { found });
    }
    if stage == Stage::Making as u32 {
        return Ok(None);
    }
    if length < database_at(sectors) {
        return Err(short());
    }
    let is_old = version < VERSION;
    Ok(Some(Head { sectors, is_old }))
}

/// Whether a medium holds a store whose making was begun and is not over.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn is_unfinished(medium: &dyn StorageBackend) -> io::Result<bool> {
    let length = medium.len()?;
    let mut head = vec![0; length.min(HEAD) as usize];
    medium.read(0, &mut head)?;
    let is_making =
        |head: &[u8; SECTOR]| *head == write(word(head, 16), Stage::Making as u32, word(head, 24));
    Ok(is_nothing(length, &head) || head.first_chunk().is_some_and(is_making))
}

/// The first that is written is nothing but zeros, and what comes then may not have come through.
fn is_nothing(length: u64, head: &[u8]) -> bool {
    length <= HEAD && head.iter().all(|byte| *byte == 0)
}

/// Writes it, durably.
pub(crate) fn put(medium: &dyn StorageBackend, stage: Stage, sectors: u32) -> io::Result<()> {
    medium.write(0, &write(VERSION, stage as u32, sectors))?;
    medium.sync_data()
}

/// Where the database begins, behind a journal of so many sectors.
pub(crate) fn database_at(sectors: u32) -> u64 {
    HEAD + u64::from(sectors) * SECTOR as u64
}

fn write(version: u32, stage: u32, sectors: u32) -> [u8; SECTOR] {
    let mut head = [0; SECTOR];
    head[..16].copy_from_slice(&MAGIC);
    for (at, word) in [(16, version), (20, stage), (24, sectors)] {
        head[at..at + 4].copy_from_slice(&word.to_le_bytes());
    }
    let sum = crc32fast::hash(&head[..28]);
    head[28..32].copy_from_slice(&sum.to_le_bytes());
    head
}

/// Four bytes as a number.
pub(crate) fn word(bytes: &[u8; SECTOR], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]))
}
