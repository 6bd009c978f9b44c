//! What the user reads while a chore runs: one line a step, with its seconds.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Runs one step and prints a line when it is done, or when it failed.
///
/// `work` gives what there is to say about the outcome ("found /usr/bin/chromium").
pub(crate) fn step<T: Display>(
    name: &str,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let start = Instant::now();
    under_way(name);
    let result = work();
    match &result {
        Ok(said) => done(true, name, start, said),
        Err(_) => done(false, name, start, ""),
    }
    result
}

/// The line of a step that is done, or that failed.
pub(crate) fn done(ok: bool, name: &str, start: Instant, said: impl Display) {
    let word = if ok { "ok  " } else { "FAIL" };
    let seconds = seconds(start.elapsed());
    println!("{}  {word}  {name:<14} {seconds}  {said}", clear());
}

/// Shows, on a terminal, what is being waited for; the line of the outcome takes its place.
pub(crate) fn under_way(name: &str) {
    if io::stdout().is_terminal() {
        print!("  ..    {name}\r");
        // If the terminal is gone the next line will tell.
        let _ = io::stdout().flush();
    }
}

fn clear() -> &'static str {
    // A console of Windows may take it for text; there a line is written over, which is shorter.
    if io::stdout().is_terminal() && !cfg!(windows) {
        "\x1b[K"
    } else {
        ""
    }
}

/// Says that something slow begins, so that nobody waits before a silent terminal.
pub(crate) fn begin(what: impl Display) {
    println!("{}  ..    {what}", clear());
}

/// A duration as a column of seconds: `   0.3 s`.
fn seconds(elapsed: Duration) -> String {
    format!("{:>6.1} s", elapsed.as_secs_f64())
}
