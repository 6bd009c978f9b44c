//! Opening, committing and closing.

use core::fmt;
use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, StorageError};
use vitrine_broker::PersistentState;

use crate::batch::Batch;
use crate::error::{OpenError, OpenErrorKind, StoreError};
use crate::fold::fold;
use crate::format::VERSION;
use crate::load::load;
use crate::medium::Medium;
use crate::tables::{
    ABOUT, ABOUT_FOLDED, ABOUT_FORMAT, ABOUT_TABLES, DELIVERIES, JOURNAL, MESSAGES, RECEIVED,
    RETAINED, SESSIONS, SUBSCRIPTIONS, TABLES_VERSION, USES,
};

/// Bytes of the journal at which it is worked into the tables.
const JOURNAL_LIMIT: u64 = 2 << 20;

/// Bytes of the database that are kept in memory. All of it is read once, when it is opened; from then on
/// little is.
const CACHE: usize = 8 << 20;

/// What must survive the broker, kept in a file or the like. See the crate's documentation.
pub struct Store {
    medium: Arc<dyn StorageBackend>,
    /// `None` after a failure, until it is opened again.
    database: Option<Database>,
    /// The number of the latest batch.
    latest: u64,
    /// Bytes of the batches in the journal.
    journal: u64,
    journal_limit: u64,
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
        Self::begin(medium).map_err(|kind| kind.at(place))
    }

    fn begin(medium: Arc<dyn StorageBackend>) -> Result<(Self, PersistentState), OpenErrorKind> {
        let staged = Medium::holding_back(Arc::clone(&medium)).map_err(OpenErrorKind::Io)?;
        let database = open_database(staged.clone())?;
        prepare(&database)?;
        let mut store = Self {
            medium,
            database: None,
            latest: 0,
            journal: 0,
            journal_limit: JOURNAL_LIMIT,
        };
        store.take_up(database)?;
        // The tables are then all there is: publications and deliveries are counted on from those that
        // are left, so that one that is over and only in the journal may have the number of a new one.
        store.fold()?;
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
        if self.database.is_none() {
            // The commit that failed may have come through all the same. To take in its changes a second
            // time changes nothing.
            self.reopen()?;
        }
        let result = self.append(batch.as_bytes());
        self.noticing(result)
    }

    /// Works all batches into the tables and ends. A store that is dropped instead loses nothing, and
    /// takes a little longer to open.
    ///
    /// # Errors
    /// When that could not be written. What was committed is kept.
    pub fn close(mut self) -> Result<(), StoreError> {
        if self.database.is_none() {
            self.reopen()?;
        }
        self.fold()?;
        match self.database.take().map(Database::close) {
            None | Some(Ok(())) => Ok(()),
            Some(Err(redb::DatabaseError::Storage(error))) => Err(error.into()),
            Some(Err(error)) => Err(StoreError::Io(std::io::Error::other(error))),
        }
    }

    /// Sets how many bytes the journal may have before it is worked into the tables: what is committed
    /// then takes longer. Default 2 MiB.
    pub fn set_journal_limit(&mut self, bytes: u64) {
        self.journal_limit = bytes;
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let number = self.latest + 1;
        let size = self.journal + bytes.len() as u64;
        let full = size > self.journal_limit;
        let transaction = self.database()?.begin_write()?;
        transaction.open_table(JOURNAL)?.insert(number, bytes)?;
        if full {
            fold(&transaction)?;
        }
        transaction.commit()?;
        self.latest = number;
        self.journal = if full { 0 } else { size };
        Ok(())
    }

    fn fold(&mut self) -> Result<(), StoreError> {
        if self.journal == 0 {
            return Ok(());
        }
        let transaction = self.database()?.begin_write()?;
        fold(&transaction)?;
        transaction.commit()?;
        self.journal = 0;
        Ok(())
    }

    /// After an error of the medium the database takes nothing more until it is opened again.
    fn noticing(&mut self, result: Result<(), StoreError>) -> Result<(), StoreError> {
        if result.is_err() {
            self.database = None;
        }
        result
    }

    fn reopen(&mut self) -> Result<(), StoreError> {
        let database = match open_database(Medium::new(Arc::clone(&self.medium))) {
            Ok(database) => database,
            Err(OpenErrorKind::Io(error)) => return Err(error.into()),
            Err(kind) => {
                let what = kind.at("it").to_string();
                return Err(StoreError::Damaged { what });
            }
        };
        self.take_up(database)
    }

    /// Reads how far a database got that was opened.
    fn take_up(&mut self, database: Database) -> Result<(), StoreError> {
        let transaction = database.begin_read()?;
        let folded = transaction.open_table(ABOUT)?.get(ABOUT_FOLDED)?;
        self.latest = folded.map_or(0, |folded| folded.value());
        self.journal = 0;
        for row in transaction.open_table(JOURNAL)?.iter()? {
            let (number, bytes) = row?;
            let number = number.value();
            if number != self.latest + 1 {
                return Err(StoreError::Damaged {
                    what: format!("batch {} is missing before {number}", self.latest + 1),
                });
            }
            self.latest = number;
            self.journal += bytes.value().len() as u64;
        }
        drop(transaction);
        self.database = Some(database);
        Ok(())
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
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}

fn open_database(medium: Medium) -> Result<Database, OpenErrorKind> {
    let database = Database::builder()
        .set_cache_size(CACHE)
        // All of it is read anyway, and what is damaged is to be reported.
        .set_check_integrity_on_open(true)
        .create_with_backend(medium)?;
    Ok(database)
}

/// Makes the tables where there are none, and checks that they are of this version.
fn prepare(database: &Database) -> Result<(), OpenErrorKind> {
    let transaction = database.begin_write()?;
    let is_new = transaction.list_tables()?.next().is_none();
    {
        let mut about = transaction.open_table(ABOUT)?;
        for (name, known) in [
            (ABOUT_TABLES, TABLES_VERSION),
            (ABOUT_FORMAT, VERSION.into()),
        ] {
            if is_new {
                about.insert(name, known)?;
                continue;
            }
            let found = about.get(name)?.map(|found| found.value());
            match found {
                Some(found) if found == known => {}
                Some(found) if found > known => return Err(OpenErrorKind::Newer { found, known }),
                Some(_) | None => return Err(OpenErrorKind::Foreign),
            }
        }
    }
    if is_new {
        transaction.open_table(JOURNAL)?;
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
