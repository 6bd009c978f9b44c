//! `cargo xtask simulate`: the broker under random scripts, as long as asked.

use std::process::ExitCode;

use anyhow::Result;

use crate::tools::wasm_target::native_cargo;

/// `cargo xtask simulate [--seconds N] [--seeds N] [--seed S] [--link]`.
pub(crate) fn main(mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut cargo = native_cargo();
    cargo.args(["run", "--quiet", "--profile", "simulate"]);
    cargo.args(["-p", "vitrine-lab", "--example", "simulate", "--"]);
    cargo.args(args.raw_args()?);
    // Its own words say what failed, and how to see it again.
    let status = cargo.status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
