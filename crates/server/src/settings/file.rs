//! The configuration file, in TOML.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, anyhow};
use clap::builder::PossibleValue;
use clap::{Arg, Args, Command};
use serde::{Deserialize, Deserializer};
use toml::de::DeTable;

use crate::settings::{Limits, Settings};
use crate::text;

/// The flag that is no key: it would throw away what a later start could read.
const ONLY_A_FLAG: &str = "set_store_aside";

/// A list, or a single entry without brackets.
pub(super) fn one_or_more<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "give one in quotes, or several in brackets")]
    enum Addresses {
        One(String),
        Several(Vec<String>),
    }
    Ok(match Addresses::deserialize(deserializer)? {
        Addresses::One(one) => vec![one],
        Addresses::Several(several) => several,
    })
}

/// Reads a file. Relative paths in it are relative to its folder.
pub(super) fn read(path: &Path) -> Result<Settings> {
    let text = text::read(path)
        .with_context(|| format!("cannot read the configuration {}", path.display()))?;
    let mut settings = parse(&text, path)?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    for file in [
        &mut settings.certificate,
        &mut settings.key,
        &mut settings.client_authority,
        &mut settings.store,
    ] {
        *file = file.take().map(|file: PathBuf| folder.join(file));
    }
    Ok(settings)
}

fn parse(text: &str, path: &Path) -> Result<Settings> {
    let document = Document { text, path };
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        document.wrong(at, error.message())
    })?;
    let table = table.get_ref();
    document.check_keys(table)?;
    for key in ["certificate", "key", "client_authority", "store"] {
        let value = table.get(key);
        if let Some(value) = value.filter(|value| value.get_ref().as_str() == Some("")) {
            let at = value.span().start;
            return Err(document.wrong(at, format!("`{key}`: write a path in quotes")));
        }
    }
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        match key_at(table, at) {
            Some(key) => {
                let wanted = wanted(key, error.message());
                let what = wanted.as_deref().unwrap_or_else(|| error.message());
                document.wrong(at, format!("`{key}`: {what}"))
            }
            None => document.wrong(at, error.message()),
        }
    })
}

/// The text, and where it is from.
struct Document<'a> {
    text: &'a str,
    path: &'a Path,
}

impl Document<'_> {
    /// What is wrong at this byte.
    fn wrong(&self, at: usize, what: impl fmt::Display) -> Error {
        let line = 1 + self.text[..at.min(self.text.len())].matches('\n').count();
        anyhow!("{}:{line}: {what}", self.path.display())
    }

    /// Whether all keys are known, and stand where they belong.
    fn check_keys(&self, table: &DeTable<'_>) -> Result<()> {
        let limits = names::<Limits>();
        let mut top = names::<Settings>();
        let in_access = ["password_file", "anonymous"];
        top.retain(|name| {
            let name = name.as_str();
            name != ONLY_A_FLAG && !in_access.contains(&name) && !limits.iter().any(|it| it == name)
        });
        top.extend(["access".into(), "limits".into()]);
        for (key, value) in table {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            if !top.iter().any(|known| known == name) {
                let table = if in_access.contains(&name) {
                    "access"
                } else if limits.iter().any(|known| known == name) {
                    "limits"
                } else if name == ONLY_A_FLAG {
                    let what = "is a flag only, for the one start that it is meant for";
                    return Err(self.wrong(at, format!("`{name}` {what}")));
                } else {
                    let hint = hint(name, &top, &limits);
                    return Err(self.wrong(at, format!("no key `{name}`; {hint}")));
                };
                return Err(self.wrong(at, format!("`{name}` belongs below the line [{table}]")));
            }
            if name == "limits"
                && let Some(table) = value.get_ref().as_table()
                && let Some((key, _)) = table
                    .iter()
                    .find(|(key, _)| !limits.iter().any(|name| name == key.get_ref()))
            {
                let (name, at) = (key.get_ref().as_ref(), key.span().start);
                let hint = hint(name, &limits, &[]);
                return Err(self.wrong(at, format!("no key `{name}` in [limits]; {hint}")));
            }
        }
        Ok(())
    }
}

/// What to write for a key that is not known: one of those that may stand there, or of `limits`, which stand elsewhere.
fn hint(name: &str, known: &[String], limits: &[String]) -> String {
    let name = name.replace('-', "_");
    match (nearest(&name, known), nearest(&name, limits)) {
        (Some((_, like)), Some((limit, more))) if more > like => {
            format!("did you mean `{limit}`, below the line [limits]?")
        }
        (None, Some((limit, _))) => format!("did you mean `{limit}`, below the line [limits]?"),
        (Some((known, _)), _) => format!("did you mean `{known}`?"),
        (None, None) => format!("there are: {}", known.join(", ")),
    }
}

/// What to write as the value of a key, in place of the words that a wrong one has for programmers.
fn wanted(key: &str, told: &str) -> Option<String> {
    let command = Settings::augment_args(Command::new("keys"));
    let flag = command.get_arguments().find(|flag| flag.get_id() == key);
    let values = flag.map_or_else(Vec::new, Arg::get_possible_values);
    let values: Vec<_> = values.iter().map(PossibleValue::get_name).collect();
    match values.as_slice() {
        ["true", "false"] => return Some("write true or false".into()),
        [] => {}
        [first @ .., last] => {
            return Some(format!("write \"{}\" or \"{last}\"", first.join("\", \"")));
        }
    }
    let (_, expected) = told.rsplit_once("expected ")?;
    let wanted = match expected {
        "u8" => "a QoS is 0, 1 or 2",
        "u16" => "write a whole number from 0 to 65535",
        "u32" => "write a whole number from 0 to 4294967295",
        "u64" | "usize" => "write a whole number, 0 or more",
        "path string" => "write a path in quotes",
        "struct Limits" => "write limits below a line [limits]",
        _ => return None,
    };
    Some(wanted.into())
}

