//! The figures of the whole broker.

use crate::rate::{LONGEST_WINDOW, TotalRate};

/// What is counted over everything.
#[derive(Clone, Default)]
pub(crate) struct Counts {
    pub(crate) published: u64,
    pub(crate) packets: u64,
    published_rate: TotalRate,
    delivered_rate: TotalRate,
    /// Until when a rate may be other than 0; microseconds.
    moving_until: u64,
}

impl Counts {
    /// A client's message, or a Will, was published.
    pub(crate) fn published(&mut self, at: u64) {
        self.published += 1;
        self.published_rate.add(at);
        self.moves(at);
    }

    /// A message was sent to a client.
    pub(crate) fn delivered(&mut self, at: u64) {
        self.delivered_rate.add(at);
        self.moves(at);
    }

    /// Something that has a rate happened.
    pub(crate) fn moves(&mut self, at: u64) {
        self.moving_until = self.moving_until.max(at.saturating_add(LONGEST_WINDOW));
    }

    /// Messages published and delivered per second.
    pub(crate) fn rates(&self, now: u64) -> (f32, f32) {
        (
            self.published_rate.per_second(now),
            self.delivered_rate.per_second(now),
        )
    }

    /// Whether a rate that was told at this time may have been other than 0.
    pub(crate) fn was_moving(&self, at: u64) -> bool {
        at < self.moving_until
    }
}
