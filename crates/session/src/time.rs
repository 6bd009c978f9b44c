//! Time as both ends know it: told by the host, never read from a clock.

use core::ops::Add;
use core::time::Duration;

/// A point in time: microseconds since an epoch that the host chose.
///
/// The browser's host and the native server count from the Unix epoch, a simulation may count from 0.
/// A host may let time stand still; where it goes backwards broker and client keep to the latest they were told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

impl Time {
    /// The epoch.
    pub const ZERO: Self = Self(0);
    /// A time that never comes.
    pub const NEVER: Self = Self(u64::MAX);

    /// The time so many microseconds after the epoch.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The time so many milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// The time so many seconds after the epoch.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero when it is before.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// This time and so many seconds, as the intervals in the standard are given.
    #[must_use]
    pub const fn plus_secs(self, secs: u32) -> Self {
        Self(self.0.saturating_add(secs as u64 * 1_000_000))
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, after: Duration) -> Self {
        let micros = u64::try_from(after.as_micros()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_past_the_end_never_comes() {
        assert_eq!(Time(u64::MAX - 1) + Duration::from_secs(1), Time::NEVER);
        assert_eq!(Time::from_secs(u64::MAX), Time::NEVER);
    }

    #[test]
    fn nothing_is_before_its_past() {
        assert_eq!(Time(5).since(Time(7)), Duration::ZERO);
        assert_eq!(Time(7).since(Time(5)), Duration::from_micros(2));
    }
}
