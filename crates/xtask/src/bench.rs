//! `cargo xtask bench`: runs a benchmark by its name.
//!
//! Rust benchmarks are packages of the workspace of their own in `benches/`, so that the peers they are measured
//! against never enter the main lock file. Benchmarks in JavaScript are `tests/bench/NAME.mjs`; they get the address of
//! the served page in `VITRINE_URL` and the folder of its files in `VITRINE_DIST`.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::page::{self, Mode};
use crate::server::Server;
use crate::tools::{chromium, node, wasm_target};
use crate::{command, project};

/// `cargo xtask bench NAME [ARGS...]`.
pub(crate) fn main(mut args: lexopt::Parser) -> Result<ExitCode> {
    let Some(lexopt::Arg::Value(name)) = args.next()? else {
        bail!("which benchmark? There are: {}", names().join(", "));
    };
    let name = name.to_string_lossy().into_owned();
    let rest: Vec<_> = args.raw_args()?.collect();
    let benches = project::root().join("benches");
    if benches.join(&name).join("Cargo.toml").is_file() {
        let manifest = benches.join("Cargo.toml");
        let mut cargo = wasm_target::native_cargo();
        cargo
            .args(["run", "--release", "--manifest-path"])
            .arg(manifest);
        command::run(
            cargo
                .args(["-p", &format!("bench-{name}"), "--"])
                .args(rest),
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let script = project::root()
        .join("tests/bench")
        .join(format!("{name}.mjs"));
    if !script.is_file() {
        bail!(
            "there is no benchmark `{name}`. There are: {}",
            names().join(", ")
        );
    }
    node::packages()?;
    let dist = page::build(Mode::Release)?;
    let server = Server::start(&dist, "127.0.0.1", 0)?;
    command::run(
        Command::new("node")
            .arg(script)
            .args(rest)
            .env("VITRINE_URL", server.url())
            .env("VITRINE_DIST", &dist)
            .env("CHROMIUM", chromium::find()?),
    )?;
    Ok(ExitCode::SUCCESS)
}

fn names() -> Vec<String> {
    let list = |folder: &str| {
        std::fs::read_dir(project::root().join(folder))
            .into_iter()
            .flatten()
            .flatten()
    };
    let mut names: Vec<String> =
        list("benches")
            .filter(|entry| entry.path().join("Cargo.toml").is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .chain(list("tests/bench").filter_map(|entry| {
                Some(entry.file_name().to_str()?.strip_suffix(".mjs")?.to_owned())
            }))
            .collect();
    names.sort();
    names
}
