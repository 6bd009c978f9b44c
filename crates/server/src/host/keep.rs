//! Nothing is promised before it is kept.
//!
//! When inputs changed something that must survive, the changes are taken and committed: here, while the disk is quick, else by
//! another thread. What the broker had to send at that moment and rests on them is pulled and held back until the commit is durable;
//! what comes to be sent meanwhile stays in the broker until the next such moment, and everything that changes meanwhile is the next
//! commit.
//!
//! What rests on nothing goes at once to a connection that waits for nothing else: messages at QoS 0, and at QoS 1 too, as a
//! publisher who was not answered sends again. So its subscribers often have acknowledged a message before a commit began for it.
//! Then nothing is left to keep, and they are given a moment for that (`patience`). Nor does anything rest on a subscriber's
//! having answered what is kept already: that is kept with what comes next, or in a while.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use anyhow::{Context, Result};
use tracing::{error, info};
use vitrine_broker::{Change, ChangeNumber, ClockReading, ConnectionId, Time};
use vitrine_store::Batch;

use crate::host::Host;
use crate::host::connection::Stage;
use crate::host::patience::Patience;
use crate::host::write::PULL;
use crate::keeper::{Keeper, Said};
use crate::websocket::HEADER_ROOM;

/// With more changes waiting for the commit before theirs nothing is read.
const MOST_CHANGES: usize = 1 << 16;
/// Nor with more bytes of messages and names in them, however many messages that are.
const MOST_BYTES: usize = 32 << 20;

/// From the beginning of one commit to that of the next at least, unless it holds [`MANY`] changes: each costs the processor some
/// 100 microseconds, however few changes it holds. Who changes something after a pause waits for nobody but a subscriber.
const BETWEEN_COMMITS: Duration = Duration::from_millis(2);
/// With so many changes a commit begins as soon as nobody has said more: those who wait for it may have nothing to say before.
const MANY: usize = 64;

/// After this time changes are kept on which nothing rests that is sent.
const IN_A_WHILE: Duration = Duration::from_millis(100);

/// How what must survive is kept.
pub(crate) enum Keeping {
    /// Not at all.
    Nothing,
    /// In a store.
    Batched(Box<Batched>),
}

/// The state of the commits.
pub(crate) struct Batched {
    keeper: Keeper,
    /// Nothing is read during a commit, so that every input is committed by itself. Otherwise all that changes meanwhile is the
    /// next commit.
    each: bool,
    /// There are changes that were not taken, and are to be committed before anything that rests on them is sent.
    pending: bool,
    /// When the changes that were not taken are to be committed though nothing rests on them.
    in_a_while: Option<Time>,
    /// The machine's clock was set, and that is to be kept.
    clock: Option<ClockReading>,
    /// When the next commit may begin.
    next: Time,
    /// How long subscribers are waited for who may make a commit needless.
    patience: Patience,
    /// A commit is under way.
    busy: bool,
    /// The latest change in it.
    taken: ChangeNumber,
    /// The batch before, whose memory is used again.
    spare: Batch,
    /// The commit under way has failed, and is tried again: why, as it was told last.
    failing: Option<String>,
    /// Connections with bytes that are held until the commit under way is durable.
    held: Vec<ConnectionId>,
    /// Connections that have something to send which is not to be sent yet, and up to which change all has to be settled before.
    later: VecDeque<(ConnectionId, ChangeNumber)>,
}

impl Batched {
    pub(crate) fn new(keeper: Keeper, each: bool) -> Self {
        Self {
            keeper,
            each,
            pending: false,
            in_a_while: None,
            clock: None,
            next: Time::default(),
            patience: Patience::default(),
            busy: false,
            taken: ChangeNumber::default(),
            spare: Batch::default(),
            failing: None,
            held: Vec::new(),
            later: VecDeque::new(),
        }
    }

    /// Whether something waits that is to be kept soon, whatever comes to nothing meanwhile: so that a stream of messages that all
    /// do cannot put it off for ever.
    fn is_overdue(&self, now: Time) -> bool {
        self.clock.is_some() || self.in_a_while.is_some_and(|at| at <= now)
    }
}

