//! Changing what is allowed while the broker runs.

use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_packet::ReasonCode;

use super::{Access, Allowed, Rules};
use crate::CloseReason;
use crate::broker::Broker;
use crate::close::{Ending, Manner};

impl Broker {
    /// Puts another [`Access`] in place of the one there is. Connected clients whose user is gone or has
    /// another password are disconnected (0x87), as are anonymous ones where none may be any more.
    pub(crate) fn set_access(&mut self, access: Rc<Access>) {
        let before = Rc::clone(self.access.access());
        self.config.access = Rc::clone(&access);
        self.access = Rules::new(Rc::clone(&access), self.config.seed);
        for (_, session) in &mut self.sessions {
            session.rules = self.access.list_for(session.who());
            session.allowed = Allowed::default();
        }
        // Routes hold who may not receive.
        self.router.forget_routes();
        let is_unwelcome = |user: Option<&Rc<str>>| match user {
            None => !access.anonymous,
            Some(user) => before.users.get(user) != access.users.get(user),
        };
        let connected = self.connections.iter().filter_map(|(at, connection)| {
            let session = &self.sessions[connection.session()?];
            is_unwelcome(session.user.as_ref()).then_some(at)
        });
        for at in connected.collect::<Vec<_>>() {
            let ending = Ending::new(CloseReason::NotAuthorized, ReasonCode::NotAuthorized);
            self.end(at, ending, Manner::Tell);
        }
    }
}
