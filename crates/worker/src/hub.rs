//! The broker, and the near ends of its connections.
//!
//! Input is handled as it comes; what that leads to is sent in one go later ([`Hub::flush`]), so that many packets
//! travel in one message. No connection has more than [`WINDOW`] bytes under way that its client has not taken: what
//! else there is for it stays in the broker, where it is bounded.

mod ending;
mod line;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use vitrine_broker::{
    Broker, Command, Config, ConnectionId, Input, Observation, ObservationMask, Output, Peer, Time,
};

pub(crate) use ending::Ending;
use line::Line;

/// Bytes that may be under way to a client. As in `web/door/wire.js`.
pub(crate) const WINDOW: usize = 256 * 1024;

/// Bytes in one message at most.
const CHUNK: usize = 64 * 1024;

/// A client that has collected so much itself is not kept waiting for others.
const COLLECTED: usize = 1024;

/// Smaller inputs wait for what else has come, so that many of them lead to few messages; until there is this much.
const BATCH: usize = 8 * 1024;

/// Bytes taken that a client is told of at once; of fewer it is told a little later ([`Hub::credit`]).
const CREDIT: usize = 32 * 1024;

/// The way to a client.
pub(crate) trait Wire {
    /// Sends bytes of the connection.
    fn send(&self, bytes: &[u8]);
    /// Says that so many of the client's bytes were taken.
    fn credit(&self, bytes: usize);
    /// Ends the connection.
    fn end(&self, ending: Ending);
}

/// The broker and its connections.
pub(crate) struct Hub<W> {
    broker: Broker,
    lines: HashMap<ConnectionId, Line<W>>,
    /// Lines with bytes to pull and room to send them.
    ready: VecDeque<ConnectionId>,
    /// Lines whose clients may have to be told what was taken of their bytes.
    heard: Vec<ConnectionId>,
    /// Connections that the broker ended.
    ended: Vec<ConnectionId>,
    /// Bytes handled since the last flush.
    unflushed: usize,
    /// An operator cuts connections: what the broker closes now is not said goodbye to.
    cutting: bool,
    out: Vec<u8>,
}

impl<W: Wire> Hub<W> {
    pub(crate) fn new(config: Config, now: Time) -> Self {
        Self {
            broker: Broker::new(config, now),
            lines: HashMap::new(),
            ready: VecDeque::new(),
            heard: Vec::new(),
            ended: Vec::new(),
            unflushed: 0,
            cutting: false,
            out: Vec::new(),
        }
    }

    /// A connection was opened. Its number was never used before.
    pub(crate) fn open(&mut self, id: ConnectionId, door: &str, wire: W, now: Time) {
        self.lines.insert(id, Line::new(wire));
        let peer = Peer::by(door);
        self.handle(
            Input::Opened {
                connection: id,
                peer,
            },
            now,
        );
    }

    /// Bytes came. With true so much was handled that [`Self::flush`] is not to wait for what else has come.
    pub(crate) fn received(&mut self, id: ConnectionId, bytes: &[u8], now: Time) -> bool {
        let Some(line) = self.lines.get_mut(&id) else {
            return false;
        };
        if !line.heard {
            line.heard = true;
            self.heard.push(id);
        }
        line.taken += bytes.len();
        if line.taken >= CREDIT {
            line.wire.credit(std::mem::take(&mut line.taken));
        }
        self.unflushed += bytes.len();
        self.handle(
            Input::Received {
                connection: id,
                bytes,
            },
            now,
        );
        bytes.len() >= COLLECTED || self.unflushed >= BATCH
    }

