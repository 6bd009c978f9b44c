//! What one carries away, and brings back: a link to a moment, the session as a file, the ladder as a picture; and a
//! recording that is opened.
//!
//! Nothing leaves the browser: a link holds all that it leads to, and files are made here.

mod bring;
mod dialog;
mod link;
mod picture;
mod problem;
mod save;

pub(crate) use bring::{Bring, OpenButton};
pub(crate) use dialog::{Carry, ShareButton};
pub(crate) use problem::LabNotice;
pub(crate) use save::use_saving;
