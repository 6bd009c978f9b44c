//! Reading TOML so that every complaint has a line and says what would be right.

use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Error;

/// Longer files are refused.
const MOST_BYTES: usize = 256 << 10;

/// The text, for the lines in it.
pub(crate) struct Document<'a> {
    text: &'a str,
}

/// A value, and what people call it.
pub(crate) struct Value<'a> {
    key: String,
    value: &'a Spanned<DeValue<'a>>,
}

/// A table whose keys are all known.
pub(crate) struct Table<'a> {
    line: u32,
    what: String,
    entries: Vec<(&'a str, Value<'a>)>,
}

/// Text, and the line of the file on which it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The line, counted from 1.
    pub line: u32,
    /// The text.
    pub text: String,
}

impl<'a> Document<'a> {
    pub(crate) fn new(text: &'a str) -> Result<Self, Error> {
        if text.len() > MOST_BYTES {
            let why = format!("the file has more than {MOST_BYTES} bytes: make two lessons of it");
            return Err(Error::new(1, why));
        }
        Ok(Self { text })
    }

    pub(crate) fn parse(&self) -> Result<Spanned<DeTable<'a>>, Error> {
        DeTable::parse(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            Error::new(self.line(at), error.message())
        })
    }

    fn line(&self, at: usize) -> u32 {
        let before = self.text.get(..at).unwrap_or(self.text);
        1 + u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX - 1)
    }

    pub(crate) fn wrong(&self, value: &Value<'_>, why: impl fmt::Display) -> Error {
        let line = self.line(value.value.span().start);
        Error::new(line, format!("`{}`: {why}", value.key))
    }

    /// The file's outermost table.
    pub(crate) fn root<'t>(
        &self,
        table: &'t Spanned<DeTable<'t>>,
        known: &[&'t str],
    ) -> Result<Table<'t>, Error> {
        self.entries(1, "", "a lesson", table.get_ref(), known)
    }

    /// A table that has only these keys. `what` it is, for complaints, such as `a step`.
    pub(crate) fn table<'t>(
        &self,
        value: &Value<'t>,
        what: &str,
        known: &[&'t str],
    ) -> Result<Table<'t>, Error> {
        let DeValue::Table(table) = value.value.get_ref() else {
            let keys = known.join(", ");
            return Err(self.wrong(value, format!("{what} is a table with the keys {keys}")));
        };
        let line = self.line(value.value.span().start);
        self.entries(line, &value.key, what, table, known)
    }

    fn entries<'t>(
        &self,
        line: u32,
        key: &str,
        what: &str,
        table: &'t DeTable<'t>,
        known: &[&'t str],
    ) -> Result<Table<'t>, Error> {
        let mut entries = Vec::new();
        for (name, value) in table {
            let written: &str = name.get_ref();
            let Some(known) = known.iter().find(|known| **known == written) else {
                let why = format!(
                    "{what} has no key `{written}`: there are {}",
                    known.join(", ")
                );
                return Err(Error::new(self.line(name.span().start), why));
            };
            let key = if key.is_empty() {
                written.to_owned()
            } else {
                format!("{key}.{written}")
            };
            entries.push((*known, Value { key, value }));
        }
        Ok(Table {
            line,
            what: what.to_owned(),
            entries,
        })
    }

    pub(crate) fn text(&self, value: &Value<'_>, expected: &str) -> Result<Written, Error> {
        let DeValue::String(text) = value.value.get_ref() else {
            return Err(self.wrong(value, format!("write {expected} in quotes")));
        };
        Ok(Written {
            line: self.line(value.value.span().start),
            text: text.clone().into_owned(),
        })
    }

    pub(crate) fn boolean(&self, value: &Value<'_>) -> Result<bool, Error> {
        let yes = value.value.get_ref().as_bool();
        yes.ok_or_else(|| self.wrong(value, "write true or false, without quotes"))
    }

    pub(crate) fn number(&self, value: &Value<'_>, most: u32) -> Result<u32, Error> {
        let number = value.value.get_ref().as_integer();
        let number =
            number.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
        number.filter(|number| *number <= most).ok_or_else(|| {
            self.wrong(
                value,
                format!("write a number from 0 to {most}, without quotes"),
            )
        })
    }

    /// A list; `expected` says what it is of.
    pub(crate) fn list<'t>(
        &self,
        value: &Value<'t>,
        expected: &str,
        most: usize,
    ) -> Result<Vec<Value<'t>>, Error> {
        let DeValue::Array(list) = value.value.get_ref() else {
            return Err(self.wrong(value, format!("write a list of {expected}, in brackets")));
        };
        if list.len() > most {
            return Err(self.wrong(
                value,
                format!("{} are too many: at most {most}", list.len()),
            ));
        }
        let entries = list.iter().enumerate();
        let entries = entries.map(|(at, entry)| Value {
            key: format!("{}[{at}]", value.key),
            value: entry,
        });
        Ok(entries.collect())
    }

    /// The lines of a block of script, each with its line in the file.
    pub(crate) fn block(&self, value: &Value<'_>) -> Result<Vec<Written>, Error> {
        let block = self.text(value, "lines of the lab's language")?;
        let raw = self.text.get(value.value.span()).unwrap_or_default();
        let begins_below = raw.starts_with("'''\n")
            || raw.starts_with("'''\r\n")
            || raw.starts_with("\"\"\"\n")
            || raw.starts_with("\"\"\"\r\n");
        let first = block.line + u32::from(begins_below);
        // With escapes a line of the text need not be a line of the file.
        let breaks = raw.matches('\n').count() - usize::from(begins_below);
        if breaks != block.text.matches('\n').count() {
            let why = "lines are not told apart by \\n or \\: write each on a line of its own, between ''' and '''";
            return Err(self.wrong(value, why));
        }
        let lines = (first..).zip(block.text.lines());
        let lines = lines.map(|(line, text)| Written {
            line,
            text: text.to_owned(),
        });
        Ok(lines.collect())
    }
}

impl<'a> Table<'a> {
    /// A value that may be missing.
    pub(crate) fn get(&self, key: &str) -> Option<&Value<'a>> {
        let found = self.entries.iter().find(|(name, _)| *name == key);
        found.map(|(_, value)| value)
    }

    /// A value that must be there. `write` says how it is written.
    pub(crate) fn need(&self, key: &str, write: &str) -> Result<&Value<'a>, Error> {
        self.get(key).ok_or_else(|| {
            Error::new(
                self.line,
                format!("{} has no `{key}`: write {write}", self.what),
            )
        })
    }

    pub(crate) fn line(&self) -> u32 {
        self.line
    }

    pub(crate) fn what(&self) -> &str {
        &self.what
    }
}
