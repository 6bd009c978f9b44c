//! Builds what a browser loads: two wasm modules, their loaders and the files of `web/`, laid out in one folder.
//!
//! ```text
//! index.html  build.json
//! ui/      start.js   vitrine-ui.js      vitrine-ui_bg.wasm
//! worker/  worker.js  vitrine-worker.js  vitrine-worker_bg.wasm
//! vendor/  mqtt.esm.js
//! web/     styles, locales, lessons and their list, scripts, icons, fonts
//! ```

mod assemble;
mod lessons;
mod modules;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::tools::{binaryen, bindgen, node, wasm_target};
use crate::{project, say};

/// For whom the page is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// For users: optimised, without names or paths.
    Release,
    /// For those who work on it: quick to build, with names in stack traces.
    Dev,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "dev",
        }
    }

    /// Where the built page goes.
    pub(crate) fn dist(self) -> PathBuf {
        match self {
            Self::Release => project::dist(),
            Self::Dev => project::target_dir().join("vitrine/dev/dist"),
        }
    }
}

/// `cargo xtask build`.
pub(crate) fn main(mut args: lexopt::Parser) -> Result<ExitCode> {
    use lexopt::prelude::*;

    let mut mode = Mode::Release;
    while let Some(arg) = args.next()? {
        match arg {
            Long("dev") => mode = Mode::Dev,
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected().into()),
        }
    }
    let dist = build(mode)?;
    println!("The page is in {}", dist.display());
    Ok(ExitCode::SUCCESS)
}

/// `cargo xtask complete`, which Trunk calls (see Trunk.toml) when it has built the modules.
pub(crate) fn complete(mut args: lexopt::Parser) -> Result<ExitCode> {
    if let Some(other) = args.next()? {
        return Err(other.unexpected().into());
    }
    let staged = std::env::var_os("TRUNK_STAGING_DIR")
        .context("TRUNK_STAGING_DIR is not set: this command is for Trunk to call")?;
    say::step("page", || assemble::complete(Path::new(&staged)))?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the page, skipping what has not changed, and says where it is.
pub(crate) fn build(mode: Mode) -> Result<PathBuf> {
    say::step("node", node::check)?;
    node::part_packages("web")?;
    let rust = wasm_target::find()?;
    let bindgen = bindgen::find()?;
    let binaryen = match mode {
        Mode::Release => Some(binaryen::find()?),
        Mode::Dev => None,
    };
    let modules = modules::build(mode, rust, bindgen, binaryen.as_ref())?;
    let dist = mode.dist();
    say::step("page", || assemble::assemble(&modules, &dist))?;
    Ok(dist)
}
