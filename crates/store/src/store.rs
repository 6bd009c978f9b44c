//! Opening, committing and closing.

use core::fmt;
use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, StorageError};
use vitrine_broker::PersistentState;

use crate::batch::Batch;
use crate::behind::Behind;
#[cfg(target_os = "linux")]
use crate::direct::Direct;
use crate::error::{OpenError, OpenErrorKind, StoreError};
use crate::fold::{damaged, fold};
use crate::format;
use crate::head::{self, HEAD, SECTOR, Stage};
use crate::journal::Journal;
use crate::left::Left;
use crate::load::load;
use crate::medium::Medium;
use crate::tables::{
    ABOUT, ABOUT_FOLDED, ABOUT_FORMAT, ABOUT_TABLES, DELIVERIES, MESSAGES, RECEIVED, RETAINED,
    SESSIONS, SUBSCRIPTIONS, TABLES_VERSION, USES,
};

/// Bytes of a new store's journal. A message under way takes about a hundred.
const JOURNAL: u32 = 4 << 20;

/// Bytes of the database that are kept in memory. All of it is read once, when it is opened; from then on
/// little is.
const CACHE: usize = 8 << 20;

/// What must survive the broker, kept in a file or the like. See the crate's documentation.
pub struct Store {
    medium: Arc<dyn StorageBackend>,
    /// Where in it the database begins.
    database_at: u64,
    /// `None` after a failure, until it is opened again.
    database: Option<Database>,
    /// The number of the latest batch that is in the tables.
    folded: u64,
    /// The number of the latest batch.
    latest: u64,
    journal: Journal,
    /// What of the journal's batches there is something left of.
    left: Left,
}

impl Store {
    /// Opens the store that `medium` holds, or makes one when it holds nothing, and reads all that is
    /// kept. `place` is what errors call it.
    ///
    /// Natively [`Self::open`] is what is wanted; this is for other things that hold bytes.
    ///
    /// # Errors
    /// When `medium` holds something else, is damaged or cannot be used. What it holds is left as it is.
    pub fn with_backend(
        medium: Arc<dyn StorageBackend>,
        place: &str,
    ) -> Result<(Self, PersistentState), OpenError> {
        Self::with_journal(medium, JOURNAL, place)
    }

    /// The same, where a store that is made gets a journal of about so many bytes instead of 4 MiB, 64 MiB at
    /// most. The shorter, the more often commits take longer, as it is worked into the tables when it is full.
    ///
    /// # Errors
    /// As [`Self::with_backend`].
    pub fn with_journal(
        medium: Arc<dyn StorageBackend>,
        journal: u32,
        place: &str,
    ) -> Result<(Self, PersistentState), OpenError> {
        // Whole pages, so that those of the database are whole on the disk too.
        let sectors = journal.min(64 << 20) / 4_096 * (4_096 / SECTOR as u32);
        Self::begin(medium, sectors).map_err(|kind| kind.at(place))
    }

    fn begin(
        medium: Arc<dyn StorageBackend>,
        sectors: u32,
    ) -> Result<(Self, PersistentState), OpenErrorKind> {
        let staged = Medium::holding_back(Arc::clone(&medium)).map_err(OpenErrorKind::Io)?;
        let found = head::read(&staged)?;
        let sectors = found.map_or(sectors, |head| head.sectors);
        let mut journal = Journal::new(sectors);
        let database_at = head::database_at(sectors);
        if found.is_some_and(|head| head.is_old) {
            // Before anything else that is written: a program of its version must not meet what it does not know.
            head::put(&staged, Stage::Whole, sectors)?;
        }
        if found.is_none() {
            // Until it is whole it says that it is not.
            staged.set_len(0)?;
            staged.set_len(HEAD)?;
            head::put(&staged, Stage::Making, sectors)?;
            journal.make(&staged)?;
        }
        let database = open_database(staged.clone(), database_at)?;
        prepare(&database, found.is_none())?;
        if found.is_none() {
            staged.sync_data()?;
            head::put(&staged, Stage::Whole, sectors)?;
        }
        let folded = folded(&database)?;
        let found = journal.read(&staged, folded)?;
        Journal::cut(&staged, &found)?;
        let mut store = Self {
            medium,
            database_at,
            database: Some(database),
            folded,
            latest: folded + found.batches.len() as u64,
            journal,
            left: Left::default(),
        };
        // The tables are then all there is: publications and deliveries are counted on from those that
        // are left, so that one that is over and only in the journal may have the number of a new one.
        let batches = || found.batches.iter().map(|batch| &**batch);
        store.left = left(batches(), folded)?;
        store.fold(batches(), store.latest)?;
        store.all_folded(store.latest);
        let transaction = store.database()?.begin_read()?;
        let state = load(&transaction)?;
        drop(transaction);
        // Now that it is known to be sound.
        staged.release().map_err(OpenErrorKind::Io)?;
        Ok((store, state))
    }

