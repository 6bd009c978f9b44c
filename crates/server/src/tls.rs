//! TLS: reading certificate and key, and saying what is wrong with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::text;

/// The files in PEM format that the TLS side of all listeners is made from; read again when that is asked.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) client_authority: Option<PathBuf>,
}

impl Source {
    /// Reads the files.
    ///
    /// # Errors
    /// When a file is missing, holds something else, or key and certificate do not belong together.
    pub(crate) fn read(&self) -> Result<Arc<ServerConfig>> {
        config(
            &self.certificate,
            &self.key,
            self.client_authority.as_deref(),
        )
    }
}

fn config(
    certificate: &Path,
    key: &Path,
    client_authority: Option<&Path>,
) -> Result<Arc<ServerConfig>> {
    let chain = certificates(certificate)?;
    let key_der = match read_pem(key).and_then(|pem| PrivateKeyDer::from_pem_slice(&pem)) {
        Ok(key) => key,
        Err(pem::Error::NoItemsFound) => bail!(
            "{} holds no private key: a file in PEM format with the line `-----BEGIN PRIVATE KEY-----` is wanted{}",
            key.display(),
            if key == certificate {
                ""
            } else {
                " (are --certificate and --key exchanged?)"
            }
        ),
        Err(error) => return Err(unreadable(error, "private key", key)),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let builder = match client_authority {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let mut roots = RootCertStore::empty();
            for authority in certificates(file)? {
                roots
                    .add(authority)
                    .with_context(|| format!("{} cannot vouch for anybody", file.display()))?;
            }
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let config = builder.with_single_cert(chain, key_der).map_err(|error| {
        let hint = match error {
            rustls::Error::InconsistentKeys(_) => {
                ": the key is not the one of the certificate".to_owned()
            }
            other => format!(": {other}"),
        };
        anyhow::anyhow!(
            "{} and {} cannot be used together{hint}",
            certificate.display(),
            key.display()
        )
    })?;
    Ok(Arc::new(config))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = || CertificateDer::pem_slice_iter(&read_pem(file)?).collect::<Result<Vec<_>, _>>();
    let chain = read().map_err(|error| unreadable(error, "certificate", file))?;
    if chain.is_empty() {
        bail!(
            "{} holds no certificate: a file in PEM format with the line `-----BEGIN CERTIFICATE-----` is wanted",
            file.display()
        );
    }
    Ok(chain)
}

fn read_pem(file: &Path) -> Result<Vec<u8>, pem::Error> {
    text::bytes(file).map_err(pem::Error::Io)
}

fn unreadable(error: pem::Error, what: &str, file: &Path) -> anyhow::Error {
    let hint = match &error {
        pem::Error::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
            "; `vitrine certificate` makes a certificate and its key for trying things out"
        }
        _ => "",
    };
    anyhow::anyhow!(
        "cannot read the {what} from {}: {error}{hint}",
        file.display()
    )
}
