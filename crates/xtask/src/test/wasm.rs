//! Tests that run as wasm in a browser, with wasm-bindgen's runner.

use std::fs;
use std::process::Command;

use anyhow::Result;

use super::{Outcome, Report, native};
use crate::project;
use crate::tools::wasm_target::TARGET;
use crate::tools::{bindgen, chromium, wasm_target};

/// Runs the tests of each crate that has `wasm-bindgen-test` among its dependencies.
pub(super) fn run(filters: &[String], report: &mut Report) {
    let packages = match packages() {
        Ok(packages) => packages,
        Err(error) => return report.step("wasm", || Err(error)),
    };
    for package in packages {
        report.step(
            &format!("wasm {}", package.trim_start_matches("vitrine-")),
            || one(&package, filters),
        );
    }
}

fn packages() -> Result<Vec<String>> {
    let mut packages = project::packages()?;
    packages.retain(|package| {
        let folder = package.trim_start_matches("vitrine-");
        fs::read_to_string(
            project::root()
                .join("crates")
                .join(folder)
                .join("Cargo.toml"),
        )
        .is_ok_and(|manifest| manifest.contains("wasm-bindgen-test"))
    });
    Ok(packages)
}

fn one(package: &str, filters: &[String]) -> Result<Outcome> {
    let mut cargo = runner(package)?;
    cargo.args(filters.first());
    native::judge(cargo, "Chromium")
}

/// A run of all tests of a package in the browser.
pub(crate) fn runner(package: &str) -> Result<Command> {
    let rust = wasm_target::find()?;
    let bindgen = bindgen::find()?;
    // The driver looks for the browser by itself; finding it first installs it.
    chromium::find()?;
    let driver = chromium::driver()?;
    let mut cargo = rust.cargo();
    cargo
        .current_dir(project::root())
        .args([
            "test",
            "--target",
            TARGET,
            "--no-fail-fast",
            "--lib",
            "--bins",
            "--tests",
            "-p",
            package,
        ])
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            bindgen.test_runner(),
        )
        .env("CHROMEDRIVER", driver);
    Ok(cargo)
}
