//! How long a commit waits for subscribers who may make it needless.
//!
//! A message at QoS 1 is sent before it is kept. When all who get it have acknowledged it before a commit has begun, nothing is left
//! of it to keep. So a commit that holds nothing but such messages waits a moment, as long as acknowledgements come; where they do
//! not it is not worth it, and the next commits do not wait.

use std::time::Duration;

use vitrine_broker::{ChangeNumber, Time};

/// How long. A client on the same machine takes some 50 microseconds to answer; the disk may take as long as this.
const MOMENT: Duration = Duration::from_millis(1);

/// So many commits at most do not wait after one that has waited in vain.
const MOST_HASTY: u32 = 31;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// Up to which change all is to be settled, and until when.
    waiting: Option<(ChangeNumber, Time)>,
    /// So many commits do not wait.
    hasty: u32,
    /// So many will not after the next one that waits in vain.
    vain: u32,
}

impl Patience {
    /// Until when the commit waits that is waiting.
    pub(super) fn until(&self) -> Option<Time> {
        self.waiting.map(|(_, until)| until)
    }

    /// Looks whether a commit that waits has to wait any longer. `may_pass` says that all that presses may come to nothing.
    pub(super) fn look(&mut self, settled: ChangeNumber, may_pass: bool) {
        if self.waiting.is_some_and(|(number, _)| number <= settled) {
            self.waiting = None;
            self.vain = 0;
        } else if !may_pass {
            self.waiting = None;
        }
    }

    /// Whether the commit that could begin now had better wait.
    pub(super) fn waits(&mut self, may_pass: bool, latest: ChangeNumber, now: Time) -> bool {
        match self
            .waiting
            .take_if(|(_, until)| !may_pass || *until <= now)
        {
            _ if !may_pass => false,
            Some(_) => {
                self.vain = (2 * self.vain + 1).min(MOST_HASTY);
                self.hasty = self.vain;
                false
            }
            None if self.waiting.is_none() && self.hasty > 0 => {
                self.hasty -= 1;
                false
            }
            None => {
                self.waiting.get_or_insert((latest, now + MOMENT));
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: u64) -> Time {
        Time::from_secs(100) + Duration::from_micros(micros)
    }

    #[test]
    fn it_waits_as_long_as_acknowledgements_come() {
        let mut patience = Patience::default();
        for n in 0..100 {
            let now = at(900 * n);
            assert!(patience.waits(true, ChangeNumber(n + 5), now));
            assert!(
                patience
                    .until()
                    .is_some_and(|until| until.since(now) <= MOMENT)
            );
            patience.look(ChangeNumber(n + 5), true);
            assert_eq!(patience.until(), None);
        }
    }

    #[test]
    fn it_waits_for_a_moment_only() {
        let mut patience = Patience::default();
        assert!(patience.waits(true, ChangeNumber(5), at(0)));
        // What comes meanwhile makes it no longer.
        assert!(patience.waits(true, ChangeNumber(9), at(999)));
        patience.look(ChangeNumber(4), true);
        assert!(!patience.waits(true, ChangeNumber(9), at(1_000)));
        assert_eq!(patience.until(), None);
    }

    #[test]
    fn it_does_not_wait_for_what_has_to_be_kept() {
        let mut patience = Patience::default();
        assert!(!patience.waits(false, ChangeNumber(5), at(0)));
        assert!(patience.waits(true, ChangeNumber(6), at(1)));
        assert!(!patience.waits(false, ChangeNumber(7), at(2)));
        assert_eq!(patience.until(), None);
        assert!(patience.waits(true, ChangeNumber(7), at(3)));
        patience.look(ChangeNumber(5), false);
        assert_eq!(patience.until(), None);
        // That was not in vain.
        assert!(patience.waits(true, ChangeNumber(8), at(4)));
    }

    #[test]
    fn who_waits_in_vain_waits_ever_more_seldom() {
        let mut patience = Patience::default();
        let mut now = 0;
        let mut hasty = |patience: &mut Patience| {
            let mut count = 0;
            while !patience.waits(true, ChangeNumber(1), at(now)) {
                (count, now) = (count + 1, now + 1);
            }
            now += 1_000;
            assert!(!patience.waits(true, ChangeNumber(1), at(now)));
            count
        };
        let counts: Vec<u32> = (0..8).map(|_| hasty(&mut patience)).collect();
        assert_eq!(counts, [0, 1, 3, 7, 15, 31, 31, 31]);
        // And as at first when one was not.
        while !patience.waits(true, ChangeNumber(1), at(1_000_000)) {}
        patience.look(ChangeNumber(1), true);
        assert!(patience.waits(true, ChangeNumber(2), at(1_000_000)));
        assert!(!patience.waits(true, ChangeNumber(2), at(2_000_000)));
        assert_eq!(patience.hasty, 1);
    }
}
