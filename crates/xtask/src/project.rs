//! Where things are: the repository, the build directory, the cache; and which versions the lock file asks for.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        // `cargo run` says where the package is now. Where it was compiled may be another clone, whose build directory
        // this one shares.
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map(PathBuf::from)
            .filter(|package| package.ends_with("crates/xtask"))
            .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        package
            .ancestors()
            .nth(2)
            .expect("crates/xtask is two below the root")
            .to_owned()
    })
}

/// Cargo's build directory: `$CARGO_TARGET_DIR` or `target/`.
pub(crate) fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Where the built page goes.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Where tools are kept between runs and between clones: `$VITRINE_CACHE`, or the user's cache directory.
pub(crate) fn cache() -> Result<PathBuf> {
    let dir = match env::var_os("VITRINE_CACHE") {
        Some(dir) => env::current_dir()?.join(dir),
        None => user_cache()?.join("vitrine"),
    };
    fs::create_dir_all(&dir)
        .with_context(|| format!("cannot make the cache directory {}", dir.display()))?;
    Ok(dir)
}

fn user_cache() -> Result<PathBuf> {
    if let Some(dir) = env::var_os("XDG_CACHE_HOME").filter(|dir| Path::new(dir).is_absolute()) {
        return Ok(dir.into());
    }
    if cfg!(windows)
        && let Some(dir) = env::var_os("LOCALAPPDATA")
    {
        return Ok(dir.into());
    }
    match env::home_dir() {
        Some(home) => Ok(home.join(".cache")),
        None => bail!("there is no home directory; set VITRINE_CACHE to a directory for tools"),
    }
}

/// The packages under `crates/`, sorted.
pub(crate) fn packages() -> Result<Vec<String>> {
    let folder = root().join("crates");
    let mut names = Vec::new();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(format!("vitrine-{}", entry.file_name().to_string_lossy()));
        }
    }
    names.sort();
    Ok(names)
}

/// The packages that are neither programs nor made for the browser alone.
pub(crate) fn libraries() -> Result<Vec<String>> {
    let mut names = packages()?;
    names.retain(|name| {
        ![
            "vitrine-bindgen",
            "vitrine-server",
            "vitrine-ui",
            "vitrine-worker",
            "vitrine-xtask",
        ]
        .contains(&name.as_str())
    });
    Ok(names)
}

/// What `cargo metadata` says about the workspace and everything it depends on.
pub(crate) fn metadata() -> Result<serde_json::Value> {
    let mut cargo = crate::tools::wasm_target::native_cargo();
    let output = cargo
        .args(["metadata", "--format-version", "1"])
        .output()
        .context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!(
            "cargo metadata failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata said something that is not JSON")
}

/// The version of `package` in the repository's Cargo.lock.
pub(crate) fn locked(package: &str) -> Result<String> {
    let path = root().join("Cargo.lock");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    match locked_versions(&text, package)?.as_slice() {
        [version] => Ok(version.clone()),
        [] => bail!("Cargo.lock has no package `{package}`"),
        several => bail!(
            "Cargo.lock has {package} {}; it must have one: see `cargo tree -i {package}`",
            several.join(" and ")
        ),
    }
}

fn locked_versions(lock: &str, package: &str) -> Result<Vec<String>> {
    let lock: toml::Table = lock.parse().context("Cargo.lock cannot be parsed")?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    Ok(packages
        .into_iter()
        .flatten()
        .filter(|entry| entry.get("name").and_then(toml::Value::as_str) == Some(package))
        .filter_map(|entry| Some(entry.get("version")?.as_str()?.to_owned()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_from_the_lock() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n\n\
                    [[package]]\nname = \"b\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"b\"\nversion = \"0.2.0\"\n";
        assert_eq!(locked_versions(lock, "a").unwrap(), ["1.2.3"]);
        assert_eq!(locked_versions(lock, "b").unwrap(), ["0.1.0", "0.2.0"]);
        assert!(locked_versions(lock, "c").unwrap().is_empty());
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
    }
}
