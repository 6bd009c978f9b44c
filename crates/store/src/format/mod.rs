//! How changes and messages are written as bytes. Numbers of variable length are LEB128, lowest first.
//!
//! A batch is a version byte and its changes one after the other, each with a tag. A text or message that
//! was written before in the same batch is named by its place among them: a message for a thousand
//! sessions is written once.
//!
//! Whatever the bytes are, reading them gives a value or a [`Malformed`]. It never panics, and takes no
//! more memory than a small multiple of the bytes.

mod bytes;
mod changes;
mod message;
mod reader;
mod rows;
mod scan;
mod tags;

use core::fmt;

pub(crate) use bytes::{Reader, write_bytes, write_number};
pub(crate) use changes::ChangeWriter;
pub(crate) use message::{RawMessage, write_message};
pub(crate) use reader::ChangeReader;
pub(crate) use rows::{
    DeliveryRow, read_delivery, read_settings, read_subscription, write_delivery, write_settings,
    write_subscription,
};
pub(crate) use scan::{Scanned, Scanner, Step};

/// The version of all that this module writes. It reads no other.
pub(crate) const VERSION: u8 = 1;

/// Bytes that are not what this module writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where in the bytes it shows, counted from 0.
    pub at: usize,
    /// What was to stand there.
    pub expected: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {} should be {}", self.at, self.expected)
    }
}

impl core::error::Error for Malformed {}
