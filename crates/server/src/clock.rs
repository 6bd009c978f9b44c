//! Time as the broker is told it: microseconds since the Unix epoch, by a clock that does not jump when the machine's is set.
//!
//! What is kept has times in it, such as when a client went away. A machine without a clock of its own starts in 1970, or at the
//! time when it was last stopped, until the network tells it the time. If the broker believed such a clock, all Sessions and messages
//! that may expire would do so at once when it is set right. So while the broker runs, its time goes on by itself, and beside what is
//! kept stands by how much the machine's clock differs from it, noted again whenever that clock was set. The next start takes from the
//! machine's clock how much time has passed since, with two exceptions:
//!
//! - It starts no earlier than the latest time that was kept.
//! - If that time is from before the machine's clock was set, nobody knows how long ago that was. The broker goes on from there: what is
//!   kept ages only while it runs.

use core::fmt;
use std::time::{Duration, SystemTime};

use vitrine_broker::{ClockReading, PersistentState, Time};

/// The start of 2020: machines that say it is earlier do not know the time.
const KNOWN: Time = Time::from_secs(1_577_836_800);

/// Smaller differences come of clocks that are adjusted while they run. Many of them add up to one that counts.
const STEP: Duration = Duration::from_secs(1);

/// Differences that are worth a word.
const WORTH_TELLING: Duration = Duration::from_secs(60);

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began: Duration,
    reckoning: Reckoning,
}

impl Clock {
    /// A clock that agrees with the machine's now, as far as that fits what was kept.
    pub(crate) fn after(state: &PersistentState) -> Self {
        Self {
            began: running(),
            reckoning: Reckoning::after(state, machine()),
        }
    }

    /// How far the machine's clock is from what it should say, where it was not believed.
    pub(crate) fn differs(&self) -> Option<Jump> {
        self.reckoning.differs()
    }

    pub(crate) fn now(&self) -> Time {
        self.reckoning.at(self.elapsed())
    }

    /// Whether the machine's clock was set since it was looked at last, and by how much. Then [`Self::reading`] is to be kept.
    pub(crate) fn look(&mut self) -> Option<Jump> {
        self.reckoning.look(self.elapsed(), machine())
    }

    /// What is to be kept.
    pub(crate) fn reading(&self) -> ClockReading {
        self.reckoning.reading(self.elapsed())
    }

    fn elapsed(&self) -> Duration {
        running().saturating_sub(self.began)
    }
}

/// For how long the machine has been running, or something else; it grows as time passes, also while a machine with Linux sleeps.
#[cfg(target_os = "linux")]
fn running() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::try_from(now).unwrap_or_default()
}

/// The same, but that on some systems it stands still while the machine sleeps, as `Instant` does.
#[cfg(not(target_os = "linux"))]
fn running() -> Duration {
    static FIRST: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    FIRST.get_or_init(std::time::Instant::now).elapsed()
}

fn machine() -> Time {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Time::ZERO + since.unwrap_or(Duration::ZERO)
}

/// A difference between clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Jump {
    Forward(Duration),
    Back(Duration),
}

impl fmt::Display for Jump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (by, way) = match self {
            Self::Forward(by) => (by, "forward"),
            Self::Back(by) => (by, "back"),
        };
        // The largest unit that says something.
        let seconds = by.as_secs();
        match seconds {
            0..120 => write!(f, "{way} by {seconds} s"),
            120..7_200 => write!(f, "{way} by {} min", seconds / 60),
            7_200..172_800 => write!(f, "{way} by {} h", seconds / 3_600),
            _ => write!(f, "{way} by {} days", seconds / 86_400),
        }
    }
}

/// The clock, but for where it gets its times from.
#[derive(Clone, Copy, Debug)]
struct Reckoning {
    /// The broker's time when it began.
    origin: Time,
    /// What the machine's clock said when it was set last, and how long after the beginning that was.
    machine: Time,
    set: Duration,
    /// How far the machine's clock was off at the beginning.
    differs: Option<Jump>,
}

impl Reckoning {
    fn after(state: &PersistentState, machine: Time) -> Self {
        let reading = state.clock.unwrap_or_default();
        // What the machine's clock says of a time, and what time it is when the machine's clock says so.
        let forth = |time: Time| shift(time, reading.time, reading.machine);
        let believed = shift(machine, reading.machine, reading.time);
        let origin = match latest(state) {
            Some(kept) if kept > believed || forth(kept) < KNOWN && machine >= KNOWN => kept,
            Some(_) | None => believed,
        };
        let differs = jump(forth(origin), machine, WORTH_TELLING);
        Self {
            origin,
            machine,
            set: Duration::ZERO,
            differs,
        }
    }

    fn at(&self, elapsed: Duration) -> Time {
        self.origin + elapsed
    }

    fn differs(&self) -> Option<Jump> {
        self.differs
    }

    fn look(&mut self, elapsed: Duration, machine: Time) -> Option<Jump> {
        let expected = self.reading(elapsed).machine;
        let jump = jump(expected, machine, STEP)?;
        (self.machine, self.set) = (machine, elapsed);
        Some(jump)
    }

    fn reading(&self, elapsed: Duration) -> ClockReading {
        ClockReading {
            time: self.at(elapsed),
            machine: self.machine + elapsed.saturating_sub(self.set),
        }
    }
}

/// `time`, moved as `from` is to `to`.
fn shift(time: Time, from: Time, to: Time) -> Time {
    if to >= from {
        time + to.since(from)
    } else {
        Time(time.0.saturating_sub(from.0 - to.0))
    }
}

/// From one to the other, if that is more than `least`.
fn jump(from: Time, to: Time, least: Duration) -> Option<Jump> {
    let (forward, back) = (to.since(from), from.since(to));
    if forward > least {
        Some(Jump::Forward(forward))
    } else if back > least {
        Some(Jump::Back(back))
    } else {
        None
    }
}

/// The latest time that is surely past in what was kept.
fn latest(state: &PersistentState) -> Option<Time> {
    let sessions = state.sessions.values();
    let left = sessions.filter_map(|session| session.settings.left);
    left.chain(state.clock.map(|reading| reading.time)).max()
}

#[cfg(test)]
mod tests;
