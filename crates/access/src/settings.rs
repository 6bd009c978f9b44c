//! The table `[access]` of a configuration file.
//!
//! | key | value | when left out |
//! | --- | --- | --- |
//! | `anonymous` | whether clients may connect without a user name | true, unless there is a password file |
//! | `password_file` | where the users stand | nobody may log in |
//! | `default` | `"allow"` or `"deny"`: what holds where no rule fits | `"allow"`; must be there where rules are |
//! | `rules` | a list of rules: the first that fits decides | none |
//!
//! A rule:
//!
//! | key | value | when left out |
//! | --- | --- | --- |
//! | `allow` or `deny` | one or several of `"publish"`, `"subscribe"`, `"receive"`; or `"all"` | one of them must be there |
//! | `topics` | one or several Topic Filters; `%u` is the user name, `%c` the client identifier | must be there |
//! | `user` | one or several names; `*` stands for any characters | everybody, also who is anonymous |
//! | `client` | one or several client identifiers, with `*` as above | all |
//! | `name` | what people call it | its place: `rules[0]` |

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vitrine_broker::{Access, Actions, Rule, User};

use crate::Error;

/// More rules than this (one for each of its users, clients and topics) are refused: every one may be
/// held against every message.
const MOST_RULES: usize = 10_000;

/// What the table `[access]` of a configuration file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether clients may connect without a User Name.
    pub anonymous: bool,
    /// Where the users stand, as it was written.
    pub password_file: Option<String>,
    /// Whether that is allowed which no rule fits.
    pub default_allow: bool,
    /// The rules, one for each user, client and topic that was named.
    pub rules: Vec<Rule>,
}

impl Default for Settings {
    fn default() -> Self {
        let Access {
            anonymous,
            rules,
            default_allow,
            ..
        } = Access::default();
        Self {
            anonymous,
            password_file: None,
            default_allow,
            rules,
        }
    }
}

impl Settings {
    /// Reads the table `[access]` of a TOML text; other tables are not looked at. Without it the settings
    /// are those that let everybody in.
    ///
    /// # Errors
    /// When the text is no TOML, or the table is not as described; with line, key and what to do.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let document = Document { text };
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            Error::new(document.line(at), error.message())
        })?;
        let Some(access) = table.get_ref().get("access") else {
            return Ok(Self::default());
        };
        document.settings(&Value {
            key: "access".into(),
            value: access,
        })
    }

    /// Reads a text that is there for the table `[access]` alone, as [`Self::from_toml`] does. With others and without that
    /// one, such as after a slip in its name, nothing in it would count.
    ///
    /// # Errors
    /// As [`Self::from_toml`], and when that is so.
    pub fn from_own_toml(text: &str) -> Result<Self, Error> {
        let settings = Self::from_toml(text)?;
        let Ok(table) = DeTable::parse(text) else {
            return Ok(settings);
        };
        let table = table.get_ref();
        let first = table.keys().min_by_key(|key| key.span().start);
        match first {
            Some(first) if table.get("access").is_none() => {
                let name = first.get_ref();
                Err(Error::new(
                    Document { text }.line(first.span().start),
                    format!(
                        "{name:?} is not looked at: rules stand below [access] and [[access.rules]]"
                    ),
                ))
            }
            _ => Ok(settings),
        }
    }

    /// The broker's access with these users.
    #[must_use]
    pub fn into_access(self, users: BTreeMap<Rc<str>, User>) -> Access {
        Access {
            anonymous: self.anonymous,
            users,
            rules: self.rules,
            default_allow: self.default_allow,
        }
    }
}

/// The text, for the lines in it.
struct Document<'a> {
    text: &'a str,
}

/// A value, and what people call it.
struct Value<'a> {
    key: String,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Value<'a> {
    fn child(&self, name: impl fmt::Display, value: &'a Spanned<DeValue<'a>>) -> Self {
        Value {
            key: format!("{}{name}", self.key),
            value,
        }
    }
}

