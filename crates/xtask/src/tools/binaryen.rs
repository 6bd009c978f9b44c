//! wasm-opt, from the npm package `binaryen` that `crates/xtask/npm` pins, kept in the cache.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::node;
use crate::hash::Hasher;
use crate::{project, say};

/// Where wasm-opt is.
pub(crate) struct Binaryen {
    /// Changes when the version does.
    pub(crate) id: String,
    /// The script, to be run by Node.
    pub(crate) wasm_opt: PathBuf,
    /// A folder for PATH that holds `wasm-opt`.
    pub(crate) bin: PathBuf,
}

/// Finds wasm-opt in the cache, or installs it.
pub(crate) fn find() -> Result<Binaryen> {
    let pinned = project::root().join("crates/xtask/npm");
    let id = Hasher::default()
        .file(&pinned.join("package-lock.json"))?
        .finish();
    let dir = project::cache()?.join(format!("npm-{id}"));
    say::step("wasm-opt", || {
        fs::create_dir_all(&dir)?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(pinned.join(file), dir.join(file))
                .with_context(|| format!("cannot copy {file} to {}", dir.display()))?;
        }
        Ok(if node::install(&dir)? {
            "installed from npm"
        } else {
            "in the cache"
        })
    })?;
    let modules = dir.join("node_modules");
    Ok(Binaryen {
        id,
        wasm_opt: modules.join("binaryen/bin/wasm-opt"),
        bin: modules.join(".bin"),
    })
}
