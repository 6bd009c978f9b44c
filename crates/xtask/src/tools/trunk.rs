//! Trunk, for those who prefer it: the exact version, with the exact tools in its PATH.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use super::wasm_target::{self, native_cargo};
use super::{binaryen, bindgen, node};
use crate::{command, project, say};

/// Must be the version that Trunk.toml names.
const VERSION: &str = "0.21.14";

/// `cargo xtask trunk [ARGS...]`.
pub(crate) fn main(mut args: lexopt::Parser) -> Result<ExitCode> {
    let args: Vec<OsString> = args.raw_args()?.collect();
    node::part_packages("web")?;
    command::run(prepared()?.args(args))?;
    Ok(ExitCode::SUCCESS)
}

/// A `trunk` command that will find everything it needs and download nothing.
pub(crate) fn prepared() -> Result<Command> {
    let rust = wasm_target::find()?;
    let bindgen = bindgen::find()?;
    let binaryen = binaryen::find()?;
    let program = install()?;
    let path = rust
        .path()
        .or_else(|| env::var_os("PATH"))
        .unwrap_or_default();
    let path = env::join_paths(
        [bindgen.dir.clone(), binaryen.bin]
            .into_iter()
            .chain(env::split_paths(&path)),
    )
    .context("a folder in PATH has a character that PATH cannot hold")?;
    let mut trunk = Command::new(program);
    trunk
        .current_dir(project::root())
        .env("PATH", path)
        // Trunk compiles each package alone, which makes other artifacts than compiling both: keep them apart.
        .env("CARGO_TARGET_DIR", project::target_dir().join("trunk"))
        .env_remove("NO_COLOR");
    if rust.path().is_some() {
        trunk.env_remove("RUSTUP_TOOLCHAIN");
    }
    Ok(trunk)
}

fn install() -> Result<PathBuf> {
    let root = project::cache()?.join(format!("trunk-{VERSION}"));
    let program = root.join(format!("bin/trunk{}", env::consts::EXE_SUFFIX));
    let is_good = || {
        command::first_line(Command::new(&program).arg("--version"))
            .is_some_and(|line| line.ends_with(&format!(" {VERSION}")))
    };
    say::step("trunk", || {
        if !is_good() {
            say::begin("building Trunk from its source (five minutes)");
            command::run(
                native_cargo()
                    .args([
                        "install",
                        "trunk",
                        "--version",
                        VERSION,
                        "--locked",
                        "--debug",
                    ])
                    .args(["--no-default-features", "--features", "rustls", "--root"])
                    .arg(&root)
                    .env("CARGO_TARGET_DIR", project::cache()?.join("trunk-build")),
            )?;
            ensure!(is_good(), "{} is not version {VERSION}", program.display());
            let _ = std::fs::remove_dir_all(project::cache()?.join("trunk-build"));
        }
        Ok(VERSION)
    })?;
    Ok(program)
}
