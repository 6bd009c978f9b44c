//! Runs the tests that name statements, each kind with its runner, and finds each by its name in what the runner says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::Verdict;
use super::claims::{Kind, Test};
use crate::test::{browser, native, server, wasm};
use crate::tools::node;
use crate::tools::wasm_target::native_cargo;
use crate::{command, project, say};

/// Runs those of `tests` that need no more than Rust and Node; with `all` those that need a browser, the wasm target or
/// other people's clients, too.
pub(super) fn run(tests: &[Test], all: bool) -> Result<Vec<Verdict>> {
    let mut verdicts = vec![Verdict::NotRun; tests.len()];
    let of_kind = |kind| {
        tests
            .iter()
            .enumerate()
            .filter(move |(_, test)| test.kind == kind)
    };

    let programs = programs(of_kind(Kind::Native).map(|(_, test)| test))?;
    let said = programs
        .iter()
        .map(Program::run)
        .collect::<Result<Vec<_>>>()?;
    for (place, test) in of_kind(Kind::Native) {
        let endings = programs
            .iter()
            .zip(&said)
            .filter_map(|(program, said)| program.verdict(test, said));
        verdicts[place] = worst(endings);
    }

    let scripts = files(of_kind(Kind::Script).map(|(_, test)| test));
    if !scripts.is_empty() {
        say::begin("the tests of the scripts");
        node::check()?;
        node::part_packages("web")?;
        let said = command::capture(&mut native::node_test(&scripts, &[]))?.text;
        for (place, test) in of_kind(Kind::Script) {
            verdicts[place] = worst(node_verdict(&said, &test.name));
        }
    }
    if !all {
        return Ok(verdicts);
    }

    for package in of_kind(Kind::Wasm)
        .map(|(_, test)| package(test))
        .collect::<BTreeSet<_>>()
    {
        say::begin(format!("the tests of {package} in a browser"));
        let said = command::capture(&mut wasm::runner(&package)?)?.text;
        let said = libtest(&said);
        for (place, test) in of_kind(Kind::Wasm).filter(|(_, test)| self::package(test) == package)
        {
            let named = said.iter().filter(|(name, _)| last(name) == test.name);
            verdicts[place] = worst(named.map(|(_, verdict)| *verdict));
        }
    }

    for file in files(of_kind(Kind::Server).map(|(_, test)| test)) {
        say::begin(format!("{} with other people's clients", file.display()));
        let said = server::capture(std::slice::from_ref(&file), &[])?.text;
        for (place, test) in of_kind(Kind::Server) {
            if project::root().join(&test.file) == file {
                verdicts[place] = worst(node_verdict(&said, &test.name));
            }
        }
    }

    let pages = files(of_kind(Kind::Browser).map(|(_, test)| test));
    if !pages.is_empty() {
        say::begin("the tests of the page");
        let said = browser::capture(&pages, &[])?.text;
        for (place, test) in of_kind(Kind::Browser) {
            verdicts[place] = worst(node_verdict(&said, &test.name));
        }
    }
    Ok(verdicts)
}

/// Passed if there is something and all of it passed.
fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let mut all = Vec::from_iter(verdicts);
    all.dedup();
    if all == [Verdict::Passed] {
        Verdict::Passed
    } else {
        Verdict::Failed
    }
}

fn files<'a>(tests: impl Iterator<Item = &'a Test>) -> Vec<PathBuf> {
    let files: BTreeSet<_> = tests.map(|test| project::root().join(&test.file)).collect();
    files.into_iter().collect()
}

/// `vitrine-broker` for a file below `crates/broker/`.
fn package(test: &Test) -> String {
    let folder = test.file.split('/').nth(1).unwrap_or_default();
    format!("vitrine-{folder}")
}

fn last(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

/// A compiled program of tests.
struct Program {
    path: PathBuf,
    /// Its root file.
    source: PathBuf,
    /// The folder of its package.
    package: PathBuf,
}

/// Compiles the packages of `tests`, and finds those programs that hold any of them.
fn programs<'a>(tests: impl Iterator<Item = &'a Test>) -> Result<Vec<Program>> {
    let tests: Vec<_> = tests.collect();
    let packages: BTreeSet<_> = tests.iter().map(|test| package(test)).collect();
    if packages.is_empty() {
        return Ok(Vec::new());
    }
    say::begin(format!(
        "the tests of {}",
        Vec::from_iter(packages.clone()).join(", ")
    ));
    let mut cargo = native_cargo();
    cargo.args([
        "test",
        "-q",
        "--no-run",
        "--message-format=json",
        "--lib",
        "--bins",
        "--tests",
    ]);
    for package in &packages {
        cargo.args(["-p", package]);
    }
    let output = cargo
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("`{}` failed", command::shown(&cargo));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut programs = Vec::new();
    for line in text.lines() {
        let message: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        let path = |value: &serde_json::Value| value.as_str().map(PathBuf::from);
        let parts = (
            path(&message["executable"]),
            path(&message["target"]["src_path"]),
            path(&message["manifest_path"]),
        );
        if let (Some(program), Some(source), Some(manifest)) = parts
            && message["profile"]["test"] == true
        {
            let program = Program {
                path: program,
                source,
                package: manifest
                    .parent()
                    .unwrap_or_else(|| Path::new("."))
                    .to_owned(),
            };
            if tests.iter().any(|test| program.modules(test).is_some()) {
                programs.push(program);
            }
        }
    }
    Ok(programs)
}

