//! Nothing is promised before it is kept.
//!
//! When inputs changed something that must survive, the changes are taken and committed: here, while the disk is quick, else by
//! another thread. What the broker had to send at that moment and rests on them is pulled, and held back until the commit is durable.
//! What comes to be sent meanwhile stays in the broker until the next such moment, and everything that changes meanwhile is the next
//! commit.
//!
//! What rests on no change goes at once to a connection that waits for nothing else: messages at QoS 0, and at QoS 1 too, because a
//! publisher who was not answered sends again. So subscribers have often acknowledged a message before a commit for it has begun;
//! then nothing is left to keep, and they are given a moment for that (`schedule`, `patience`). Nothing rests on a subscriber's answer to
//! a message that is already kept: the answer is kept with what comes next, or in a while.

use std::collections::VecDeque;
use std::mem;

use anyhow::{Context, Result};
use tracing::{error, info};
use vitrine_broker::{Broker, Change, ChangeNumber, ClockReading, ConnectionId, Time};
use vitrine_store::Batch;

use crate::host::connection::Stage;
use crate::host::schedule::{Schedule, Waiting};
use crate::host::write::PULL;
use crate::host::{Host, find};
use crate::keeper::{Keeper, Said};
use crate::websocket::HEADER_ROOM;

/// With more changes waiting for the commit before theirs nothing is read.
const MOST_CHANGES: usize = 1 << 16;
/// Nor with more bytes of messages and names in them, however many messages that are.
const MOST_BYTES: usize = 32 << 20;

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
    /// When the next commit begins.
    schedule: Schedule,
    /// The machine's clock was set, and that is to be kept.
    clock: Option<ClockReading>,
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
            schedule: Schedule::new(each),
            clock: None,
            busy: false,
            taken: ChangeNumber::default(),
            spare: Batch::default(),
            failing: None,
            held: Vec::new(),
            later: VecDeque::new(),
        }
    }

    /// What there is to commit.
    fn waiting(&self, broker: &Broker) -> Waiting {
        Waiting::in_broker(broker, self.clock.is_some())
    }
}

impl Host {
    /// Whether connections may be read: not while the disk is far behind. When no commit is under way the next one takes what
    /// waits at the end of the turn. While one fails, what asks for nothing to be kept goes on so, and what does is taken in as far
    /// as there is room for it.
    pub(super) fn may_read(&self) -> bool {
        match &self.keeping {
            Keeping::Batched(batched) => {
                // Who is refused asks for no change, and waits for those of others with the answer.
                let many = self.broker.changes_room() > MOST_CHANGES
                    || self.broker.changes_bytes() > MOST_BYTES
                    || batched.later.len() > MOST_CHANGES;
                !(many || batched.busy && batched.each)
            }
            Keeping::Nothing => true,
        }
    }

    /// Whether the commit under way has failed, and is tried again.
    pub(super) fn is_failing(&self) -> bool {
        matches!(&self.keeping, Keeping::Batched(batched) if batched.failing.is_some())
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
        matches!(&self.keeping, Keeping::Batched(batched) if batched.busy || batched.schedule.is_pending())
    }

    /// When a commit is to begin that waits for its time.
    pub(super) fn next_commit(&self) -> Option<Time> {
        match &self.keeping {
            Keeping::Batched(batched) if batched.busy => None,
            Keeping::Batched(batched) => {
                let waiting = batched.waiting(&self.broker);
                batched.schedule.next(&waiting, self.now)
            }
            Keeping::Nothing => None,
        }
    }

    /// Whether what a connection has to send may go now. Otherwise it is remembered for later, once.
    pub(super) fn may_send(&mut self, id: ConnectionId) -> bool {
        let Keeping::Batched(batched) = &mut self.keeping else {
            return true;
        };
        let connection = find(&self.connections, id).map(|at| &mut self.connections[at]);
        let holds = connection.as_ref().is_some_and(|it| !it.held.is_empty());
        let number = match self.broker.rests_on(id) {
            Some(number) => number,
            // What is held goes first.
            None if holds => batched.taken,
            None => return true,
        };
        // Its layers may answer again and again meanwhile.
        if connection.is_none_or(|it| !mem::replace(&mut it.to_send, true)) {
            batched.later.push_back((id, number));
        }
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
        let waiting = batched.waiting(&self.broker);
        batched.schedule.look(&waiting, self.now);
        true
    }

    /// Looks whether the broker has changes, how much they press, and whom nothing keeps waiting any more.
    pub(super) fn changed(&mut self) {
        match &mut self.keeping {
            Keeping::Nothing if self.broker.changes_waiting() > 0 => {
                drop(self.broker.take_changes());
            }
            Keeping::Nothing => {}
            Keeping::Batched(batched) => {
                let waiting = batched.waiting(&self.broker);
                batched.schedule.look(&waiting, self.now);
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
            self.waits_no_more(id);
            self.queue_write(id);
        }
    }

    /// Notes that a connection is not among those any more that have to wait.
    fn waits_no_more(&mut self, id: ConnectionId) {
        if let Some(at) = self.index(id) {
            self.connections[at].to_send = false;
        }
    }

    /// Begins a commit, if there is something to commit, none is under way, and nothing is gained by waiting.
    pub(super) fn begin_commit(&mut self) {
        let Keeping::Batched(batched) = &mut self.keeping else {
            return;
        };
        let waiting = batched.waiting(&self.broker);
        if batched.busy || !batched.schedule.begins(&waiting, self.quiet, self.now) {
            return;
        }
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
        covered.iter().for_each(|id| self.waits_no_more(*id));
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
                        error!("{error}. It is tried again each second");
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
