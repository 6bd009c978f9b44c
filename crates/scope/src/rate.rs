//! How many a second: a sliding window that costs the same however much is counted.

/// Counts in slots of time. The window covers the newest slot, the full ones before it, and as much
/// of the oldest as still lies within it, so the figure slides instead of jumping.
///
/// `SLOTS` is the window's length in slots plus one; `SLOT` is a slot's length in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Rate<const SLOTS: usize, const SLOT: u64> {
    slots: [u32; SLOTS],
    /// The number of the newest slot written, counted from time 0.
    newest: u64,
}

/// Per second over the last five seconds.
pub(crate) type TopicRate = Rate<6, 1_000_000>;

/// Per second over the last second.
pub(crate) type TotalRate = Rate<11, 100_000>;

/// Microseconds after the last event until every rate is 0 again.
pub(crate) const LONGEST_WINDOW: u64 = 6_000_000;

impl<const SLOTS: usize, const SLOT: u64> Default for Rate<SLOTS, SLOT> {
    fn default() -> Self {
        Self {
            slots: [0; SLOTS],
            newest: 0,
        }
    }
}

impl<const SLOTS: usize, const SLOT: u64> Rate<SLOTS, SLOT> {
    /// Counts one at `now` (microseconds). Time that runs backwards is counted as the newest known.
    pub(crate) fn add(&mut self, now: u64) {
        let slot = (now / SLOT).max(self.newest);
        if slot > self.newest {
            let first_new = (self.newest + 1).max(slot.saturating_sub(SLOTS as u64 - 1));
            for number in first_new..=slot {
                self.slots[Self::place(number)] = 0;
            }
            self.newest = slot;
        }
        let count = &mut self.slots[Self::place(slot)];
        *count = count.saturating_add(1);
    }

    /// Events per second in the window that ends at `now` (microseconds).
    pub(crate) fn per_second(&self, now: u64) -> f32 {
        let slot = now / SLOT;
        let oldest = slot.saturating_sub(SLOTS as u64 - 1);
        let mut sum = 0.0_f64;
        for number in oldest..=slot.min(self.newest) {
            // A slot older than the newest by a whole round has been overwritten.
            if number + (SLOTS as u64) <= self.newest {
                continue;
            }
            let share = if number == oldest && slot >= SLOTS as u64 - 1 {
                1.0 - (now % SLOT) as f64 / SLOT as f64
            } else {
                1.0
            };
            sum += f64::from(self.slots[Self::place(number)]) * share;
        }
        let window = (SLOTS as u64 - 1) * SLOT;
        (sum * 1_000_000.0 / window as f64) as f32
    }

    fn place(number: u64) -> usize {
        (number % SLOTS as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    #[test]
    fn a_steady_stream_shows_its_rate() {
        let mut rate = TopicRate::default();
        let start = 1_763_000_000 * SECOND;
        for i in 0..100 {
            rate.add(start + i * SECOND / 10);
        }
        let now = start + 10 * SECOND;
        assert!(
            (rate.per_second(now) - 10.0).abs() < 0.5,
            "{}",
            rate.per_second(now)
        );
    }

    #[test]
    fn a_burst_fades_and_is_gone_after_the_window() {
        let mut rate = TopicRate::default();
        let start = 50 * SECOND + 1;
        for _ in 0..10 {
            rate.add(start);
        }
        assert_eq!(rate.per_second(start), 2.0);
        assert_eq!(rate.per_second(start + 4 * SECOND), 2.0);
        let fading = rate.per_second(start + 5 * SECOND + SECOND / 2);
        assert!(fading > 0.0 && fading < 2.0, "{fading}");
        assert_eq!(rate.per_second(start + LONGEST_WINDOW), 0.0);
        assert_eq!(rate.per_second(start + 1_000 * SECOND), 0.0);
    }

    #[test]
    fn a_new_stream_after_silence_does_not_count_the_old_one() {
        let mut rate = TopicRate::default();
        for _ in 0..1000 {
            rate.add(3 * SECOND);
        }
        rate.add(100 * SECOND);
        assert_eq!(rate.per_second(100 * SECOND), 0.2);
    }

    #[test]
    fn time_running_backwards_loses_nothing() {
        let mut rate = TotalRate::default();
        rate.add(10 * SECOND);
        rate.add(9 * SECOND);
        assert_eq!(rate.per_second(10 * SECOND), 2.0);
    }
}
