//! What is wrong with a text, and where.

use std::error;
use std::fmt;

/// Why a text cannot be used. Says where and, as far as that can be known, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The line of the text, counted from 1.
    pub line: usize,
    /// The key, such as `access.rules[2].allow`; `None` in a password file.
    pub key: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

impl Error {
    /// The whole, with the name of the file in front: `users:3: …`, a place that editors and terminals open.
    #[must_use]
    pub fn at(&self, file: impl fmt::Display) -> String {
        format!("{file}:{}: {}", self.line, self.what())
    }

    /// The key, where there is one, and what is wrong with it.
    fn what(&self) -> String {
        match &self.key {
            Some(key) => format!("`{key}`: {}", self.message),
            None => self.message.clone(),
        }
    }

    pub(crate) fn new(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            key: None,
            message: message.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what())
    }
}

impl error::Error for Error {}
