//! What is to happen at a time.

use alloc::collections::BTreeSet;

use crate::{Deadline, DeadlineReason, Time};

/// What a timer is for, with the index of what it belongs to.
///
/// Whoever owns a timer remembers for when it is set, so that it can be cleared: an index may be used
/// again for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TimerKey {
    /// A connection without CONNECT.
    ConnectTimeout(usize),
    /// A connection with Keep Alive.
    KeepAlive(usize),
    /// A session whose client is gone and left a Will with a delay.
    WillDelay(usize),
    /// A session whose client is gone.
    SessionExpiry(usize),
    /// A session with a message in its queue that expires.
    QueueExpiry(usize),
    /// A node of the retained tree whose message expires.
    RetainedExpiry(usize),
    /// A connection that was closed and has bytes left.
    Linger(usize),
    /// What is told under `$SYS` is to be brought up to date.
    Sys,
}

impl TimerKey {
    pub(crate) const fn reason(self) -> DeadlineReason {
        match self {
            Self::ConnectTimeout(_) => DeadlineReason::ConnectTimeout,
            Self::KeepAlive(_) => DeadlineReason::KeepAlive,
            Self::WillDelay(_) => DeadlineReason::WillDelay,
            Self::SessionExpiry(_) => DeadlineReason::SessionExpiry,
            Self::QueueExpiry(_) | Self::RetainedExpiry(_) => DeadlineReason::MessageExpiry,
            Self::Linger(_) => DeadlineReason::Linger,
            Self::Sys => DeadlineReason::Sys,
        }
    }
}

/// The timers that are set, ordered by time; at the same time by [`TimerKey`].
///
/// Keep Alive is the only timer that moves with traffic. It is not moved at each packet: when it falls
/// due, it is set anew from the time of the last packet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    set: BTreeSet<(Time, TimerKey)>,
}

impl Timers {
    pub(crate) fn set(&mut self, at: Time, key: TimerKey) {
        self.set.insert((at, key));
    }

    pub(crate) fn clear(&mut self, at: Time, key: TimerKey) {
        self.set.remove(&(at, key));
    }

    pub(crate) fn next(&self) -> Option<Deadline> {
        let (at, key) = self.set.first()?;
        Some(Deadline {
            at: *at,
            reason: key.reason(),
        })
    }

    /// All that are set, the next first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Time, TimerKey)> {
        self.set.iter().copied()
    }

    /// Takes out the first timer that is due.
    pub(crate) fn pop_due(&mut self, now: Time) -> Option<TimerKey> {
        if self.set.first()?.0 > now {
            return None;
        }
        self.set.pop_first().map(|(_, key)| key)
    }
}
