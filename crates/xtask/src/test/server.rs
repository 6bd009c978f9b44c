//! The native broker from outside: the program itself, with other people's clients.

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::{Outcome, native};
use crate::command::{self, Said};
use crate::project;
use crate::tools::wasm_target::native_cargo;
use crate::tools::{clients, node};

/// Runs `tests/server/` against the program.
pub(super) fn run(filters: &[String]) -> Result<Outcome> {
    let files = native::test_files(&project::root().join("tests/server"));
    ensure!(!files.is_empty(), "tests/server has no *.test.mjs");
    let said = capture(&files, filters)?;
    Ok(native::judged(&said, "mosquitto, paho-mqtt, MQTT.js"))
}

/// Builds the program and runs `files` against it.
///
/// The tests get the program in `VITRINE`, the clients in `MOSQUITTO_PUB`, `MOSQUITTO_SUB` and `PYTHON`.
pub(crate) fn capture(files: &[PathBuf], filters: &[String]) -> Result<Said> {
    node::check()?;
    node::part_packages("tests")?;
    let clients = clients::find()?;
    command::run_quietly(native_cargo().args(["build", "-q", "-p", "vitrine-server"]))?;
    let mut tests = native::node_test(files, filters);
    tests
        .env(
            "VITRINE",
            project::target_dir().join(format!("debug/vitrine{EXE_SUFFIX}")),
        )
        .env("MOSQUITTO_PUB", clients.publisher)
        .env("MOSQUITTO_SUB", clients.subscriber)
        .env("PYTHON", clients.python);
    command::capture(&mut tests)
}
