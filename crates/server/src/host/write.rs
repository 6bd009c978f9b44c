//! Writing to connections.

use std::io;
use std::net::Shutdown;

use crate::host::Host;
use crate::host::connection::Stage;
use crate::websocket::HEADER_ROOM;

/// The most that is pulled from the broker for one write, in bytes; and so the most that is held for a connection whose socket
/// is full.
pub(super) const PULL: usize = 64 << 10;

impl Host {
    /// Writes what a connection has to send, as far as its socket takes it.
    pub(super) fn write_to(&mut self, at: usize) {
        let Some(connection) = self.connections.get_mut(at) else {
            return;
        };
        connection.to_write = false;
        if let Err(error) = self.try_write(at) {
            self.lost(at, Some(error.to_string()));
        }
    }

    fn try_write(&mut self, at: usize) -> io::Result<()> {
        let connection = &mut self.connections[at];
        if connection.stage == Stage::Ended || !connection.writable || !connection.send_rest()? {
            return Ok(());
        }
        let id = connection.id;
        if !self.may_send(id) {
            if self.connections[at].has_answers() {
                self.connections[at].send(&mut [0; HEADER_ROOM])?;
            }
            return Ok(());
        }
        let connection = &mut self.connections[at];
        let out = &mut self.buffers.write;
        loop {
            out.clear();
            out.resize(HEADER_ROOM, 0);
            let pulled = self
                .broker
                .poll_transmit(connection.id, out, PULL, self.now);
            let all = connection.send(out)?;
            if connection.stage == Stage::Open || !all {
                // When more waits the broker says so, or the socket does.
                return Ok(());
            }
            connection.spoke |= pulled > 0;
            if pulled == 0 {
                break;
            }
        }
        connection.say_goodbye();
        if !connection.send(&mut [0; HEADER_ROOM])? {
            return Ok(());
        }
        // Where that fails the peer is gone already.
        if connection.spoke && connection.socket.shutdown(Shutdown::Write).is_ok() {
            connection.stage = Stage::Ended;
        } else {
            self.forget(at);
        }
        Ok(())
    }
}
