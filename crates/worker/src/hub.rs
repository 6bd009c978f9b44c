//! The broker, and the near ends of its connections.
//!
//! Input is handled as it comes; what that leads to is sent in one go later ([`Hub::flush`]), so that many packets
//! travel in one message. No connection has more than [`WINDOW`] bytes under way that its client has not taken: what
//! else there is for it stays in the broker, where it is bounded.
//!
//! With a store, what the broker must not forget is committed before any bytes leave that were pulled after it changed:
//! they are held, and one commit serves all that collected. On a client's having answered what is kept nothing rests: that is
//! committed with what comes next, or in a while.

mod between;
mod ending;
mod keep;
mod line;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use vitrine_broker::{
    Access, Broker, Command, Config, ConnectionId, Input, Observation, ObservationMask, Output,
    Peer, PersistentState, RestoreError, Time,
};
use vitrine_store::{Store, StoreError};

pub(crate) use between::{Cut, Deed, Meddled};
use between::{Lost, Passing};
pub(crate) use ending::Ending;
pub(crate) use keep::Keep;
use line::Line;

/// Bytes that may be under way to a client. As in `web/door/wire.js`.
pub(crate) const WINDOW: usize = 256 * 1024;

/// Bytes in one message at most.
const CHUNK: usize = 64 * 1024;

/// A client that has collected so much itself is not kept waiting for others.
const COLLECTED: usize = 1024;

/// Smaller inputs wait for what else has come, so that many of them lead to few messages; until there is this much.
const BATCH: usize = 8 * 1024;

/// The same where what they lead to waits for a commit: then it is best to collect all that has come.
const DURABLE_BATCH: usize = 256 * 1024;

/// Bytes that are held until a commit at most, or one more message.
const HELD: usize = 1024 * 1024;

/// After this time changes are committed on which nothing rests that is sent.
const IN_A_WHILE: Duration = Duration::from_millis(100);

/// Bytes taken that a client is told of at once; of fewer it is told a little later ([`Hub::credit`]).
const CREDIT: usize = 32 * 1024;

/// The way to a client.
pub(crate) trait Wire: Clone {
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
    /// Connections whose passwords are to be checked.
    asked: VecDeque<ConnectionId>,
    /// Connections that the broker ended.
    ended: Vec<ConnectionId>,
    /// Bytes handled since the last flush.
    unflushed: usize,
    /// What must survive; `None` where nothing does.
    keep: Option<Keep>,
    /// When the changes are to be committed that there are, though nothing rests on them.
    later: Option<Time>,
    /// What may go out once changes are durable, oldest first, and how many bytes that are.
    held: Vec<Held<W>>,
    held_bytes: usize,
    /// An operator cuts connections: what the broker closes now is not said goodbye to.
    cutting: bool,
    out: Vec<u8>,
    /// What was done from in between, with what the broker did before, where that is not told yet.
    happened: Vec<Happened>,
}

/// Something that happened, for those who watch.
#[derive(Debug)]
pub(crate) enum Happened {
    /// The broker did something.
    Observed(Observation),
    /// Something was done to a connection from in between.
    Meddled(Meddled),
}

/// Something that waits for a commit.
enum Held<W> {
    Bytes(W, Vec<u8>),
    End(W, Ending),
}

impl<W: Wire> Hub<W> {
    /// A broker that forgets all when it ends.
    pub(crate) fn new(config: Config, now: Time) -> Self {
        let config = Config {
            durable: false,
            ..config
        };
        Self::with(Broker::new(config, now), None)
    }

    /// A broker that goes on from what a store holds, and keeps it up.
    pub(crate) fn restore(
        config: Config,
        store: Store,
        state: PersistentState,
        now: Time,
    ) -> Result<Self, RestoreError> {
        let config = Config {
            durable: true,
            ..config
        };
        let broker = Broker::restore(config, state, now)?;
        let mut hub = Self::with(broker, Some(Keep::new(store)));
        hub.drain();
        Ok(hub)
    }

