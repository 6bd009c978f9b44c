//! The live topic tree. Only the rows on screen exist.

mod node;
mod panel;
mod tree;

pub(crate) use panel::Topics;
