//! What can go wrong, and what to do about it.

// Lists of errors of others, which are not closed.
#![allow(clippy::wildcard_enum_match_arm)]

use core::error::Error;
use core::fmt;
use std::io;

use redb::{CommitError, DatabaseError, StorageError, TableError, TransactionError};

use crate::format::Malformed;

/// A store could not be opened. What is there was left as it is.
#[derive(Debug)]
pub struct OpenError {
    /// Where: the path of a file, or what the host calls the place.
    pub place: String,
    /// What is the matter.
    pub kind: OpenErrorKind,
}

/// Why a store could not be opened.
#[non_exhaustive]
#[derive(Debug)]
pub enum OpenErrorKind {
    /// Another process, or this one, has it open.
    InUse,
    /// It holds something else than a store.
    Foreign,
    /// It was written by a newer version.
    Newer {
        /// The version that it has.
        found: u64,
        /// The newest that can be read.
        known: u64,
    },
    /// It was written by an older version, and cannot be read any more.
    Older {
        /// The version that it has.
        found: u64,
    },
    /// It is damaged: something else than the store changed it, or the medium failed.
    Damaged {
        /// Where and how it shows.
        what: String,
    },
    /// It could not be read or written.
    Io(io::Error),
}

impl OpenErrorKind {
    /// Whether the host may offer to set the file aside and to begin anew.
    #[must_use]
    pub const fn may_be_set_aside(&self) -> bool {
        matches!(
            self,
            Self::Foreign | Self::Newer { .. } | Self::Older { .. } | Self::Damaged { .. }
        )
    }

    pub(crate) fn at(self, place: &str) -> OpenError {
        OpenError {
            place: place.into(),
            kind: self,
        }
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }

    /// That a row is not what is written.
    pub(crate) fn row(table: &str, key: &dyn fmt::Debug, malformed: Malformed) -> Self {
        Self::damaged(format!("table {table}, row {key:?}: {malformed}"))
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.place;
        match &self.kind {
            OpenErrorKind::InUse => write!(
                f,
                "{place} is in use: another broker has it open. Stop that one, or give this one \
                 another file"
            ),
            OpenErrorKind::Foreign => write!(
                f,
                "{place} is no Vitrine store, or its beginning is damaged. It was left as it is: name \
                 another file, put back a copy, or have it set aside to begin without what it holds"
            ),
            OpenErrorKind::Newer { found, known } => write!(
                f,
                "{place} was written by a newer version of Vitrine (it has version {found}, this \
                 program knows up to {known}). It was left as it is: use that version, or have it set \
                 aside to begin without what it holds"
            ),
            OpenErrorKind::Older { found } => write!(
                f,
                "{place} was written by an older version of Vitrine (it has version {found}), which this \
                 program does not read. It was left as it is: use that version until nothing in it is \
                 needed any more, or have it set aside to begin without what it holds"
            ),
            OpenErrorKind::Damaged { what } => write!(
                f,
                "{place} is damaged: {what}. It was left as it is: put back a copy, or have it set \
                 aside to begin without what it holds"
            ),
            OpenErrorKind::Io(error) => write!(f, "{place} cannot be read or written: {error}"),
        }
    }
}

// What is behind it is in its text, and would be told twice.
impl Error for OpenError {}

/// Whether a file system says that it cannot do what it was asked for.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn is_not_supported(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    )
}

impl From<io::Error> for OpenErrorKind {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // A file that ends before what it says it holds.
            io::ErrorKind::UnexpectedEof => Self::damaged("it ends too early"),
            _ => Self::Io(error),
        }
    }
}

impl From<StorageError> for OpenErrorKind {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Corrupted(what) => Self::Damaged { what },
            StorageError::Io(error) => match error.kind() {
                // The database's own first bytes.
                io::ErrorKind::InvalidData => Self::damaged(error.to_string()),
                _ => error.into(),
            },
            error => Self::Io(io::Error::other(error)),
        }
    }
}

impl From<DatabaseError> for OpenErrorKind {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => Self::InUse,
            DatabaseError::Storage(error) => error.into(),
            DatabaseError::UpgradeRequired(version) => {
                Self::damaged(format!("it claims to have the old file format {version}"))
            }
            error => Self::Io(io::Error::other(error)),
        }
    }
}

impl From<TransactionError> for OpenErrorKind {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::Storage(error) => error.into(),
            error => Self::Io(io::Error::other(error)),
        }
    }
}

impl From<TableError> for OpenErrorKind {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Storage(error) => error.into(),
            // A table that is missing or has other types.
            error => Self::damaged(error.to_string()),
        }
    }
}

impl From<StoreError> for OpenErrorKind {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged { what } => Self::Damaged { what },
            StoreError::Full(error) | StoreError::Io(error) => Self::Io(error),
        }
    }
}

/// A batch could not be committed. It may be committed all the same, or not, but not half: commit the
/// same batch again. See the crate's documentation on what the host does meanwhile.
#[non_exhaustive]
#[derive(Debug)]
pub enum StoreError {
    /// There is no room: the disk is full, or the browser's quota used up. Goes on when there is room.
    Full(io::Error),
    /// The store cannot be written, for another reason.
    Io(io::Error),
    /// What is there is damaged: something else than the store changed it. Trying again is of no use.
    Damaged {
        /// Where and how it shows.
        what: String,
    },
}

impl StoreError {
    /// Whether committing the same batch again may help.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Full(_) | Self::Io(_) => true,
            Self::Damaged { .. } => false,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(error) => write!(
                f,
                "the store is full ({error}). Nothing is acknowledged until there is room again"
            ),
            Self::Io(error) => write!(
                f,
                "the store cannot be written ({error}). Nothing is acknowledged until it can"
            ),
            Self::Damaged { what } => write!(
                f,
                "the store is damaged: {what}. Nothing is acknowledged any more. Restart the broker"
            ),
        }
    }
}

impl Error for StoreError {}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full(error),
            _ => Self::Io(error),
        }
    }
}

impl From<StorageError> for StoreError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Io(error) => error.into(),
            StorageError::Corrupted(what) => Self::Damaged { what },
            error => Self::Io(io::Error::other(error)),
        }
    }
}

impl From<TransactionError> for StoreError {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::Storage(error) => error.into(),
            error => Self::Io(io::Error::other(error)),
        }
    }
}

impl From<TableError> for StoreError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Storage(error) => error.into(),
            error => Self::Damaged {
                what: error.to_string(),
            },
        }
    }
}

impl From<CommitError> for StoreError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Storage(error) => error.into(),
            error => Self::Io(io::Error::other(error)),
        }
    }
}