    /// Makes a batch durable: when it returns, the batch survives the end of the process and of the
    /// machine. Takes as long as the medium does; one that is empty costs nothing.
    ///
    /// # Errors
    /// When the batch may not be durable. See [`StoreError`] on how to go on.
    pub fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        if self.reopen()? {
            // The commit that failed came through all the same, and this is its batch.
            return Ok(());
        }
        let number = self.latest + 1;
        let bytes = batch.as_bytes();
        if self.journal.has_room(bytes.len()) {
            self.journal.append(&*self.medium, number, bytes)?;
            self.latest = number;
            return self.left.take_in(bytes).map_err(damaged(number));
        }
        let result = self.fold_with(Some(bytes));
        if result.is_err() {
            // The batch is not in the journal, and is tried again.
            self.left = left(self.journal.batches(), self.folded)?;
        }
        self.noticing(result)
    }

    /// Whether nothing was ever committed to it.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn is_new(&self) -> bool {
        self.latest == 0
    }

    /// Whether a commit of this batch is no more than one write that is synced. Otherwise, from time to time, the
    /// journal is full and worked into the tables, which takes far longer.
    #[must_use]
    pub fn has_room(&self, batch: &Batch) -> bool {
        self.database.is_some() && self.journal.has_room(batch.as_bytes().len())
    }

    /// Works all batches into the tables and ends. A store that is dropped instead loses nothing, and
    /// takes a little longer to open.
    ///
    /// # Errors
    /// When that could not be written. What was committed is kept.
    pub fn close(mut self) -> Result<(), StoreError> {
        self.reopen()?;
        self.fold_with(None)?;
        match self.database.take().map(Database::close) {
            None | Some(Ok(())) => Ok(()),
            Some(Err(redb::DatabaseError::Storage(error))) => Err(error.into()),
            Some(Err(error)) => Err(StoreError::Io(std::io::Error::other(error))),
        }
    }

    /// Has the journal written past the system's cache, if that can be.
    #[cfg(target_os = "linux")]
    pub(crate) fn write_directly(&mut self, direct: Option<Direct>) {
        self.journal.write_directly(direct);
    }

    /// Works what the journal holds and then one more batch into the tables.
    fn fold_with(&mut self, more: Option<&[u8]>) -> Result<(), StoreError> {
        let batches = self.journal.batches().chain(more);
        let latest = self.folded + batches.clone().count() as u64;
        if let Some(more) = more {
            self.left.take_in(more).map_err(damaged(latest))?;
        }
        self.fold(batches, latest)?;
        self.all_folded(latest);
        Ok(())
    }

    /// Works batches into the tables, the last of which has the number `latest`.
    fn fold<'a>(
        &self,
        batches: impl Iterator<Item = &'a [u8]>,
        latest: u64,
    ) -> Result<(), StoreError> {
        if latest == self.folded {
            return Ok(());
        }
        let transaction = self.database()?.begin_write()?;
        fold(&transaction, self.folded, batches, &self.left)?;
        transaction.commit()?;
        Ok(())
    }

    fn all_folded(&mut self, latest: u64) {
        (self.folded, self.latest) = (latest, latest);
        self.journal.clear();
        self.left = Left::default();
    }

    /// After an error of the medium the database takes nothing more until it is opened again.
    fn noticing(&mut self, result: Result<(), StoreError>) -> Result<(), StoreError> {
        if result.is_err() {
            self.database = None;
        }
        result
    }

    /// Opens the database if it is not open, because working batches into it failed. Says whether it has them
    /// after all: then the last of them must not be taken in again, as what it began may be over by the time
    /// that it is, and would be taken for what never reached the tables.
    fn reopen(&mut self) -> Result<bool, StoreError> {
        if self.database.is_some() {
            return Ok(false);
        }
        let medium = Medium::new(Arc::clone(&self.medium));
        let database = match open_database(medium, self.database_at) {
            Ok(database) => database,
            Err(OpenErrorKind::Io(error)) => return Err(error.into()),
            Err(kind) => {
                let what = kind.at("it").to_string();
                return Err(StoreError::Damaged { what });
            }
        };
        let folded = folded(&database)?;
        let came_through = folded > self.folded;
        if came_through {
            self.all_folded(folded);
        }
        self.database = Some(database);
        Ok(came_through)
    }

    fn database(&self) -> Result<&Database, StoreError> {
        self.database
            .as_ref()
            .ok_or(StorageError::DatabaseClosed.into())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("latest", &self.latest)
            .field("folded", &self.folded)
            .finish_non_exhaustive()
    }
}

