//! The selected packet, byte by byte, and what every field means.

mod bits;
mod fields;
mod hexview;
mod panel;
mod words;

pub(crate) use panel::Bytes;
pub(crate) use words::problem_words;
