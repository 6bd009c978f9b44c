//! A CONNECT that waits until its client is authenticated.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::fmt;

use super::scram::Exchange;
use crate::ConnectionId;
use crate::broker::Broker;

/// What a client says who it is, for the host to check.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The User Name.
    pub username: Rc<str>,
    /// The password; `None` where CONNECT has none, which is never right.
    pub password: Option<Rc<[u8]>>,
    /// What [`User::password`](super::User::password) says. `None` for a user who is not known or has no
    /// password: then hash anything, so that the time does not tell, and answer false.
    pub hash: Option<Rc<str>>,
}

impl fmt::Debug for Credentials {
    /// Keeps the password out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// See the module.
#[derive(Clone)]
pub(crate) struct Pending {
    /// The CONNECT.
    pub(crate) connect: Vec<u8>,
    pub(crate) step: Step,
}

impl Pending {
    /// How many bytes it keeps.
    pub(crate) fn size(&self) -> usize {
        self.connect.len()
            + match &self.step {
                Step::Verdict { early, .. } => early.len(),
                Step::Exchange(_) => 0,
            }
    }
}

/// What it waits for.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// The host's verdict on a password.
    Verdict {
        credentials: Credentials,
        /// What came after the CONNECT.
        early: Vec<u8>,
    },
    /// The client's next AUTH.
    Exchange(Exchange),
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

impl Broker {
    /// What is to be checked for a connection, after
    /// [`Output::Authenticate`](crate::Output::Authenticate); `None` when nothing is, or no more.
    #[must_use]
    pub fn credentials(&self, connection: ConnectionId) -> Option<Credentials> {
        let at = *self.connection_ids.get(&connection)?;
        let connection = &self.connections[at];
        match &connection.pending.as_ref()?.step {
            Step::Verdict { credentials, .. } => Some(credentials.clone()),
            Step::Exchange(_) => None,
        }
    }
}
