//! The filters of rules, and the names they are for, put into a form that is quick to hold against
//! topics.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use vitrine_packet::topic::{self, TopicError};

use super::Rule;

/// Who does something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Who<'a> {
    /// The user that was authenticated; `None` for an anonymous client.
    pub(crate) user: Option<&'a str>,
    pub(crate) client: &'a str,
}

/// Why a rule's filter is none.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// It is no valid Topic Filter.
    Filter(TopicError),
    /// It begins with `$share/`: rules speak of what stands behind that.
    Share,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter(error) => error.fmt(f),
            Self::Share => {
                f.write_str("rules for shared subscriptions name the filter without `$share/name/`")
            }
        }
    }
}

impl Error for PatternError {}

impl Rule {
    /// Checks the filter.
    ///
    /// # Errors
    /// When it is no Topic Filter, `%u` and `%c` read as some name, or one with `$share/`.
    pub fn check(&self) -> Result<(), PatternError> {
        if topic::parse_share(&self.filter).is_some() {
            return Err(PatternError::Share);
        }
        // As long as what they stand for can be at least.
        let filter = self.filter.replace("%u", "u").replace("%c", "c");
        topic::validate_filter(&filter).map_err(PatternError::Filter)
    }
}

/// A rule's filter.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// Without `%u` and `%c`.
    Plain {
        filter: Rc<str>,
        /// What every topic begins with that it matches: most are told apart by that.
        start: Box<str>,
    },
    /// With some.
    Personal {
        levels: Box<[Level]>,
        start: Box<str>,
    },
    /// Not valid.
    Nothing,
    /// Not valid, in a rule that denies.
    Everything,
}

/// A level of a filter.
#[derive(Clone, Debug)]
pub(crate) enum Level {
    Single,
    Multi,
    Parts(Box<[Part]>),
}

/// A part of a level.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Text(Box<str>),
    User,
    Client,
}

impl Pattern {
    pub(crate) fn new(rule: &Rule) -> Self {
        if rule.check().is_err() {
            return if rule.allow {
                Self::Nothing
            } else {
                Self::Everything
            };
        }
        let start = start(&rule.filter).into();
        if !rule.filter.contains("%u") && !rule.filter.contains("%c") {
            let filter = Rc::clone(&rule.filter);
            return Self::Plain { filter, start };
        }
        let levels = rule.filter.split('/').map(Level::new).collect();
        Self::Personal { levels, start }
    }

    /// Whether it matches a Topic Name. A pattern that begins with a wildcard matches topics that begin
    /// with `$` only where `dollar` says so.
    pub(crate) fn matches(&self, topic: &str, who: Who<'_>, dollar: bool) -> bool {
        match self {
            Self::Plain { start, .. } | Self::Personal { start, .. }
                if !topic.starts_with(&**start) =>
            {
                false
            }
            Self::Plain { filter, .. } => {
                if dollar && topic.starts_with('$') {
                    return covers(filter, topic, true);
                }
                topic::matches(filter, topic)
            }
            Self::Personal { levels, .. } => matches(levels, topic, who, dollar),
            Self::Nothing => false,
            Self::Everything => true,
        }
    }

    /// The filter that it is for somebody; `None` where it is none.
    pub(crate) fn filter_for(&self, who: Who<'_>) -> Option<String> {
        match self {
            Self::Plain { filter, .. } => Some((**filter).into()),
            Self::Personal { levels, .. } => {
                let mut filter = String::new();
                for (number, level) in levels.iter().enumerate() {
                    if number > 0 {
                        filter.push('/');
                    }
                    level.write(who, &mut filter)?;
                }
                Some(filter)
            }
            Self::Nothing => None,
            Self::Everything => Some("#".into()),
        }
    }
}

/// What a filter has before its first wildcard or name.
fn start(filter: &str) -> &str {
    let ends = ["+", "#", "%u", "%c"].map(|end| filter.find(end).unwrap_or(filter.len()));
    let start = &filter[..ends.into_iter().min().unwrap_or_default()];
    // `a/#` matches `a`, too.
    match start.strip_suffix('/') {
        Some(above) if filter[start.len()..].starts_with('#') => above,
        _ => start,
    }
}

impl Level {
    fn new(level: &str) -> Self {
        match level {
            "+" => return Self::Single,
            "#" => return Self::Multi,
            _ => {}
        }
        let mut parts = Vec::new();
        let (mut rest, mut text) = (level, 0);
        while let Some(found) = rest[text..].find('%') {
            let at = text + found;
            let part = match rest.as_bytes().get(at + 1) {
                Some(b'u') => Part::User,
                Some(b'c') => Part::Client,
                _ => {
                    text = at + 1;
                    continue;
                }
            };
            if at > 0 {
                parts.push(Part::Text(rest[..at].into()));
            }
            parts.push(part);
            (rest, text) = (&rest[at + 2..], 0);
        }
        if !rest.is_empty() || parts.is_empty() {
            parts.push(Part::Text(rest.into()));
        }
        Self::Parts(parts.into())
    }

