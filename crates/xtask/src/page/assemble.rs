//! Puts the page's files in one folder and marks them with the id of the build.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::lessons;
use super::modules::Module;
use crate::hash::Hasher;
use crate::project;

/// Stands in sources where the id of the build goes. Page and worker compare theirs: a tab left open over an update
/// then says so.
const PLACEHOLDER: &str = "__VITRINE_BUILD__";

/// The files that carry the placeholder.
const MARKED: [&str; 2] = ["index.html", "worker/worker.js"];

/// Served path, with `/` between folders, and content.
type Files = BTreeMap<String, Vec<u8>>;

/// Writes the page into `dist`, removes what no longer belongs there, and says the id of the build.
pub(super) fn assemble(modules: &[Module], dist: &Path) -> Result<String> {
    let mut files = Files::new();
    for module in modules {
        add_folder(&mut files, module.served, &module.files, &|_| true)?;
    }
    add(
        &mut files,
        "index.html",
        &project::root().join("index.html"),
    )?;
    finish(files, dist)
}

/// Completes in place what Trunk has built: it knows the modules and the index, the rest is the same as ever.
pub(super) fn complete(staged: &Path) -> Result<String> {
    let mut files = Files::new();
    add_folder(&mut files, "", staged, &|name| !name.ends_with(".d.ts"))?;
    finish(files, staged)
}

/// Adds what is neither module nor index, marks the build, and writes it all.
fn finish(mut files: Files, dist: &Path) -> Result<String> {
    let root = project::root();
    let shell = root.join("crates/xtask/shell");
    add(&mut files, "ui/start.js", &shell.join("start.js"))?;
    add(&mut files, "worker/worker.js", &shell.join("worker.js"))?;
    let mqtt = root.join("web/node_modules/mqtt/dist/mqtt.esm.js");
    add(&mut files, "vendor/mqtt.esm.js", &mqtt)
        .context("MQTT.js is missing: web/package-lock.json must ask for `mqtt`")?;
    add_folder(&mut files, "web", &root.join("web"), &is_served)?;
    let list = lessons::index(&root.join("web/lessons"))?;
    files.insert("web/lessons/index.json".into(), list);
    if let Some(index) = files.get_mut("index.html") {
        *index = without_trunk(&String::from_utf8_lossy(index)).into_bytes();
    }
    let id = mark(&mut files)?;
    write(&files, dist)?;
    Ok(format!(
        "build {id}, {} files in {}",
        files.len(),
        dist.display()
    ))
}

fn add(files: &mut Files, served: &str, source: &Path) -> Result<()> {
    let bytes = fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
    files.insert(served.to_owned(), bytes);
    Ok(())
}

