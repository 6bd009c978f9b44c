//! What hosts the broker: its store, its clock, and the order of the two: nothing leaves before the changes that it
//! promises are durable. Changes on which nothing rests may wait for those that come next, and what rests on nothing may leave
//! early, both as with the native host.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_broker::{Broker, Change, Config, ConnectionId, PersistentState};
use vitrine_session::Time;

use crate::sabotage::Saboteur;

/// The broker's host.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) config: Config,
    /// `None` while it is down.
    pub(crate) broker: Option<Broker>,
    /// What is durable.
    pub(crate) store: PersistentState,
    /// Batches that are not durable yet, with the time when they will be.
    pub(crate) batches: VecDeque<(Time, Vec<Change>)>,
    /// The number of the latest batch taken.
    pub(crate) taken: u64,
    /// The number of the latest batch that is durable.
    pub(crate) committed: u64,
    /// How long it takes to make a batch durable.
    pub(crate) commit: Duration,
    /// How long changes may wait to be taken on which nothing rests.
    pub(crate) later: Duration,
    /// So long changes wait on which something rests, while the broker sends what rests on nothing. `None`: they are taken at
    /// once, and all that is sent leaves when they are durable.
    pub(crate) early: Option<Duration>,
    /// When changes are to be taken that wait; `None` where there are none, or where others are to be durable first.
    pub(crate) due: Option<Time>,
    /// Changes that a fault keeps apart.
    pub(crate) apart: Vec<Change>,
    /// Microseconds by which the broker's clock is ahead of the world's.
    pub(crate) ahead: i64,
    /// The latest time that the broker was told, since it started: it keeps to that.
    pub(crate) latest: Time,
}

impl Host {
    pub(crate) fn new(config: Config, commit: Duration, now: Time) -> Self {
        Self {
            broker: Some(Broker::new(config.clone(), now)),
            config,
            store: PersistentState::default(),
            batches: VecDeque::new(),
            taken: 0,
            committed: 0,
            commit,
            later: Duration::ZERO,
            early: None,
            due: None,
            apart: Vec::new(),
            ahead: 0,
            latest: now,
        }
    }

    /// What the broker's clock shows.
    pub(crate) fn clock(&self, now: Time) -> Time {
        Time(now.0.saturating_add_signed(self.ahead))
    }

    /// The broker's time: what its clock shows, unless that went back.
    pub(crate) fn told(&mut self, now: Time) -> Time {
        self.latest = self.latest.max(self.clock(now));
        self.latest
    }

    /// When the world's clock shows what the broker's clock will show at `at`.
    pub(crate) fn world_time(&self, at: Time) -> Time {
        if at == Time::NEVER {
            return at;
        }
        Time(at.0.saturating_add_signed(self.ahead.saturating_neg()))
    }

    /// Whether what the broker wants to have durable is to be taken now. What may wait gets a time for that.
    pub(crate) fn is_pressed(&mut self, now: Time) -> bool {
        let waits = self.broker.as_ref().filter(|it| it.changes_waiting() > 0);
        let busy = self.early.is_some() && !self.batches.is_empty();
        let Some(broker) = waits.filter(|_| !busy) else {
            self.due = None;
            return false;
        };
        let wait = if broker.changes_press() {
            self.early.unwrap_or_default()
        } else {
            self.later
        };
        let due = self.due.map_or(now + wait, |due| due.min(now + wait));
        self.due = Some(due);
        due <= now
    }

    /// Whether what the broker has for a connection may be pulled before anything else is taken.
    pub(crate) fn may_pull(&self, id: ConnectionId) -> bool {
        let rests_on = self.broker.as_ref().and_then(|broker| broker.rests_on(id));
        self.early.is_none() || rests_on.is_none()
    }

    /// When the next batch is durable, or is to be taken.
    pub(crate) fn next(&self) -> Option<Time> {
        let durable = self.batches.front().map(|(due, _)| *due);
        durable.into_iter().chain(self.due).min()
    }

    /// Takes what the broker wants to have durable.
    pub(crate) fn take(&mut self, now: Time, saboteur: &Saboteur) {
        let Some(broker) = &mut self.broker else {
            return;
        };
        self.due = None;
        let mut changes = core::mem::take(&mut self.apart);
        let taken = broker.take_changes().into_iter();
        let (kept, apart) = taken.partition(|change| !saboteur.puts_off(change));
        self.apart = apart;
        changes.extend::<Vec<_>>(kept);
        saboteur.forget(&mut changes);
        self.taken += 1;
        self.batches.push_back((now + self.commit, changes));
    }

    /// Makes the oldest batch durable.
    pub(crate) fn commit(&mut self) {
        if let Some((_, changes)) = self.batches.pop_front() {
            changes
                .into_iter()
                .for_each(|change| self.store.apply(change));
            self.committed += 1;
        }
        // Of several batches under way the broker would not know which it is.
        if let Some(broker) = self.broker.as_mut().filter(|_| self.batches.is_empty()) {
            broker.changes_kept();
        }
    }

    /// Everything that is not durable is gone.
    pub(crate) fn crash(&mut self) {
        self.broker = None;
        self.batches.clear();
        self.apart.clear();
        self.due = None;
        // The numbers of the batches that were lost are not used again.
        self.committed = self.taken;
    }
}