impl Host {
    /// Whether connections may be read: not while the disk is far behind. When no commit is under way the next one takes what
    /// waits at the end of the turn.
    pub(super) fn may_read(&self) -> bool {
        match &self.keeping {
            Keeping::Batched(batched) => {
                let many = self.broker.changes_room() > MOST_CHANGES
                    || self.broker.changes_bytes() > MOST_BYTES;
                !(batched.failing.is_some() || many || batched.busy && batched.each)
            }
            Keeping::Nothing => true,
        }
    }

    /// A connection was read: where each input is committed by itself, the commit begins.
    pub(super) fn was_read(&mut self) {
        if matches!(&self.keeping, Keeping::Batched(batched) if batched.each) {
            self.outputs();
            self.begin_commit();
        }
    }

    /// Whether a commit is under way or to be begun.
    pub(super) fn is_keeping(&self) -> bool {
        matches!(&self.keeping, Keeping::Batched(batched) if batched.busy || batched.pending)
    }

    /// When a commit is to begin that waits for its time.
    pub(super) fn next_commit(&self) -> Option<Time> {
        match &self.keeping {
            Keeping::Batched(batched) if batched.busy => None,
            Keeping::Batched(batched) if batched.pending => {
                let many = self.broker.changes_waiting() >= MANY;
                let next = if many { self.now } else { batched.next };
                match batched.patience.until() {
                    Some(until) if !batched.is_overdue(self.now) => Some(next.max(until)),
                    _ => Some(next),
                }
            }
            Keeping::Batched(batched) => batched.in_a_while,
            Keeping::Nothing => None,
        }
    }

    /// Whether what a connection has to send may go now. Otherwise it is remembered for later.
    pub(super) fn may_send(&mut self, id: ConnectionId) -> bool {
        let at = self.index(id);
        let holds = at.is_some_and(|at| !self.connections[at].held.is_empty());
        let Keeping::Batched(batched) = &mut self.keeping else {
            return true;
        };
        let number = match self.broker.rests_on(id) {
            Some(number) => number,
            // What is held goes first.
            None if holds => batched.taken,
            None => return true,
        };
        batched.later.push_back((id, number));
        false
    }

    /// Whether there is a store.
    pub(super) fn keeps(&self) -> bool {
        matches!(self.keeping, Keeping::Batched(_))
    }

    /// Has it kept with the next commit what the machine's clock says now. Says whether there is a store.
    pub(super) fn keep_clock(&mut self) -> bool {
        let Keeping::Batched(batched) = &mut self.keeping else {
            return false;
        };
        batched.clock = Some(self.clock.reading());
        batched.pending = true;
        true
    }

    /// Looks whether the broker has changes, how much they press, and whom nothing keeps waiting any more.
    pub(super) fn changed(&mut self) {
        let some = self.broker.changes_waiting() > 0;
        match &mut self.keeping {
            Keeping::Nothing if some => drop(self.broker.take_changes()),
            Keeping::Nothing => {}
            Keeping::Batched(batched) => {
                batched.patience.look(&self.broker);
                if some {
                    let in_a_while = *batched.in_a_while.get_or_insert(self.now + IN_A_WHILE);
                    batched.pending =
                        self.broker.changes_press() || batched.each || in_a_while <= self.now;
                } else {
                    (batched.in_a_while, batched.pending) = (None, false);
                }
                batched.pending |= batched.clock.is_some();
                self.settle();
            }
        }
    }

    /// Goes on with the connections that waited for what is settled now.
    fn settle(&mut self) {
        let settled = self.broker.changes_settled();
        while let Keeping::Batched(batched) = &mut self.keeping
            && let Some((id, number)) = batched.later.front().copied()
            && number <= settled
        {
            batched.later.pop_front();
            self.queue_write(id);
        }
    }

