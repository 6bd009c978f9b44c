//! Putting a line together.

use alloc::string::String;

use super::value::Value;
use super::words::{quote, quote_value};

/// A line to which words are added.
#[derive(Debug, Default)]
pub(crate) struct Line(String);

impl Line {
    pub(crate) fn of(word: &str) -> Self {
        Self(word.into())
    }

    /// A word that means what it says.
    pub(crate) fn word(&mut self, word: &str) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(word);
        self
    }

    /// A word of the user's, in quotes where it could be taken for something else, such as one of `meant`.
    pub(crate) fn plain(&mut self, bytes: &[u8], meant: &[&str]) -> &mut Self {
        self.word(&quote(bytes, meant))
    }

    /// `key=value`, where the value is written already.
    pub(crate) fn key(&mut self, prefix: &str, key: &str, written: &str) -> &mut Self {
        self.word(prefix);
        self.0.push_str(key);
        self.0.push('=');
        self.0.push_str(written);
        self
    }

    /// `key=value` of any bytes.
    pub(crate) fn bytes(&mut self, key: &str, bytes: &[u8]) -> &mut Self {
        self.key("", key, &quote_value(bytes))
    }

    /// `key=value`, unless it is what holds without.
    pub(crate) fn unless<T: Value + PartialEq>(
        &mut self,
        key: &str,
        value: &T,
        default: &T,
    ) -> &mut Self {
        if value != default {
            self.key("", key, &value.write());
        }
        self
    }

    /// A word, where it holds.
    pub(crate) fn when(&mut self, holds: bool, word: &str) -> &mut Self {
        if holds {
            self.word(word);
        }
        self
    }

    pub(crate) fn finish(&mut self) -> String {
        core::mem::take(&mut self.0)
    }
}
