//! `cargo xtask test`: every check and test of the project, one line each, and the sum at the end.

pub(crate) mod browser;
mod capture;
mod checks;
pub(crate) mod elsewhere;
pub(crate) mod native;
pub(crate) mod server;
mod summary;
pub(crate) mod wasm;

use std::fmt;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::{command, conformance, licences, locks, purity, say};

/// What a step counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u32,
    failed: u32,
}

impl Count {
    const ONE_PASSED: Self = Self {
        passed: 1,
        failed: 0,
    };

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// How a step ended.
struct Outcome {
    count: Count,
    /// What is worth knowing about a step that passed.
    note: String,
    /// What to show when something failed.
    output: String,
}

impl Outcome {
    fn passed(note: impl Into<String>) -> Self {
        Self {
            count: Count::ONE_PASSED,
            note: note.into(),
            output: String::new(),
        }
    }

    fn skipped(why: impl fmt::Display) -> Self {
        Self {
            count: Count::default(),
            note: format!("skipped: {why}"),
            output: String::new(),
        }
    }
}

/// The groups of steps, in the order they run: quick ones first, so that a slip shows early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Fmt,
    Licences,
    Purity,
    Conformance,
    Clippy,
    Unit,
    Docs,
    Capture,
    Server,
    Wasm,
    Browser,
    Trunk,
}

impl Group {
    const ALL: [(&'static str, Self); 12] = [
        ("fmt", Self::Fmt),
        ("licences", Self::Licences),
        ("purity", Self::Purity),
        ("conformance", Self::Conformance),
        ("clippy", Self::Clippy),
        ("unit", Self::Unit),
        ("docs", Self::Docs),
        ("capture", Self::Capture),
        ("server", Self::Server),
        ("wasm", Self::Wasm),
        ("browser", Self::Browser),
        ("trunk", Self::Trunk),
    ];

    fn parse(name: &str) -> Result<Self> {
        match Self::ALL.iter().find(|(known, _)| *known == name) {
            Some((_, group)) => Ok(*group),
            None => {
                let names: Vec<_> = Self::ALL.iter().map(|(name, _)| *name).collect();
                bail!("no group `{name}`; there are: {}", names.join(", "))
            }
        }
    }

    /// True where a filter by test name means something.
    fn has_named_tests(self) -> bool {
        matches!(self, Self::Unit | Self::Server | Self::Wasm | Self::Browser)
    }
}

/// Collects the steps' counts and prints their lines.
#[derive(Default)]
struct Report {
    sum: Count,
    failed: Vec<String>,
}

impl Report {
    /// Runs one step. A step that cannot run counts as one failure; the steps after it run all the same.
    fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome>) {
        let start = Instant::now();
        say::under_way(name);
        let outcome = work().unwrap_or_else(|error| Outcome {
            count: Count {
                passed: 0,
                failed: 1,
            },
            note: String::new(),
            output: format!("{error:#}"),
        });
        if outcome.count.failed == 0 {
            say::done(true, name, start, outcome.note);
        } else {
            say::done(false, name, start, outcome.count);
            println!("{}\n", command::tail(&outcome.output, 300));
            self.failed.push(name.to_owned());
        }
        self.sum.add(outcome.count);
    }
}

/// `cargo xtask test [FILTER...] [--only GROUP]... [--list]`.
pub(crate) fn main(mut args: lexopt::Parser) -> Result<ExitCode> {
    use lexopt::prelude::*;

    let mut filters = Vec::new();
    let mut only = Vec::new();
    while let Some(arg) = args.next()? {
        match arg {
            Value(filter) => filters.push(filter.string()?),
            Long("only") => {
                for name in args.value()?.string()?.split(',') {
                    only.push(Group::parse(name)?);
                }
            }
            Long("list") => {
                Group::ALL.iter().for_each(|(name, _)| println!("{name}"));
                return Ok(ExitCode::SUCCESS);
            }
            other @ (Short(_) | Long(_)) => return Err(other.unexpected().into()),
        }
    }
    let start = Instant::now();
    let mut report = Report::default();
    for (_, group) in Group::ALL {
        let wanted = if only.is_empty() {
            filters.is_empty() || group.has_named_tests()
        } else {
            only.contains(&group)
        };
        if wanted {
            run(group, &filters, &mut report);
        }
    }
    if !report.failed.is_empty() {
        println!("\nfailed: {}", report.failed.join(", "));
    }
    println!("\n{:.0} s in all", start.elapsed().as_secs_f64());
    println!("{}", report.sum);
    if !filters.is_empty() && report.sum == Count::default() {
        bail!(
            "no test's name contains {}. Groups of checks are chosen by --only; --list names them",
            filters.join(" or ")
        );
    }
    Ok(if report.sum.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn run(group: Group, filters: &[String], report: &mut Report) {
    match group {
        Group::Fmt => report.step("rustfmt", checks::fmt),
        Group::Licences => {
            report.step("licences", || licences::check().map(Outcome::passed));
            report.step("lock files", || locks::check().map(Outcome::passed));
            report.step("cargo-deny", checks::deny);
        }
        Group::Purity => report.step("purity", || purity::check().map(Outcome::passed)),
        Group::Conformance => {
            report.step("conformance", || conformance::check().map(Outcome::passed));
        }
        Group::Clippy => {
            report.step("clippy", checks::clippy_native);
            report.step("clippy wasm", checks::clippy_wasm);
            for system in &elsewhere::SYSTEMS {
                report.step(system.step, || elsewhere::clippy(system));
            }
        }
        Group::Unit => {
            report.step("unit", || native::unit(filters));
            report.step("scripts", || native::scripts(filters));
        }
        Group::Docs => {
            report.step("doc tests", native::doc_tests);
            report.step("docs", checks::docs);
        }
        Group::Capture => report.step("capture", capture::run),
        Group::Server => report.step("server", || server::run(filters)),
        Group::Wasm => wasm::run(filters, report),
        Group::Browser => report.step("browser", || browser::run(filters)),
        Group::Trunk => report.step("trunk build", checks::trunk),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_go_by_name() {
        assert_eq!(Group::parse("wasm").unwrap(), Group::Wasm);
        assert!(
            Group::parse("all")
                .unwrap_err()
                .to_string()
                .contains("clippy")
        );
    }

    #[test]
    fn a_step_that_cannot_run_is_a_failure() {
        let mut report = Report::default();
        report.step("one", || Ok(Outcome::passed("")));
        report.step("two", || bail!("no such thing"));
        assert_eq!(
            report.sum,
            Count {
                passed: 1,
                failed: 1
            }
        );
        assert_eq!(report.failed, ["two"]);
    }
}
