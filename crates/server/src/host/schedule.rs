//! When a commit begins.
//!
//! Changes that something to be sent rests on are committed soon: some time after the last commit, so that more comes together, and
//! perhaps a moment later (`patience`). Changes that nothing rests on are committed with them, or in a while.

use std::time::Duration;

use vitrine_broker::{Broker, ChangeNumber, Time};

use crate::host::patience::Patience;

/// From the beginning of one commit to that of the next at least, unless it holds [`MANY`] changes: each costs the processor some
/// 100 microseconds, however few changes it holds. Who changes something after a pause waits for nobody but a subscriber.
const BETWEEN_COMMITS: Duration = Duration::from_millis(2);
/// With so many changes a commit begins as soon as nobody has said more: those who wait for it may have nothing to say before.
const MANY: usize = 64;

/// After this time changes are kept on which nothing rests that is sent.
const IN_A_WHILE: Duration = Duration::from_millis(100);

/// What there is to commit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    /// How many changes wait to be taken, whether they press, and whether what presses may come to nothing: as the broker says it.
    pub(super) count: usize,
    pub(super) press: bool,
    pub(super) may_pass: bool,
    pub(super) latest: ChangeNumber,
    pub(super) settled: ChangeNumber,
    /// The host has something itself that is to be kept soon, whatever comes to nothing.
    pub(super) own: bool,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Schedule {
    /// Every input is committed by itself.
    each: bool,
    /// There is something to be committed before anything that rests on it is sent.
    pending: bool,
    /// When that is to be committed at the latest which waits now.
    in_a_while: Option<Time>,
    /// When the next commit may begin.
    next: Time,
    /// How long subscribers are waited for who may make a commit needless.
    patience: Patience,
}

impl Waiting {
    pub(super) fn in_broker(broker: &Broker, own: bool) -> Self {
        Self {
            count: broker.changes_waiting(),
            press: broker.changes_press(),
            may_pass: broker.changes_may_pass(),
            latest: broker.changes_latest(),
            settled: broker.changes_settled(),
            own,
        }
    }
}

impl Schedule {
    /// With `each`, every input is committed by itself.
    pub(super) fn new(each: bool) -> Self {
        Self {
            each,
            pending: false,
            in_a_while: None,
            next: Time::default(),
            patience: Patience::default(),
        }
    }

    /// Whether a commit is to begin that something may rest on.
    pub(super) fn is_pending(&self) -> bool {
        self.pending
    }

    /// Takes note of what there is to commit now.
    pub(super) fn look(&mut self, waiting: &Waiting, now: Time) {
        self.patience.look(waiting.settled, waiting.may_pass);
        if waiting.count > 0 {
            let in_a_while = *self.in_a_while.get_or_insert(now + IN_A_WHILE);
            self.pending = waiting.press || self.each || in_a_while <= now;
        } else {
            (self.in_a_while, self.pending) = (None, false);
        }
        self.pending |= waiting.own;
    }

    /// Whether a commit begins now, as none is under way. `quiet` says that nobody has said more.
    pub(super) fn begins(&mut self, waiting: &Waiting, quiet: bool, now: Time) -> bool {
        if !self.pending {
            return false;
        }
        if !self.each {
            let many = waiting.count >= MANY;
            if now < self.next && !(many && quiet) {
                return false;
            }
            let (may_pass, latest) = (waiting.may_pass, waiting.latest);
            if !self.is_overdue(waiting, now) && self.patience.waits(may_pass, latest, now) {
                return false;
            }
            self.next = now + BETWEEN_COMMITS;
        }
        (self.pending, self.in_a_while) = (false, None);
        true
    }

    /// When a commit is to begin that waits for its time, as none is under way.
    pub(super) fn next(&self, waiting: &Waiting, now: Time) -> Option<Time> {
        if !self.pending {
            return self.in_a_while;
        }
        let many = waiting.count >= MANY;
        let next = if many { now } else { self.next };
        match self.patience.until() {
            Some(until) if !self.is_overdue(waiting, now) => Some(next.max(until)),
            _ => Some(next),
        }
    }

