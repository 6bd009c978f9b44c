//! What was counted since the start, and how fast it grows.

use core::time::Duration;

use crate::Time;
use crate::broker::Broker;

/// What a broker counted since it started. See [`Broker::statistics`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Transport connections that were opened.
    pub sockets: u64,
    /// CONNECT packets that came.
    pub connects: u64,
    /// Bytes that came.
    pub bytes_received: u64,
    /// Bytes that were pulled.
    pub bytes_sent: u64,
    /// Control Packets that came.
    pub packets_received: u64,
    /// Control Packets that were pulled.
    pub packets_sent: u64,
    /// PUBLISH packets that came.
    pub publish_received: u64,
    /// PUBLISH packets that were pulled.
    pub publish_sent: u64,
    /// Bytes of PUBLISH packets that came, headers included.
    pub publish_bytes_received: u64,
    /// Bytes of PUBLISH packets that were pulled, headers included.
    pub publish_bytes_sent: u64,
    /// Deliveries that were discarded because a queue was full or a client did not read.
    pub publish_dropped: u64,
    /// Clients that are connected.
    pub connected: usize,
    /// The most clients that were connected at a time.
    pub most_connected: usize,
    /// Sessions that ended because their time was over.
    pub expired: u64,
}

impl Statistics {
    /// A client is connected.
    pub(crate) fn joined(&mut self) {
        self.connected += 1;
        self.most_connected = self.most_connected.max(self.connected);
    }

    /// What [`Load`] follows, in the order of [`Load::NAMES`].
    fn followed(&self) -> [u64; FOLLOWED] {
        [
            self.connects,
            self.sockets,
            self.packets_received,
            self.packets_sent,
            self.publish_dropped,
            self.publish_received,
            self.publish_sent,
            self.bytes_received,
            self.bytes_sent,
        ]
    }
}

const FOLLOWED: usize = 9;

/// Averages over one, five and fifteen minutes of what happens in a minute, where older times count
/// exponentially less: as Mosquitto makes them.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// When it was last brought up to date.
    at: Time,
    /// What was counted by then.
    counted: [u64; FOLLOWED],
    averages: [[f64; 3]; FOLLOWED],
}

impl Load {
    /// What is followed, as it is called in `$SYS`.
    pub(crate) const NAMES: [&str; FOLLOWED] = [
        "connections",
        "sockets",
        "messages/received",
        "messages/sent",
        "publish/dropped",
        "publish/received",
        "publish/sent",
        "bytes/received",
        "bytes/sent",
    ];

    /// The minutes that the averages are over.
    pub(crate) const MINUTES: [u32; 3] = [1, 5, 15];

    pub(crate) fn new(now: Time) -> Self {
        let (counted, averages) = ([0; FOLLOWED], [[0.0; 3]; FOLLOWED]);
        Self {
            at: now,
            counted,
            averages,
        }
    }

    /// Takes in what was counted up to now.
    pub(crate) fn update(&mut self, statistics: &Statistics, now: Time) {
        let passed = now.since(self.at);
        if passed < Duration::from_millis(1) {
            return;
        }
        let minutes = passed.as_secs_f64() / 60.0;
        let decays = Self::MINUTES.map(|over| decay(minutes / f64::from(over)));
        let counted = statistics.followed();
        for (at, averages) in self.averages.iter_mut().enumerate() {
            let rate = (counted[at] - self.counted[at]) as f64 / minutes;
            for (average, decay) in averages.iter_mut().zip(decays) {
                *average = rate + decay * (*average - rate);
            }
        }
        self.at = now;
        self.counted = counted;
    }

    /// The averages by name and minutes, as of the last update.
    pub(crate) fn averages(&self) -> impl Iterator<Item = (&'static str, u32, f64)> {
        let rows = Self::NAMES.into_iter().zip(&self.averages);
        rows.flat_map(|(name, averages)| {
            let columns = Self::MINUTES.into_iter().zip(averages);
            columns.map(move |(minutes, average)| (name, minutes, *average))
        })
    }
}

/// e to the power of `-x`, for `x` from 0 up. Made of additions and multiplications only, so that it is
/// the same to the last bit on every machine.
fn decay(x: f64) -> f64 {
    // It is the square of what it is for half of it; for a small part of it a few terms are exact enough.
    let mut part = x;
    let mut halved = 0;
    while part > 1.0 / 64.0 && halved < 64 {
        part /= 2.0;
        halved += 1;
    }
    let mut power = 1.0 - part * (1.0 - part / 2.0 * (1.0 - part / 3.0 * (1.0 - part / 4.0)));
    for _ in 0..halved {
        power *= power;
    }
    power
}

impl Broker {
    /// What was counted since the start.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn decay_is_the_exponential() {
        let known = [
            (0.0, 1.0),
            (1.0 / 90.0, 0.988_950_389_293_9),
            (1.0 / 6.0, 0.846_481_724_890_6),
            (1.0, 0.367_879_441_171_442),
            (10.0, 0.000_045_399_929_762),
            (1e9, 0.0),
        ];
        for (x, expected) in known {
            assert!((decay(x) - expected).abs() < 1e-9, "{x}: {}", decay(x));
        }
    }

    /// However the time is cut, a steady rate gives the same averages.
    #[test]
    fn averages_of_a_steady_rate() {
        for pause in [1, 10, 60] {
            let mut load = Load::new(Time::ZERO);
            let mut statistics = Statistics::default();
            for second in (0..=300).step_by(pause) {
                statistics.sockets = second as u64 * 2;
                load.update(&statistics, Time::from_secs(second as u64));
            }
            let sockets: Vec<f64> = load
                .averages()
                .filter(|(name, ..)| *name == "sockets")
                .map(|(.., average)| average)
                .collect();
            // 120 a minute, for five minutes from nothing.
            let expected = [
                120.0 * (1.0 - decay(5.0)),
                120.0 * (1.0 - decay(1.0)),
                120.0 * (1.0 - decay(1.0 / 3.0)),
            ];
            for (average, expected) in sockets.iter().zip(expected) {
                assert!((average - expected).abs() < 1e-6, "{sockets:?}");
            }
        }
    }
}
