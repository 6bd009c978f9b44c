//! A Topic Filter tried out: what it matches, why, and who would receive a message.

mod panel;
mod receivers;

pub(crate) use panel::Matches;
pub(crate) use receivers::Receivers;
