//! What hosts the broker: its store, its clock, and the order of the two: nothing leaves before the changes that it
//! promises are durable.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_broker::{Broker, Change, Config, PersistentState};
use vitrine_session::Time;

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

    /// Takes what the broker wants to have durable.
    pub(crate) fn take(&mut self, now: Time) {
        let Some(broker) = &mut self.broker else {
            return;
        };
        let changes = broker.take_changes();
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
    }

    /// Everything that is not durable is gone.
    pub(crate) fn crash(&mut self) {
        self.broker = None;
        self.batches.clear();
        // The numbers of the batches that were lost are not used again.
        self.committed = self.taken;
    }
}
