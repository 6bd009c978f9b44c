//! What holds for the broker as a whole.

mod access;
mod dialog;
mod notices;
mod rules;
mod storage;

pub(crate) use dialog::Settings;
pub(crate) use notices::StorageNotice;
