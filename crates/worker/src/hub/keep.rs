//! What must survive: changes go to the store before the bytes that promise them go to anybody.

use vitrine_broker::Change;
use vitrine_store::{Batch, Store, StoreError};

/// The store, and what could not be put into it yet.
pub(crate) struct Keep {
    store: Store,
    /// A batch that failed: nothing goes on before it is in the store.
    failed: Option<Batch>,
}

impl Keep {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            failed: None,
        }
    }

    /// Whether a batch is still to be committed that failed once.
    pub(super) fn is_stuck(&self) -> bool {
        self.failed.is_some()
    }

    /// Makes changes durable. A batch that failed before has to be in the store first: see [`Self::retry`].
    pub(super) fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        debug_assert!(!self.is_stuck(), "the batch before it is missing");
        self.try_batch(Batch::from_changes(changes))
    }

    /// Tries the batch that failed once more.
    pub(super) fn retry(&mut self) -> Result<(), StoreError> {
        match self.failed.take() {
            Some(batch) => self.try_batch(batch),
            None => Ok(()),
        }
    }

    fn try_batch(&mut self, batch: Batch) -> Result<(), StoreError> {
        let result = self.store.commit(&batch);
        if result.is_err() {
            self.failed = Some(batch);
        }
        result
    }
}
