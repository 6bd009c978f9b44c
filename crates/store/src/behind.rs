//! The part of a medium that the database has: all behind the journal.

use std::io;
use std::ops::Bound;

use redb::{BackendError, StorageBackend};

use crate::medium::Medium;

/// See the module.
#[derive(Debug)]
pub(crate) struct Behind {
    medium: Medium,
    /// Bytes in front of it.
    front: u64,
}

impl Behind {
    pub(crate) const fn new(medium: Medium, front: u64) -> Self {
        Self { medium, front }
    }
}

impl StorageBackend for Behind {
    fn len(&self) -> io::Result<u64> {
        Ok(self.medium.len()?.saturating_sub(self.front))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.medium.read(self.front.saturating_add(offset), out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.medium.set_len(self.front.saturating_add(length))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.medium.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.medium.write(self.front.saturating_add(offset), data)
    }

    fn close(&self) -> io::Result<()> {
        self.medium.close()
    }

    // Locks are of the whole: what they say is whether somebody else has it open.

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.medium.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.medium.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.medium.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.medium.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.medium.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.medium.query_lock_range(start, end)
    }
}
