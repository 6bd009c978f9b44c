//! The exact wasm-bindgen: built from `crates/bindgen`, whose version Cargo.lock fixes, and kept in the cache.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};

use super::wasm_target::native_cargo;
use crate::{command, project, say};

/// What cargo builds, and what it is called where others look for it.
const PROGRAMS: [(&str, &str); 2] = [
    ("vitrine-bindgen", "wasm-bindgen"),
    ("vitrine-bindgen-test-runner", "wasm-bindgen-test-runner"),
];

/// Where the programs of one version of wasm-bindgen are.
pub(crate) struct Bindgen {
    /// The version, as in Cargo.lock.
    pub(crate) version: String,
    /// The folder that holds `wasm-bindgen` and `wasm-bindgen-test-runner`.
    pub(crate) dir: PathBuf,
}

impl Bindgen {
    pub(crate) fn program(&self) -> PathBuf {
        self.dir.join(format!("wasm-bindgen{EXE_SUFFIX}"))
    }

    pub(crate) fn test_runner(&self) -> PathBuf {
        self.dir
            .join(format!("wasm-bindgen-test-runner{EXE_SUFFIX}"))
    }
}

/// Finds the programs in the cache, or builds them. The second call in a run answers at once.
pub(crate) fn find() -> Result<&'static Bindgen> {
    static FOUND: OnceLock<Bindgen> = OnceLock::new();
    if let Some(bindgen) = FOUND.get() {
        return Ok(bindgen);
    }
    let version = project::locked("wasm-bindgen")?;
    let tool = project::locked("wasm-bindgen-cli")?;
    ensure!(
        version == tool,
        "Cargo.lock has wasm-bindgen {version} but wasm-bindgen-cli {tool}: they must be equal. Set both to one \
         version in [workspace.dependencies] of Cargo.toml"
    );
    let dir = project::cache()?.join(format!("wasm-bindgen-{version}"));
    let found = Bindgen { version, dir };
    say::step("wasm-bindgen", || {
        if !is_good(&found) {
            build(&found.dir)?;
            ensure!(
                is_good(&found),
                "{} is not version {}",
                found.program().display(),
                found.version
            );
        }
        Ok(found.version.clone())
    })?;
    Ok(FOUND.get_or_init(|| found))
}

fn is_good(bindgen: &Bindgen) -> bool {
    let said = command::first_line(Command::new(bindgen.program()).arg("--version"));
    said.is_some_and(|line| line.ends_with(&format!(" {}", bindgen.version)))
        && bindgen.test_runner().is_file()
}

fn build(dir: &Path) -> Result<()> {
    say::begin("building wasm-bindgen from its source (two minutes)");
    command::run(native_cargo().args(["build", "-p", "vitrine-bindgen"]))?;
    fs::create_dir_all(dir)?;
    for (built, program) in PROGRAMS {
        let built = project::target_dir().join(format!("debug/{built}{EXE_SUFFIX}"));
        let file = format!("{program}{EXE_SUFFIX}");
        // Copy beside and rename: another run may be using the old one.
        let beside = dir.join(format!("{file}.new"));
        fs::copy(&built, &beside).with_context(|| format!("cannot copy {}", built.display()))?;
        fs::rename(&beside, dir.join(&file))?;
    }
    Ok(())
}
