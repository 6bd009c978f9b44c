//! Time as the broker is told it: microseconds since the Unix epoch, by a clock that does not jump when the machine's is set.

use std::time::{Duration, Instant, SystemTime};

use vitrine_broker::Time;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began: Instant,
    /// What it was when it began.
    origin: Time,
}

impl Clock {
    /// A clock that agrees with the machine's now.
    pub(crate) fn new() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self {
            began: Instant::now(),
            origin: Time::ZERO + since.unwrap_or(Duration::ZERO),
        }
    }

    pub(crate) fn now(&self) -> Time {
        self.origin + self.began.elapsed()
    }
}
