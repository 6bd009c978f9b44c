//! The checks that are not tests: format, lints, docs, and that Trunk can build the page as well.

use anyhow::{Result, ensure};

use super::Outcome;
use crate::hash::{Hasher, unless_done};
use crate::tools::wasm_target::{TARGET, native_cargo};
use crate::tools::{node, trunk, wasm_target};
use crate::{command, project};

/// Crates whose home is the browser.
const BROWSER: [&str; 2] = ["vitrine-ui", "vitrine-worker"];

pub(super) fn fmt() -> Result<Outcome> {
    let said = command::capture(native_cargo().args(["fmt", "--all", "--", "--check", "-l"]))?;
    ensure!(
        said.status.success(),
        "to be formatted (type: cargo fmt):\n{}",
        said.text
    );
    Ok(Outcome::passed(""))
}

pub(super) fn clippy_native() -> Result<Outcome> {
    command::run_quietly(native_cargo().args([
        "clippy",
        "-q",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    Ok(Outcome::passed("all crates, all targets"))
}

/// Lints as they show for wasm: the browser's crates with their tests, and the libraries below them.
pub(super) fn clippy_wasm() -> Result<Outcome> {
    let rust = wasm_target::find()?;
    let lint = |packages: &[String], targets: &str| {
        let mut cargo = rust.cargo();
        cargo
            .current_dir(project::root())
            .args(["clippy", "-q", "--target", TARGET, targets]);
        for package in packages {
            cargo.args(["-p", package]);
        }
        command::run_quietly(cargo.args(["--", "-D", "warnings"]))
    };
    lint(&BROWSER.map(String::from), "--all-targets")?;
    lint(&project::libraries()?, "--lib")?;
    Ok(Outcome::passed("the browser's crates and the libraries"))
}

pub(super) fn docs() -> Result<Outcome> {
    let mut cargo = native_cargo();
    cargo
        .args(["doc", "-q", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings");
    for package in project::libraries()? {
        cargo.args(["-p", &package]);
    }
    command::run_quietly(&mut cargo)?;
    Ok(Outcome::passed("no warnings"))
}

/// cargo-deny says more than our own check; it is not required.
pub(super) fn deny() -> Result<Outcome> {
    if command::first_line(native_cargo().args(["deny", "--version"])).is_none() {
        return Ok(Outcome::skipped(
            "to have it: cargo install --locked cargo-deny",
        ));
    }
    command::run_quietly(native_cargo().args([
        "deny",
        "--offline",
        "check",
        "licenses",
        "bans",
        "sources",
    ]))?;
    Ok(Outcome::passed("licenses, bans, sources"))
}

/// Builds the page with Trunk, once for each state of what Trunk reads.
pub(super) fn trunk() -> Result<Outcome> {
    let root = project::root();
    let inputs = [
        "Cargo.lock",
        "Cargo.toml",
        "Trunk.toml",
        "index.html",
        "crates/ui/Cargo.toml",
        "crates/worker/Cargo.toml",
        "crates/xtask/npm/package-lock.json",
        "crates/xtask/shell/start.js",
        "crates/xtask/shell/worker.js",
    ];
    let input = inputs
        .iter()
        .try_fold(Hasher::default(), |hasher, file| {
            hasher.file(&root.join(file))
        })?
        .finish();
    let ran = unless_done(&project::target_dir().join("trunk/proven"), &input, || {
        node::part_packages("web")?;
        let dist = project::target_dir().join("trunk/dist-test");
        let _ = std::fs::remove_dir_all(&dist);
        std::fs::create_dir_all(&dist)?;
        command::run_quietly(trunk::prepared()?.arg("build").arg("--dist").arg(&dist))?;
        for file in [
            "index.html",
            "ui/start.js",
            "ui/vitrine-ui.js",
            "ui/vitrine-ui_bg.wasm",
            "worker/worker.js",
            "worker/vitrine-worker.js",
            "worker/vitrine-worker_bg.wasm",
            "vendor/mqtt.esm.js",
        ] {
            ensure!(dist.join(file).is_file(), "Trunk made no {file}");
        }
        std::fs::remove_dir_all(&dist)?;
        Ok(())
    })?;
    Ok(Outcome::passed(if ran {
        "page and worker"
    } else {
        "nothing it reads has changed"
    }))
}
