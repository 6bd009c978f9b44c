//! Runs simulations: `simulate [--seconds N] [--seeds N] [--seed S]`. Prints the seed and a short script of the
//! first that fails.

#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use vitrine_lab::simulate::{Scenario, run, shrink};

fn main() -> ExitCode {
    let mut seconds = None;
    let (mut first, mut count) = (None, None);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number = words.next().and_then(|word| word.parse::<u64>().ok());
        let Some(number) = number else {
            println!("{word} needs a number");
            return ExitCode::FAILURE;
        };
        match word.as_str() {
            "--seconds" => seconds = Some(Duration::from_secs(number)),
            "--seed" => first = Some(number),
            "--seeds" => count = Some(number),
            _ => {
                println!("{word} is not known: --seconds N, --seeds N and --seed S are");
                return ExitCode::FAILURE;
            }
        }
    }
    // One seed is for replaying; without any limit, ten seconds.
    let count = count.or_else(|| (first.is_some() && seconds.is_none()).then_some(1));
    if count.is_none() && seconds.is_none() {
        seconds = Some(Duration::from_secs(10));
    }
    let first = first.unwrap_or(0);
    let start = Instant::now();
    let (mut done, mut steps, mut received, mut crashes) = (0, 0, 0, 0);
    let mut seed = first;
    while count.is_none_or(|count| done < count)
        && seconds.is_none_or(|seconds| start.elapsed() < seconds)
    {
        let scenario = Scenario::draw(seed);
        match run(&scenario) {
            Ok(report) => {
                steps += report.steps;
                received += report.received;
                crashes += report.crashes;
            }
            Err(failure) => {
                let (shorter, failure) = shrink(&scenario, failure, 2_000);
                println!("{shorter}\n{failure}\n\nseed {seed} fails; replay it with --seed {seed}");
                return ExitCode::FAILURE;
            }
        }
        done += 1;
        seed += 1;
    }
    println!(
        "{done} seeds from {first}: {steps} steps, {received} messages received, {crashes} crashes of the broker, {:.1} s",
        start.elapsed().as_secs_f64()
    );
    ExitCode::SUCCESS
}
