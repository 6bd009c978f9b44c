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
        write!(f, "line {}: ", self.line)?;
        if let Some(key) = &self.key {
            write!(f, "`{key}`: ")?;
        }
        f.write_str(&self.message)
    }
}

impl error::Error for Error {}
