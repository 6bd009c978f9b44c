//! The numbered statements of both standards, in our words: `data/statements.tsv`.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::project;

/// Which of the two standards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    V3_1_1,
    V5,
}

impl Version {
    pub(super) const ALL: [Self; 2] = [Self::V3_1_1, Self::V5];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V3_1_1 => "3.1.1",
            Self::V5 => "5.0",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One line of the list.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) version: Version,
    /// As the standard numbers it: `MQTT-3.1.0-1`.
    pub(super) id: String,
    /// Whether it asks something of a server; of a client alone otherwise.
    pub(super) binds_server: bool,
    /// What it asks, in our words.
    pub(super) words: String,
    /// Why no test proves it; empty otherwise.
    pub(super) reason: String,
}

/// The list, in the order of the standards.
#[derive(Debug)]
pub(super) struct Statements {
    list: Vec<Statement>,
    places: BTreeMap<(Version, String), usize>,
}

impl Statements {
    pub(super) fn read() -> Result<Self> {
        let path = project::root().join("crates/xtask/data/statements.tsv");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).context("crates/xtask/data/statements.tsv")
    }

    /// Parses the lines below the heading: version, id, whom it binds, what it asks, and perhaps why no test names it.
    fn parse(text: &str) -> Result<Self> {
        let mut all = Self {
            list: Vec::new(),
            places: BTreeMap::new(),
        };
        for (number, line) in text.lines().enumerate().skip(1) {
            let number = number + 1;
            let fields: Vec<&str> = line.split('\t').collect();
            let (version, id, binds, words, reason) = match fields[..] {
                [version, id, binds, words] => (version, id, binds, words, ""),
                [version, id, binds, words, reason] => (version, id, binds, words, reason),
                _ => bail!("line {number}: four or five fields, separated by tabs"),
            };
            let version = Version::ALL
                .into_iter()
                .find(|known| known.name() == version)
                .with_context(|| format!("line {number}: no version `{version}`"))?;
            ensure!(
                id.starts_with("MQTT-") && !words.is_empty(),
                "line {number}: an id and what it asks"
            );
            let binds_server = match binds {
                "server" | "both" => true,
                "client" => false,
                _ => bail!("line {number}: `{binds}` is neither server, client nor both"),
            };
            let place = all.list.len();
            let known = all.places.insert((version, id.to_owned()), place);
            ensure!(known.is_none(), "line {number}: {id} of {version} again");
            all.list.push(Statement {
                version,
                id: id.to_owned(),
                binds_server,
                words: words.to_owned(),
                reason: reason.to_owned(),
            });
        }
        Ok(all)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Statement> {
        self.list.iter()
    }

    pub(super) fn find(&self, version: Version, id: &str) -> Option<&Statement> {
        let place = self.places.get(&(version, id.to_owned()))?;
        Some(&self.list[*place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_well_formed() {
        let all = Statements::read().unwrap();
        assert!(all.find(Version::V5, "MQTT-3.15.1-1").unwrap().binds_server);
        assert!(all.find(Version::V3_1_1, "MQTT-3.15.1-1").is_none());
        assert!(
            !all.find(Version::V3_1_1, "MQTT-3.1.0-1")
                .unwrap()
                .binds_server
        );
    }

    #[test]
    fn a_line_that_is_wrong_is_told() {
        let error = |line: &str| {
            let text = format!("heading\n{line}\n");
            Statements::parse(&text).unwrap_err().to_string()
        };
        assert!(error("4\tMQTT-1-1\tboth\twords").contains("no version `4`"));
        assert!(error("5.0\tMQTT-1-1\tall\twords").contains("neither"));
        assert!(error("5.0\tMQTT-1-1").contains("line 2"));
        let twice = "5.0\tMQTT-1-1\tboth\twords\n5.0\tMQTT-1-1\tboth\twords";
        assert!(error(twice).contains("again"));
    }
}
