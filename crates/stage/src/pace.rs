//! How fast time goes on by itself, held against the host's clock.

use core::time::Duration;

use vitrine_broker::Time;

/// The fastest.
const MOST: f64 = 10_000.0;

/// More time than this is not made up for: nobody looked meanwhile.
const LONGEST: Duration = Duration::from_millis(500);

/// Who is woken again is woken no sooner than this.
const SHORTEST: Duration = Duration::from_millis(1);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    speed: f64,
    /// Up to when, by the host's clock, time has passed in the world.
    told: Option<Time>,
}

impl Pace {
    /// How fast; 0 while time stands.
    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }

    /// Sets the speed. What is no speed at all is refused.
    pub(crate) fn set(&mut self, speed: f64, now: Time) -> Result<(), String> {
        if !(0.0..=MOST).contains(&speed) {
            return Err(format!(
                "{speed} is no speed: 0 stands, 1 is as fast as the world's clock says, and {MOST} is the most"
            ));
        }
        self.speed = speed;
        self.told = (speed > 0.0).then_some(now);
        Ok(())
    }

    /// Up to when, by the host's clock, time has passed; `None` while it stands.
    pub(crate) fn told(&self) -> Option<Time> {
        self.told
    }

    /// Time stands from now on.
    pub(crate) fn stop(&mut self) {
        (self.speed, self.told) = (0.0, None);
    }

    /// How much time has passed in the world since it was asked last.
    pub(crate) fn passed(&mut self, now: Time) -> Duration {
        let Some(told) = self.told else {
            return Duration::ZERO;
        };
        self.told = Some(now.max(told));
        now.since(told).min(LONGEST).mul_f64(self.speed)
    }

    /// When so much time will have passed in the world, and a little later rather than a little earlier; `None` while it
    /// stands.
    pub(crate) fn when(&self, time: Duration) -> Option<Time> {
        let told = self.told?;
        let seconds = time.as_secs_f64() / self.speed;
        // Nobody has to be woken later than in a day, and nobody twice in a moment.
        let wait = Duration::from_secs_f64(seconds.min(86_400.0)) + SHORTEST;
        Some(told + wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_secs(100);

    #[test]
    fn time_passes_as_fast_as_was_said() {
        let mut pace = Pace::default();
        assert_eq!(pace.passed(NOW), Duration::ZERO);
        pace.set(2.0, NOW).unwrap();
        let later = NOW + Duration::from_millis(100);
        assert_eq!(
            pace.when(Duration::from_millis(200)),
            Some(later + SHORTEST)
        );
        assert_eq!(pace.passed(later), Duration::from_millis(200));
        assert_eq!(pace.passed(later), Duration::ZERO);
        pace.stop();
        assert_eq!(pace.passed(later + LONGEST), Duration::ZERO);
        assert_eq!(pace.when(Duration::ZERO), None);
    }

    #[test]
    fn what_nobody_saw_is_not_made_up_for() {
        let mut pace = Pace::default();
        pace.set(1.0, NOW).unwrap();
        assert_eq!(pace.passed(NOW + Duration::from_secs(60)), LONGEST);
    }

    #[test]
    fn what_is_no_speed_changes_nothing() {
        let mut pace = Pace::default();
        pace.set(1.0, NOW).unwrap();
        for speed in [f64::NAN, -1.0, f64::INFINITY, 1e9] {
            assert!(pace.set(speed, NOW).is_err());
        }
        assert!((pace.speed() - 1.0).abs() < f64::EPSILON);
    }
}
