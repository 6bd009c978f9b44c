//! Node, and the npm packages that lock files in the repository pin.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::hash::{Hasher, unless_done};
use crate::{command, project, say};

/// The oldest Node that the tests and tools run on.
const OLDEST: u32 = 20;

const HOW: &str = "Debian: sudo apt-get install nodejs npm; macOS: brew install node; \
                   Windows: winget install OpenJS.NodeJS.LTS";

/// Node's version, or how to install it.
pub(crate) fn check() -> Result<String> {
    let Some(said) = command::first_line(Command::new("node").arg("--version")) else {
        bail!("Node is not installed. {HOW}");
    };
    match major(&said) {
        Some(major) if major >= OLDEST => {}
        _ => bail!("Node is {said}; {OLDEST} or newer is needed. {HOW}"),
    }
    if command::find(&["npm"]).is_none() {
        bail!("npm is not installed. {HOW}");
    }
    Ok(format!("Node {said}"))
}

fn major(version: &str) -> Option<u32> {
    version
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// Installs the packages of every part of the repository that has a lock file: MQTT.js for the page, clients for tests.
pub(crate) fn packages() -> Result<()> {
    for part in ["web", "tests"] {
        part_packages(part)?;
    }
    Ok(())
}

/// Installs the packages of one part of the repository.
pub(crate) fn part_packages(part: &str) -> Result<()> {
    let dir = project::root().join(part);
    if !dir.join("package-lock.json").is_file() {
        return Ok(());
    }
    let said = || {
        Ok(if install(&dir)? {
            "installed"
        } else {
            "up to date"
        })
    };
    say::step(&format!("npm {part}"), said).map(drop)
}

/// `npm ci` in `dir`, unless that was done for the same lock file. True when it ran.
pub(crate) fn install(dir: &Path) -> Result<bool> {
    let input = Hasher::default()
        .file(&dir.join("package.json"))?
        .file(&dir.join("package-lock.json"))?
        .finish();
    unless_done(&dir.join("node_modules/.vitrine-stamp"), &input, || {
        let npm =
            command::find(&["npm"]).with_context(|| format!("npm is not installed. {HOW}"))?;
        fs::create_dir_all(dir)?;
        command::run_quietly(
            // No package here needs a script of its own to run on installation.
            Command::new(npm).current_dir(dir).args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ]),
        )
        .with_context(|| {
            format!(
                "npm could not install what {} asks for",
                dir.join("package-lock.json").display()
            )
        })
        .map(drop)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_says_its_version() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("24.0.0-pre"), Some(24));
        assert_eq!(major("nonsense"), None);
    }
}
