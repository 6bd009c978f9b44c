//! `vitrine certificate`: a self-signed certificate and its key, to try TLS with.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use rustls::pki_types::ServerName;

/// See the module.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A name or IP address by which clients reach the server; several may be given
    #[arg(long, value_name = "NAME", default_values = ["localhost", "127.0.0.1", "::1"])]
    name: Vec<String>,
    /// Write the certificate to this file
    #[arg(long, value_name = "FILE", default_value = "certificate.pem")]
    certificate: PathBuf,
    /// Write the private key to this file
    #[arg(long, value_name = "FILE", default_value = "key.pem")]
    key: PathBuf,
    /// Replace files that are there
    #[arg(long)]
    force: bool,
}

/// Makes the files.
///
/// # Errors
/// When a name cannot stand in a certificate, or a file is there or cannot be written.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments {
        name: names,
        certificate,
        key,
        force,
    } = arguments;
    if !force && let Some(file) = [certificate, key].into_iter().find(|file| file.exists()) {
        bail!("{} is there already; --force replaces it", file.display());
    }
    for name in names {
        check(name)?;
    }
    let made = rcgen::generate_simple_self_signed(names.clone())
        .with_context(|| format!("cannot make a certificate for {}", names.join(", ")))?;
    // The key first: without it the certificate is worth nothing.
    write(key, &made.signing_key.serialize_pem(), true)?;
    write(certificate, &made.cert.pem(), false)?;
    println!(
        "{certificate} and {key} are for {names}.\n\
         Now: vitrine broker --tls 8883 --certificate {certificate} --key {key}\n\
         and: mosquitto_sub --cafile {certificate} -h {name} -p 8883 -t 'hello/#' -v",
        certificate = certificate.display(),
        key = key.display(),
        names = names.join(", "),
        name = names[0],
    );
    Ok(())
}

/// Whether a client could ask for a server of this name, which may begin with `*.`
fn check(name: &str) -> Result<()> {
    let host = name.strip_prefix("*.").unwrap_or(name);
    if ServerName::try_from(host).is_err() {
        bail!(
            "{name:?} is no name of a machine and no IP address, such as localhost or 192.168.1.20"
        );
    }
    Ok(())
}

fn write(path: &Path, text: &str, secret: bool) -> Result<()> {
    let open = || -> std::io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        if secret {
            use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
            let file = options.mode(0o600).open(path)?;
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
            return Ok(file);
        }
        let _ = secret;
        options.open(path)
    };
    open()
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_machines() {
        for name in [
            "localhost",
            "broker.example.org",
            "*.example.org",
            "192.168.1.20",
            "::1",
            "pi4",
        ] {
            assert!(check(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "not a name",
            "https://example.org",
            "example.org:8883",
            "*",
            "[::1]",
        ] {
            let error = check(name).unwrap_err().to_string();
            assert!(error.contains("is no name of a machine"), "{error}");
        }
    }
}
