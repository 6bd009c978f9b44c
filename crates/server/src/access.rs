//! Who may do what, from the files of the operator; read again when that is asked (`requests`).

use std::collections::BTreeSet;
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
                let settings = settings(config, &read(config)?)?;
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
            settings = self::settings(config, &text)?;
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
                .map_err(|error| anyhow!(error.at(file.display())))?,
        };
        Ok(settings.into_access(users))
    }
}

/// So many rules are named in a line.
const NAMED: usize = 5;

/// What of it can hardly be meant, in a line each: it counts all the same.
pub(crate) fn doubts(access: &Access) -> Vec<String> {
    let mut doubts = Vec::new();
    if !access.anonymous && access.users.is_empty() {
        doubts.push(
            "nobody may connect: a user name is needed, and there are no users; `vitrine passwd FILE NAME` makes one, and \
             password_file says where they are"
                .to_owned(),
        );
    }
    // A rule with a list of users is one for each of them here, and for each of its topics.
    let mut seen = BTreeSet::new();
    let mut names: Vec<_> = access
        .rules_for_nobody()
        .map(|rule| (&*rule.name, rule.user.as_deref().unwrap_or("%u")))
        .filter(|rule| seen.insert(*rule))
        .map(|(name, user)| format!("{name} ({user})"))
        .collect();
    if names.is_empty() {
        return doubts;
    }
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let names = names.join(", ");
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let why = if access.users.is_empty() {
        "there are no users (is password_file missing?)"
    } else {
        "the password file has no such user"
    };
    doubts.push(format!(
        "rules for users that are none, as {why}: {names}{more}"
    ));
    doubts
}

/// What the configuration calls a file is relative to its folder.
fn beside(config: &Path, file: &str) -> PathBuf {
    config.parent().unwrap_or_else(|| Path::new("")).join(file)
}

/// The table `[access]` in the text of a configuration.
fn settings(config: &Path, text: &str) -> Result<Settings> {
    Settings::from_toml(text).map_err(|error| anyhow!(error.at(config.display())))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn doubts_of(settings: &str, users: &[&str]) -> Vec<String> {
        let settings = Settings::from_toml(&format!("[access]\n{settings}")).unwrap();
        let users = users
            .iter()
            .map(|name| ((*name).into(), Default::default()));
        doubts(&settings.into_access(users.collect()))
    }

    #[test]
    fn what_can_hardly_be_meant_is_told() {
        let none: [&str; 0] = [];
        let rule = "default = 'deny'\nrules = [{ name = 'r', allow = 'all', topics = '#', user = 'anna' }]";
        assert_eq!(doubts_of("", &[]), none);
        let told = doubts_of("anonymous = false", &[]);
        assert!(told[0].starts_with("nobody may connect"), "{told:?}");
        let told = doubts_of(rule, &[]);
        assert!(
            told[0].ends_with("(is password_file missing?): r (anna)"),
            "{told:?}"
        );
        let told = doubts_of(rule, &["ana"]);
        assert_eq!(
            told,
            ["rules for users that are none, as the password file has no such user: r (anna)"]
        );
        // Of a list those who are meant, once for all topics.
        let list = rule.replace("'anna'", "['bea', 'ana', 'anna', 'b*']");
        let list = list.replace("'#'", "['#', '$SYS/#']");
        let told = doubts_of(&list, &["ana"]);
        assert!(
            told[0].ends_with("user: r (bea), r (anna), r (b*)"),
            "{told:?}"
        );
        assert_eq!(doubts_of(&rule.replace("anna", "an*"), &["ana"]), none);
        let own = rule.replace("'anna'", "'*'").replace('#', "home/%u/#");
        assert_eq!(doubts_of(&own, &["ana"]), none);
        assert_eq!(doubts_of(&own, &[]).len(), 1);
        let everybody = own.replace(", user = '*'", "");
        let told = doubts_of(&everybody, &[]);
        assert!(told[0].ends_with(": r (%u)"), "{told:?}");
        let many: Vec<_> = (0..7)
            .map(|n| format!("{{ allow = 'all', topics = 'a', user = 'x{n}' }}"))
            .collect();
        let many = format!("default = 'deny'\nrules = [{}]", many.join(", "));
        let told = doubts_of(&many, &["ana"]);
        assert!(told[0].ends_with("rules[4] (x4) and 2 more"), "{told:?}");
    }
}
