//! Why text is no Topic Name or Topic Filter.

use core::error::Error;
use core::fmt;

use crate::ProtocolVersion;

/// Why text is no Topic Name, or no Topic Filter, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicError {
    /// What is wrong.
    pub kind: TopicErrorKind,
    /// Where, in characters from 0.
    pub at_char: usize,
    /// Where, in bytes from 0.
    pub at_byte: usize,
    /// The statement of the standard that it breaks, such as `MQTT-4.7.1-1`.
    pub statement: &'static str,
}

/// What is wrong with a Topic Name or Topic Filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TopicErrorKind {
    /// No character at all.
    Empty,
    /// More than 65,535 bytes.
    TooLong,
    /// U+0000 in it.
    Nul,
    /// `#` with something after it.
    HashNotLast,
    /// `#` in one level with other characters.
    HashNotAlone,
    /// `+` in one level with other characters.
    PlusNotAlone,
    /// `+` or `#` in a Topic Name.
    WildcardInTopicName,
    /// `$share/` with an empty share name, or with a wildcard in it.
    ShareName,
    /// `$share/name` without a filter after it.
    ShareFilter,
}

impl TopicErrorKind {
    /// A stable key in kebab case, such as `hash-not-last`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too-long",
            Self::Nul => "nul",
            Self::HashNotLast => "hash-not-last",
            Self::HashNotAlone => "hash-not-alone",
            Self::PlusNotAlone => "plus-not-alone",
            Self::WildcardInTopicName => "wildcard-in-topic",
            Self::ShareName => "share-name",
            Self::ShareFilter => "share-filter",
        }
    }

    /// What it is, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Empty => "it is empty",
            Self::TooLong => "it has more than 65,535 bytes",
            Self::Nul => "the null character must not be in it",
            Self::HashNotLast => "`#` must be the last level",
            Self::HashNotAlone => "`#` must be a level by itself",
            Self::PlusNotAlone => "`+` must be a level by itself",
            Self::WildcardInTopicName => "`+` and `#` may be in a Topic Filter only",
            Self::ShareName => "after `$share/` comes a name, without wildcards",
            Self::ShareFilter => "after `$share/name/` comes a filter",
        }
    }

    /// The statement of the standard that it breaks.
    pub const fn statement(self, version: ProtocolVersion) -> &'static str {
        let v5 = version.has_properties();
        match self {
            Self::Empty => "MQTT-4.7.3-1",
            Self::Nul => "MQTT-4.7.3-2",
            Self::TooLong => "MQTT-4.7.3-3",
            // 5.0 numbers the statements on wildcards anew.
            Self::HashNotLast | Self::HashNotAlone if v5 => "MQTT-4.7.1-1",
            Self::HashNotLast | Self::HashNotAlone => "MQTT-4.7.1-2",
            Self::PlusNotAlone if v5 => "MQTT-4.7.1-2",
            Self::PlusNotAlone => "MQTT-4.7.1-3",
            Self::WildcardInTopicName if v5 => "MQTT-4.7.0-1",
            Self::WildcardInTopicName => "MQTT-4.7.1-1",
            Self::ShareName => "MQTT-4.8.2-1",
            Self::ShareFilter => "MQTT-4.8.2-2",
        }
    }
}

/// With the place in characters from 1, as people count.
impl fmt::Display for TopicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (words, at, statement) = (self.kind.words(), self.at_char + 1, self.statement);
        if matches!(self.kind, TopicErrorKind::Empty | TopicErrorKind::TooLong) {
            return write!(f, "{words} [{statement}]");
        }
        write!(f, "{words} (character {at}) [{statement}]")
    }
}

impl Error for TopicError {}