impl Program {
    /// What became of each of its tests, by name.
    fn run(&self) -> Result<BTreeMap<String, Verdict>> {
        let mut program = Command::new(&self.path);
        program
            .current_dir(&self.package)
            .env("CARGO_MANIFEST_DIR", &self.package);
        let said = command::capture(&mut program)?;
        let verdicts = libtest(&said.text);
        if !said.status.success() && !verdicts.values().any(|verdict| *verdict == Verdict::Failed) {
            bail!("{}: {}", self.path.display(), command::tail(&said.text, 60));
        }
        Ok(verdicts)
    }

    /// The module path that a test's file has in this program, if it can have one.
    fn modules(&self, test: &Test) -> Option<String> {
        let file = project::root().join(&test.file);
        if file == self.source {
            return Some(String::new());
        }
        let root = self.source.file_stem()?.to_str()?;
        if !["main", "lib", "mod"].contains(&root)
            && !file.starts_with(self.source.with_extension(""))
        {
            return None;
        }
        let below = file
            .strip_prefix(self.source.parent()?)
            .ok()?
            .with_extension("");
        let mut parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        if parts.last().is_some_and(|part| part == "mod") {
            parts.pop();
        }
        Some(parts.join("::"))
    }

    /// How `test` ended here; `None` when this program has no such test.
    fn verdict(&self, test: &Test, said: &BTreeMap<String, Verdict>) -> Option<Verdict> {
        let modules = self.modules(test)?;
        let prefix = if modules.is_empty() {
            modules
        } else {
            format!("{modules}::")
        };
        let exact = said.get(&format!("{prefix}{}", test.name));
        // In a module of its own within the file.
        let within = || {
            let mut names = said
                .iter()
                .filter(|(name, _)| name.starts_with(&prefix) && last(name) == test.name);
            names.next().map(|(_, verdict)| verdict)
        };
        exact.or_else(within).copied()
    }
}

/// The lines `test NAME ... ok` of Rust's test programs, and of wasm-bindgen's.
fn libtest(text: &str) -> BTreeMap<String, Verdict> {
    let lines = text.lines().filter_map(|line| {
        let (name, ending) = line
            .trim_start()
            .strip_prefix("test ")?
            .split_once(" ... ")?;
        let name = name.trim_end_matches(" - should panic");
        let verdict = match ending.split_whitespace().next()? {
            "ok" => Verdict::Passed,
            "ignored" | "ignored," => return None,
            _ => Verdict::Failed,
        };
        Some((name.to_owned(), verdict))
    });
    lines.collect()
}

/// The lines `✔ NAME (1.2ms)` of Node's test runner whose name is `name`, in which `…` stands for anything.
fn node_verdict<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = Verdict> + 'a {
    text.lines().filter_map(move |line| {
        let line = line.trim_start();
        let passed = line.strip_prefix("✔ ");
        let failed = line.strip_prefix("✖ ");
        let shown = passed.or(failed)?;
        let (shown, _) = shown.rsplit_once(" (")?;
        let verdict = if passed.is_some() {
            Verdict::Passed
        } else {
            Verdict::Failed
        };
        fits(shown, name).then_some(verdict)
    })
}

/// Whether `name` is `pattern`, in which `…` stands for anything.
fn fits(name: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('…') else {
        return name == pattern;
    };
    name.strip_prefix(first).is_some_and(|after| {
        let mut ends = after.char_indices().map(|(at, _)| at).chain([after.len()]);
        ends.any(|at| fits(&after[at..], rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_read_by_name() {
        let said = libtest(
            "test a::b ... ok\ntest c - should panic ... ok\ntest d ... FAILED\ntest e ... ignored\n",
        );
        let of = |name: &str| said.get(name).copied();
        assert_eq!(of("a::b"), Some(Verdict::Passed));
        assert_eq!(of("c"), Some(Verdict::Passed));
        assert_eq!((of("d"), of("e")), (Some(Verdict::Failed), None));
        let node =
            "✔ the page (12ms)\n  ✖ MQTT.js 5.0: waits (1.5ms)\n✔ MQTT.js 3.1.1: waits (1ms)\n";
        assert_eq!(worst(node_verdict(node, "the page")), Verdict::Passed);
        assert_eq!(
            worst(node_verdict(node, "MQTT.js …: waits")),
            Verdict::Failed
        );
        assert_eq!(worst(node_verdict(node, "another")), Verdict::Failed);
    }

    #[test]
    fn a_file_has_its_place_in_a_program() {
        let root = project::root();
        let program = |source: &str| Program {
            path: PathBuf::new(),
            source: root.join(source),
            package: PathBuf::new(),
        };
        let test = |file: &str| Test {
            kind: Kind::Native,
            file: file.into(),
            name: "x".into(),
            claims: vec![],
        };
        let main = program("crates/a/tests/main.rs");
        assert_eq!(
            main.modules(&test("crates/a/tests/b/mod.rs")).as_deref(),
            Some("b")
        );
        assert_eq!(
            main.modules(&test("crates/a/tests/b/c.rs")).as_deref(),
            Some("b::c")
        );
        assert_eq!(main.modules(&test("crates/a/src/b.rs")), None);
        let alone = program("crates/a/tests/one.rs");
        assert_eq!(
            alone.modules(&test("crates/a/tests/one.rs")).as_deref(),
            Some("")
        );
        assert_eq!(alone.modules(&test("crates/a/tests/two.rs")), None);
        let said = libtest("test tests::x ... ok\ntest b::x ... FAILED\n");
        assert_eq!(
            alone.verdict(&test("crates/a/tests/one.rs"), &said),
            Some(Verdict::Failed)
        );
        assert_eq!(alone.verdict(&test("crates/a/tests/two.rs"), &said), None);
    }
}