    /// Whether something waits that is to be kept soon, whatever comes to nothing meanwhile: so that a stream of messages that all
    /// do cannot put it off for ever.
    fn is_overdue(&self, waiting: &Waiting, now: Time) -> bool {
        waiting.own || self.in_a_while.is_some_and(|at| at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Time = Time::from_secs(100);

    /// A stream of QoS 1 messages, each acknowledged before the next comes, while something waits on which nothing rests.
    fn stream(number: u64) -> Waiting {
        Waiting {
            count: 2,
            press: true,
            may_pass: true,
            latest: ChangeNumber(number),
            settled: ChangeNumber(number - 1),
            own: false,
        }
    }

    /// Has the stream go on until a commit begins; gives how long that took.
    fn until_commit(schedule: &mut Schedule, number: &mut u64, start: Time) -> Duration {
        const STEP: Duration = Duration::from_micros(500);
        let mut now = start;
        loop {
            let waiting = stream(*number);
            schedule.look(&waiting, now);
            if schedule.begins(&waiting, false, now) {
                return now.since(start);
            }
            // It is looked at again in time.
            let next = schedule.next(&waiting, now).unwrap();
            assert!(next.since(now) <= Duration::from_millis(2));
            assert!(now.since(start) < Duration::from_secs(10), "never");
            now = now + STEP;
            *number += 1;
        }
    }

    #[test]
    fn a_stream_that_comes_to_nothing_puts_nothing_off_for_longer_than_a_while() {
        let mut schedule = Schedule::new(false);
        let (mut number, mut now) = (1, START);
        for _ in 0..5 {
            let took = until_commit(&mut schedule, &mut number, now);
            assert_eq!(took, IN_A_WHILE);
            now = now + took;
        }
    }

    #[test]
    fn what_the_host_has_to_keep_waits_for_no_subscriber() {
        let mut schedule = Schedule::new(false);
        let mut waiting = stream(1);
        schedule.look(&waiting, START);
        assert!(!schedule.begins(&waiting, false, START));
        waiting.own = true;
        schedule.look(&waiting, START);
        assert!(schedule.next(&waiting, START).unwrap() <= START);
        assert!(schedule.begins(&waiting, false, START));
    }

    #[test]
    fn what_nothing_rests_on_waits_a_while() {
        let mut schedule = Schedule::new(false);
        let waiting = Waiting {
            press: false,
            may_pass: false,
            ..stream(1)
        };
        let end = START + IN_A_WHILE;
        for now in [START, START + Duration::from_millis(99)] {
            schedule.look(&waiting, now);
            assert!(!schedule.begins(&waiting, true, now));
            assert_eq!(schedule.next(&waiting, now), Some(end));
        }
        schedule.look(&waiting, end);
        assert!(schedule.begins(&waiting, true, end));
    }

    #[test]
    fn commits_keep_a_distance_unless_there_is_much() {
        let mut schedule = Schedule::new(false);
        let few = Waiting {
            may_pass: false,
            ..stream(1)
        };
        let many = Waiting { count: MANY, ..few };
        schedule.look(&few, START);
        assert!(schedule.begins(&few, false, START));
        schedule.look(&few, START);
        assert!(!schedule.begins(&few, true, START));
        let next = START + BETWEEN_COMMITS;
        assert_eq!(schedule.next(&few, START), Some(next));
        // As soon as nobody says more.
        assert!(!schedule.begins(&many, false, START));
        assert!(schedule.begins(&many, true, START));
        schedule.look(&few, next);
        assert!(schedule.begins(&few, false, next));
        // And where each input is committed by itself, always.
        let mut schedule = Schedule::new(true);
        for _ in 0..2 {
            schedule.look(&few, START);
            assert!(schedule.begins(&few, false, START));
        }
    }
}
