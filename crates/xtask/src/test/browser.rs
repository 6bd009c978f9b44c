//! The whole from outside: the built page in Chromium, with real MQTT clients.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::{Outcome, native};
use crate::command::{self, Said};
use crate::page::{self, Mode};
use crate::project;
use crate::server::Server;
use crate::tools::{chromium, node, tshark};

/// Runs `tests/browser/` against the built page.
pub(super) fn run(filters: &[String]) -> Result<Outcome> {
    let files = native::test_files(&project::root().join("tests/browser"));
    ensure!(!files.is_empty(), "tests/browser has no *.test.mjs");
    Ok(native::judged(&capture(&files, filters)?, "Chromium"))
}

/// Builds and serves the page and runs `files` against it.
///
/// The tests get the address in `VITRINE_URL`, the browser in `CHROMIUM`, what reads captures in `TSHARK`.
pub(crate) fn capture(files: &[PathBuf], filters: &[String]) -> Result<Said> {
    let chromium = chromium::find()?;
    let tshark = tshark::find()?;
    node::part_packages("tests")?;
    let dist = page::build(Mode::Release)?;
    let server = Server::start(&dist, "127.0.0.1", 0)?;
    let mut tests = native::node_test(files, filters);
    tests
        .env("VITRINE_URL", server.url())
        .env("VITRINE_DIST", &dist)
        .env("CHROMIUM", chromium)
        .env("TSHARK", tshark);
    command::capture(&mut tests)
}
