//! Lints what runs natively as it shows for systems other than this one, so that nobody has to own one to keep it building there.
//!
//! Reading a program for another system takes that system's standard library, which rustup has, and no linker. One of the crates
//! compiles C, of which reading sees nothing: a compiler stands in that answers every request with an empty file.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result};

use super::Outcome;
use crate::tools::wasm_target::{has_std, native_cargo, rustup_add};
use crate::{command, project};

/// A system that `vitrine` and `cargo xtask` are built for.
pub(super) struct System {
    /// The step's name.
    pub(super) step: &'static str,
    /// Whether it is the one that this runs on.
    here: bool,
    target: &'static str,
    /// What of each crate is read. Tests are written for Unix.
    kinds: &'static str,
}

pub(super) const SYSTEMS: [System; 2] = [
    System {
        step: "clippy windows",
        here: cfg!(windows),
        target: "x86_64-pc-windows-gnu",
        kinds: "--bins",
    },
    System {
        step: "clippy macos",
        here: cfg!(target_os = "macos"),
        target: "x86_64-apple-darwin",
        kinds: "--all-targets",
    },
];

/// Reads the native programs, where rustup has what that takes.
pub(super) fn clippy(system: &System) -> Result<Outcome> {
    let System { target, kinds, .. } = *system;
    if system.here {
        return Ok(Outcome::skipped("it is what clippy did"));
    }
    if let Some(why) = lacks(target)? {
        return Ok(Outcome::skipped(why));
    }
    let folder = stand_in()?;
    let compiler = folder.join("cc");
    let of_target = target.replace('-', "_");
    let mut cargo = native_cargo();
    cargo
        .args(["clippy", "-q", "--target", target, kinds])
        .args(["-p", "vitrine-server", "-p", "vitrine-xtask"])
        .args(["--", "-D", "warnings"])
        .env(format!("CC_{of_target}"), &compiler)
        .env(format!("AR_{of_target}"), &compiler)
        // Asked for by what compiles for macOS.
        .env("SDKROOT", folder);
    command::run_quietly(&mut cargo)?;
    Ok(Outcome::passed("the native programs"))
}

/// Has rustup add what all the systems take; says what came of it.
pub(crate) fn prepare() -> Result<String> {
    let foreign = SYSTEMS.iter().filter(|system| !system.here);
    for System { target, .. } in foreign {
        if let Some(why) = lacks(target)? {
            return Ok(format!("skipped: {why}"));
        }
    }
    Ok("their standard libraries are there".into())
}

/// Why there is no standard library for a target, if there is none.
fn lacks(target: &str) -> Result<Option<String>> {
    /// Where rustup could not add one, it is not waited for again.
    static FAILED: OnceLock<String> = OnceLock::new();

    if cfg!(windows) {
        return Ok(Some("the stand-in for a compiler is a script".into()));
    }
    if has_std(&mut Command::new("rustc"), target) {
        return Ok(None);
    }
    if command::find(&["rustup"]).is_none() {
        return Ok(Some("there is no rustup here".into()));
    }
    if let Some(why) = FAILED.get() {
        return Ok(Some(why.clone()));
    }
    let why = rustup_add(target)?;
    if let Some(why) = &why {
        let _ = FAILED.set(why.clone());
    }
    Ok(why)
}

/// Makes the stand-in for a C compiler and an archiver, `cc`, in a folder of its own.
fn stand_in() -> Result<PathBuf> {
    let folder = project::target_dir().join("stand-in");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = folder.join("cc");
    fs::write(
        &file,
        "#!/bin/sh\nfor word; do\n  [ \"$last\" = -o ] && : >\"$word\"\n  last=$word\ndone\nexit 0\n",
    )
    .with_context(|| format!("cannot write {}", file.display()))?;
    command::run_quietly(Command::new("chmod").arg("+x").arg(&file))?;
    Ok(folder)
}
