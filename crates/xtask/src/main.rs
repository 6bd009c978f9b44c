//! The project's chores: `cargo xtask serve`, `cargo xtask test` and the rest.
//!
//! A command is one file (`serve`, `size`, `bench`) or folder (`test`, `conformance`). What a command needs on the machine is found or
//! installed by `tools`; what it does with the files of the repository is in `page`, `server`, `licences`, `purity`.

mod bench;
mod command;
mod conformance;
mod hash;
mod licences;
mod locks;
mod page;
mod project;
mod purity;
mod say;
mod serve;
mod server;
mod simulate;
mod size;
mod spdx;
mod test;
mod tools;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  serve   build the page and serve it
            --port N      the port (8080)
            --host ADDR   the address to listen on (127.0.0.1: this machine only; 0.0.0.0: phones in the room too)
            --no-open     do not open a browser
            --dev         build quickly, unoptimised, with names in stack traces
  build   build the page into dist/ without serving it
            --dev         as above
  test    run every check and test, or those whose name contains a FILTER
            --only GROUP  fmt, licences, purity, conformance, clippy, unit, docs, capture, server, wasm, browser, trunk; repeat or separate by commas
            --list        the groups
  conformance
          run the tests that name statements of the standards, and write docs/conformance.md
            --all         those that need a browser or other people's clients, too
  simulate
          random clients, cuts, crashes and clock jumps against the broker, beside a model; prints the seed that fails
            --seconds N   for so long (10)
            --seeds N     so many seeds
            --seed S      this one, or from this one on
            --link        print what opens each in the page; of one that fails it is printed anyway
  size    sizes of what a browser loads: raw, gzip, brotli
  bench   run the benchmark NAME; without a name, list them
  setup   find or install every tool that the commands above need
  trunk   run Trunk, the exact version, with the exact tools in its PATH    [ARGS...]

Tools and caches live in $VITRINE_CACHE (default: ~/.cache/vitrine; on Windows %LOCALAPPDATA%\\vitrine).
";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    use lexopt::prelude::*;

    let mut args = lexopt::Parser::from_env();
    let asks_for_help = || {
        std::env::args_os()
            .skip(2)
            .any(|arg| arg == "--help" || arg == "-h")
    };
    let command = match args.next()? {
        // Trunk and benchmarks have their own.
        Some(Value(name)) if asks_for_help() && name != "trunk" && name != "bench" => "help".into(),
        Some(Value(name)) => name.string()?,
        Some(Short('h') | Long("help")) | None => {
            print!("{HELP}");
            return Ok(ExitCode::SUCCESS);
        }
        Some(other) => return Err(other.unexpected().into()),
    };
    match command.as_str() {
        "serve" => serve::main(args),
        "build" => page::main(args),
        "complete" => page::complete(args),
        "test" => test::main(args),
        "conformance" => conformance::main(args),
        "simulate" => simulate::main(args),
        "size" => size::main(args),
        "bench" => bench::main(args),
        "setup" => tools::main(args),
        "trunk" => tools::trunk::main(args),
        "help" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        _ => anyhow::bail!("no command `{command}`; `cargo xtask help` lists them"),
    }
}
