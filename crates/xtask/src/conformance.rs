//! `cargo xtask conformance`: which test proves which statement of the standards, and whether it passes.
//!
//! The statements, in our words, are in `data/statements.tsv`. The tests name those that they prove in the comment
//! above them; [`claims`] reads these, [`runs`] runs the tests, and [`report`] writes `docs/conformance.md`.
//! `cargo xtask test` compares that file with the comments, and does not run the tests a second time.

mod citations;
mod claims;
mod report;
mod runs;
mod statements;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::{project, say};
use claims::Test;
use statements::{Statements, Version};

/// What to type when the written table is not what the tests say.
const COMMAND: &str = "cargo xtask conformance";

/// What happened to a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed,
    NotRun,
}

fn document() -> PathBuf {
    project::root().join("docs/conformance.md")
}

/// `cargo xtask conformance [--all]`.
pub(crate) fn main(mut args: lexopt::Parser) -> Result<ExitCode> {
    use lexopt::prelude::*;

    let mut all = false;
    while let Some(arg) = args.next()? {
        match arg {
            Long("all") => all = true,
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected().into()),
        }
    }
    let (statements, tests) = read()?;
    let before = fs::read_to_string(document()).unwrap_or_default();
    let start = Instant::now();
    let mut verdicts = runs::run(&tests, all)?;
    for (test, verdict) in tests.iter().zip(&mut verdicts) {
        // Its last run was good enough to be written down, and it is run again by `cargo xtask test`.
        if *verdict == Verdict::NotRun && report::lists(&before, test) {
            *verdict = Verdict::Passed;
        }
    }
    let failed: Vec<_> = tests
        .iter()
        .zip(&verdicts)
        .filter(|(_, verdict)| **verdict == Verdict::Failed)
        .map(|(test, _)| format!("  {}: {}", test.file, test.name))
        .collect();
    let path = document();
    fs::write(&path, report::render(&statements, &tests, &verdicts))
        .with_context(|| format!("cannot write {}", path.display()))?;
    say::done(
        failed.is_empty(),
        "conformance",
        start,
        "docs/conformance.md",
    );
    for version in Version::ALL {
        println!("{}", report::summary(&statements, &tests, version));
    }
    ensure!(
        failed.is_empty(),
        "these tests fail, or ran under no such name:\n{}",
        failed.join("\n")
    );
    let gaps = gaps(&statements, &tests);
    if !gaps.is_empty() {
        bail!("{}", missing(&gaps));
    }
    let not_run = verdicts
        .iter()
        .filter(|verdict| **verdict == Verdict::NotRun);
    match not_run.count() {
        0 => Ok(ExitCode::SUCCESS),
        count => bail!(
            "{count} tests are new here and need a browser or other people's clients; type: {COMMAND} --all"
        ),
    }
}

/// What `cargo xtask test` looks at: every statement that binds a server has a test or a reason, and the written table
/// is what the comments above the tests say.
pub(crate) fn check() -> Result<String> {
    let (statements, tests) = read()?;
    let gaps = gaps(&statements, &tests);
    if !gaps.is_empty() {
        bail!("{}", missing(&gaps));
    }
    let written = fs::read_to_string(document()).unwrap_or_default();
    let expected = report::render(&statements, &tests, &vec![Verdict::Passed; tests.len()]);
    if written.replace("\r\n", "\n") != expected {
        bail!(
            "docs/conformance.md is not what the tests say now; type: {COMMAND}\n{}",
            report::difference(&written, &expected)
        );
    }
    Ok(format!("{} tests name statements", tests.len()))
}

fn read() -> Result<(Statements, Vec<Test>)> {
    let statements = Statements::read()?;
    let tests = claims::read(project::root())?;
    let mut errors = citations::unknown(project::root(), &statements)?;
    for test in &tests {
        for (version, id) in &test.claims {
            let place = format!("{}: {}", test.file, test.name);
            match statements.find(*version, id) {
                None => errors.push(format!(
                    "{place} names {id}, which {version} does not have (crates/xtask/data/statements.tsv)"
                )),
                Some(statement) if !statement.reason.is_empty() => {
                    errors.push(format!(
                        "{place} names {id} of {version}, and crates/xtask/data/statements.tsv says why no test does: \
                         take out one of them"
                    ));
                }
                Some(_) => {}
            }
        }
    }
    ensure!(errors.is_empty(), "{}", errors.join("\n"));
    Ok((statements, tests))
}

/// The statements that bind a server and have neither a test nor a reason.
fn gaps(statements: &Statements, tests: &[Test]) -> Vec<(Version, String)> {
    let named: BTreeSet<_> = tests.iter().flat_map(|test| &test.claims).collect();
    let open = statements.all().filter(|statement| {
        statement.binds_server
            && statement.reason.is_empty()
            && !named.contains(&(statement.version, statement.id.clone()))
    });
    open.map(|statement| (statement.version, statement.id.clone()))
        .collect()
}

fn missing(gaps: &[(Version, String)]) -> String {
    let list: Vec<_> = gaps
        .iter()
        .map(|(version, id)| format!("  {version}: {id}"))
        .collect();
    format!(
        "no test names these statements, which bind a server; write one, or say in crates/xtask/data/statements.tsv \
         why there is none:\n{}",
        list.join("\n")
    )
}
