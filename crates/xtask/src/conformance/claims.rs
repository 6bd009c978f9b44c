//! The statements that tests name in the comments above them.
//!
//! A line of such a comment begins with the version and names statements in brackets; lines that begin with a bracket
//! go on with it:
//!
//! ```text
//! /// 3.1.1: [MQTT-3.1.4-4] [MQTT-3.2.0-1]
//! /// 5.0: [MQTT-3.1.4-5] [MQTT-3.2.0-1]
//! ///   [MQTT-3.2.2-1]
//! ```
//!
//! In scripts the comment is one of `//` or `/** … */`, right above the call that makes the test.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::statements::Version;

/// How a test is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// `#[test]`.
    Native,
    /// `#[wasm_bindgen_test]`, in a browser.
    Wasm,
    /// Node's test runner, on scripts.
    Script,
    /// Node's test runner, with the native broker and other people's clients.
    Server,
    /// Node's test runner, with the built page and a browser.
    Browser,
}

/// A test that names statements.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) kind: Kind,
    /// From the root of the repository, with slashes.
    pub(super) file: String,
    /// The function's name, or what the script calls it. `…` stands for what the script puts in.
    pub(super) name: String,
    /// In the order they are named, without doubles.
    pub(super) claims: Vec<(Version, String)>,
}

/// All tests below `root` that name statements, by file and then as they stand in it.
pub(super) fn read(root: &Path) -> Result<Vec<Test>> {
    let mut files = Vec::new();
    for folder in ["crates", "web", "tests"] {
        sources(&root.join(folder), &mut files)?;
    }
    files.sort();
    let mut tests = Vec::new();
    let mut errors = Vec::new();
    for file in files {
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.strip_prefix(root)?;
        let name = name.to_string_lossy().replace('\\', "/");
        scan(&name, &text, &mut tests, &mut errors);
    }
    ensure!(errors.is_empty(), "{}", errors.join("\n"));
    Ok(tests)
}

/// The files below a folder that may hold tests, without those that are built or fetched.
pub(super) fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() {
            if name != "node_modules" && name != "target" {
                sources(&path, files)?;
            }
        } else if [".rs", ".test.js", ".test.mjs"]
            .iter()
            .any(|ending| name.ends_with(ending))
        {
            files.push(path);
        }
    }
    Ok(())
}

/// What a file's comments say. Comments are taken as they stand, without a parser of the language.
fn scan(file: &str, text: &str, tests: &mut Vec<Test>, errors: &mut Vec<String>) {
    let rust = file.ends_with(".rs");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut at = 0;
    while at < lines.len() {
        let start = at;
        while at < lines.len() && comment(lines[at], rust).is_some() {
            at += 1;
        }
        if at == start {
            at += 1;
            continue;
        }
        let said = lines[start..at]
            .iter()
            .filter_map(|line| comment(line, rust));
        let (claims, stray) = claims(said);
        if claims.is_empty() && !stray {
            continue;
        }
        let found = if rust {
            function(&lines[at..])
        } else {
            call(&lines[at..], file)
        };
        let line = start + 1;
        match found {
            Some((kind, name)) if !stray => tests.push(Test {
                kind,
                file: file.to_owned(),
                name,
                claims,
            }),
            Some((_, name)) => errors.push(format!(
                "{file}:{line}: {name} names statements without the version: write `3.1.1: [MQTT-…]` or `5.0: [MQTT-…]`"
            )),
            None if !claims.is_empty() => errors.push(format!(
                "{file}:{line}: statements are named, but not above a test"
            )),
            // Elsewhere a comment may speak of statements as it likes.
            None => {}
        }
    }
}

/// What a line of a comment says.
fn comment(line: &str, rust: bool) -> Option<&str> {
    let said = if rust {
        line.strip_prefix("///")
    } else {
        let long = || {
            let rest = line
                .strip_prefix("/**")
                .or_else(|| line.strip_prefix("*"))?;
            Some(rest.trim_end_matches("*/").trim_end_matches('*'))
        };
        line.strip_prefix("//")
            .map(|rest| rest.trim_start_matches('/'))
            .or_else(long)
    };
    Some(said?.trim())
}

/// The statements named for a version, and whether any is named without.
fn claims<'a>(said: impl Iterator<Item = &'a str>) -> (Vec<(Version, String)>, bool) {
    let mut found = Vec::new();
    let mut stray = false;
    let mut version = None;
    for line in said {
        let begins = Version::ALL.into_iter().find_map(|version| {
            let rest = line.strip_prefix(version.name())?.strip_prefix(':')?;
            Some((version, rest))
        });
        let rest = match begins {
            Some((begun, rest)) => {
                version = Some(begun);
                rest
            }
            None => {
                if !line.starts_with("[MQTT-") {
                    version = None;
                }
                line
            }
        };
        for id in ids(rest) {
            match version {
                None => stray = true,
                Some(version) => {
                    let claim = (version, id.to_owned());
                    if !found.contains(&claim) {
                        found.push(claim);
                    }
                }
            }
        }
    }
    (found, stray)
}

