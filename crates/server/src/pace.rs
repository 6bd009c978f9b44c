//! Whether the disk is quick enough to wait for it.
//!
//! Whoever waits for a slow disk stalls all clients. A single slow write hands the work to another thread, and it takes many quick ones
//! in a row to take it back.

use std::time::Duration;

/// A disk is quick when writes take no longer, most of the time. A good one takes half of it.
const QUICK: Duration = Duration::from_micros(400);

/// A write that takes longer is slow, however quick the others are. Commits follow each other no more often while there is little
/// to keep.
const SLOW: Duration = Duration::from_millis(2);

/// So many writes in a row have to find it quick before it is waited for.
const MANY: u32 = 64;

/// See the module.
#[derive(Debug)]
pub(crate) struct Pace {
    /// How long a write takes: of each new one an eighth counts.
    usual: Duration,
    /// How many in a row found that to be quick.
    row: u32,
}

impl Default for Pace {
    fn default() -> Self {
        let (usual, row) = (SLOW, 0);
        Self { usual, row }
    }
}

impl Pace {
    /// Whether the disk may be waited for.
    pub(crate) fn is_quick(&self) -> bool {
        self.row >= MANY
    }

    /// A write took so long; or it failed.
    pub(crate) fn saw(&mut self, took: Option<Duration>) {
        let Some(took) = took.filter(|took| *took <= SLOW) else {
            *self = Self::default();
            return;
        };
        self.usual = (7 * self.usual + took) / 8;
        self.row = match self.usual <= QUICK {
            true => self.row.saturating_add(1),
            false => 0,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn see(pace: &mut Pace, count: u32, micros: u64) {
        (0..count).for_each(|_| pace.saw(Some(Duration::from_micros(micros))));
    }

    #[test]
    fn it_takes_many_quick_writes() {
        let mut pace = Pace::default();
        see(&mut pace, MANY, 50);
        assert!(!pace.is_quick(), "the first of them were not trusted yet");
        see(&mut pace, MANY, 50);
        assert!(pace.is_quick());
    }

    #[test]
    fn one_slow_write_is_enough() {
        for slow in [Some(SLOW + Duration::from_micros(1)), None] {
            let mut pace = Pace::default();
            see(&mut pace, 1_000, 50);
            assert!(pace.is_quick());
            pace.saw(slow);
            assert!(!pace.is_quick());
            see(&mut pace, MANY, 50);
            assert!(!pace.is_quick());
            see(&mut pace, MANY, 50);
            assert!(pace.is_quick());
        }
    }

    #[test]
    fn so_are_several_that_are_not_quick() {
        let mut pace = Pace::default();
        see(&mut pace, 2 * MANY, 50);
        see(&mut pace, 2, 1_000);
        assert!(pace.is_quick(), "they may be an accident");
        see(&mut pace, 10, 1_000);
        assert!(!pace.is_quick());
        // Nor is a disk quick because it never was slow.
        see(&mut pace, 10 * MANY, 500);
        assert!(!pace.is_quick());
    }
}
