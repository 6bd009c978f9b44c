//! Contenders that take turns, and the table of what they took.

use std::time::{Duration, Instant};

/// A round lasts at least this long for each contender: short enough to pass undisturbed now and then.
const ROUND: Duration = Duration::from_micros(200);

/// A codec doing one thing.
pub(crate) struct Contender<'a> {
    name: &'static str,
    ours: bool,
    /// How many packets `run` goes through.
    batch: usize,
    /// Goes through a batch, and says how long that took without preparing it.
    run: Box<dyn FnMut() -> Duration + 'a>,
}

impl<'a> Contender<'a> {
    /// A contender that prepares a batch, which is not timed, and then goes through it.
    pub(crate) fn new<T>(
        name: &'static str,
        batch: usize,
        mut prepare: impl FnMut() -> T + 'a,
        mut run: impl FnMut(&mut T) + 'a,
    ) -> Self {
        Self {
            name,
            ours: name.starts_with("vitrine"),
            batch,
            run: Box::new(move || {
                let mut prepared = prepare();
                let start = Instant::now();
                run(&mut prepared);
                start.elapsed()
            }),
        }
    }

    /// Nanoseconds per packet in one round.
    fn round(&mut self) -> f64 {
        let mut taken = Duration::ZERO;
        let mut packets = 0;
        while taken < ROUND {
            taken += (self.run)();
            packets += self.batch;
        }
        taken.as_nanos() as f64 / packets as f64
    }
}

/// Lets the contenders take turns, and prints a line for each.
pub(crate) fn race(what: &str, mut contenders: Vec<Contender<'_>>, rounds: usize) {
    for contender in &mut contenders {
        contender.round();
    }
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            // Nobody always follows the same one.
            let index = (turn + round) % contenders.len();
            times[index].push(contenders[index].round());
        }
    }
    let times: Vec<_> = times.into_iter().map(Times::new).collect();
    let fastest = contenders
        .iter()
        .zip(&times)
        .filter(|(contender, _)| !contender.ours)
        .map(|(_, times)| times.best)
        .fold(f64::INFINITY, f64::min);
    for (contender, Times { best, median }) in contenders.iter().zip(times) {
        let name = contender.name;
        let ratio = best / fastest;
        println!("| {what} | {name} | {best:.1} | {median:.1} | {ratio:.2} |");
    }
}

/// What the rounds of a contender say, in nanoseconds per packet.
struct Times {
    best: f64,
    median: f64,
}

impl Times {
    fn new(mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        Self {
            best: rounds[0],
            median: rounds[rounds.len() / 2],
        }
    }
}
