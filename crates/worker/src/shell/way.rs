//! The two ways to a client: a link to somewhere else in the browser, or a mailbox in this worker.

use super::link::Link;
use crate::hub::{Ending, Wire};
use crate::virtuals::Mailbox;

/// The way to a client.
#[derive(Clone)]
pub(super) enum Way {
    /// To a real client.
    Link(Link),
    /// To a virtual one.
    Mail(Mailbox),
}

impl From<Mailbox> for Way {
    fn from(mail: Mailbox) -> Self {
        Self::Mail(mail)
    }
}

impl Wire for Way {
    fn send(&self, bytes: &[u8]) {
        match self {
            Self::Link(link) => link.send(bytes),
            Self::Mail(mail) => mail.send(bytes),
        }
    }

    fn credit(&self, bytes: usize) {
        match self {
            Self::Link(link) => link.credit(bytes),
            Self::Mail(mail) => mail.credit(bytes),
        }
    }

    fn end(&self, ending: Ending) {
        match self {
            Self::Link(link) => link.end(ending),
            Self::Mail(mail) => mail.end(ending),
        }
    }
}
