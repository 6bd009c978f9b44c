//! Reading from connections.

use std::io::{ErrorKind, Read};

use tracing::{debug, info};
use vitrine_broker::{ConnectionId, Input, Time};

use crate::host::Host;
use crate::host::connection::{Last, Stage};

impl Host {
    /// Reads once from every connection that may have bytes.
    pub(super) fn read(&mut self) {
        // Those that have more are read again in the next turn.
        for _ in 0..self.reads.len() {
            if !self.may_read() {
                if self.is_failing() {
                    self.unheard = self.reads.len();
                }
                return;
            }
            let Some(at) = self.reads.pop_front() else {
                return;
            };
            self.unheard = self.unheard.saturating_sub(1);
            self.read_from(at);
            self.was_read();
        }
    }

    fn read_from(&mut self, at: usize) {
        // It may be gone, and another may be in its place: that does no harm.
        let Some(connection) = self.connections.get_mut(at) else {
            return;
        };
        connection.to_read = false;
        if connection.waits || connection.paused {
            return;
        }
        let length = match connection.socket.read(&mut self.buffers.read) {
            Ok(0) => return self.lost(at, None),
            Ok(length) => length,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => return,
                ErrorKind::Interrupted => return self.read_again(at),
                _ => return self.lost(at, Some(error.to_string())),
            },
        };
        // A short read took all that was there, and the system tells of what comes later; but not of an end it told already.
        // Elsewhere than on Unix it tells again only after it was seen that nothing is there.
        let more = length == self.buffers.read.len() || connection.ends || cfg!(not(unix));
        if connection.stage == Stage::Open {
            let id = connection.id;
            let bytes = &mut self.buffers.read[..length];
            match &mut connection.layers {
                None => self.broker.handle(
                    Input::Received {
                        connection: id,
                        bytes,
                    },
                    self.now,
                ),
                Some(layers) => {
                    connection.spoke = true;
                    let (broker, now) = (&mut self.broker, self.now);
                    let mut take = |bytes: &[u8]| {
                        broker.handle(
                            Input::Received {
                                connection: id,
                                bytes,
                            },
                            now,
                        )
                    };
                    let last = layers.receive(bytes, &mut self.buffers.plain, &mut take);
                    if connection.has_answers() {
                        self.queue_write(id);
                    }
                    if let Err(last) = last {
                        return self.last(at, last);
                    }
                }
            }
        }
        if more {
            self.read_again(at);
        }
    }

    fn read_again(&mut self, at: usize) {
        self.connections[at].to_read = true;
        self.reads.push_back(at);
    }

    /// Reads nothing from a publisher until a time, so that its socket fills up and it feels that it is too fast.
    pub(super) fn pause(&mut self, id: ConnectionId, until: Time) {
        if let Some(at) = self.index(id)
            && !self.connections[at].paused
        {
            self.connections[at].paused = true;
            // All pauses are equally long, so that the first to begin is the first to end.
            self.pauses.push_back((until, id));
        }
    }

    /// Goes on with those whose pause is over.
    pub(super) fn end_pauses(&mut self) {
        while let Some((until, id)) = self.pauses.front().copied()
            && until <= self.now
        {
            self.pauses.pop_front();
            if let Some(at) = self.index(id) {
                self.connections[at].paused = false;
                // What came meanwhile was told of already.
                if !self.connections[at].to_read {
                    self.read_again(at);
                }
            }
        }
    }

    /// The transport is gone.
    pub(super) fn lost(&mut self, at: usize, why: Option<String>) {
        self.log();
        self.detail = why;
        self.forget(at);
        self.log();
    }

    /// The peer said its last, or something that makes it the last: goodbye is said, and nothing more is listened to.
    fn last(&mut self, at: usize, last: Last) {
        let connection = &mut self.connections[at];
        let (id, peer) = (connection.id, connection.peer);
        connection.stage = Stage::Ending;
        self.endings
            .push_back((self.now + self.broker.config().linger, id));
        self.queue_write(id);
        self.log();
        match last {
            Last::Closed => {}
            Last::Fault(why) => {
                debug!(%peer, "{why}");
                self.detail = Some(why);
            }
            Last::Refused(why) => {
                info!(%peer, "{why}");
                self.detail = Some(why);
            }
        }
        self.broker
            .handle(Input::Closed { connection: id }, self.now);
        self.log();
    }
}
