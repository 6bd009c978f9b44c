//! What the user reads while a chore runs: one line a step, with its seconds.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// Runs one step and prints a line when it is done, or when it failed.
///
/// `work` gives what there is to say about the outcome ("found /usr/bin/chromium").
pub(crate) fn step<T: Display>(
    name: &str,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let start = Instant::now();
    let result = work();
    let seconds = seconds(start.elapsed());
    match &result {
        Ok(said) => println!("  ok    {name:<13} {seconds}  {said}"),
        Err(_) => println!("  FAIL  {name:<13} {seconds}"),
    }
    result
}

/// Says that something slow begins, so that nobody waits before a silent terminal.
pub(crate) fn begin(what: impl Display) {
    println!("  ..    {what}");
}

/// A duration as a column of seconds: `   0.3 s`.
pub(crate) fn seconds(elapsed: Duration) -> String {
    format!("{:>6.1} s", elapsed.as_secs_f64())
}