fn add_folder(
    files: &mut Files,
    served: &str,
    source: &Path,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<()> {
    let entries =
        fs::read_dir(source).with_context(|| format!("cannot read {}", source.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| wanted(name)) else {
            continue;
        };
        let path = if served.is_empty() {
            name.to_owned()
        } else {
            format!("{served}/{name}")
        };
        if entry.file_type()?.is_dir() {
            add_folder(files, &path, &entry.path(), wanted)?;
        } else {
            add(files, &path, &entry.path())?;
        }
    }
    Ok(())
}

/// True for what of `web/` a browser loads: not packages, tests, types, or words for those who work on it.
fn is_served(name: &str) -> bool {
    let folders = ["node_modules", "test", "tests"];
    let files = ["package.json", "package-lock.json", "tsconfig.json"];
    let endings = [".md", ".d.ts", ".d.mts", ".test.js", ".test.mjs"];
    !name.starts_with('.')
        && !folders.contains(&name)
        && !files.contains(&name)
        && !endings.iter().any(|ending| name.ends_with(ending))
}

/// Drops the lines that only Trunk reads.
fn without_trunk(index: &str) -> String {
    let kept = index.lines().filter(|line| !line.contains("data-trunk"));
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// Writes the id of the build, a hash of all files, over the placeholder and into `build.json`.
fn mark(files: &mut Files) -> Result<String> {
    let id = files
        .iter()
        .fold(Hasher::default(), |hasher, (path, bytes)| {
            hasher.part(path).part(bytes)
        })
        .finish();
    for path in MARKED {
        let bytes = files
            .get_mut(path)
            .with_context(|| format!("{path} is missing"))?;
        let text = std::str::from_utf8(bytes).with_context(|| format!("{path} is not UTF-8"))?;
        ensure!(
            text.contains(PLACEHOLDER),
            "{path} has no {PLACEHOLDER} for the id of the build"
        );
        *bytes = text.replace(PLACEHOLDER, &id).into_bytes();
    }
    files.insert(
        "build.json".into(),
        format!("{{\"id\": \"{id}\"}}\n").into_bytes(),
    );
    Ok(id)
}

/// Makes `dist` hold exactly `files`. Files that are the same already keep their time, and so their entity tag.
fn write(files: &Files, dist: &Path) -> Result<()> {
    for (path, bytes) in files {
        let to = dist.join(path);
        if fs::read(&to).is_ok_and(|old| old == *bytes) {
            continue;
        }
        let dir = to.parent().expect("a file is in a folder");
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        fs::write(&to, bytes).with_context(|| format!("cannot write {}", to.display()))?;
    }
    let keep: BTreeSet<&str> = files.keys().map(String::as_str).collect();
    remove_others(dist, "", &keep)
}

fn remove_others(dir: &Path, prefix: &str, keep: &BTreeSet<&str>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            remove_others(&entry.path(), &format!("{path}/"), keep)?;
            // Fails, as it should, while the folder holds something.
            let _ = fs::remove_dir(entry.path());
        } else if !keep.contains(path.as_str()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(worker: &str) -> Files {
        Files::from([
            (
                "index.html".into(),
                format!("<meta content=\"{PLACEHOLDER}\">").into_bytes(),
            ),
            (
                "worker/worker.js".into(),
                format!("x = '{PLACEHOLDER}'; {worker}").into_bytes(),
            ),
        ])
    }

    #[test]
    fn page_and_worker_carry_the_same_id() {
        let mut files = page("");
        let id = mark(&mut files).unwrap();
        assert_eq!(
            files["index.html"],
            format!("<meta content=\"{id}\">").into_bytes()
        );
        assert_eq!(
            files["worker/worker.js"],
            format!("x = '{id}'; ").into_bytes()
        );
        assert_eq!(
            files["build.json"],
            format!("{{\"id\": \"{id}\"}}\n").into_bytes()
        );
    }

    #[test]
    fn any_change_makes_another_id() {
        assert_ne!(mark(&mut page("1")).unwrap(), mark(&mut page("2")).unwrap());
        assert_eq!(mark(&mut page("1")).unwrap(), mark(&mut page("1")).unwrap());
    }

    #[test]
    fn a_page_without_the_placeholder_is_refused() {
        let mut files = page("");
        files.insert("index.html".into(), b"<p>".to_vec());
        assert!(
            mark(&mut files)
                .unwrap_err()
                .to_string()
                .contains("index.html")
        );
    }

    #[test]
    fn lines_for_trunk_are_dropped() {
        let index = "<head>\n  <link data-trunk rel=\"rust\">\n  <title>V</title>\n</head>\n";
        assert_eq!(
            without_trunk(index),
            "<head>\n  <title>V</title>\n</head>\n"
        );
    }

    #[test]
    fn only_what_a_browser_loads_is_served() {
        for name in ["styles.css", "pt.json", "door.js", "fonts", "package.svg"] {
            assert!(is_served(name), "{name}");
        }
        for name in [
            "node_modules",
            "package.json",
            "test",
            "door.test.js",
            "door.d.ts",
            "STYLE.md",
            ".gitignore",
        ] {
            assert!(!is_served(name), "{name}");
        }
    }

    #[test]
    fn the_folder_ends_up_with_exactly_the_files() {
        let dist = std::env::temp_dir().join(format!("vitrine-dist-{}", std::process::id()));
        fs::create_dir_all(dist.join("old/deep")).unwrap();
        fs::write(dist.join("old/deep/file"), "stale").unwrap();
        write(&Files::from([("a/b.txt".into(), b"new".to_vec())]), &dist).unwrap();
        assert_eq!(fs::read_to_string(dist.join("a/b.txt")).unwrap(), "new");
        assert!(!dist.join("old").exists());
        fs::remove_dir_all(dist).unwrap();
    }
}
