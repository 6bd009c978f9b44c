//! Where observations are collected.

use alloc::collections::VecDeque;

use crate::{Event, Observation, ObservationMask, Time};

/// Collects what is asked for. While nothing is, observing costs one test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observer {
    mask: ObservationMask,
    /// The number of the input that is being handled.
    pub(crate) cause: u64,
    /// The time of the input that is being handled.
    pub(crate) now: Time,
    number: u64,
    limit: usize,
    /// Observations that found no room.
    lost: u64,
    queue: VecDeque<Observation>,
}

impl Observer {
    pub(crate) fn new(mask: ObservationMask, limit: usize, now: Time) -> Self {
        Self {
            mask,
            limit,
            now,
            ..Self::default()
        }
    }

    pub(crate) fn set_mask(&mut self, mask: ObservationMask) {
        self.mask = mask;
    }

    /// Whether observations of this kind are asked for.
    #[inline]
    pub(crate) fn wants(&self, kind: ObservationMask) -> bool {
        self.mask.intersects(kind)
    }

    /// Makes an observation, if its kind is asked for.
    #[inline]
    pub(crate) fn note(&mut self, kind: ObservationMask, event: impl FnOnce() -> Event) {
        if self.wants(kind) {
            self.push(self.cause, event());
        }
    }

    /// Makes an observation of something that an earlier input led to, if its kind is asked for.
    #[inline]
    pub(crate) fn note_caused(
        &mut self,
        kind: ObservationMask,
        cause: u64,
        event: impl FnOnce() -> Event,
    ) {
        if self.wants(kind) {
            self.push(cause, event());
        }
    }

    #[cold]
    fn push(&mut self, cause: u64, event: Event) {
        self.number += 1;
        if self.queue.len() >= self.limit {
            self.lost += 1;
        } else {
            self.queue.push_back(Observation {
                number: self.number,
                cause,
                at: self.now,
                event,
            });
        }
    }

    /// Observations that found no room.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }

    /// Observations that wait to be polled.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn poll(&mut self) -> Option<Observation> {
        self.queue.pop_front()
    }
}
