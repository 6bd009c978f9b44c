//! Runs simulations: `simulate [--seconds N] [--seeds N] [--seed S] [--link]`. Prints the seed and a short script of the
//! first that fails, and a link that opens it in the page; with `--link` also of one that does not fail.

#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use vitrine_lab::simulate::{Scenario, run, shrink};
use vitrine_lab::{Link, Road};

/// What to put behind the page's address to see a script played.
fn link(scenario: &Scenario) -> String {
    match Link::to(&Road::of_scenario(scenario, ())).encode() {
        Ok(code) => format!("open it in the page, behind its address: #lab={code}"),
        Err(problem) => problem.to_string(),
    }
}

fn main() -> ExitCode {
    let mut seconds = None;
    let (mut first, mut count) = (None, None);
    let mut linked = false;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--link" {
            linked = true;
            continue;
        }
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
                println!("{word} is not known: --seconds N, --seeds N, --seed S and --link are");
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
                if linked {
                    println!("seed {seed}: {}", link(&scenario));
                }
                steps += report.steps;
                received += report.received;
                crashes += report.crashes;
            }
            Err(failure) => {
                let (shorter, failure) = shrink(&scenario, failure, 2_000);
                println!("{shorter}\n{failure}\n\nseed {seed} fails; replay it with --seed {seed}");
                println!("{}", link(&shorter));
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