impl Document<'_> {
    fn line(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or(self.text);
        1 + before.matches('\n').count()
    }

    fn wrong(&self, value: &Value<'_>, message: impl Into<String>) -> Error {
        Error {
            line: self.line(value.value.span().start),
            key: Some(value.key.clone()),
            message: message.into(),
        }
    }

    fn settings(&self, access: &Value<'_>) -> Result<Settings, Error> {
        let mut settings = Settings::default();
        let (mut anonymous, mut default) = (None, None);
        for (name, value) in self.table(
            access,
            "access",
            &["anonymous", "password_file", "default", "rules"],
        )? {
            match name {
                "anonymous" => {
                    let DeValue::Boolean(yes) = value.value.get_ref() else {
                        return Err(self.wrong(&value, "write true or false"));
                    };
                    anonymous = Some(*yes);
                }
                "password_file" => {
                    let path = self.text(&value, "a path in quotes")?;
                    if path.is_empty() {
                        return Err(self.wrong(&value, "write a path in quotes"));
                    }
                    settings.password_file = Some(path.into());
                }
                "default" => {
                    default = Some(match self.text(&value, "\"allow\" or \"deny\"")? {
                        "allow" => true,
                        "deny" => false,
                        _ => return Err(self.wrong(&value, "write \"allow\" or \"deny\"")),
                    });
                }
                _ => settings.rules = self.rules(&value)?,
            }
        }
        if default.is_none() && !settings.rules.is_empty() {
            let message = "say what holds where no rule fits: \
                           add default = \"deny\" or default = \"allow\"";
            return Err(self.wrong(access, message));
        }
        settings.default_allow = default.unwrap_or(true);
        let is_anonymous = settings.password_file.is_none();
        settings.anonymous = anonymous.unwrap_or(is_anonymous);
        Ok(settings)
    }

    fn rules(&self, list: &Value<'_>) -> Result<Vec<Rule>, Error> {
        let DeValue::Array(entries) = list.value.get_ref() else {
            return Err(self.wrong(
                list,
                "rules are a list: begin each with a line [[access.rules]]",
            ));
        };
        let mut rules = Vec::new();
        for (number, entry) in entries.iter().enumerate() {
            let entry = list.child(format_args!("[{number}]"), entry);
            self.rule(&entry, number, &mut rules)?;
            if rules.len() > MOST_RULES {
                let message = format!(
                    "there are more than {MOST_RULES} rules, each topic, user and client counted: \
                     use patterns such as %u, %c and *"
                );
                return Err(self.wrong(&entry, message));
            }
        }
        Ok(rules)
    }

    /// Reads a rule, and adds it for each of its users, clients and topics.
    fn rule(&self, entry: &Value<'_>, number: usize, rules: &mut Vec<Rule>) -> Result<(), Error> {
        let mut name: Rc<str> = format!("rules[{number}]").into();
        let mut verdict: Option<(bool, Actions)> = None;
        let (mut users, mut clients, mut topics) = (vec![None], vec![None], None);
        let keys = ["name", "allow", "deny", "user", "client", "topics"];
        for (key, value) in self.table(entry, "a rule", &keys)? {
            match key {
                "name" => name = self.text(&value, "a text")?.into(),
                "allow" | "deny" => {
                    if verdict.is_some() {
                        return Err(self.wrong(
                            &value,
                            "a rule allows or denies: write two rules, the one that counts more first",
                        ));
                    }
                    verdict = Some((key == "allow", self.actions(&value)?));
                }
                "user" => users = self.names(&value, "user name")?,
                "client" => clients = self.names(&value, "client identifier")?,
                _ => topics = Some(value),
            }
        }
        let Some((allow, actions)) = verdict else {
            let message = "a rule needs allow = […] or deny = […] with some of \
                           \"publish\", \"subscribe\", \"receive\"";
            return Err(self.wrong(entry, message));
        };
        let Some(topics) = topics else {
            return Err(self.wrong(entry, "a rule needs topics, such as topics = \"a/#\""));
        };
        for (topic, value) in self.texts(&topics, "a Topic Filter")? {
            let rule = Rule {
                name: Rc::clone(&name),
                allow,
                user: None,
                client: None,
                actions,
                filter: topic.into(),
            };
            if let Err(error) = rule.check() {
                return Err(self.wrong(&value, format!("{topic:?} is no Topic Filter: {error}")));
            }
            for user in &users {
                for client in &clients {
                    rules.push(Rule {
                        user: user.clone(),
                        client: client.clone(),
                        ..rule.clone()
                    });
                }
            }
        }
        Ok(())
    }

    fn actions(&self, value: &Value<'_>) -> Result<Actions, Error> {
        let mut actions = Actions::NONE;
        for (action, value) in self.texts(value, "an action")? {
            actions |= match action {
                "publish" => Actions::PUBLISH,
                "subscribe" => Actions::SUBSCRIBE,
                "receive" => Actions::RECEIVE,
                "all" => Actions::ALL,
                _ => {
                    let message = format!(
                        "{action:?} is no action: there are \"publish\", \"subscribe\", \
                         \"receive\" and \"all\""
                    );
                    return Err(self.wrong(&value, message));
                }
            };
        }
        Ok(actions)
    }

    fn names(&self, value: &Value<'_>, what: &str) -> Result<Vec<Option<Rc<str>>>, Error> {
        let texts = self.texts(value, &format!("a {what}"))?;
        Ok(texts
            .into_iter()
            .map(|(name, _)| Some(name.into()))
            .collect())
    }

    /// One text, or a list of them that is not empty.
    fn texts<'a>(&self, value: &Value<'a>, what: &str) -> Result<Vec<(&'a str, Value<'a>)>, Error> {
        let whole = value.child("", value.value);
        let values = if let DeValue::Array(list) = value.value.get_ref() {
            let list = list.iter().enumerate();
            list.map(|(number, entry)| value.child(format_args!("[{number}]"), entry))
                .collect()
        } else {
            vec![whole]
        };
        if values.is_empty() {
            return Err(self.wrong(value, format!("the list is empty: write {what} in quotes")));
        }
        let expected = format!("{what} in quotes");
        let texts = values
            .into_iter()
            .map(|value| Ok((self.text(&value, &expected)?, value)));
        texts.collect()
    }

    fn text<'a>(&self, value: &Value<'a>, expected: &str) -> Result<&'a str, Error> {
        let DeValue::String(text) = value.value.get_ref() else {
            return Err(self.wrong(value, format!("write {expected}")));
        };
        Ok(text)
    }

    /// The entries of a table that has only these keys.
    fn table<'a, 'k>(
        &self,
        value: &Value<'a>,
        what: &str,
        known: &[&'k str],
    ) -> Result<Vec<(&'k str, Value<'a>)>, Error> {
        let DeValue::Table(table) = value.value.get_ref() else {
            return Err(self.wrong(value, format!("{what} is a table: write key = value")));
        };
        let entries = table.iter().map(|(key, entry)| {
            let name: &str = key.get_ref();
            let entry = value.child(format_args!(".{name}"), entry);
            let Some(known) = known.iter().find(|known| **known == name) else {
                return Err(Error {
                    line: self.line(key.span().start),
                    key: Some(entry.key),
                    message: format!("{what} has no such key: there are {}", known.join(", ")),
                });
            };
            Ok((*known, entry))
        });
        entries.collect()
    }
}
