//! Lock files name packages and their checksums, never the host that one machine happened to fetch them from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::project;

/// How Cargo.lock writes the public registry, wherever the crates were fetched from.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks every lock file of the repository.
pub(crate) fn check() -> Result<String> {
    let mut complaints = Vec::new();
    let mut checked = 0;
    for lock in cargo_locks().into_iter().chain(npm_locks()) {
        let text =
            fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
        let name = lock
            .strip_prefix(project::root())
            .unwrap_or(&lock)
            .display();
        for line in foreign_lines(&text) {
            complaints.push(format!("  {name}: {}", line.trim()));
        }
        checked += 1;
    }
    if !complaints.is_empty() {
        bail!(
            "lock files name hosts (npm: set omit-lockfile-registry-resolved=true and write them anew):\n{}",
            complaints.join("\n")
        );
    }
    Ok(format!("{checked} name no host"))
}

/// The lines of a lock file that name a host other than the public registry's own name. Funding links are no sources.
fn foreign_lines(lock: &str) -> Vec<&str> {
    let is_source = |line: &str| {
        let line = line.trim_start();
        ["source = ", "\"resolved\":", "\"registry\":"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    lock.lines()
        .filter(|line| {
            is_source(line) && line.contains("://") && !line.contains(&format!("\"{CRATES_IO}\""))
        })
        .collect()
}

fn cargo_locks() -> Vec<PathBuf> {
    named("Cargo.lock", project::root())
}

/// Every package-lock.json of the repository.
pub(crate) fn npm_locks() -> Vec<PathBuf> {
    named("package-lock.json", project::root())
}

/// Files of that name below `dir`, but not in what was built or installed.
fn named(name: &str, dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let file = entry.file_name();
        let file = file.to_string_lossy();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if !["target", "dist", "node_modules"].contains(&&*file) && !file.starts_with('.') {
                found.extend(named(name, &path));
            }
        } else if file == name {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_foreign_sources_are_named() {
        let lock = "[[package]]\nname = \"a\"\n\
                    source = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
                    [[package]]\nname = \"b\"\nsource = \"git+https://example.org/b\"\n";
        assert_eq!(
            foreign_lines(lock),
            ["source = \"git+https://example.org/b\""]
        );
        let lock = "  \"resolved\": \"https://example.org/a.tgz\",\n  \"integrity\": \"sha512-x\",\n  \
                    \"url\": \"https://example.org/fund\"\n  \"resolved\": \"node_modules/own\"\n";
        assert_eq!(
            foreign_lines(lock),
            ["  \"resolved\": \"https://example.org/a.tgz\","]
        );
    }
}
