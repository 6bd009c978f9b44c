//! What holds the database's bytes: passes everything on, or holds changes back until it is clear that
//! they should be made.
//!
//! Opening a database writes to it, if only to note that it is open. What turns out to be damaged, or of a
//! newer version, is not to be written to at all.

use std::io;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{BackendError, StorageBackend};

/// See the module. Clones are the same medium.
#[derive(Clone, Debug)]
pub(crate) struct Medium {
    inner: Arc<dyn StorageBackend>,
    held_back: Arc<Mutex<Option<HeldBack>>>,
}

/// Changes that are not made yet, and what would be there with them.
#[derive(Debug)]
struct HeldBack {
    length: u64,
    changes: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Write(u64, Vec<u8>),
    SetLen(u64),
    Sync,
}

impl Medium {
    /// Everything is done at once.
    pub(crate) fn new(inner: Arc<dyn StorageBackend>) -> Self {
        let held_back = Arc::new(Mutex::new(None));
        Self { inner, held_back }
    }

    /// Nothing is done until [`Self::release`].
    pub(crate) fn holding_back(inner: Arc<dyn StorageBackend>) -> io::Result<Self> {
        let changes = Vec::new();
        let length = inner.len()?;
        let held_back = Arc::new(Mutex::new(Some(HeldBack { length, changes })));
        Ok(Self { inner, held_back })
    }

    /// Does what was held back, in its order, and from now on everything at once.
    ///
    /// # Errors
    /// When one of the changes cannot be made. Nothing more is done then, for good, as in a crash: whatever comes takes those for
    /// made that were not. A database that is dropped would note in what is left of it that it is whole.
    pub(crate) fn release(&self) -> io::Result<()> {
        let mut held_back = self.held_back();
        let changes = held_back.iter().flat_map(|held_back| &held_back.changes);
        for change in changes {
            match change {
                Change::Write(offset, data) => self.inner.write(*offset, data)?,
                Change::SetLen(length) => self.inner.set_len(*length)?,
                Change::Sync => self.inner.sync_data()?,
            }
        }
        *held_back = None;
        Ok(())
    }

    fn held_back(&self) -> MutexGuard<'_, Option<HeldBack>> {
        self.held_back
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeldBack {
    fn read(&self, inner: &dyn StorageBackend, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if offset.saturating_add(out.len() as u64) > self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        out.fill(0);
        let there = inner.len()?.saturating_sub(offset).min(out.len() as u64);
        if there > 0 {
            inner.read(offset, part(out, 0, there))?;
        }
        for change in &self.changes {
            match change {
                Change::Write(at, data) => {
                    let from = offset.max(*at);
                    let to = (offset + out.len() as u64).min(at + data.len() as u64);
                    if from < to {
                        let data = &data[(from - at) as usize..(to - at) as usize];
                        part(out, from - offset, to - offset).copy_from_slice(data);
                    }
                }
                Change::SetLen(length) => {
                    let from = length.saturating_sub(offset).min(out.len() as u64);
                    let to = out.len() as u64;
                    part(out, from, to).fill(0);
                }
                Change::Sync => {}
            }
        }
        Ok(())
    }
}

/// A part of bytes that are in memory, so that their number fits.
fn part(bytes: &mut [u8], from: u64, to: u64) -> &mut [u8] {
    &mut bytes[from as usize..to as usize]
}

impl StorageBackend for Medium {
    fn len(&self) -> io::Result<u64> {
        match &*self.held_back() {
            Some(held_back) => Ok(held_back.length),
            None => self.inner.len(),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match &*self.held_back() {
            Some(held_back) => held_back.read(&*self.inner, offset, out),
            None => self.inner.read(offset, out),
        }
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        match &mut *self.held_back() {
            Some(held_back) => {
                held_back.length = length;
                held_back.changes.push(Change::SetLen(length));
                Ok(())
            }
            None => self.inner.set_len(length),
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        match &mut *self.held_back() {
            Some(held_back) => {
                held_back.changes.push(Change::Sync);
                Ok(())
            }
            None => self.inner.sync_data(),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        match &mut *self.held_back() {
            Some(held_back) => {
                held_back.length = held_back.length.max(offset + data.len() as u64);
                held_back.changes.push(Change::Write(offset, data.into()));
                Ok(())
            }
            None => self.inner.write(offset, data),
        }
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.query_lock_range(start, end)
    }
}