/// `MQTT-3.1.0-1` for each `[MQTT-3.1.0-1]`.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split('[').skip(1).filter_map(|rest| {
        let (id, _) = rest.split_once(']')?;
        id.starts_with("MQTT-").then_some(id)
    })
}

/// The test function that `lines` begin with, after its attributes.
fn function(lines: &[&str]) -> Option<(Kind, String)> {
    let mut kind = None;
    for line in lines {
        if line.starts_with("#[test]") {
            kind = Some(Kind::Native);
        } else if line.starts_with("#[wasm_bindgen_test") {
            kind = Some(Kind::Wasm);
        } else if line.starts_with("#[") || line.starts_with("//") {
            // Another attribute, or a word about one.
        } else {
            let (_, rest) = line.split_once("fn ")?;
            let name = rest.split(['(', '<']).next()?;
            return Some((kind?, name.to_owned()));
        }
    }
    None
}

/// The call of a test runner that `lines` begin with.
fn call(lines: &[&str], file: &str) -> Option<(Kind, String)> {
    let (callee, _) = lines.first()?.split_once('(')?;
    let callee = callee.trim_start_matches("await ");
    if !["test", "it"].contains(&callee) && !callee.ends_with("Test") {
        return None;
    }
    let text = lines[..lines.len().min(3)].join("\n");
    let start = text.find(['\'', '"', '`'])?;
    let quote = text[start..].chars().next()?;
    let (name, _) = text[start + 1..].split_once(quote)?;
    let kind = if file.starts_with("tests/browser/") {
        Kind::Browser
    } else if file.starts_with("tests/server/") {
        Kind::Server
    } else {
        Kind::Script
    };
    Some((kind, without_inserts(name)))
}

/// A template's text, with `…` for each `${…}`.
fn without_inserts(template: &str) -> String {
    let mut parts = template.split("${");
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        name.push('…');
        name.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(file: &str, text: &str) -> (Vec<Test>, Vec<String>) {
        let (mut tests, mut errors) = (Vec::new(), Vec::new());
        scan(file, text, &mut tests, &mut errors);
        (tests, errors)
    }

    fn claim(version: Version, id: &str) -> (Version, String) {
        (version, id.to_owned())
    }

    #[test]
    fn comments_above_tests() {
        // Written so that this file has no such comment itself.
        let text = [
            "Words.",
            "3.1.1: [MQTT-1-1] [MQTT-1-2]",
            "[MQTT-1-3]",
            "5.0: section 3.1",
        ]
        .map(|line| format!("/// {line}\n"))
        .concat();
        let text = format!("{text}#[test]\n#[cfg(unix)]\nfn one() {{}}\n");
        let (tests, errors) = scanned("a.rs", &text);
        assert!(errors.is_empty(), "{errors:?}");
        let [test] = &tests[..] else {
            panic!("{tests:?}")
        };
        assert_eq!((test.kind, &*test.name), (Kind::Native, "one"));
        let ids = ["MQTT-1-1", "MQTT-1-2", "MQTT-1-3"];
        assert_eq!(test.claims, ids.map(|id| claim(Version::V3_1_1, id)));
    }

    #[test]
    fn wasm_tests_and_scripts() {
        let line = "5.0: [MQTT-6-1]";
        let rust = format!("/// {line}\n#[wasm_bindgen_test]\nasync fn two() {{}}\n");
        assert_eq!(scanned("a.rs", &rust).0[0].kind, Kind::Wasm);
        let script = format!("/** {line} */\ntest('it\u{301} is', () => 1);\n");
        let tests = scanned("web/a.test.js", &script).0;
        assert_eq!(
            (tests[0].kind, &*tests[0].name),
            (Kind::Script, "it\u{301} is")
        );
        let script = format!("  // {line}\n  pageTest(\n    `a ${{b}} c`,\n");
        let tests = scanned("tests/browser/a.test.mjs", &script).0;
        assert_eq!((tests[0].kind, &*tests[0].name), (Kind::Browser, "a … c"));
    }

    #[test]
    fn a_statement_needs_its_version_and_a_test() {
        let (tests, errors) = scanned("a.rs", "/// [MQTT-1-1]\n#[test]\nfn one() {}\n");
        assert!(tests.is_empty() && errors[0].contains("without the version"));
        let text = format!("/// {}: [MQTT-1-1]\nfn one() {{}}\n", "5.0");
        assert!(scanned("a.rs", &text).1[0].contains("not above a test"));
        let (tests, errors) = scanned("a.rs", "/// Obeys [MQTT-1-1].\nfn one() {}\n");
        assert!(tests.is_empty() && errors.is_empty());
    }
}
