//! Whose a Session is.
//!
//! A Client Identifier is no secret: it stands in logs, and often on the device. Without a check any user could take another
//! one's Session over by it, cut off its client, and be sent what waits there. The standards leave to the server which
//! identifiers a client may use (3.1.1: section 3.1.3.1; 5.0: sections 3.1.3.1 and 5.4.2).

use alloc::rc::Rc;

use crate::ClientId;
use crate::broker::Broker;

/// What a CONNECT may do with the Session of its Client Identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Go on with it, or begin one where there is none.
    Granted,
    /// Begin anew: it was of a user who is gone.
    Anew,
    /// Nothing: it is of a user who may come back.
    Refused,
}

impl Broker {
    /// What a user (`None`: an anonymous client) may do with the Session of a Client Identifier. One that an anonymous client
    /// began is anybody's, so that users can be set up where there were none.
    pub(crate) fn claim(&self, client: &ClientId, user: Option<&Rc<str>>) -> Claim {
        let session = self.clients.get(client).copied();
        let owner = session.and_then(|session| self.sessions[session].user.as_ref());
        match owner {
            None => Claim::Granted,
            Some(owner) if Some(owner) == user => Claim::Granted,
            Some(owner) if self.config.access.users.contains_key(owner) => Claim::Refused,
            Some(_) => Claim::Anew,
        }
    }
}
