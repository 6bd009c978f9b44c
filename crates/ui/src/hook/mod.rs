//! What components need of the browser.

mod clock;
mod media;
mod modal;
mod screen;
mod size;

pub(crate) use clock::use_clock;
pub(crate) use media::use_media;
pub(crate) use modal::use_modal;
pub(crate) use screen::use_full_screen;
pub(crate) use size::use_size;
