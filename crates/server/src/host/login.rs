//! Clients that say who they are.

use std::rc::Rc;

use tracing::{info, warn};
use vitrine_broker::{Command, ConnectionId, Input};

use crate::access::doubts;
use crate::doorkeeper::Verdict;
use crate::host::{Host, find};
use crate::watch::Parts;

impl Host {
    /// A password is to be checked. Until then nothing more is read from the connection.
    pub(super) fn authenticate(&mut self, id: ConnectionId) {
        if let Some(at) = self.index(id) {
            let connection = &mut self.connections[at];
            connection.waits = true;
            self.logins.push(connection.peer.ip(), id);
            self.check_passwords();
        }
    }

    /// Gives the threads that check passwords something to do.
    fn check_passwords(&mut self) {
        while self.doorkeeper.is_idle() {
            let next = self.logins.pop();
            let at_last = next.is_none();
            let Some(id) = next.or_else(|| self.logins.pop_late()) else {
                return;
            };
            // Those whose time is over are not asked for any more.
            let (Some(at), Some(credentials)) = (self.index(id), self.broker.credentials(id))
            else {
                continue;
            };
            // Who does not listen any more may only want to keep others waiting. What was sent counts all the same.
            if self.connections[at].ends && !at_last {
                let connections = &self.connections;
                self.logins
                    .put_off(id, |id| find(connections, id).is_some());
                continue;
            }
            self.doorkeeper.check(id, &credentials);
        }
    }

    /// Passwords were checked.
    pub(super) fn authenticated(&mut self) {
        while let Some(Verdict {
            connection,
            accepted,
        }) = self.doorkeeper.verdict()
        {
            let command = Command::Authenticated {
                connection,
                accepted,
            };
            self.broker.handle(Input::Command(command), self.now);
            let Some(at) = self.index(connection) else {
                continue;
            };
            let connection = &mut self.connections[at];
            connection.waits = false;
            if !connection.to_read {
                connection.to_read = true;
                self.reads.push_back(at);
            }
        }
        self.check_passwords();
    }

    /// Who may do what is read again, and counts at once; so are certificate and key, for connections to come; each where `parts`
    /// says so. `why` is for the log.
    pub(super) fn reload(&mut self, parts: Parts, why: &str) {
        if parts.tls
            && let Some(source) = &self.sources.tls
        {
            let read = source.read();
            self.sources.tls_was_read(read.is_ok());
            match read {
                Ok(tls) => {
                    info!(certificate = %source.certificate.display(), "{why}: read the certificate again");
                    let listeners = self.listeners.iter_mut();
                    for listener in listeners.filter(|listener| listener.door.is_tls()) {
                        listener.tls = Some(tls.clone());
                    }
                }
                Err(error) => {
                    warn!("{why}: {error:#}. The certificate of before goes on to be shown");
                }
            }
        }
        if !parts.access {
            return;
        }
        let read = self.sources.access.read();
        self.sources.access_was_read(read.is_ok());
        match read {
            Ok(access) => {
                info!(
                    users = access.users.len(),
                    rules = access.rules.len(),
                    "{why}: read again who may do what"
                );
                for doubt in doubts(&access) {
                    warn!("{doubt}");
                }
                self.broker.handle(
                    Input::Command(Command::SetAccess(Rc::new(access))),
                    self.now,
                );
            }
            Err(error) => {
                warn!("{why}: {error:#}. What counted before goes on to count");
            }
        }
    }
}
