//! A line when a limit was reached: what is discarded or refused then is counted in `$SYS`, where nobody may be looking.

use std::collections::BTreeMap;
use std::time::Duration;

use tracing::level_filters::LevelFilter;
use tracing::warn;
use vitrine_broker::{Broker, Limit, Time};

/// Between two lines about the same limit.
const PAUSE: Duration = Duration::from_secs(60);

/// Reached in everyday use: a client that is slower than its publisher, whose messages wait; a stranger that says nothing.
const USUAL: [Limit; 3] = [Limit::InFlight, Limit::ConnectTimeout, Limit::Linger];

/// What was told.
#[derive(Default)]
pub(super) struct Reached {
    /// How often any was reached when that was looked at last.
    all: u64,
    limits: BTreeMap<Limit, Told>,
}

#[derive(Default)]
struct Told {
    /// How often it was reached by then.
    times: u64,
    /// When it may be told again.
    again: Time,
}

impl Reached {
    /// Tells which limits were reached since the last look.
    pub(super) fn tell(&mut self, broker: &Broker, now: Time) {
        let all = broker.refusals();
        if all == self.all || LevelFilter::current() < LevelFilter::WARN {
            return;
        }
        self.all = all;
        for state in broker.limits().filter(|state| state.refused > 0) {
            let limit = state.limit;
            let told = self.limits.entry(limit).or_default();
            let times = state.refused - told.times;
            if times == 0 || now < told.again || USUAL.contains(&limit) {
                continue;
            }
            *told = Told {
                times: state.refused,
                again: now + PAUSE,
            };
            warn!(
                limit = limit.key(),
                most = state.most,
                times,
                "a limit was reached: {}",
                limit.text()
            );
        }
    }
}
