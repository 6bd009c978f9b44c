//! A line of the file: one JSON object, written piece by piece.

use alloc::string::{String, ToString};
use core::fmt::Write;

/// The object so far.
pub(crate) struct Line {
    text: String,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self { text: "{".into() }
    }

    pub(crate) fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }

    pub(crate) fn number(&mut self, key: &str, number: impl Into<u64>) -> &mut Self {
        let number = number.into().to_string();
        self.raw(key, &number)
    }

    pub(crate) fn signed(&mut self, key: &str, number: i64) -> &mut Self {
        self.raw(key, &number.to_string())
    }

    pub(crate) fn flag(&mut self, key: &str, flag: bool) -> &mut Self {
        self.raw(key, if flag { "true" } else { "false" })
    }

    pub(crate) fn text(&mut self, key: &str, text: &str) -> &mut Self {
        self.key(key);
        write_text(text, &mut self.text);
        self
    }

    /// Nothing, where there is none.
    pub(crate) fn maybe_text(&mut self, key: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(key, text),
            None => self,
        }
    }

    pub(crate) fn maybe_number(&mut self, key: &str, number: Option<impl Into<u64>>) -> &mut Self {
        match number {
            Some(number) => self.number(key, number),
            None => self,
        }
    }

    pub(crate) fn bytes(&mut self, key: &str, bytes: &[u8]) -> &mut Self {
        self.raw(key, &alloc::format!("\"{}\"", crate::hex::write(bytes)))
    }

    /// Something that is JSON already.
    pub(crate) fn raw(&mut self, key: &str, json: &str) -> &mut Self {
        self.key(key);
        self.text.push_str(json);
        self
    }

    fn key(&mut self, key: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        let _ = write!(self.text, "\"{key}\":");
    }
}

/// A list of what is JSON already.
pub(crate) fn list(items: impl Iterator<Item = String>) -> String {
    let mut text = String::from("[");
    for item in items {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&item);
    }
    text.push(']');
    text
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            // Some programs take these for ends of lines.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