    /// Begins a commit, if there is something to commit, none is under way, and nothing is gained by waiting.
    pub(super) fn begin_commit(&mut self) {
        let Keeping::Batched(batched) = &mut self.keeping else {
            return;
        };
        if batched.busy || !batched.pending {
            return;
        }
        if !batched.each {
            let many = self.broker.changes_waiting() >= MANY;
            let quiet = many && self.quiet;
            if self.now < batched.next && !quiet {
                return;
            }
            if !batched.is_overdue(self.now) && batched.patience.waits(&self.broker, self.now) {
                return;
            }
            batched.next = self.now + BETWEEN_COMMITS;
        }
        batched.pending = false;
        batched.in_a_while = None;
        batched.taken = self.broker.changes_latest();
        let mut changes = self.broker.take_changes();
        changes.extend(batched.clock.take().map(Change::Clock));
        let batch = mem::take(&mut batched.spare).reused(changes);
        let kept = if batch.is_empty() {
            Some(batch)
        } else {
            batched.keeper.keep(batch)
        };
        if let Some(batch) = kept {
            batched.spare = batch;
            self.broker.changes_kept();
            self.settle();
            return;
        }
        batched.busy = true;
        // All that is to be sent now and rests on something rests on this commit.
        let later = mem::take(&mut batched.later);
        let mut covered: Vec<_> = later.into_iter().map(|(id, _)| id).collect();
        for at in mem::take(&mut self.writes) {
            if let Some(connection) = self.connections.get_mut(at) {
                connection.to_write = false;
                covered.push(connection.id);
            }
        }
        for id in covered {
            match self.broker.rests_on(id) {
                Some(_) => self.hold(id),
                None => self.queue_write(id),
            }
        }
    }

    /// Pulls what a connection has to send, and holds it.
    fn hold(&mut self, id: ConnectionId) {
        let Some(at) = self.index(id) else {
            return;
        };
        let Keeping::Batched(batched) = &mut self.keeping else {
            return;
        };
        let connection = &mut self.connections[at];
        if !connection.held.is_empty() {
            // It was named twice.
            return;
        }
        if !connection.takes_more() {
            // It is told of again when its socket has taken the rest; what waits for it stays in the broker.
            return;
        }
        connection.held = self.buffers.held.pop().unwrap_or_default();
        connection.held.resize(HEADER_ROOM, 0);
        if self
            .broker
            .poll_transmit(id, &mut connection.held, PULL, self.now)
            > 0
        {
            connection.spoke |= connection.stage != Stage::Open;
            batched.held.push(id);
        } else {
            // Answers of the layers, or an end.
            let held = mem::take(&mut connection.held);
            self.buffers.give_back(held);
            self.queue_write(id);
        }
    }

    /// The thread that commits has said something.
    pub(super) fn kept(&mut self) {
        loop {
            let Keeping::Batched(batched) = &mut self.keeping else {
                return;
            };
            let Some(said) = batched.keeper.said() else {
                return;
            };
            match said {
                Said::Failed(error) => {
                    if batched.failing.as_ref() != Some(&error) {
                        error!("{error}. Until then nothing more is taken in; trying again");
                    }
                    batched.failing = Some(error);
                }
                Said::Kept(batch) => {
                    // One that was large is rarely followed by another.
                    if batch.as_bytes().len() <= PULL {
                        batched.spare = batch;
                    }
                    if batched.failing.take().is_some() {
                        info!("the store can be written again");
                    }
                    batched.busy = false;
                    let held = mem::take(&mut batched.held);
                    self.broker.changes_kept();
                    held.into_iter().for_each(|id| self.release(id));
                    self.settle();
                }
            }
        }
    }

    /// What a connection's held bytes promise is kept: sends them.
    fn release(&mut self, id: ConnectionId) {
        let Some(at) = self.index(id) else {
            return;
        };
        let connection = &mut self.connections[at];
        let mut held = mem::take(&mut connection.held);
        match connection.send(&mut held) {
            Err(error) => self.lost(at, Some(error.to_string())),
            Ok(_) if connection.stage == Stage::Open => {}
            Ok(_) => self.queue_write(id),
        }
        self.buffers.give_back(held);
    }

    /// Makes durable what is not, and closes the store.
    ///
    /// # Errors
    /// When that fails. What was promised to a client is kept all the same.
    pub(super) fn close_store(&mut self) -> Result<()> {
        let store = match mem::replace(&mut self.keeping, Keeping::Nothing) {
            Keeping::Nothing => return Ok(()),
            Keeping::Batched(batched) => batched.keeper.stop()?,
        };
        let mut store = store;
        self.clock.look();
        let mut changes = self.broker.take_changes();
        changes.push(Change::Clock(self.clock.reading()));
        let batch = Batch::from_changes(changes);
        store
            .commit(&batch)
            .and_then(|()| store.close())
            .context("the store could not be closed properly")
    }
}
