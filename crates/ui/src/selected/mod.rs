//! The right panel: what is known of the selection, and the other answers behind tabs.

mod actions;
mod away;
mod client;
mod delivery;
mod facts;
mod missed;
mod packet;
mod panel;
mod story;
mod topic;

pub(crate) use actions::Actions;
pub(crate) use away::Away;
pub(crate) use panel::Panel;
