//! What the chores need on the machine: each tool is found, or installed from its registry, or named with the command
//! that installs it.

pub(crate) mod binaryen;
pub(crate) mod bindgen;
pub(crate) mod chromium;
pub(crate) mod clients;
mod debian;
mod debian_std;
pub(crate) mod node;
pub(crate) mod trunk;
pub(crate) mod tshark;
pub(crate) mod wasm_target;

use std::process::ExitCode;

use crate::say;
use crate::test::elsewhere;

/// `cargo xtask setup`: everything that `serve` and `test` would install on their way.
pub(crate) fn main(mut args: lexopt::Parser) -> anyhow::Result<ExitCode> {
    if let Some(other) = args.next()? {
        return Err(other.unexpected().into());
    }
    say::step("node", node::check)?;
    wasm_target::find()?;
    say::step("other systems", elsewhere::prepare)?;
    bindgen::find()?;
    binaryen::find()?;
    node::packages()?;
    say::step("tshark", || Ok(tshark::find()?.display().to_string()))?;
    say::step("MQTT clients", || Ok(clients::find()?.to_string()))?;
    say::step("chromium", || Ok(chromium::find()?.display().to_string()))?;
    say::step("chromedriver", || {
        Ok(chromium::driver()?.display().to_string())
    })?;
    Ok(ExitCode::SUCCESS)
}
