//! The fallback for the wasm target: Debian's `rustc-web` packages, and the standard library built once for wasm from
//! the source that Debian ships with them.
//!
//! The result is a folder shaped like a toolchain, linked to rustup as `vitrine-wasm` where there is a rustup. It builds
//! without any unstable flag. Facts that cost time to find:
//!
//! - rustc finds its libraries from the real path of its program, so a linked `rustc` would look in `/usr` again: the
//!   programs in `bin` are two-line scripts that pass `--sysroot`.
//! - `cargo-clippy` starts the `clippy-driver` beside its own real path; only `SYSROOT` reaches that one.
//! - Debian's cargo leaves bitcode out of libraries, and then link-time optimisation of what uses them fails: hence
//!   `-Cembed-bitcode=yes`.
//! - `/usr/bin/rust-lld` is a link to a program of a package that is only recommended.
//! - `cargo test` for wasm links the `test` crate.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::debian;
use super::wasm_target::{TARGET, has_std};
use crate::{command, say};

/// The name under which rustup knows the toolchain.
pub(super) const NAME: &str = "vitrine-wasm";

const PACKAGES: [&str; 6] = [
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "rust-web-llvm",
    "rust-web-clippy",
    "rustfmt-web",
];

const STAMP: &str = ".built-by";

/// An empty crate: it is built for the sake of the standard library alone.
const MANIFEST: &str = "\
[package]
name = \"empty\"
version = \"0.0.0\"
edition = \"2021\"

[profile.release]
opt-level = 3
codegen-units = 1

[workspace]
";

fn rustc_version() -> Option<String> {
    let output = Command::new("/usr/bin/rustc").arg("-vV").output().ok()?;
    String::from_utf8(output.stdout)
        .ok()
        .filter(|text| !text.is_empty())
}

/// True when `home` holds a toolchain built by the rustc that Debian has installed now.
pub(super) fn is_current(home: &Path) -> bool {
    let built_by = fs::read_to_string(home.join(STAMP)).ok();
    built_by.is_some()
        && built_by == rustc_version()
        && has_std(&mut Command::new(home.join("bin/rustc")), TARGET)
}

/// Builds the toolchain into `home`. Takes about two minutes of one core.
pub(super) fn build(home: &Path) -> Result<()> {
    if !cfg!(target_os = "linux") || !debian::is_debian() {
        bail!("this machine has no apt-get");
    }
    install_packages()?;
    let sysroot = command::first_line(Command::new("/usr/bin/rustc").args(["--print", "sysroot"]))
        .context("/usr/bin/rustc does not run")?;
    let rustlib = Path::new(&sysroot).join("lib/rustlib");
    ensure!(
        rustlib.join("src/rust/library/Cargo.lock").is_file(),
        "the source of the standard library is not under {}",
        rustlib.display()
    );

    say::begin("building the standard library for wasm (two minutes)");
    let work = home.with_extension("build");
    let _ = fs::remove_dir_all(&work);
    build_std(&work, &rustlib)?;

    // The scripts name `home`, so the folder is made in place; the stamp comes last and says that it is whole.
    let _ = fs::remove_dir_all(home);
    assemble(&work, &rustlib, home)?;
    smoke_test(&work, home)?;
    fs::write(home.join(STAMP), rustc_version().unwrap_or_default())?;
    fs::remove_dir_all(&work)?;

    if command::find(&["rustup"]).is_some() {
        // A convenience for people at a shell; nothing here depends on it.
        let _ = command::capture(
            Command::new("rustup")
                .args(["toolchain", "link", NAME])
                .arg(home),
        );
    }
    Ok(())
}

fn install_packages() -> Result<()> {
    let installed = |package: &&str| {
        command::first_line(Command::new("dpkg-query").args(["-W", "-f", "${Status}", package]))
            .is_some_and(|status| status == "install ok installed")
    };
    if !PACKAGES.iter().all(installed) {
        debian::install(&PACKAGES)?;
    }
    let lld = Path::new("/usr/bin/rust-lld");
    if !lld.exists() {
        let points_to = fs::read_link(lld).context("the packages brought no rust-lld")?;
        let package = points_to
            .file_name()
            .context("rust-lld points nowhere")?
            .to_string_lossy();
        debian::install(&[&package])?;
    }
    command::run_quietly(Command::new(lld).args(["-flavor", "wasm", "--version"]))?;
    Ok(())
}

