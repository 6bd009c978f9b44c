//! What the tests share.

mod feed;
pub(crate) mod lab;
mod random;
mod text;
pub(crate) mod tshark;
mod world;

pub(crate) use feed::{Feed, open_to, topics};
pub(crate) use random::Random;
pub(crate) use text::{hold_text, row_text};
pub(crate) use world::World;

/// One second in microseconds.
pub(crate) const SECOND: u64 = 1_000_000;

/// Where the tests' time begins: some day in microseconds since the Unix epoch.
pub(crate) const START: u64 = 1_763_000_000 * SECOND;
