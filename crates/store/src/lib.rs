//! Keeps what must survive the broker: Sessions, Subscriptions, messages that wait or are under way,
//! Packet Identifiers, Retained Messages and Wills.
//!
//! A [`Store`] is a journal and a [redb](https://docs.rs/redb) database, one behind the other in a file or
//! whatever else holds bytes. The broker says what changes, the host makes a [`Batch`] of it and commits that; when [`Store::commit`]
//! returns, the batch survives a loss of power, whole. What was not committed may survive, but never half
//! of a batch.
//!
//! # Driving it
//!
//! ```
//! use vitrine_broker::{Broker, Config, Output, Time};
//! use vitrine_store::{Batch, Store};
//!
//! # let folder = std::env::temp_dir().join(format!("vitrine-store-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("vitrine.db");
//! let (mut store, state) = Store::open(&path)?;
//! let config = Config { durable: true, ..Config::default() };
//! let now = Time::from_secs(0);
//! let mut broker = Broker::restore(config, state, now)?;
//! // Restoring may change something: Wills, Sessions whose time is over.
//! store.commit(&Batch::from_changes(broker.take_changes()))?;
//!
//! // After inputs:
//! while let Some(output) = broker.poll_output() {
//!     match output {
//!         Output::Persist => store.commit(&Batch::from_changes(broker.take_changes()))?,
//!         _ => { /* pull bytes and send them: they promise nothing that is not kept */ }
//!     }
//! }
//! store.close()?;
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A host that is to be fast does not wait: it lets another thread commit (a [`Batch`] can be sent to it,
//! the broker's own types cannot), goes on with further inputs, and holds back all bytes that it pulled
//! since it took the changes until that thread says that they are committed. It may look closer at what has
//! to be held back ([`vitrine_broker::Broker::rests_on`]), and commit itself while the disk is quick and the
//! journal [has room](Store::has_room).
//!
//! How many inputs share a commit is the host's choice. One commit may hold all that changed while the one
//! before it was being made durable, so that a quiet broker commits each change at once and a busy one many
//! together; or every input that changed something is a commit of its own, and the next input waits for it.
//!
//! # When a commit fails
//!
//! Mostly the disk is full, or the browser's quota. Nothing of the batch was promised yet, and nothing is
//! lost: the host keeps the batch and what it holds back, takes in further input only within bounds (so that clients feel
//! the pressure and little grows), tells its user, and commits *the same batch* again from time to time.
//! If it does not want to wait it closes the connections without sending what it holds back: clients
//! then do not count as acknowledged what was not, and send it again. It must not go on with the next
//! batch, as the changes of the failed one would be missing. See [`StoreError`].
//!
//! # What is where
//!
//! - `batch`, `coalesce`: many changes become few bytes. `format`: how they and all else are written.
//! - `store`: opening, committing, closing. Each commit appends its bytes to the `journal`; when that is full
//!   `fold` works it into the tables of `tables` by way of `overlay`: what of it is `left`, as most has
//!   begun and ended within the journal. `load` reads them.
//! - `direct`: writing the journal past the system's cache, on Linux.
//! - `medium`: what holds the bytes, in this order: the `head`, which says what this is, the journal, and
//!   `behind` it the database. `file`: natively, `browser`: in a tab. `error`: what can go wrong, and what to do about it.
#![forbid(unsafe_code)]

mod batch;
mod behind;
#[cfg(target_family = "wasm")]
mod browser;
mod coalesce;
#[cfg(target_os = "linux")]
mod direct;
mod error;
#[cfg(not(target_family = "wasm"))]
mod file;
mod fold;
mod format;
mod head;
mod journal;
mod left;
mod load;
mod medium;
mod overlay;
mod store;
mod tables;

pub use batch::Batch;
#[cfg(target_family = "wasm")]
pub use browser::set_aside;
pub use error::{OpenError, OpenErrorKind, StoreError};
pub use format::Malformed;
pub use redb::{StorageBackend, backends::InMemoryBackend};
pub use store::Store;
