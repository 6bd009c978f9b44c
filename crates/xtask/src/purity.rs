//! The core crates decide and touch nothing: no clock, socket, file, thread or random number, and the same input gives
//! the same output. This check holds that line where the compiler does not.
//!
//! - Crates that are to be `no_std` say so, without a condition other than `test`.
//! - What a core crate depends on, directly or through others, is on a short list.
//! - Sources outside tests name nothing from the standard library that reaches the world or has a random order.

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::project;

/// A crate that is held to the rule, and what of ours it may use. Arrows point downwards only.
struct Core {
    name: &'static str,
    no_std: bool,
    ours: &'static [&'static str],
}

const CORE: [Core; 9] = [
    Core {
        name: "packet",
        no_std: true,
        ours: &[],
    },
    Core {
        name: "session",
        no_std: true,
        ours: &["packet"],
    },
    Core {
        name: "broker",
        no_std: true,
        ours: &["packet", "session"],
    },
    Core {
        name: "client",
        no_std: true,
        ours: &["packet", "session"],
    },
    Core {
        name: "link",
        no_std: false,
        ours: &["packet"],
    },
    Core {
        name: "scope",
        no_std: true,
        ours: &["broker", "link", "packet", "session"],
    },
    Core {
        name: "lab",
        no_std: true,
        ours: &["broker", "client", "packet", "session"],
    },
    Core {
        name: "course",
        no_std: false,
        ours: &["broker", "client", "lab", "packet", "session"],
    },
    Core {
        name: "stage",
        no_std: false,
        ours: &[
            "broker", "client", "course", "lab", "link", "packet", "scope", "session",
        ],
    },
];

/// Crates of others that decide nothing by themselves: no I/O, no clock, no randomness.
const HARMLESS: [&str; 42] = [
    "adler2",
    "allocator-api2",
    "base64",
    "bitflags",
    "block-buffer",
    "cfg-if",
    "cpufeatures",
    "crypto-common",
    "digest",
    "equivalent",
    "foldhash",
    "generic-array",
    "hashbrown",
    "hmac",
    "indexmap",
    "itoa",
    "memchr",
    "miniz_oxide",
    "proc-macro2",
    "quote",
    "rustc-hash",
    "ryu",
    "serde",
    "serde_bytes",
    "serde_core",
    "serde_derive",
    "serde_json",
    "serde_spanned",
    "sha2",
    "simd-adler32",
    "slab",
    "smallvec",
    "subtle",
    "syn",
    "toml",
    "toml_datetime",
    "toml_parser",
    "toml_writer",
    "typenum",
    "unicode-ident",
    "winnow",
    "zmij",
];

/// It does not matter what these use: they ask the processor what it can, and the answer changes how fast
/// something is and not what comes out.
const LEAVES: [&str; 1] = ["cpufeatures"];

/// Checks all core crates there are, and says how many.
pub(crate) fn check() -> Result<String> {
    let graph = Graph::read(&project::metadata()?)?;
    let mut complaints = Vec::new();
    let mut checked = 0;
    for core in &CORE {
        let folder = project::root().join("crates").join(core.name);
        if !folder.join("Cargo.toml").is_file() {
            continue;
        }
        complaints.extend(dependencies(core, &graph));
        complaints.extend(sources(core, &folder)?);
        checked += 1;
    }
    if !complaints.is_empty() {
        bail!("the core must stay pure:\n  {}", complaints.join("\n  "));
    }
    Ok(format!("{checked} core crates"))
}

fn dependencies(core: &Core, graph: &Graph) -> Vec<String> {
    let name = format!("vitrine-{}", core.name);
    let is_allowed = |dependency: &str| {
        dependency == name
            || HARMLESS.contains(&dependency)
            || dependency
                .strip_prefix("vitrine-")
                .is_some_and(|ours| core.ours.contains(&ours))
    };
    let mut complaints = Vec::new();
    for (dependency, because) in graph.reach(&name) {
        if !is_allowed(&dependency) {
            complaints.push(format!(
                "{name} must not depend on {dependency} (through {because})"
            ));
        }
    }
    complaints
}

