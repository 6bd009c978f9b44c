//! The configuration file, in TOML.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Command};
use serde::{Deserialize, Deserializer};

use crate::settings::{Limits, Settings};
use crate::text;

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
    let line = |at: usize| 1 + text[..at.min(text.len())].matches('\n').count();
    let fail = |error: &toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        anyhow::anyhow!("{}:{}: {}", path.display(), line(at), error.message())
    };
    let table = toml::de::DeTable::parse(text).map_err(|error| fail(&error))?;
    let unknown = |key: &toml::Spanned<toml::de::DeString<'_>>, table: &str, known: &[String]| {
        let (name, at) = (key.get_ref().as_ref(), line(key.span().start));
        let hint = match nearest(name, known) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("there are: {}", known.join(", ")),
        };
        anyhow::anyhow!("{}:{at}: no key `{name}`{table}; {hint}", path.display())
    };
    let mut top = names::<Settings>();
    let limits = names::<Limits>();
    top.retain(|name| !limits.contains(name));
    let only_flags = ["set_store_aside", "password_file", "anonymous"];
    top.retain(|name| !only_flags.contains(&name.as_str()));
    top.extend(["access".into(), "limits".into()]);
    for (key, value) in table.get_ref() {
        if !top.iter().any(|name| name == key.get_ref()) {
            if ["password_file", "anonymous"].contains(&key.get_ref().as_ref()) {
                let at = line(key.span().start);
                bail!(
                    "{}:{at}: `{}` belongs below the line [access]",
                    path.display(),
                    key.get_ref()
                );
            }
            if limits.iter().any(|name| name == key.get_ref()) {
                let at = line(key.span().start);
                bail!(
                    "{}:{at}: `{}` belongs below the line [limits]",
                    path.display(),
                    key.get_ref()
                );
            }
            return Err(unknown(key, "", &top));
        }
        if key.get_ref() == "limits"
            && let Some(table) = value.get_ref().as_table()
            && let Some((key, _)) = table
                .iter()
                .find(|(key, _)| !limits.iter().any(|name| name == key.get_ref()))
        {
            return Err(unknown(key, " in [limits]", &limits));
        }
    }
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        match key_at(table.get_ref(), at) {
            Some(key) => anyhow::anyhow!(
                "{}:{}: `{key}`: {}",
                path.display(),
                line(at),
                error.message()
            ),
            None => fail(&error),
        }
    })
}

/// The key whose value stands there.
fn key_at<'a>(table: &'a toml::de::DeTable<'_>, at: usize) -> Option<&'a str> {
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

/// The known name that somebody most likely meant.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let likeness = |other: &String| {
        strsim::jaro_winkler(name, other).max(strsim::normalized_damerau_levenshtein(name, other))
    };
    let best = known
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.6).then_some(best)
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
        assert!(error("zzz = 1").starts_with("v.toml:1: no key `zzz`; there are: tcp, tls"));
    }

    #[test]
    fn a_wrong_value_is_told_with_its_line() {
        assert!(error("\n\nlog = 'loud'").starts_with("v.toml:3: `log`: unknown variant `loud`"));
        let limit = error("[limits]\nmax_connections = -1");
        assert!(
            limit.starts_with("v.toml:2: `max_connections`: "),
            "{limit}"
        );
        assert!(error("tcp = 3").starts_with("v.toml:1: `tcp`: give one in quotes"));
        assert!(error("tcp = [\n3]").starts_with("v.toml:1: `tcp`: give one in quotes"));
        assert!(error("tcp = '1").starts_with("v.toml:1: "));
    }
}
