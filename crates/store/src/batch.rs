//! Many changes as bytes.

use core::fmt;

use vitrine_broker::Change;

use crate::coalesce::coalesce;
use crate::format::{ChangeReader, ChangeWriter, Malformed};

/// Changes as bytes, to be committed together. Unlike the changes it can be sent to another thread.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Batch {
    bytes: Vec<u8>,
}

impl Batch {
    /// Puts changes together, as [`vitrine_broker::Broker::take_changes`] gave them, of one time or of
    /// several in a row. What they undo of each other is left out.
    #[must_use]
    pub fn from_changes(changes: Vec<Change>) -> Self {
        Self::default().reused(changes)
    }

    /// The same, in the memory of a batch that is of no more use.
    #[must_use]
    pub fn reused(mut self, changes: Vec<Change>) -> Self {
        let changes = coalesce(changes);
        if changes.is_empty() {
            self.bytes.clear();
            return self;
        }
        let bytes = ChangeWriter::new(self.bytes).write(&changes);
        Self { bytes }
    }

    /// Takes bytes that [`Self::as_bytes`] gave.
    ///
    /// # Errors
    /// When they are no batch.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let batch = Self { bytes };
        batch.changes()?;
        Ok(batch)
    }

    /// Whether nothing changed, so that it need not be committed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What is written.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The changes.
    ///
    /// # Errors
    /// When the bytes are not what [`Self::from_changes`] writes.
    pub fn changes(&self) -> Result<Vec<Change>, Malformed> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        ChangeReader::new(&self.bytes)?.collect()
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} bytes)", self.bytes.len())
    }
}