fn sources(core: &Core, folder: &Path) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for file in rust_files(&folder.join("src"))? {
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let shown = file
            .strip_prefix(project::root())
            .unwrap_or(&file)
            .display();
        for (line, why) in source::impurities(&text, core.no_std) {
            complaints.push(format!("{shown}:{line}: {why}"));
        }
        if core.no_std && file.ends_with("src/lib.rs") && !source::says_no_std(&text) {
            complaints.push(format!("{shown}: `#![no_std]` is missing"));
        }
    }
    Ok(complaints)
}

/// The sources below `dir` that are not tests by their name.
fn rust_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            if name != "tests" {
                files.extend(rust_files(&path)?);
            }
        } else if name.ends_with(".rs") && name != "tests.rs" && !name.ends_with("_tests.rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Who depends on whom when a crate is used: neither for its tests nor for its build script.
struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    fn read(metadata: &Value) -> Result<Self> {
        let mut names = BTreeMap::new();
        for package in metadata["packages"]
            .as_array()
            .context("cargo metadata has no packages")?
        {
            if let (Some(id), Some(name)) = (package["id"].as_str(), package["name"].as_str()) {
                names.insert(id, name.to_owned());
            }
        }
        let mut graph = BTreeMap::new();
        for node in metadata["resolve"]["nodes"]
            .as_array()
            .context("cargo metadata has no graph")?
        {
            let Some(from) = node["id"].as_str().and_then(|id| names.get(id)) else {
                continue;
            };
            let used = node["deps"].as_array().into_iter().flatten().filter(|dep| {
                dep["dep_kinds"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .any(|kind| kind["kind"].is_null())
            });
            let used = used.filter_map(|dep| names.get(dep["pkg"].as_str()?).cloned());
            graph
                .entry(from.clone())
                .or_insert_with(BTreeSet::new)
                .extend(used);
        }
        Ok(Self(graph))
    }

    /// Everything below `from`, each with the crate that asks for it.
    fn reach(&self, from: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut open = vec![from.to_owned()];
        while let Some(name) = open.pop() {
            if LEAVES.contains(&&*name) {
                continue;
            }
            for dependency in self.0.get(&name).into_iter().flatten() {
                if !found.contains_key(dependency) {
                    found.insert(dependency.clone(), name.clone());
                    open.push(dependency.clone());
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph() -> Graph {
        let dep = |name: &str, kind: Value| serde_json::json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let package = |name: &str| serde_json::json!({"id": name, "name": name});
        let names = [
            "vitrine-packet",
            "vitrine-session",
            "hashbrown",
            "rand",
            "proptest",
        ];
        let metadata = serde_json::json!({
            "packages": names.map(package),
            "resolve": {"nodes": [
                {"id": "vitrine-session", "deps": [
                    dep("vitrine-packet", Value::Null), dep("hashbrown", Value::Null), dep("proptest", "dev".into())]},
                {"id": "vitrine-packet", "deps": []},
                {"id": "hashbrown", "deps": [dep("rand", Value::Null)]},
                {"id": "proptest", "deps": [dep("rand", Value::Null)]},
            ]},
        });
        Graph::read(&metadata).unwrap()
    }

    #[test]
    fn a_forbidden_dependency_is_found_with_its_reason() {
        let complaints = dependencies(&CORE[1], &graph());
        assert_eq!(
            complaints,
            ["vitrine-session must not depend on rand (through hashbrown)"]
        );
    }

    #[test]
    fn dependencies_of_tests_do_not_count() {
        assert!(!graph().reach("vitrine-session").contains_key("proptest"));
    }

    #[test]
    fn arrows_point_downwards() {
        let mut graph = graph();
        graph.0.insert(
            "vitrine-packet".into(),
            BTreeSet::from(["vitrine-session".to_owned()]),
        );
        let complaints = dependencies(&CORE[0], &graph);
        assert!(
            complaints[0].contains("vitrine-packet must not depend on"),
            "{complaints:?}"
        );
    }
}
