//! Finding out who a client is before its CONNECT is accepted.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_packet::{Connect, Packet, ReasonCode};

use super::connect::Refusal;
use crate::access::{Credentials, Pending, Step};
use crate::broker::Broker;
use crate::connection::Phase;
use crate::limits::Limit;
use crate::{ConnectionId, Output};

impl Broker {
    /// Goes on with a CONNECT that is in order: at once, or when it is known who sent it.
    pub(crate) fn authenticate(&mut self, at: usize, bytes: &[u8], connect: &Connect<'_>) {
        if connect.properties.authentication_method().is_some() {
            return self.begin_enhanced(at, bytes, connect);
        }
        let access = &self.config.access;
        // Where there is nobody to be, a name means nothing.
        let named = connect
            .username
            .filter(|_| !access.anonymous || !access.users.is_empty());
        let Some(username) = named else {
            if access.anonymous {
                return self.admit(at, connect, None, None);
            }
            let refusal = Refusal {
                rule: Some("anonymous".into()),
                ..Refusal::new(ReasonCode::NotAuthorized, None, "a user name is needed")
            };
            return self.refuse_connect(at, connect, refusal);
        };
        let user = access.users.get(username);
        let credentials = Credentials {
            username: username.into(),
            password: connect.password.map(Rc::from),
            hash: user.and_then(|user| user.password.clone()),
        };
        let pending = Pending {
            connect: bytes.into(),
            step: Step::Verdict {
                credentials,
                early: Vec::new(),
            },
        };
        let connection = &mut self.connections[at];
        connection.phase = Phase::Waiting;
        connection.pending = Some(Box::new(pending));
        let id = connection.id;
        self.outputs
            .push_back(Output::Authenticate { connection: id });
        self.count_partial(at);
    }

    /// Bytes came on a connection whose client is being authenticated: they wait.
    pub(crate) fn came_early(&mut self, at: usize, bytes: &[u8]) {
        let pending = self.connections[at].pending.as_deref_mut();
        let Some(Step::Verdict { early, .. }) = pending.map(|pending| &mut pending.step) else {
            return;
        };
        if early.len() + bytes.len() <= self.config.max_early_bytes {
            early.extend_from_slice(bytes);
            self.count_partial(at);
            return;
        }
        let refused = self.refusals.refuse(Limit::EarlyBytes);
        self.refuse(at, refused.reason, None, refused.text);
    }

    /// The host says whether the password of a client was right.
    pub(crate) fn authenticated(&mut self, id: ConnectionId, accepted: bool) {
        let Some(at) = self.connection_ids.get(&id).copied() else {
            return;
        };
        let connection = &mut self.connections[at];
        if connection.phase != Phase::Waiting {
            return;
        }
        let Some(Pending {
            connect: bytes,
            step: Step::Verdict { credentials, early },
        }) = connection.pending.take().map(|pending| *pending)
        else {
            return;
        };
        connection.phase = Phase::New;
        self.partial_bytes -= core::mem::take(&mut connection.kept_bytes);
        let Ok(Packet::Connect(connect)) = Packet::decode(&bytes, connection.version) else {
            debug_assert!(false, "it was decoded before");
            return;
        };
        let user = self.config.access.users.get(&credentials.username);
        // What was checked may have been replaced meanwhile.
        let hash = user.and_then(|user| user.password.as_ref());
        let is_right = accepted && hash.is_some() && hash == credentials.hash.as_ref();
        if !is_right {
            let refusal = Refusal {
                rule: Some("users".into()),
                ..Refusal::new(
                    ReasonCode::BadUserNameOrPassword,
                    None,
                    "the user name or the password is wrong",
                )
            };
            return self.refuse_connect(at, &connect, refusal);
        }
        self.admit(at, &connect, Some(credentials.username), None);
        if !early.is_empty() && self.connections[at].session().is_some() {
            self.take_in(at, &early);
        }
    }
}
