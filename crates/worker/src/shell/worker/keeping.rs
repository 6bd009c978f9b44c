//! What is kept: how it begins, fails, is tried again, and ends.

use std::rc::Rc;
use std::time::Duration;

use vitrine_broker::{Config, Time};
use vitrine_link::{Event, Storage, StorageState};
use vitrine_store::StoreError;
use wasm_bindgen_futures::spawn_local;

use super::super::disk;
use super::super::storage::{self, Start};
use super::super::way::Way;
use super::{Shared, Worker};
use crate::hub::Hub;
use crate::views::Views;

/// How long to wait before what the store did not take is tried again.
const RETRY: Duration = Duration::from_secs(1);

impl Worker {
    /// Keeps nothing from now on, and removes what was kept.
    pub(super) fn stop_keeping(&mut self) {
        self.hub.forget();
        self.set_storage(Storage::default());
        self.flush.queue();
        self.more.queue();
        let scope = self.scope.clone();
        spawn_local(async move {
            // A file that stays is one that the next broker goes on from: harmless, and it will say so.
            let _ = disk::remove(&scope).await;
        });
    }

    /// Puts what cannot be read out of the way.
    pub(super) fn set_aside(this: &Shared) {
        let worker = Rc::clone(this);
        spawn_local(async move {
            let (scope, now) = {
                let worker = worker.borrow();
                if worker.storage.state != StorageState::Damaged {
                    return;
                }
                (worker.scope.clone(), worker.clock.now())
            };
            let stamp = now.as_micros() / 1_000_000;
            let (state, why) = match disk::set_aside(&scope, stamp).await {
                Ok(name) => (StorageState::SetAside, name),
                Err(why) => (StorageState::Damaged, why),
            };
            let mut worker = worker.borrow_mut();
            let storage = Storage {
                state,
                why,
                ..worker.storage.clone()
            };
            worker.set_storage(storage);
        });
    }

    pub(super) fn set_storage(&mut self, storage: Storage) {
        if self.storage != storage {
            self.storage = storage;
            let storage = Event::Storage(self.storage.clone());
            self.views.announce(None, &storage);
        }
    }

    /// Tries again what the store did not take.
    pub(super) fn on_retry(&mut self) {
        self.retry.rang();
        let now = self.clock.now();
        match self.hub.retry() {
            Ok(()) => {
                let storage = Storage {
                    state: StorageState::Kept,
                    why: String::new(),
                    ..self.storage.clone()
                };
                self.set_storage(storage);
                self.settle(now);
                self.more.queue();
            }
            Err(error) => self.stuck(&error, now),
        }
    }

    /// The store did not take something: says so, and tries again later where that may help.
    pub(super) fn stuck(&mut self, error: &StoreError, now: Time) {
        let (state, why) = storage::failed(error);
        let storage = Storage {
            state,
            why,
            ..self.storage.clone()
        };
        self.set_storage(storage);
        if error.may_pass() {
            self.retry.by(now + RETRY, now);
        }
    }
}

/// The broker, from what was kept or anew, and what is to be said of that.
pub(super) fn begin(
    config: Config,
    start: Start,
    views: &mut Views,
    now: Time,
) -> (Hub<Way>, Storage) {
    let (store, state) = match start {
        Start::Anew(storage) => return (Hub::new(config, now), storage),
        Start::Kept(store, state) => (store, state),
    };
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let storage = Storage {
        state: StorageState::Kept,
        why: String::new(),
        sessions: count(state.sessions.len()),
        retained: count(state.retained.len()),
    };
    match Hub::restore(config.clone(), *store, state.clone(), now) {
        Ok(hub) => {
            views.restore(&state, now);
            (hub, storage)
        }
        Err(error) => {
            let storage = Storage {
                state: StorageState::Damaged,
                why: error.to_string(),
                ..Storage::default()
            };
            (Hub::new(config, now), storage)
        }
    }
}
