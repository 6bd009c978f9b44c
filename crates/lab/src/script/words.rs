//! Lines as words, and words as lines: quotes, escapes, `key=value`, comments.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;
use core::iter::Peekable;
use core::str::Chars;

/// No word is longer, in bytes: what a world carries stays small.
const LONGEST: usize = 64 << 10;

/// One word: plain, or with a key in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// What stands before `=`, with `-` for `_`.
    pub(crate) key: Option<String>,
    /// The word, or what stands behind `=`.
    pub(crate) bytes: Vec<u8>,
    /// Whether it stood in quotes.
    pub(crate) quoted: bool,
}

impl Word {
    /// The word, where it is plain and stood without quotes: only then it may mean something.
    pub(crate) fn bare(&self) -> Option<&str> {
        if self.key.is_some() || self.quoted {
            return None;
        }
        core::str::from_utf8(&self.bytes).ok()
    }

    /// The word as it is, where it has no key.
    pub(crate) fn plain(&self) -> Option<&[u8]> {
        self.key.is_none().then_some(&self.bytes)
    }

    /// As it is shown in a complaint.
    pub(crate) fn shown(&self) -> String {
        let value = quote_always(&self.bytes[..self.bytes.len().min(80)]);
        match &self.key {
            Some(key) => format!("{key}={value}"),
            None if self.quoted => value,
            None => {
                let text = String::from_utf8_lossy(&self.bytes);
                text.chars().take(80).collect()
            }
        }
    }
}

/// The words of a line, without its comment.
pub(crate) fn split(line: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = line.chars().peekable();
    loop {
        while rest.next_if(|sign| sign.is_whitespace()).is_some() {}
        match rest.peek() {
            None | Some('#') => return Ok(words),
            Some('"') => {
                let bytes = quoted(&mut rest)?;
                words.push(Word {
                    key: None,
                    bytes,
                    quoted: true,
                });
            }
            Some(_) => words.push(bare(&mut rest)?),
        }
        if words.last().is_some_and(|word| word.bytes.len() > LONGEST) {
            return Err(format!("a word has {LONGEST} bytes at most"));
        }
        if let Some(sign) = rest.peek().filter(|sign| !sign.is_whitespace()) {
            return Err(format!("a space must follow a closing quote, not {sign:?}"));
        }
    }
}

fn bare(rest: &mut Peekable<Chars<'_>>) -> Result<Word, String> {
    let mut text = String::new();
    while let Some(sign) = rest.next_if(|sign| !sign.is_whitespace()) {
        if sign == '"' {
            return Err(format!(
                "a quote in the middle of a word, after {text:?}: put all of it in quotes, and write \\\" for a quote inside"
            ));
        }
        if sign == '=' && is_key(&text) {
            let key = Some(text.replace('_', "-"));
            let (bytes, quoted) = if rest.peek() == Some(&'"') {
                (quoted(rest)?, true)
            } else {
                let mut value = String::new();
                while let Some(sign) = rest.next_if(|sign| !sign.is_whitespace()) {
                    if sign == '"' {
                        return Err(format!(
                            "a quote in the middle of {text}=: put all of it in quotes"
                        ));
                    }
                    value.push(sign);
                }
                (value.into_bytes(), false)
            };
            return Ok(Word { key, bytes, quoted });
        }
        text.push(sign);
    }
    Ok(Word {
        key: None,
        bytes: text.into_bytes(),
        quoted: false,
    })
}

/// Whether what stands before `=` is a key, and not part of a topic.
fn is_key(text: &str) -> bool {
    text.starts_with(|sign: char| sign.is_ascii_lowercase())
        && text
            .chars()
            .all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || "-_".contains(sign))
}

fn quoted(rest: &mut Peekable<Chars<'_>>) -> Result<Vec<u8>, String> {
    rest.next();
    let mut bytes = Vec::new();
    loop {
        match rest.next() {
            None => return Err("a quote is not closed: a \" is missing".to_string()),
            Some('"') => return Ok(bytes),
            Some('\\') => match rest.next() {
                Some('n') => bytes.push(b'\n'),
                Some(sign @ ('"' | '\\')) => bytes.push(sign as u8),
                Some('x') => {
                    let mut digit = || rest.next().and_then(|sign| sign.to_digit(16));
                    let (Some(high), Some(low)) = (digit(), digit()) else {
                        return Err("\\x wants two hexadecimal digits, such as \\x1f".to_string());
                    };
                    bytes.push((high * 16 + low) as u8);
                }
                _ => {
                    return Err("after \\ there may be \", \\, n or x with two digits".to_string());
                }
            },
            Some(sign) => bytes.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// A plain word, in quotes where it needs them or looks like one of `meant`.
pub(crate) fn quote(bytes: &[u8], meant: &[&str]) -> String {
    match core::str::from_utf8(bytes) {
        Ok(text) if is_simple(text) && !meant.contains(&text) && !looks_like_key(text) => {
            text.to_string()
        }
        _ => quote_always(bytes),
    }
}

/// What stands behind `key=`, in quotes where it needs them.
pub(crate) fn quote_value(bytes: &[u8]) -> String {
    match core::str::from_utf8(bytes) {
        Ok(text) if is_simple(text) => text.to_string(),
        _ => quote_always(bytes),
    }
}

fn is_simple(text: &str) -> bool {
    let odd = |sign: char| sign.is_whitespace() || sign.is_control() || "\"\\".contains(sign);
    !text.is_empty() && !text.starts_with(['#', '@']) && !text.contains(odd)
}

fn looks_like_key(text: &str) -> bool {
    text.split_once('=').is_some_and(|(key, _)| is_key(key))
}

fn quote_always(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for sign in chunk.valid().chars() {
            match sign {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                // All that a line could break at, or that cannot be seen.
                sign if sign.is_control() || "\u{2028}\u{2029}".contains(sign) => {
                    for byte in sign.encode_utf8(&mut [0; 4]).bytes() {
                        escape(&mut text, byte);
                    }
                }
                sign => text.push(sign),
            }
        }
        chunk
            .invalid()
            .iter()
            .for_each(|byte| escape(&mut text, *byte));
    }
    text.push('"');
    text
}

fn escape(text: &mut String, byte: u8) {
    let written = write!(text, "\\x{byte:02x}");
    debug_assert!(written.is_ok(), "a string takes everything");
}