    fn write(&self, who: Who<'_>, filter: &mut String) -> Option<()> {
        match self {
            Self::Single => filter.push('+'),
            Self::Multi => filter.push('#'),
            Self::Parts(parts) => {
                for part in parts {
                    filter.push_str(part.text(who)?);
                }
            }
        }
        Some(())
    }
}

impl Part {
    /// What it stands for; `None` where that could be taken for something else.
    fn text<'a>(&'a self, who: Who<'a>) -> Option<&'a str> {
        let name = match self {
            Self::Text(text) => return Some(text),
            Self::User => who.user?,
            Self::Client => who.client,
        };
        let means_more =
            name.is_empty() || name.starts_with('$') || name.contains(['+', '#', '/', '\0']);
        (!means_more).then_some(name)
    }
}

fn matches(levels: &[Level], topic: &str, who: Who<'_>, dollar: bool) -> bool {
    if !dollar && topic.starts_with('$') && !matches!(levels.first(), Some(Level::Parts(_))) {
        return false;
    }
    let mut names = topic.split('/');
    for level in levels {
        if matches!(level, Level::Multi) {
            // It includes the level above: the rest may be nothing.
            return levels_named(levels, who);
        }
        let Some(name) = names.next() else {
            return false;
        };
        let Level::Parts(parts) = level else {
            continue;
        };
        let mut rest = name;
        for part in parts {
            let text = part.text(who);
            let Some(left) = text.and_then(|text| rest.strip_prefix(text)) else {
                return false;
            };
            rest = left;
        }
        if !rest.is_empty() {
            return false;
        }
    }
    names.next().is_none()
}

/// A text with what `%u` and `%c` in it stand for; `None` where one of them stands for nothing.
pub(crate) fn personal(text: &str, who: Who<'_>) -> Option<String> {
    let mut written = String::new();
    Level::new(text).write(who, &mut written)?;
    Some(written)
}

/// Whether all names stand for something: also those are to that no level was held against.
fn levels_named(levels: &[Level], who: Who<'_>) -> bool {
    levels.iter().all(|level| match level {
        Level::Single | Level::Multi => true,
        Level::Parts(parts) => parts.iter().all(|part| part.text(who).is_some()),
    })
}

/// Whether `wide` matches every topic that `narrow` does; both are Topic Filters. With `dollar` a
/// wildcard at the beginning of `wide` is one for topics that begin with `$`, too.
pub(crate) fn covers(wide: &str, narrow: &str, dollar: bool) -> bool {
    if !dollar && narrow.starts_with('$') && wide.starts_with(['+', '#']) {
        return false;
    }
    // Every topic has a first level.
    let wide = if wide == "+/#" { "#" } else { wide };
    let (mut wides, mut narrows) = (wide.split('/'), narrow.split('/'));
    loop {
        match (wides.next(), narrows.next()) {
            (Some("#"), _) | (None, None) => return true,
            (Some("+"), Some(narrow)) if narrow != "#" => {}
            (Some(wide), Some(narrow)) if wide == narrow => {}
            _ => return false,
        }
    }
}

/// Whether there is a topic that both Topic Filters match. With `dollar` a wildcard at the beginning of
/// `rule` is one for topics that begin with `$`, too.
pub(crate) fn overlaps(rule: &str, filter: &str, dollar: bool) -> bool {
    let is_wild = |filter: &str| filter.starts_with(['+', '#']);
    if !dollar && filter.starts_with('$') && is_wild(rule) {
        return false;
    }
    if rule.starts_with('$') && is_wild(filter) {
        return false;
    }
    let (mut rules, mut filters) = (rule.split('/'), filter.split('/'));
    loop {
        match (rules.next(), filters.next()) {
            (Some("#"), _) | (_, Some("#")) | (None, None) => return true,
            (Some("+"), Some(_)) | (Some(_), Some("+")) => {}
            (Some(rule), Some(filter)) if rule == filter => {}
            _ => return false,
        }
    }
}

/// Whether a name fits a text in which `*` stands for any characters, also none.
pub(crate) fn fits(wanted: &str, name: &str) -> bool {
    let Some((head, mut rest)) = wanted.split_once('*') else {
        return wanted == name;
    };
    let Some(mut name) = name.strip_prefix(head) else {
        return false;
    };
    while let Some((part, after)) = rest.split_once('*') {
        let Some(at) = name.find(part) else {
            return false;
        };
        name = &name[at + part.len()..];
        rest = after;
    }
    name.ends_with(rest)
}

#[cfg(test)]
mod tests;
