//! The captures that we write, as Wireshark reads them.

use std::path::Path;

use anyhow::Result;

use super::{Outcome, native};
use crate::project;
use crate::tools::tshark;
use crate::tools::wasm_target::native_cargo;

/// Crates that may have such tests: ignored ones, in a module or file `capture`.
const PACKAGES: [&str; 2] = ["scope", "stage"];

/// The tests get the program in `TSHARK`.
pub(super) fn run() -> Result<Outcome> {
    let mut cargo = native_cargo();
    cargo.args(["test", "--no-fail-fast", "--tests"]);
    for package in PACKAGES {
        if has_captures(&project::root().join("crates").join(package)) {
            cargo.arg("-p").arg(format!("vitrine-{package}"));
        }
    }
    cargo.args(["capture", "--", "--ignored"]);
    cargo.env("TSHARK", tshark::find()?);
    native::judge(cargo, "tshark")
}

fn has_captures(krate: &Path) -> bool {
    let within = |folder: &str| krate.join(folder).join("capture.rs").is_file();
    within("tests") || within("tests/scope")
}