/// The key whose value stands there.
fn key_at<'a>(table: &'a DeTable<'_>, at: usize) -> Option<&'a str> {
    table.iter().find_map(|(key, value)| {
        let inner = value.get_ref().as_table();
        let inner = inner.and_then(|table| key_at(table, at));
        inner.or_else(|| value.span().contains(&at).then(|| key.get_ref().as_ref()))
    })
}

/// The keys that stand for the flags of `A`.
fn names<A: Args>() -> Vec<String> {
    let command = A::augment_args(Command::new("keys"));
    command
        .get_arguments()
        .map(|argument| argument.get_id().to_string())
        .collect()
}

/// The known name that somebody most likely meant, and how like it is, from 0 to 1.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<(&'a String, f64)> {
    let likeness = |other: &String| {
        strsim::jaro_winkler(name, other).max(strsim::normalized_damerau_levenshtein(name, other))
    };
    let known = known.iter().map(|known| (known, likeness(known)));
    let best = known.max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (best.1 > 0.6).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(text, Path::new("v.toml")).unwrap_err().to_string()
    }

    #[test]
    fn keys_are_the_flags_names() {
        let settings = parse(
            "tcp = '*:1883'\nws = ['8083', '9001']\n[limits]\nmax_connections = 7\n",
            Path::new("v.toml"),
        );
        let settings = settings.unwrap();
        assert_eq!(settings.tcp, ["*:1883"]);
        assert_eq!(settings.ws, ["8083", "9001"]);
        assert_eq!(settings.limits.max_connections, Some(7));
    }

    #[test]
    fn an_unknown_key_is_told_with_its_line_and_the_likely_one() {
        assert_eq!(
            error("\nlgo = 'info'"),
            "v.toml:2: no key `lgo`; did you mean `log`?"
        );
        let told = error("tcp = '1'\n[limits]\nmax_conections = 3\n");
        assert_eq!(
            told,
            "v.toml:3: no key `max_conections` in [limits]; did you mean `max_connections`?"
        );
        assert_eq!(
            error("max_connections = 3"),
            "v.toml:1: `max_connections` belongs below the line [limits]"
        );
        assert_eq!(
            error("max-conections = 3"),
            "v.toml:1: no key `max-conections`; did you mean `max_connections`, below the line [limits]?"
        );
        assert_eq!(
            error("watch-files = true"),
            "v.toml:1: no key `watch-files`; did you mean `watch_files`?"
        );
        assert!(
            error("set_store_aside = true")
                .starts_with("v.toml:1: `set_store_aside` is a flag only")
        );
        assert!(error("zzz = 1").starts_with("v.toml:1: no key `zzz`; there are: tcp, tls"));
    }

    #[test]
    fn a_wrong_value_is_told_with_its_line_and_what_to_write() {
        for (text, told) in [
            (
                "\n\nlog = 'loud'",
                "v.toml:3: `log`: write \"off\", \"error\", \"warn\", \"info\", \"debug\" or \"trace\"",
            ),
            (
                "durability = true",
                "v.toml:1: `durability`: write \"none\", \"batched\" or \"each\"",
            ),
            (
                "watch_files = 'yes'",
                "v.toml:1: `watch_files`: write true or false",
            ),
            (
                "tcp = 3",
                "v.toml:1: `tcp`: give one in quotes, or several in brackets",
            ),
            (
                "tcp = [\n3]",
                "v.toml:1: `tcp`: give one in quotes, or several in brackets",
            ),
            ("store = 3", "v.toml:1: `store`: write a path in quotes"),
            ("\nstore = ''", "v.toml:2: `store`: write a path in quotes"),
            (
                "limits = 3",
                "v.toml:1: `limits`: write limits below a line [limits]",
            ),
            (
                "sys_interval = '10s'",
                "v.toml:1: `sys_interval`: write a whole number, 0 or more",
            ),
            (
                "[limits]\nmax_connections = -1",
                "v.toml:2: `max_connections`: write a whole number, 0 or more",
            ),
            (
                "[limits]\nlinger = 'x'",
                "v.toml:2: `linger`: write a whole number, 0 or more",
            ),
            (
                "[limits]\nmax_in_flight = 65536",
                "v.toml:2: `max_in_flight`: write a whole number from 0 to 65535",
            ),
            (
                "[limits]\nmax_packet_size = 1e9",
                "v.toml:2: `max_packet_size`: write a whole number from 0 to 4294967295",
            ),
            (
                "[limits]\nretain_available = 1",
                "v.toml:2: `retain_available`: write true or false",
            ),
            (
                "[limits]\nmaximum_qos = 3",
                "v.toml:2: `maximum_qos`: a QoS is 0, 1 or 2",
            ),
            (
                "[limits]\nmaximum_qos = 'all'",
                "v.toml:2: `maximum_qos`: a QoS is 0, 1 or 2",
            ),
        ] {
            assert_eq!(error(text), told);
        }
        assert!(error("tcp = '1").starts_with("v.toml:1: "));
    }
}
