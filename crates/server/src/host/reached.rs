//! A line when a limit was reached: what is discarded or refused then is counted in `$SYS`, where nobody may be looking.

use std::collections::BTreeMap;
use std::time::Duration;

use tracing::level_filters::LevelFilter;
use tracing::warn;
use vitrine_broker::{Broker, Limit, LimitState, Time};

/// Between two lines about the same limit.
const PAUSE: Duration = Duration::from_secs(60);

/// Reached in everyday use, and not told: a client that is slower than its publisher, whose messages wait; a stranger that says nothing.
const USUAL: [Limit; 3] = [Limit::InFlight, Limit::ConnectTimeout, Limit::Linger];

/// What was told.
#[derive(Default)]
pub(super) struct Reached {
    /// How often any was reached when that was looked at last.
    all: u64,
    limits: BTreeMap<Limit, Told>,
    /// When there is something to tell, if there is, that it was too early for.
    next: Option<Time>,
}

#[derive(Default)]
struct Told {
    /// How often it was reached by then.
    times: u64,
    /// When it may be told again.
    again: Time,
}

impl Reached {
    /// Tells which limits were reached since that was told.
    pub(super) fn tell(&mut self, broker: &Broker, now: Time) {
        if LevelFilter::current() < LevelFilter::WARN {
            return;
        }
        let all = broker.refusals();
        if all == self.all && self.next.is_none_or(|next| now < next) {
            return;
        }
        self.all = all;
        for (state, times) in self.due(broker.limits(), now) {
            warn!(
                limit = state.limit.key(),
                most = state.most,
                times,
                "a limit was reached: {}",
                state.limit.text()
            );
        }
    }

    /// When to tell again, even if nothing is reached until then.
    pub(super) fn next(&self) -> Option<Time> {
        self.next
    }

    /// The limits to tell of now, each with how often it was reached since it was told of.
    fn due(
        &mut self,
        limits: impl Iterator<Item = LimitState>,
        now: Time,
    ) -> Vec<(LimitState, u64)> {
        self.next = None;
        let mut due = Vec::new();
        for state in limits.filter(|state| state.refused > 0 && !USUAL.contains(&state.limit)) {
            let told = self.limits.entry(state.limit).or_default();
            let times = state.refused - told.times;
            if times == 0 {
                continue;
            }
            if now < told.again {
                let next = self.next.unwrap_or(told.again);
                self.next = Some(next.min(told.again));
                continue;
            }
            *told = Told {
                times: state.refused,
                again: now + PAUSE,
            };
            due.push((state, times));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(limit: Limit, refused: u64) -> LimitState {
        LimitState {
            limit,
            most: 1,
            used: None,
            refused,
        }
    }

    #[test]
    fn each_limit_is_told_once_a_minute_and_nothing_of_a_burst_is_left_out() {
        let mut reached = Reached::default();
        let mut due = |queue, sessions, seconds| {
            let limits = [
                state(Limit::QueuedMessages, queue),
                state(Limit::Sessions, sessions),
                state(Limit::InFlight, 1_000),
            ];
            let now = Time::default() + Duration::from_secs(seconds);
            let due = reached.due(limits.into_iter(), now);
            let due: Vec<_> = due
                .into_iter()
                .map(|(it, times)| (it.limit, times))
                .collect();
            (due, reached.next())
        };
        let at = |seconds| Some(Time::default() + Duration::from_secs(seconds));
        assert_eq!(due(0, 0, 1), (vec![], None));
        assert_eq!(due(1, 0, 2), (vec![(Limit::QueuedMessages, 1)], None));
        // The rest of the burst, when its minute is over; another limit does not wait for that.
        assert_eq!(due(50, 0, 3), (vec![], at(62)));
        assert_eq!(due(90, 2, 4), (vec![(Limit::Sessions, 2)], at(62)));
        assert_eq!(due(90, 3, 5), (vec![], at(62)));
        assert_eq!(due(90, 3, 62), (vec![(Limit::QueuedMessages, 89)], at(64)));
        assert_eq!(due(90, 3, 64), (vec![(Limit::Sessions, 1)], None));
        assert_eq!(due(90, 3, 500), (vec![], None));
    }
}