    fn with(broker: Broker, keep: Option<Keep>) -> Self {
        Self {
            broker,
            keep,
            later: None,
            held: Vec::new(),
            held_bytes: 0,
            lines: HashMap::new(),
            ready: VecDeque::new(),
            heard: Vec::new(),
            asked: VecDeque::new(),
            ended: Vec::new(),
            unflushed: 0,
            cutting: false,
            out: Vec::new(),
            happened: Vec::new(),
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
        let Passing { pass, cut } = self.pass_up(id, bytes);
        let full = !pass.is_empty() && self.take_in(id, pass, now);
        if let Some(lost) = &cut {
            self.cut(id, lost, now);
        }
        full || cut.is_some()
    }

    /// Bytes came that nobody holds.
    fn take_in(&mut self, id: ConnectionId, bytes: &[u8], now: Time) -> bool {
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
        if self.keep.is_some() {
            return self.unflushed >= DURABLE_BATCH;
        }
        bytes.len() >= COLLECTED || self.unflushed >= BATCH
    }

    /// Whether the store takes nothing at the moment: then no bytes of clients are to be handled, so that nothing grows.
    pub(crate) fn is_stuck(&self) -> bool {
        self.keep.as_ref().is_some_and(Keep::is_stuck)
    }

    /// Tries once more to commit what the store did not take.
    pub(crate) fn retry(&mut self) -> Result<(), StoreError> {
        if let Some(keep) = &mut self.keep {
            keep.retry()?;
        }
        Ok(())
    }

    /// From now on nothing is kept: closes the store, with what it took.
    pub(crate) fn forget(&mut self) {
        if !self.is_stuck() {
            // What could have waited is in it as well, if it takes that.
            let _ = self.commit_all();
        }
        self.keep = None;
        self.later = None;
        // What waits for a commit waits for nothing now.
        self.send_held();
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
        let Some(mut line) = self.lines.remove(&id) else {
            return;
        };
        if self.lose_held(id, line.between.take()) {
            self.note(id, Deed::Cut);
        }
        if let Some(answer) = answer {
            self.end(line.wire, answer);
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

    /// Other rules apply from now on.
    pub(crate) fn set_access(&mut self, access: Rc<Access>, now: Time) {
        self.handle(Input::Command(Command::SetAccess(access)), now);
    }

    /// Whether passwords are to be checked.
    pub(crate) fn asks(&self) -> bool {
        !self.asked.is_empty()
    }

    /// Checks the next password: good hashes are slow on purpose, so that there is to be something else in between.
    pub(crate) fn authenticate(&mut self, now: Time) {
        let Some(connection) = self.asked.pop_front() else {
            return;
        };
        // The connection may be gone.
        let Some(asked) = self.broker.credentials(connection) else {
            return;
        };
        let password = asked.password.as_deref();
        let right = vitrine_access::verify(password.unwrap_or_default(), asked.hash.as_deref());
        let command = Command::Authenticated {
            connection,
            accepted: right && password.is_some(),
        };
        self.handle(Input::Command(command), now);
    }

    /// When the broker wants to be woken, or something is to be committed.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let later = self.later.filter(|_| !self.is_stuck());
        let broker = self.broker.next_deadline().map(|deadline| deadline.at);
        later.into_iter().chain(broker).min()
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

    /// Sends what there is to send, as far as the clients have room for it, and hands on all that happened.
    ///
    /// # Errors
    /// When the store did not take what must survive: what promises it was not sent. [`Self::retry`] has to go well first.
    pub(crate) fn flush(
        &mut self,
        now: Time,
        mut happened: impl FnMut(Happened),
    ) -> Result<(), StoreError> {
        self.unflushed = 0;
        let stuck = self.is_stuck();
        loop {
            // Before every pull: observations hold packets whole, and a large one that goes to many connections would
            // otherwise be in memory once for each.
            self.happened.drain(..).for_each(&mut happened);
            while let Some(observation) = self.broker.poll_observation() {
                happened(Happened::Observed(observation));
            }
            if stuck {
                return Ok(());
            }
            let next = self.ready.pop_front();
            if let Some(id) = next {
                self.pull(id, now);
            }
            if next.is_none() || self.held_bytes > HELD {
                self.commit(now)?;
            }
            if next.is_none() {
                return Ok(());
            }
        }
    }

    /// Makes durable what changed, if anything rests on it or it is time, and then sends what was held for it.
    fn commit(&mut self, now: Time) -> Result<(), StoreError> {
        if self.broker.changes_press() || self.later.is_some_and(|at| at <= now) {
            self.later = None;
            self.commit_all()?;
        } else if self.broker.changes_waiting() > 0 {
            self.later.get_or_insert(now + IN_A_WHILE);
        }
        self.send_held();
        Ok(())
    }

    fn commit_all(&mut self) -> Result<(), StoreError> {
        let changes = self.broker.take_changes();
        match &mut self.keep {
            Some(keep) => keep.commit(changes),
            None => Ok(()),
        }
    }

    fn send_held(&mut self) {
        self.held_bytes = 0;
        for held in self.held.drain(..) {
            match held {
                Held::Bytes(wire, bytes) => wire.send(&bytes),
                Held::End(wire, ending) => wire.end(ending),
            }
        }
    }

    /// Whether what is sent now is to wait for a commit, or for what does.
    fn holds(&self) -> bool {
        self.is_stuck() || self.broker.changes_press() || !self.held.is_empty()
    }

    /// Ends a line, behind what it is still to be sent.
    fn end(&mut self, wire: W, ending: Ending) {
        if self.holds() {
            self.held.push(Held::End(wire, ending));
        } else {
            wire.end(ending);
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
                // It is asked for changes before anything is sent.
                Output::Persist => {}
                // What else a later broker may say is not for this host.
                Output::Authenticate { connection } => self.asked.push_back(connection),
                Output::Throttle { .. } | _ => {}
            }
        }
    }

    /// Puts a line in the row of those that are served, unless it stands there or has no room.
    fn offer(&mut self, id: ConnectionId) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        let full = line.under_way >= WINDOW && line.ending.is_none();
        if full || line.is_held() {
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
        if line.is_held() {
            line.stalled = true;
            return;
        }
        // Who is shown out need not have room: it is the last there is for him.
        let room = if line.ending.is_some() {
            CHUNK
        } else {
            CHUNK.min(WINDOW - line.under_way.min(WINDOW))
        };
        self.out.clear();
        let pulled = self.broker.poll_transmit(id, &mut self.out, room, now);
        let cut = line.between.is_some() && self.pass_down(id);
        let holds = self.holds();
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        if !self.out.is_empty() {
            line.under_way += self.out.len();
            if holds {
                self.held_bytes += self.out.len();
                self.held
                    .push(Held::Bytes(line.wire.clone(), self.out.clone()));
            } else {
                line.wire.send(&self.out);
            }
        }
        if cut {
            return self.cut(id, &Lost::default(), now);
        }
        if pulled == 0
            && let Some(ending) = line.ending.take()
        {
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
