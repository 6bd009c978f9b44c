//! Time as the broker is told it: microseconds since the Unix epoch, by a clock that does not jump when the machine's is set.
//!
//! What is kept has times in it, such as since when a client is gone. A machine without a clock of its own starts in 1970, or when
//! it was last stopped, until the network tells it the time. Taken at its word all Sessions and messages that may expire would
//! do so at once, with what waits in them. So the clock starts no earlier than the latest time that was kept; and where those
//! times are from before the machine's clock was set, it goes on from there: they age while the broker runs.

use std::time::{Duration, Instant, SystemTime};

use vitrine_broker::{PersistentState, Time};

/// The start of 2020: machines that say it is earlier do not know the time.
const KNOWN: Time = Time::from_secs(1_577_836_800);

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began: Instant,
    /// What it was when it began.
    origin: Time,
    /// What the machine said then.
    machine: Time,
}

impl Clock {
    /// A clock that agrees with the machine's now, as far as that fits what was kept.
    pub(crate) fn after(state: &PersistentState) -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let machine = Time::ZERO + since.unwrap_or(Duration::ZERO);
        Self {
            began: Instant::now(),
            origin: origin(machine, latest(state)),
            machine,
        }
    }

    /// Whether the machine's clock was not believed.
    pub(crate) fn differs(&self) -> bool {
        let (ahead, behind) = (
            self.origin.since(self.machine),
            self.machine.since(self.origin),
        );
        // A little comes of clocks that are adjusted while they run.
        ahead.max(behind) > Duration::from_secs(60)
    }

    pub(crate) fn now(&self) -> Time {
        self.origin + self.began.elapsed()
    }
}

/// Where to start when the machine says `machine`, and the latest time that was kept is `kept`.
fn origin(machine: Time, kept: Option<Time>) -> Time {
    match kept {
        Some(kept) if kept > machine || kept < KNOWN && machine >= KNOWN => kept,
        Some(_) | None => machine,
    }
}

/// The latest time that is surely past in what was kept.
fn latest(state: &PersistentState) -> Option<Time> {
    let sessions = state.sessions.values();
    sessions.filter_map(|session| session.settings.left).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_does_not_know_the_time_makes_nothing_expire() {
        let [long_ago, last, now] = [100, 1_767_225_600, 1_767_312_000].map(Time::from_secs);
        // Nothing was kept: whatever the machine says.
        assert_eq!(origin(long_ago, None), long_ago);
        // As it should be: what was kept has aged by a day.
        assert_eq!(origin(now, Some(last)), now);
        // Without a clock after one that was right, or with one that was set back.
        assert_eq!(origin(long_ago, Some(last)), last);
        assert_eq!(origin(last, Some(now)), now);
        // Kept while the clock was not set, in this and in the next start.
        assert_eq!(origin(now, Some(long_ago)), long_ago);
        let later = Time::from_secs(50);
        assert_eq!(origin(later, Some(long_ago)), long_ago);
    }
}
