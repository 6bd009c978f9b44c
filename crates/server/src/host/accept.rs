//! Accepting connections.

use std::io::{self, ErrorKind};
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Token};
use rustls::ServerConnection;
use tracing::{debug, warn};
use vitrine_broker::{ConnectionId, Input, Peer};

use crate::host::Host;
use crate::host::connection::Connection;
use crate::listen::Listener;

/// Connections accepted on one address in a turn, so that those that are there get their turn too.
const MOST_IN_A_TURN: usize = 64;
/// When the system has no more file descriptors or memory, it is asked again after this time.
const PAUSE: Duration = Duration::from_millis(200);
/// That it has none is told no more often than this.
const TELL_AGAIN: Duration = Duration::from_secs(60);
/// What may be the reason then.
const HINT: &str = if cfg!(unix) {
    " (are there too few file descriptors? see `ulimit -n`)"
} else {
    ""
};

impl Host {
    /// Accepts connections where there are some.
    pub(super) fn accept(&mut self) {
        for listener in 0..self.listeners.len() {
            for _ in 0..MOST_IN_A_TURN {
                if !self.listeners[listener].ready || self.accept_again.is_some() {
                    break;
                }
                match self.listeners[listener].socket.accept() {
                    Ok((socket, peer)) => {
                        if let Err(error) = self.open(listener, socket, peer) {
                            debug!(%peer, "not accepted: {error:#}");
                        }
                    }
                    Err(error) => self.not_accepted(listener, &error),
                }
            }
        }
    }

    fn not_accepted(&mut self, listener: usize, error: &io::Error) {
        match error.kind() {
            ErrorKind::WouldBlock => self.listeners[listener].ready = false,
            // The peer went away meanwhile; the next one may be there.
            ErrorKind::Interrupted | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset => {}
            _ => {
                let told = self.accept_told.map(|told| self.now.since(told));
                if told.is_none_or(|since| since > TELL_AGAIN) {
                    self.accept_told = Some(self.now);
                    warn!(
                        connections = self.connections.len(),
                        "cannot accept connections for now: {error}{HINT}"
                    );
                }
                self.accept_again = Some(self.now + PAUSE);
            }
        }
    }

    fn open(
        &mut self,
        listener: usize,
        mut socket: TcpStream,
        peer: std::net::SocketAddr,
    ) -> anyhow::Result<()> {
        // Linux hands it on from the listener.
        #[cfg(not(target_os = "linux"))]
        socket.set_nodelay(true)?;
        let Listener {
            door, name, tls, ..
        } = &self.listeners[listener];
        let tls = match tls {
            None => None,
            Some(config) => {
                let mut tls = ServerConnection::new(config.clone())?;
                // What it may hold is bounded by what is pulled from the broker at a time.
                tls.set_buffer_limit(None);
                Some(tls)
            }
        };
        let entry = self.connections.vacant_entry();
        let at = entry.key();
        self.poll.registry().register(
            &mut socket,
            Token(at),
            Interest::READABLE | Interest::WRITABLE,
        )?;
        self.opened += 1;
        let id = ConnectionId(self.opened << 32 | at as u64);
        let (door, name) = (*door, name.clone());
        let origins = self.origins.clone();
        entry.insert(Connection::new(id, socket, peer, door, tls, origins));
        let peer = Peer {
            door: name,
            name: peer.to_string().into(),
        };
        self.broker.handle(
            Input::Opened {
                connection: id,
                peer,
            },
            self.now,
        );
        Ok(())
    }
}
