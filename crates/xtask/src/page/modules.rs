//! The two wasm modules: compiled by cargo, given their JavaScript by wasm-bindgen, made smaller by wasm-opt.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Mode;
use crate::hash::{Hasher, unless_done};
use crate::tools::binaryen::Binaryen;
use crate::tools::bindgen::Bindgen;
use crate::tools::wasm_target::{Rust, TARGET};
use crate::{command, project, say};

/// One wasm module of the page.
struct Recipe {
    /// The package, its program and the name of its files.
    name: &'static str,
    /// The folder it is served from.
    served: &'static str,
    /// What wasm-opt is to strive for.
    optimize: &'static str,
}

const RECIPES: [Recipe; 2] = [
    // The page is small before it is fast, the worker fast before it is small.
    Recipe {
        name: "vitrine-ui",
        served: "ui",
        optimize: "-Oz",
    },
    Recipe {
        name: "vitrine-worker",
        served: "worker",
        optimize: "-O3",
    },
];

/// The features that rustc's wasm target turns on, and every browser of the last four years has.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// A built module: the folder with its files, and the folder it is served from.
pub(super) struct Module {
    pub(super) files: PathBuf,
    pub(super) served: &'static str,
}

/// Builds both modules. Cargo decides what to compile again; the steps after it run only for a new module.
pub(super) fn build(
    mode: Mode,
    rust: &Rust,
    bindgen: &Bindgen,
    binaryen: Option<&Binaryen>,
) -> Result<Vec<Module>> {
    say::begin(format_args!(
        "compiling the two modules for {} (minutes the first time)",
        mode.name()
    ));
    say::step("cargo build", || {
        compile(mode, rust)?;
        Ok("both modules")
    })?;
    // wasm-opt uses one core and takes its time: both modules at once.
    std::thread::scope(|scope| {
        let running = RECIPES
            .each_ref()
            .map(|recipe| scope.spawn(|| finish(recipe, mode, bindgen, binaryen)));
        running
            .into_iter()
            .map(|module| module.join().expect("no module panics"))
            .collect()
    })
}

fn compile(mode: Mode, rust: &Rust) -> Result<()> {
    let mut cargo = rust.cargo();
    cargo
        .current_dir(project::root())
        .args(["build", "--bins", "--target", TARGET]);
    for recipe in &RECIPES {
        cargo.args(["-p", recipe.name]);
    }
    if mode == Mode::Release {
        cargo.arg("--release").env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            without_paths(),
        );
    }
    command::run(&mut cargo)
}

/// Flags that keep this machine's folders out of the module's panic messages, so that a build is the same anywhere.
fn without_paths() -> String {
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")));
    let sources = cargo_home.map(|home| home.join("registry/src"));
    let mut folders: Vec<PathBuf> = sources
        .and_then(|sources| fs::read_dir(sources).ok())
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    let mut flags: Vec<String> = folders
        .iter()
        .map(|folder| format!("--remap-path-prefix={}=crates", folder.display()))
        .collect();
    flags.push(format!(
        "--remap-path-prefix={}=vitrine",
        project::root().display()
    ));
    // Cargo splits this variable at spaces; a folder with one is better left as it is.
    flags.retain(|flag| !flag.contains(' '));
    flags.join(" ")
}

fn finish(
    recipe: &Recipe,
    mode: Mode,
    bindgen: &Bindgen,
    binaryen: Option<&Binaryen>,
) -> Result<Module> {
    let profile = match mode {
        Mode::Release => "release",
        Mode::Dev => "debug",
    };
    let compiled = project::target_dir()
        .join(TARGET)
        .join(profile)
        .join(format!("{}.wasm", recipe.name));
    let work = project::target_dir()
        .join("vitrine")
        .join(mode.name())
        .join(recipe.served);
    let files = work.join("files");
    say::step(recipe.name, || {
        let input = Hasher::default()
            .file(&compiled)?
            .part(&bindgen.version)
            .part(binaryen.map_or("", |binaryen| &binaryen.id))
            .part(recipe.optimize)
            .part(FEATURES.concat())
            .finish();
        let ran = unless_done(&work.join("stamp"), &input, || {
            let _ = fs::remove_dir_all(&files);
            bind(recipe, mode, bindgen, &compiled, &files)?;
            match binaryen {
                Some(binaryen) => optimize(recipe, binaryen, &files),
                None => Ok(()),
            }
        })?;
        let size = fs::metadata(files.join(format!("{}_bg.wasm", recipe.name)))?.len();
        Ok(format!(
            "{} KiB{}",
            size.div_ceil(1024),
            if ran { "" } else { ", unchanged" }
        ))
    })?;
    Ok(Module {
        files,
        served: recipe.served,
    })
}

fn bind(
    recipe: &Recipe,
    mode: Mode,
    bindgen: &Bindgen,
    compiled: &Path,
    files: &Path,
) -> Result<()> {
    let mut bind = Command::new(bindgen.program());
    bind.args([
        "--target",
        "web",
        "--no-typescript",
        "--out-name",
        recipe.name,
        "--out-dir",
    ])
    .arg(files);
    if mode == Mode::Dev {
        bind.args(["--keep-debug", "--debug"]);
    }
    command::run_quietly(bind.arg(compiled)).map(drop)
}

fn optimize(recipe: &Recipe, binaryen: &Binaryen, files: &Path) -> Result<()> {
    let module = files.join(format!("{}_bg.wasm", recipe.name));
    let smaller = module.with_extension("opt");
    command::run_quietly(
        Command::new("node")
            .arg(&binaryen.wasm_opt)
            .arg(recipe.optimize)
            .args(FEATURES)
            .args(["--strip-debug", "--strip-producers", "-o"])
            .args([&smaller, &module]),
    )?;
    fs::rename(&smaller, &module).with_context(|| format!("cannot replace {}", module.display()))
}
