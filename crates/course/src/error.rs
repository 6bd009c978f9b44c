//! What is wrong with a lesson's file, and where.

use std::error;
use std::fmt;

/// Why a lesson cannot be used. Says what is wrong and what would be right, in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The line of the file, counted from 1; also of a line inside a block of script.
    pub line: u32,
    /// What is wrong, where in the file's structure, and what would be right.
    pub why: String,
}

impl Error {
    pub(crate) fn new(line: u32, why: impl Into<String>) -> Self {
        Self {
            line,
            why: why.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl error::Error for Error {}
