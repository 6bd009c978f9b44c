//! How a worker starts: with nothing, or from what the worker before it left.

use vitrine_broker::PersistentState;
use vitrine_link::{Storage, StorageState};
use vitrine_store::{Store, StoreError};
use web_sys::{DedicatedWorkerGlobalScope, FileSystemSyncAccessHandle};

use super::disk;

/// What people call the file, in what is said of it.
const PLACE: &str = "The broker's file in this browser";

/// What a worker starts with.
pub(super) enum Start {
    /// Nothing, and why.
    Anew(Storage),
    /// What was kept, and where.
    Kept(Box<Store>, PersistentState),
}

impl Start {
    /// Nothing, as was wished.
    pub(super) fn empty() -> Self {
        Self::Anew(Storage::default())
    }

    /// Opens what is kept, if `keep` says so.
    pub(super) async fn open(scope: &DedicatedWorkerGlobalScope, keep: bool) -> Self {
        if !keep {
            return Self::empty();
        }
        let handle = match disk::open(scope).await {
            Ok(handle) => handle,
            Err(why) => return Self::without(StorageState::Unavailable, why),
        };
        match open_store(handle) {
            Ok((store, state)) => Self::Kept(Box::new(store), state),
            Err(error) if error.kind.may_be_set_aside() => {
                Self::without(StorageState::Damaged, error.to_string())
            }
            Err(error) => Self::without(StorageState::Unavailable, error.to_string()),
        }
    }

    fn without(state: StorageState, why: String) -> Self {
        Self::Anew(Storage {
            state,
            why,
            ..Storage::default()
        })
    }
}

#[cfg(target_family = "wasm")]
fn open_store(
    handle: FileSystemSyncAccessHandle,
) -> Result<(Store, PersistentState), vitrine_store::OpenError> {
    Store::open_handle(handle, PLACE)
}

/// Where the rest of this crate is tested there is no such file.
#[cfg(not(target_family = "wasm"))]
fn open_store(
    _: FileSystemSyncAccessHandle,
) -> Result<(Store, PersistentState), vitrine_store::OpenError> {
    Err(vitrine_store::OpenError {
        place: PLACE.into(),
        kind: vitrine_store::OpenErrorKind::Io(std::io::ErrorKind::Unsupported.into()),
    })
}

/// What is told of a commit that failed.
pub(super) fn failed(error: &StoreError) -> (StorageState, String) {
    let state = match error {
        StoreError::Full(_) => StorageState::Full,
        StoreError::Io(_) | StoreError::Damaged { .. } | _ => StorageState::Failed,
    };
    (state, error.to_string())
}
