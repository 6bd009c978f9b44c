//! Every package that is compiled in, loaded by the page or used to test it has a licence on the list in deny.toml.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{locks, project, spdx};

/// Fine for what only tests and benchmarks use, which nobody is given a copy of.
const TESTS_TOO: [&str; 2] = ["EPL-1.0", "MPL-2.0"];

/// Checks crates and npm packages, and says how many there were.
pub(crate) fn check() -> Result<String> {
    let allowed = allowed()?;
    let mut bad = Vec::new();
    let crates = crates()?;
    let mut packages = crates.len();
    bad.extend(
        crates
            .iter()
            .filter_map(|package| complaint(package, &allowed)),
    );
    for lock in locks::npm_locks() {
        let found = npm(&lock)?;
        packages += found.len();
        let mut allowed = allowed.clone();
        if !["web", "crates"]
            .iter()
            .any(|shipped| lock.starts_with(project::root().join(shipped)))
        {
            allowed.extend(TESTS_TOO.map(String::from));
        }
        bad.extend(
            found
                .iter()
                .filter_map(|package| complaint(package, &allowed)),
        );
    }
    if !bad.is_empty() {
        bad.sort();
        bail!(
            "not on the list of licences in deny.toml:\n{}",
            bad.join("\n")
        );
    }
    Ok(format!("{packages} packages"))
}

struct Package {
    name: String,
    licence: Option<String>,
}

fn complaint(package: &Package, allowed: &[String]) -> Option<String> {
    let Some(licence) = &package.licence else {
        return Some(format!("  {}: says no licence", package.name));
    };
    match spdx::is_allowed(licence, allowed) {
        Ok(true) => None,
        Ok(false) => Some(format!("  {}: {licence}", package.name)),
        Err(error) => Some(format!("  {}: {error}", package.name)),
    }
}

fn allowed() -> Result<Vec<String>> {
    let path = project::root().join("deny.toml");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let table: toml::Table = text.parse().context("deny.toml cannot be parsed")?;
    let list = table
        .get("licenses")
        .and_then(|licenses| licenses.get("allow"));
    let list = list
        .and_then(toml::Value::as_array)
        .context("deny.toml has no licenses.allow")?;
    Ok(list
        .iter()
        .filter_map(|licence| Some(licence.as_str()?.to_owned()))
        .collect())
}

/// Every crate in Cargo.lock that is not ours.
fn crates() -> Result<Vec<Package>> {
    let json = project::metadata()?;
    let packages = json["packages"]
        .as_array()
        .context("cargo metadata has no packages")?;
    Ok(packages
        .iter()
        .filter(|package| !package["source"].is_null())
        .map(|package| Package {
            name: format!("{} {}", text(&package["name"]), text(&package["version"])),
            licence: package["license"].as_str().map(str::to_owned),
        })
        .collect())
}

/// Every package that a package-lock.json pins.
fn npm(lock: &Path) -> Result<Vec<Package>> {
    let text =
        fs::read_to_string(lock).with_context(|| format!("cannot read {}", lock.display()))?;
    npm_packages(&text).with_context(|| format!("{} cannot be understood", lock.display()))
}

fn npm_packages(lock: &str) -> Result<Vec<Package>> {
    let json: Value = serde_json::from_str(lock)?;
    let packages = json["packages"].as_object().context("no `packages`")?;
    Ok(packages
        .iter()
        .filter(|(path, package)| {
            path.contains("node_modules/") && package["link"] != Value::Bool(true)
        })
        .map(|(path, package)| Package {
            name: format!("{path} {}", text(&package["version"])),
            licence: package["license"].as_str().map(str::to_owned),
        })
        .collect())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn npm_packages_have_licences_too() {
        let lock = r#"{"packages": {"": {"name": "x"}, "node_modules/a": {"version": "1.0.0", "license": "MIT"},
            "node_modules/b": {"version": "2.0.0"}, "node_modules/c": {"version": "3.0.0", "license": "GPL-3.0"}}}"#;
        let packages = npm_packages(lock).unwrap();
        let allowed = ["MIT".to_owned()];
        let complaints: Vec<_> = packages
            .iter()
            .filter_map(|package| complaint(package, &allowed))
            .collect();
        assert_eq!(
            complaints,
            [
                "  node_modules/b 2.0.0: says no licence",
                "  node_modules/c 3.0.0: GPL-3.0"
            ]
        );
    }
}