/// What of batches there is something left of, the first of which has the number after `folded`.
fn left<'a>(batches: impl Iterator<Item = &'a [u8]>, folded: u64) -> Result<Left, StoreError> {
    Left::of(batches).map_err(|(at, malformed)| damaged(folded + 1 + at as u64)(malformed))
}

fn open_database(medium: Medium, at: u64) -> Result<Database, OpenErrorKind> {
    let database = Database::builder()
        .set_cache_size(CACHE)
        // All of it is read anyway, and what is damaged is to be reported.
        .set_check_integrity_on_open(true)
        .create_with_backend(Behind::new(medium, at))?;
    Ok(database)
}

/// The number of the latest batch that is in a database's tables.
fn folded(database: &Database) -> Result<u64, StoreError> {
    let transaction = database.begin_read()?;
    let folded = transaction.open_table(ABOUT)?.get(ABOUT_FOLDED)?;
    Ok(folded.map_or(0, |folded| folded.value()))
}

/// Makes the tables in a database that is new; checks of another that they are of this version.
fn prepare(database: &Database, is_new: bool) -> Result<(), OpenErrorKind> {
    let transaction = database.begin_write()?;
    if !is_new && transaction.list_tables()?.next().is_none() {
        return Err(OpenErrorKind::damaged("its tables are gone"));
    }
    {
        let mut about = transaction.open_table(ABOUT)?;
        for (name, known) in [
            (ABOUT_TABLES, TABLES_VERSION),
            (ABOUT_FORMAT, format::VERSION.into()),
        ] {
            if is_new {
                about.insert(name, known)?;
                continue;
            }
            let found = about.get(name)?.map(|found| found.value());
            match found {
                Some(found) if found == known => {}
                Some(found) if found > known => return Err(OpenErrorKind::Newer { found, known }),
                Some(_) | None => return Err(OpenErrorKind::damaged("its versions are wrong")),
            }
        }
    }
    if is_new {
        transaction.open_table(SESSIONS)?;
        transaction.open_table(SUBSCRIPTIONS)?;
        transaction.open_table(DELIVERIES)?;
        transaction.open_table(RECEIVED)?;
        transaction.open_table(RETAINED)?;
        transaction.open_table(MESSAGES)?;
        transaction.open_table(USES)?;
        transaction.commit().map_err(StoreError::from)?;
    }
    Ok(())
}
