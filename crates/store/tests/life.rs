//! A broker under a random script, whose changes are what the tests keep.

use vitrine_broker::{Broker, Change, ClockReading, Config, PersistentState, Time};

use crate::harness::{Script, Transcript, perform};

/// See the module.
pub(crate) struct Life {
    script: Script,
    next: usize,
    broker: Broker,
    now: Time,
    /// What all changes come to that were taken.
    pub(crate) state: PersistentState,
}

pub(crate) fn config() -> Config {
    Config {
        durable: true,
        max_queued_messages: 20,
        max_in_flight: 4,
        max_unsent_bytes: 300,
        ..Config::default()
    }
}

impl Life {
    pub(crate) fn new(seed: u64, length: usize) -> Self {
        Self {
            script: Script::random(seed, length),
            next: 0,
            broker: Broker::new(config(), Time::ZERO),
            now: Time::ZERO,
            state: PersistentState::default(),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.next >= self.script.steps.len()
    }

    /// Does some steps, and gives what changed.
    pub(crate) fn steps(&mut self, count: usize) -> Vec<Change> {
        let end = (self.next + count).min(self.script.steps.len());
        let mut ignored = Transcript::default();
        for step in &self.script.steps[self.next..end] {
            perform(
                &mut self.broker,
                step,
                &mut self.now,
                &mut None,
                &mut ignored,
            );
        }
        self.next = end;
        self.take_changes()
    }

    /// Another broker goes on from what was kept.
    pub(crate) fn restart(&mut self, kept: PersistentState) -> Vec<Change> {
        self.broker = Broker::restore(config(), kept.clone(), self.now).expect("a broker left it");
        self.state = kept;
        self.take_changes()
    }

    fn take_changes(&mut self) -> Vec<Change> {
        let mut changes = self.broker.take_changes();
        // The host's own.
        let (time, machine) = (self.now, Time(self.now.as_micros() / 2));
        changes.push(Change::Clock(ClockReading { time, machine }));
        for change in &changes {
            self.state.apply(change.clone());
        }
        changes
    }
}