fn build_std(work: &Path, rustlib: &Path) -> Result<()> {
    fs::create_dir_all(work.join("src"))?;
    fs::write(work.join("src/lib.rs"), "")?;
    fs::write(work.join("Cargo.toml"), MANIFEST)?;
    let flags = format!(
        "-Cembed-bitcode=yes --remap-path-prefix={}=/rustc/std",
        rustlib.join("src/rust").display()
    );
    let mut cargo = Command::new("/usr/bin/cargo");
    for name in [
        "RUSTUP_TOOLCHAIN",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "RUSTC_WRAPPER",
    ] {
        cargo.env_remove(name);
    }
    cargo
        .current_dir(work)
        // Debian's compiler is a stable one; the standard library may be built by it all the same.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", "/usr/bin/rustc")
        .env("CARGO_TARGET_DIR", work.join("target"))
        .env("RUSTFLAGS", flags)
        .args(["build", "-q", "--release", "--target", TARGET])
        .arg("-Zbuild-std=core,alloc,std,panic_abort,panic_unwind,proc_macro,test");
    // What the standard library depends on comes with its source: nothing is fetched.
    let vendor = rustlib.join("src/rust/library/vendor");
    if vendor.is_dir() {
        cargo
            .env("CARGO_NET_OFFLINE", "true")
            .args(["--config", "source.crates-io.replace-with='vendor'"])
            .arg("--config")
            .arg(format!("source.vendor.directory='{}'", vendor.display()));
    }
    command::run_quietly(&mut cargo).map(drop)
}

#[cfg(unix)]
fn assemble(work: &Path, rustlib: &Path, home: &Path) -> Result<()> {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let ours = home.join("lib/rustlib");
    let libraries = ours.join(TARGET).join("lib");
    fs::create_dir_all(&libraries)?;
    for file in fs::read_dir(work.join("target").join(TARGET).join("release/deps"))? {
        let file = file?;
        let name = file.file_name();
        let shown = name.to_string_lossy();
        if shown.starts_with("lib") && shown.ends_with(".rlib") && !shown.starts_with("libempty-") {
            fs::copy(file.path(), libraries.join(&name))?;
        }
    }

    let host_bin = ours.join(&host).join("bin");
    fs::create_dir_all(&host_bin)?;
    symlink(
        rustlib.join(&host).join("lib"),
        ours.join(&host).join("lib"),
    )?;
    if let Ok(files) = fs::read_dir(rustlib.join(&host).join("bin")) {
        for file in files.flatten() {
            symlink(file.path(), host_bin.join(file.file_name()))?;
        }
    }
    if !host_bin.join("rust-lld").exists() {
        symlink("/usr/bin/rust-lld", host_bin.join("rust-lld"))?;
    }
    for name in ["src", "etc"] {
        symlink(rustlib.join(name), ours.join(name))?;
    }

    let bin = home.join("bin");
    fs::create_dir_all(&bin)?;
    let at = home.display();
    let scripts = [
        (
            "rustc",
            format!("exec /usr/bin/rustc --sysroot '{at}' \"$@\""),
        ),
        (
            "rustdoc",
            format!("exec /usr/bin/rustdoc --sysroot '{at}' \"$@\""),
        ),
        (
            "cargo",
            format!(
                "RUSTC=${{RUSTC:-'{at}/bin/rustc'}} RUSTDOC=${{RUSTDOC:-'{at}/bin/rustdoc'}} \
                 PATH='{at}/bin':\"$PATH\" exec /usr/bin/cargo \"$@\""
            ),
        ),
        (
            "clippy-driver",
            format!("SYSROOT='{at}' exec /usr/bin/clippy-driver \"$@\""),
        ),
        (
            "cargo-clippy",
            format!("SYSROOT='{at}' PATH='{at}/bin':\"$PATH\" exec /usr/bin/cargo-clippy \"$@\""),
        ),
        ("rustfmt", "exec /usr/bin/rustfmt \"$@\"".to_owned()),
        ("cargo-fmt", "exec /usr/bin/cargo-fmt \"$@\"".to_owned()),
    ];
    for (name, line) in scripts {
        let path = bin.join(name);
        fs::write(&path, format!("#!/bin/sh\n{line}\n"))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn assemble(_work: &Path, _rustlib: &Path, _home: &Path) -> Result<()> {
    bail!("the fallback is for Debian")
}

/// A module with an allocation and formatting in it must come out, without unstable flags.
fn smoke_test(work: &Path, home: &Path) -> Result<()> {
    let source = work.join("smoke.rs");
    let module = work.join("smoke.wasm");
    fs::write(
        &source,
        "#[unsafe(no_mangle)]\npub extern \"C\" fn length(n: u32) -> usize { format!(\"{n}\").len() }\n",
    )?;
    command::run_quietly(
        Command::new(home.join("bin/rustc"))
            .args([
                "--edition",
                "2024",
                "--crate-type",
                "cdylib",
                "-O",
                "--target",
                TARGET,
                "-o",
            ])
            .args([&module, &source]),
    )?;
    ensure!(
        fs::read(&module)?.starts_with(b"\0asm"),
        "the new toolchain does not make wasm modules"
    );
    Ok(())
}
