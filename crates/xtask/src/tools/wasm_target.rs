//! A Rust toolchain that can build for `wasm32-unknown-unknown`.
//!
//! On most machines rustup adds the target to the toolchain in use. Where rustup is missing or cannot reach its server,
//! Debian's packages serve: see `debian_std`.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{debian, debian_std};
use crate::{command, project, say};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Enough to fetch some 25 MB over a slow line. `VITRINE_RUSTUP_TIMEOUT` (seconds) overrides it.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// The toolchain to build wasm modules with.
pub(crate) struct Rust {
    /// The `bin` folder of a toolchain other than the one in use.
    bin: Option<PathBuf>,
}

impl Rust {
    /// Cargo of this toolchain.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = match &self.bin {
            Some(bin) => Command::new(bin.join("cargo")),
            None => native_cargo(),
        };
        if let Some(path) = self.path() {
            cargo
                .env("PATH", path)
                .env_remove("RUSTUP_TOOLCHAIN")
                .env_remove("RUSTC");
        }
        cargo
    }

    /// The PATH under which `cargo` and `rustc` are this toolchain's; `None` when they are already.
    pub(crate) fn path(&self) -> Option<OsString> {
        let bin = self.bin.clone()?;
        let old = env::var_os("PATH").unwrap_or_default();
        env::join_paths(std::iter::once(bin).chain(env::split_paths(&old))).ok()
    }

    fn version(&self) -> String {
        let mut rustc = match &self.bin {
            Some(bin) => Command::new(bin.join("rustc")),
            None => Command::new("rustc"),
        };
        command::first_line(rustc.arg("--version")).unwrap_or_default()
    }
}

/// The cargo that runs this program.
pub(crate) fn native_cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(project::root());
    cargo
}

/// Finds a toolchain with the target, or installs one. The second call in a run answers at once.
pub(crate) fn find() -> Result<&'static Rust> {
    static FOUND: OnceLock<Rust> = OnceLock::new();
    if let Some(rust) = FOUND.get() {
        return Ok(rust);
    }
    let mut found = None;
    say::step("wasm target", || {
        let rust = find_or_install()?;
        let said = rust.version();
        found = Some(rust);
        Ok(said)
    })?;
    let rust = found.context("no toolchain")?;
    Ok(FOUND.get_or_init(|| rust))
}

fn find_or_install() -> Result<Rust> {
    let forced = env::var_os("VITRINE_WASM_FALLBACK").is_some();
    if !forced && has_std(&mut Command::new("rustc"), TARGET) {
        return Ok(Rust { bin: None });
    }
    let home = project::cache()?.join("wasm-toolchain");
    if debian_std::is_current(&home) {
        return Ok(Rust {
            bin: Some(home.join("bin")),
        });
    }
    if !forced && let Some(bin) = linked() {
        return Ok(Rust { bin: Some(bin) });
    }
    let mut why = String::from("there is no rustup here");
    if !forced && command::find(&["rustup"]).is_some() {
        match rustup_add(TARGET)? {
            None => return Ok(Rust { bin: None }),
            Some(reason) => why = reason,
        }
    }
    if debian::is_debian() {
        say::begin(format_args!("{why}; trying Debian's packages"));
    } else {
        say::begin(&why);
    }
    debian_std::build(&home).with_context(|| {
        format!("no toolchain builds {TARGET}. With an internet connection, type: rustup target add {TARGET}")
    })?;
    Ok(Rust {
        bin: Some(home.join("bin")),
    })
}

/// True when the `rustc` given has a standard library for a target.
pub(crate) fn has_std(rustc: &mut Command, target: &str) -> bool {
    command::first_line(rustc.args(["--print", "target-libdir", "--target", target]))
        .and_then(|dir| fs::read_dir(dir).ok())
        .is_some_and(|files| {
            files.flatten().any(|file| {
                let name = file.file_name();
                let name = name.to_string_lossy();
                name.starts_with("libstd-") && name.ends_with(".rlib")
            })
        })
}

/// A toolchain that somebody linked to rustup under our name, if it has the target.
fn linked() -> Option<PathBuf> {
    let output = Command::new("rustup")
        .args(["toolchain", "list"])
        .output()
        .ok()?;
    let list = String::from_utf8(output.stdout).ok()?;
    if !list
        .lines()
        .any(|line| line.split_whitespace().next() == Some(debian_std::NAME))
    {
        return None;
    }
    let rustc = || {
        let mut rustc = Command::new("rustup");
        rustc.args(["run", debian_std::NAME, "rustc"]);
        rustc
    };
    if !has_std(&mut rustc(), TARGET) {
        return None;
    }
    let sysroot = command::first_line(rustc().args(["--print", "sysroot"]))?;
    let bin = Path::new(&sysroot).join("bin");
    bin.join("cargo").exists().then_some(bin)
}

/// Asks rustup for a target of the toolchain in use. `Some` says why it did not work.
pub(crate) fn rustup_add(target: &str) -> Result<Option<String>> {
    let limit = env::var("VITRINE_RUSTUP_TIMEOUT")
        .ok()
        .and_then(|seconds| seconds.parse().ok())
        .map_or(RUSTUP_LIMIT, Duration::from_secs);
    say::begin(format_args!(
        "rustup target add {target} (at most {} s)",
        limit.as_secs()
    ));
    let said = command::capture_within(
        Command::new("rustup").args(["target", "add", target]),
        limit,
    )?;
    Ok(match said {
        Some(said) if said.status.success() && has_std(&mut Command::new("rustc"), target) => None,
        Some(said) => Some(format!(
            "rustup could not add it ({})",
            command::tail(&said.text, 1)
        )),
        None => Some(format!(
            "rustup did not answer within {} s",
            limit.as_secs()
        )),
    })
}
