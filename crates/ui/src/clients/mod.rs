//! The sessions.

mod panel;
mod session;

pub(crate) use panel::Clients;
pub(crate) use session::Session;