    /// The client took so many of the bytes that were sent to it.
    pub(crate) fn took(&mut self, id: ConnectionId, bytes: usize) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        line.under_way = line.under_way.saturating_sub(bytes);
        if line.stalled && line.under_way < WINDOW {
            line.stalled = false;
            self.offer(id);
        }
    }

    /// The client ends the connection, or is gone. `answer` is what it is told, if it still listens.
    pub(crate) fn gone(&mut self, id: ConnectionId, answer: Option<Ending>, now: Time) {
        let Some(line) = self.lines.remove(&id) else {
            return;
        };
        if let Some(answer) = answer {
            line.wire.end(answer);
        }
        self.handle(Input::Closed { connection: id }, now);
    }

    /// The time that was asked for has come.
    pub(crate) fn wake(&mut self, now: Time) {
        self.handle(Input::Deadline, now);
    }

    /// An operator drops a client.
    pub(crate) fn drop_client(&mut self, client: &str, politely: bool, now: Time) {
        self.cutting = !politely;
        self.handle(Input::Command(Command::Drop { client, politely }), now);
        self.cutting = false;
    }

    /// When the broker wants to be woken.
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.broker.next_deadline().map(|deadline| deadline.at)
    }

    /// From now on everything is observed, for as long as the broker lives. Before, observing costs nothing; after, a
    /// page that goes may be one that reloads, and what happens in between must not be missing from its history.
    pub(crate) fn watch(&mut self) {
        self.broker.observe(ObservationMask::ALL);
    }

    /// A connection that the broker ended, and whose client was told.
    pub(crate) fn ended(&mut self) -> Option<ConnectionId> {
        self.ended.pop()
    }

    /// Sends what there is to send, as far as the clients have room for it, and hands on all that was observed.
    pub(crate) fn flush(&mut self, now: Time, mut observed: impl FnMut(Observation)) {
        self.unflushed = 0;
        loop {
            // Before every pull: observations hold packets whole, and a large one that goes to many connections would
            // otherwise be in memory once for each.
            while let Some(observation) = self.broker.poll_observation() {
                observed(observation);
            }
            let Some(id) = self.ready.pop_front() else {
                return;
            };
            self.pull(id, now);
        }
    }

    /// Tells every client what was taken of its bytes.
    pub(crate) fn credit(&mut self) {
        for id in self.heard.drain(..) {
            let Some(line) = self.lines.get_mut(&id) else {
                continue;
            };
            line.heard = false;
            if line.taken > 0 {
                line.wire.credit(std::mem::take(&mut line.taken));
            }
        }
    }

    /// Whether a client is yet to be told by [`Self::credit`].
    pub(crate) fn owes_credit(&self) -> bool {
        !self.heard.is_empty()
    }

    fn handle(&mut self, input: Input<'_>, now: Time) {
        self.broker.handle(input, now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Transmit { connection } => self.offer(connection),
                Output::Close { connection, reason } => {
                    if let Some(line) = self.lines.get_mut(&connection) {
                        line.ending = Some(if self.cutting {
                            Ending::Cut
                        } else {
                            Ending::by_broker(reason)
                        });
                        self.offer(connection);
                    }
                }
                // Nothing is durable yet, and what else a later broker may say is not for this host.
                Output::Persist | _ => {}
            }
        }
    }

    /// Puts a line in the row of those that are served, unless it stands there or has no room.
    fn offer(&mut self, id: ConnectionId) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        if line.under_way >= WINDOW && line.ending.is_none() {
            line.stalled = true;
        } else if !line.queued {
            line.queued = true;
            self.ready.push_back(id);
        }
    }

    /// Sends one line one message's worth; the broker says so if there is more.
    fn pull(&mut self, id: ConnectionId, now: Time) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        line.queued = false;
        // Who is shown out need not have room: it is the last there is for him.
        let room = if line.ending.is_some() {
            CHUNK
        } else {
            CHUNK.min(WINDOW - line.under_way.min(WINDOW))
        };
        self.out.clear();
        let pulled = self.broker.poll_transmit(id, &mut self.out, room, now);
        if pulled > 0 {
            line.under_way += pulled;
            line.wire.send(&self.out);
        } else if let Some(ending) = line.ending.take() {
            self.gone(id, Some(ending), now);
            self.ended.push(id);
            return;
        }
        if line.ending.is_some() {
            self.offer(id);
        }
        self.drain();
    }
}
