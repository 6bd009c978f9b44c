//! What must hold for any bytes. Run by the fuzz target, and by the tests on seeded input.

use std::sync::Arc;

use vitrine_broker::PersistentState;
use vitrine_store::{Batch, InMemoryBackend, StorageBackend, Store, StoreError};

/// Takes the bytes as a batch.
pub(crate) fn run(data: &[u8]) {
    let batch = match Batch::from_bytes(data.into()) {
        Ok(batch) => batch,
        Err(error) => {
            assert!(error.at <= data.len(), "{error}");
            return;
        }
    };
    let changes = batch.changes().expect("they were read before");
    // What is read is written in such a way that it is read again.
    let again = Batch::from_changes(changes.clone());
    let read = again.changes().expect("it was just written");
    assert_eq!(
        read,
        Batch::from_changes(read.clone())
            .changes()
            .expect("as before")
    );

    // No broker may have left such changes, so that it need not be the same as without a store; but a
    // store that took them can be opened, or says what is wrong.
    let medium: Arc<dyn StorageBackend> = Arc::new(InMemoryBackend::new());
    let (mut store, _) =
        Store::with_journal(Arc::clone(&medium), 10_000, "memory").expect("it is new");
    match store.commit(&batch) {
        Ok(()) | Err(StoreError::Damaged { .. }) => {}
        Err(error) => panic!("{error}"),
    }
    drop(store);
    match Store::with_backend(medium, "memory") {
        Ok((_, state)) => drop::<PersistentState>(state),
        Err(error) => assert!(error.kind.may_be_set_aside(), "{error}"),
    }
}
