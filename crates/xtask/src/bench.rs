//! `cargo xtask bench`: runs a benchmark by its name.
//!
//! Benchmarks live in `benches/`, outside the workspace, so that the peers they measure against never enter the main lock
//! file. One called NAME is either of
//!
//! - `benches/NAME/Cargo.toml`, a package with a `[workspace]` of its own: `cargo bench` where it has a `[[bench]]`, else
//!   `cargo run --release`;
//! - `benches/NAME.mjs` or `benches/*/NAME.mjs`, run by Node with the packages of the `package-lock.json` beside it. It
//!   gets the address of the served page in `VITRINE_URL`, the folder of its files in `VITRINE_DIST`, the browser in
//!   `CHROMIUM`, and, for the peers that it builds, wasm-bindgen in `WASM_BINDGEN` and a cargo that knows the target.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::page::{self, Mode};
use crate::server::Server;
use crate::tools::{bindgen, chromium, node, wasm_target};
use crate::{command, project};

/// `cargo xtask bench NAME [ARGS...]`.
pub(crate) fn main(mut args: lexopt::Parser) -> Result<ExitCode> {
    let found = all();
    let names: Vec<&str> = found.iter().map(|bench| bench.name.as_str()).collect();
    let Some(lexopt::Arg::Value(name)) = args.next()? else {
        bail!("which benchmark? There are: {}", names.join(", "));
    };
    let Some(bench) = found.iter().find(|bench| *bench.name == *name) else {
        bail!(
            "there is no benchmark {name:?}. There are: {}",
            names.join(", ")
        );
    };
    let mut command = match bench.path.extension() {
        Some(ending) if ending == "mjs" => return script(&bench.path, args),
        _ => package(&bench.path)?,
    };
    command::run(command.args(args.raw_args()?))?;
    Ok(ExitCode::SUCCESS)
}

struct Bench {
    name: String,
    /// A manifest or a script.
    path: PathBuf,
}

fn all() -> Vec<Bench> {
    let folder = project::root().join("benches");
    let mut found = in_folder(&folder);
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(
                in_folder(&entry.path())
                    .into_iter()
                    .filter(|bench| is_script(&bench.path)),
            );
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn in_folder(folder: &Path) -> Vec<Bench> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let manifest = path.join("Cargo.toml");
        let Some(name) = path
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned())
        else {
            continue;
        };
        if manifest.is_file() {
            found.push(Bench {
                name,
                path: manifest,
            });
        } else if is_script(&path) {
            found.push(Bench { name, path });
        }
    }
    found
}

fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "mjs")
}

fn package(manifest: &Path) -> Result<Command> {
    let text = fs::read_to_string(manifest)
        .with_context(|| format!("cannot read {}", manifest.display()))?;
    let mut cargo = wasm_target::native_cargo();
    if text.contains("[[bench]]") {
        cargo.args(["bench", "--manifest-path"]).arg(manifest);
    } else {
        cargo
            .args(["run", "--release", "--manifest-path"])
            .arg(manifest);
    }
    cargo.arg("--");
    Ok(cargo)
}

fn script(path: &Path, mut args: lexopt::Parser) -> Result<ExitCode> {
    let folder = path.parent().context("a script is in a folder")?;
    node::check()?;
    if folder.join("package-lock.json").is_file() {
        node::install(folder)?;
    }
    let dist = page::build(Mode::Release)?;
    let server = Server::start(&dist, "127.0.0.1", 0)?;
    let mut node = Command::new("node");
    node.arg(path)
        .args(args.raw_args()?)
        .env("VITRINE_URL", server.url())
        .env("VITRINE_DIST", &dist)
        .env("CHROMIUM", chromium::find()?)
        .env("WASM_BINDGEN", bindgen::find()?.program());
    if let Some(path) = wasm_target::find()?.path() {
        node.env("PATH", path);
    }
    command::run(&mut node)?;
    Ok(ExitCode::SUCCESS)
}
