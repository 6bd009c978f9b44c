//! Who may do what, from the files of the operator; read again when that is asked (`requests`).

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use vitrine_access::{Settings, passwords};
use vitrine_broker::Access;

use crate::text;

/// Where it stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    /// The configuration file, with its table `[access]`.
    pub(crate) config: Option<PathBuf>,
    /// The password file of a flag, which wins over the one that the table names.
    pub(crate) password_file: Option<PathBuf>,
    /// What a flag says of anonymous clients.
    pub(crate) anonymous: Option<bool>,
}

impl Source {
    /// Which files there are to read.
    ///
    /// # Errors
    /// When the configuration cannot be read, which may name another one.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut password_file = self.password_file.clone();
        if let Some(config) = &self.config {
            files.push(config.clone());
            if password_file.is_none() {
                let settings = Settings::from_toml(&read(config)?)?;
                password_file = settings.password_file.map(|file| beside(config, &file));
            }
        }
        files.extend(password_file);
        Ok(files)
    }

    /// Reads the files.
    ///
    /// # Errors
    /// When one cannot be read, or holds what makes no sense; with file and line.
    pub(crate) fn read(&self) -> Result<Access> {
        let mut settings = Settings::default();
        let mut says_anonymous = false;
        let mut password_file = None;
        if let Some(config) = &self.config {
            let text = read(config)?;
            settings = Settings::from_toml(&text)
                .map_err(|error| anyhow!("{}: {error}", config.display()))?;
            let table: toml::Table = text.parse().unwrap_or_default();
            says_anonymous = table
                .get("access")
                .is_some_and(|access| access.get("anonymous").is_some());
            password_file = settings
                .password_file
                .as_ref()
                .map(|file| beside(config, file));
        }
        if let Some(file) = &self.password_file {
            password_file = Some(file.clone());
            // As with the key: whoever sets up users wants nobody else in, unless that is said.
            settings.anonymous &= says_anonymous;
        }
        if let Some(anonymous) = self.anonymous {
            settings.anonymous = anonymous;
        }
        let users = match password_file {
            None => Default::default(),
            Some(file) => passwords::parse(&read_passwords(&file)?)
                .map_err(|error| anyhow!("{}: {error}", file.display()))?,
        };
        Ok(settings.into_access(users))
    }
}

/// What the configuration calls a file is relative to its folder.
fn beside(config: &Path, file: &str) -> PathBuf {
    config.parent().unwrap_or_else(|| Path::new("")).join(file)
}

fn read(file: &Path) -> Result<String> {
    text::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn read_passwords(file: &Path) -> Result<String> {
    read(file).map_err(|error| {
        let cause = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if cause != Some(ErrorKind::NotFound) {
            return error;
        }
        anyhow!(
            "{error:#}; `vitrine passwd {} NAME` makes it",
            file.display()
        )
    })
}
