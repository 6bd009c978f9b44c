//! Debian's packages, installed where that needs no password and named where it does.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{command, say};

/// True on a machine with Debian's package manager.
pub(super) fn is_debian() -> bool {
    command::find(&["apt-get"]).is_some()
}

fn is_root() -> bool {
    command::first_line(Command::new("id").arg("-u")).as_deref() == Some("0")
}

/// Installs `packages`. Without root this is an error that says what to type: a chore never asks for a password.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    let line = format!(
        "apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    if !is_root() {
        bail!("packages are missing; type: sudo {line}");
    }
    say::begin(format_args!(
        "installing Debian packages: {}",
        packages.join(" ")
    ));
    let install = || {
        command::run_quietly(
            Command::new("apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args([
                    "install",
                    "-y",
                    "-qq",
                    "-o",
                    "Dpkg::Use-Pty=0",
                    "--no-install-recommends",
                ])
                .args(packages),
        )
    };
    // The package lists of a fresh or an old machine name files that are not there: then read them anew.
    if install().is_err() {
        command::run_quietly(Command::new("apt-get").args(["update", "-qq"]))?;
        install()?;
    }
    Ok(())
}
