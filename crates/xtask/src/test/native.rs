//! The tests that run on the machine itself: Rust's, their examples in the docs, and those of the scripts in `web/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{Count, Outcome, summary};
use crate::command::Said;
use crate::tools::node;
use crate::tools::wasm_target::native_cargo;
use crate::{command, project};

/// Crates that are libraries first, and the page's and worker's too: what of them is not about a browser is tested here.
const EXCLUDED: [&str; 1] = ["vitrine-bindgen"];

/// Turns what a runner said into an outcome: its summary, and a failure where its exit code says so.
pub(super) fn judge(mut runner: Command, note: &str) -> Result<Outcome> {
    let said = command::capture(&mut runner)?;
    let mut outcome = judged(&said, note);
    outcome.output = format!("{}\n{}", command::shown(&runner), outcome.output);
    Ok(outcome)
}

/// As [`judge`], for a runner that has ended.
pub(super) fn judged(said: &Said, note: &str) -> Outcome {
    let mut count = summary::parse(&said.text).unwrap_or_default();
    if !said.status.success() && count.failed == 0 {
        count.failed = 1;
    }
    let note = match note {
        "" => format!("{} passed", count.passed),
        note => format!("{} passed, {note}", count.passed),
    };
    Outcome {
        count,
        note,
        output: said.text.clone(),
    }
}

/// Unit, integration and property tests of every crate.
pub(super) fn unit(filters: &[String]) -> Result<Outcome> {
    let has_nextest = command::first_line(native_cargo().args(["nextest", "--version"])).is_some();
    let mut cargo = native_cargo();
    if has_nextest {
        cargo.args([
            "nextest",
            "run",
            "--no-tests=pass",
            "--no-fail-fast",
            "--status-level=fail",
        ]);
    } else {
        cargo.args(["test", "--no-fail-fast", "--lib", "--bins", "--tests"]);
    }
    cargo.arg("--workspace");
    EXCLUDED.iter().for_each(|package| {
        cargo.args(["--exclude", package]);
    });
    match filters {
        [] => {}
        // cargo test takes one filter.
        [first, ..] if !has_nextest => {
            cargo.arg(first);
        }
        several => {
            cargo.args(several);
        }
    }
    judge(
        cargo,
        if has_nextest {
            "cargo nextest"
        } else {
            "cargo test (cargo-nextest is not installed)"
        },
    )
}

/// The examples in the docs of the library crates.
pub(super) fn doc_tests() -> Result<Outcome> {
    let mut cargo = native_cargo();
    cargo.args(["test", "--doc"]);
    for package in project::libraries()? {
        cargo.args(["-p", &package]);
    }
    judge(cargo, "")
}

/// Tests of the scripts that the page loads.
pub(super) fn scripts(filters: &[String]) -> Result<Outcome> {
    let files = test_files(&project::root().join("web"));
    if files.is_empty() {
        return Ok(Outcome {
            count: Count::default(),
            note: "none".into(),
            output: String::new(),
        });
    }
    node::check()?;
    node::part_packages("web")?;
    judge(node_test(&files, filters), "")
}

/// A run of Node's test runner over `files`, one after the other.
pub(crate) fn node_test(files: &[PathBuf], filters: &[String]) -> Command {
    let mut node = Command::new("node");
    node.current_dir(project::root()).args([
        "--test",
        "--test-reporter=spec",
        "--test-concurrency=1",
        // A test that hangs fails. In milliseconds, and for a whole file as for one test.
        "--test-timeout=900000",
    ]);
    for filter in filters {
        node.arg(format!("--test-name-pattern={filter}"));
    }
    node.args(files);
    node
}

/// The files named `*.test.mjs` or `*.test.js` below a folder, sorted.
pub(super) fn test_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.path().is_dir() {
            if name != "node_modules" {
                files.extend(test_files(&entry.path()));
            }
        } else if name.ends_with(".test.mjs") || name.ends_with(".test.js") {
            files.push(entry.path());
        }
    }
    files.sort();
    files
}
