//! A disk whose power may fail: what was written since the last sync is then there, or not, or in part.

use std::io;
use std::sync::{Arc, Mutex};

use vitrine_store::StorageBackend;

use crate::harness::Random;

/// What is written whole or not at all.
const SECTOR: usize = 512;

/// A disk that notes everything that is done to it. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// As it was when the notes began.
    first: Vec<u8>,
    /// As it was after so many notes: from there on one need not begin at the first again.
    known: (usize, Vec<u8>),
    /// As it is read now.
    bytes: Vec<u8>,
    notes: Vec<Note>,
    /// Bytes that it may hold.
    room: Option<usize>,
    /// After so many more, syncs are done, but said to have failed.
    lies: Option<usize>,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub(crate) enum Note {
    Write(usize, Vec<u8>),
    SetLen(usize),
    Sync,
}

impl Disk {
    pub(crate) fn with(bytes: Vec<u8>) -> Self {
        let disk = Self::default();
        disk.change(|state| {
            state.first.clone_from(&bytes);
            state.known.1.clone_from(&bytes);
            state.bytes = bytes;
        });
        disk
    }

    pub(crate) fn medium(&self) -> Arc<dyn StorageBackend> {
        Arc::new(self.clone())
    }

    /// How much was done so far.
    pub(crate) fn notes(&self) -> usize {
        self.change(|state| state.notes.len())
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.change(|state| state.bytes.clone())
    }

    /// From now on it takes no more than so many bytes.
    pub(crate) fn set_room(&self, room: Option<usize>) {
        self.change(|state| state.room = room);
    }

    /// After so many more, syncs are done, but said to have failed; or not any more.
    pub(crate) fn set_lies(&self, after: Option<usize>) {
        self.change(|state| state.lies = after);
    }

    /// What is on it when the power fails after so much was done.
    pub(crate) fn after_crash(&self, done: usize, random: &mut Random) -> Vec<u8> {
        self.change(|state| {
            let notes = &state.notes[..done];
            let synced = notes.iter().rposition(|note| matches!(note, Note::Sync));
            let synced = synced.map_or(0, |at| at + 1);
            if state.known.0 > synced {
                state.known = (0, state.first.clone());
            }
            let (from, bytes) = &mut state.known;
            for note in &notes[*from..synced] {
                note.apply(bytes, |_| true);
            }
            *from = synced;
            let mut bytes = bytes.clone();
            // All of it, nothing of it, or anything between.
            let rate = random.pick(&[1, 2, 2, 8, 1_000_000]);
            for note in &notes[synced..] {
                let whole = random.one_in(2);
                let lucky = random.one_in(rate);
                note.apply(
                    &mut bytes,
                    |_| if whole { lucky } else { random.one_in(rate) },
                );
            }
            bytes
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    fn note(&self, note: Note) -> io::Result<()> {
        self.change(|state| {
            let end = match &note {
                Note::Write(offset, data) => offset + data.len(),
                Note::SetLen(length) => *length,
                Note::Sync => 0,
            };
            if let Some(room) = state.room.filter(|room| end > *room) {
                // As much as there is room for.
                if let Note::Write(offset, data) = &note
                    && let Some(fits) = room.checked_sub(*offset)
                {
                    let part = Note::Write(*offset, data[..fits].to_vec());
                    part.apply(&mut state.bytes, |_| true);
                    state.notes.push(part);
                }
                return Err(io::ErrorKind::StorageFull.into());
            }
            note.apply(&mut state.bytes, |_| true);
            let lie = matches!(note, Note::Sync) && state.lies == Some(0);
            if let (Note::Sync, Some(after)) = (&note, &mut state.lies) {
                *after = after.saturating_sub(1);
            }
            state.notes.push(note);
            if lie {
                return Err(io::Error::other("no answer"));
            }
            Ok(())
        })
    }
}

impl Note {
    /// Does it to the sectors that `is_written` says.
    fn apply(&self, bytes: &mut Vec<u8>, mut is_written: impl FnMut(usize) -> bool) {
        match self {
            Self::Write(offset, data) => {
                let mut from = 0;
                while from < data.len() {
                    let at = offset + from;
                    let to = data.len().min((at / SECTOR + 1) * SECTOR - offset);
                    if is_written(at) {
                        let end = offset + to;
                        if bytes.len() < end {
                            bytes.resize(end, 0);
                        }
                        bytes[at..end].copy_from_slice(&data[from..to]);
                    }
                    from = to;
                }
            }
            Self::SetLen(length) => {
                if is_written(0) {
                    bytes.resize(*length, 0);
                }
            }
            Self::Sync => {}
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.change(|state| state.bytes.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.change(|state| {
            let from = usize::try_from(offset).unwrap();
            let bytes = state.bytes.get(from..from + out.len());
            out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        })
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.note(Note::SetLen(usize::try_from(length).unwrap()))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.note(Note::Sync)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.note(Note::Write(usize::try_from(offset).unwrap(), data.into()))
    }
}
