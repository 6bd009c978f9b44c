//! Lessons: files that need no Rust. A lesson is a script of the lab, texts in three languages that stand beside
//! what happens, and questions to be answered before it is shown.
//!
//! How a file is written is told in `docs/lessons.md`. Texts go in, a [`Lesson`] or an [`Error`] with its line comes
//! out; nothing here reads a file.
//!
//! # What is where
//!
//! - `document`: TOML with a line for every complaint. `texts`: three languages. `lesson`: the file as a whole.
//! - `until`: how far one goes from a text. `play`: the lesson laid out in time. `index`: what a list of lessons says.
//! - `seen`: what conditions and counts speak of. `ladder`: the lesson as text, for authors and tests.
//!
//! # What always holds
//!
//! - **A text stands where it says.** A lesson that cannot be played to its end is an error, not a lesson that stops.
#![forbid(unsafe_code)]

mod document;
mod error;
mod index;
mod ladder;
mod lesson;
mod packet_line;
mod play;
mod script;
mod seen;
mod step;
mod texts;
mod until;

pub use document::Written;
pub use error::Error;
pub use index::Entry;
pub use lesson::{Ask, Count, Deed, Depth, Lesson, Section, Step};
pub use play::Laid;
pub use texts::{LANGUAGES, Texts};
pub use until::{Place, Until, Way};
