//! Every word a user reads: the texts of the chosen language, by key.
//!
//! A text may hold places such as `{client}`. A text with a number may hold two forms, divided by
//! ` | `: the first for one, the second for everything else.

pub(crate) mod load;
mod number;
mod why;

use std::collections::BTreeMap;
use std::fmt::Display;

use yew::prelude::*;

/// The languages there are, each with its own name for itself.
pub(crate) const LANGUAGES: [(&str, &str); 3] =
    [("pt", "Português"), ("en", "English"), ("es", "Español")];

/// The texts of one language.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Texts {
    language: String,
    entries: BTreeMap<String, String>,
}

impl Texts {
    pub(crate) fn new(language: &str, entries: BTreeMap<String, String>) -> Self {
        Self {
            language: language.to_owned(),
            entries,
        }
    }

    /// The language's tag: `pt`, `en`, `es`.
    pub(crate) fn language(&self) -> &str {
        &self.language
    }

    /// The text for `key`; the key itself where there is none, which the tests forbid.
    pub(crate) fn get(&self, key: &str) -> String {
        self.find(key).unwrap_or(key).to_owned()
    }

    /// The text for `key`, when there is one.
    pub(crate) fn find(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(String::as_str)
    }

    /// The text for `key` with its places filled.
    pub(crate) fn fill(&self, key: &str, places: &[(&str, &dyn Display)]) -> String {
        let mut out = String::new();
        for piece in pieces(self.find(key).unwrap_or(key)) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Place(name) => match places.iter().find(|(place, _)| *place == name) {
                    Some((_, value)) => out.push_str(&isolated(value.to_string())),
                    None => out.push_str(name),
                },
            }
        }
        out
    }

    /// The form of `key`'s text for `n`, with `{n}` filled.
    pub(crate) fn count(&self, key: &str, n: u64) -> String {
        let text = self.find(key).unwrap_or(key);
        let form = match text.split_once(" | ") {
            Some((one, _)) if n == 1 => one,
            Some((_, more)) => more,
            None => text,
        };
        form.replace("{n}", &self.whole(n))
    }

    /// The text for `key`, with its places filled by pieces of page.
    pub(crate) fn rich(&self, key: &str, place: impl Fn(&str) -> Html) -> Html {
        pieces(self.find(key).unwrap_or(key))
            .map(|piece| match piece {
                Piece::Text(text) => html! { {text.to_owned()} },
                Piece::Place(name) => place(name),
            })
            .collect()
    }
}

/// A value that turns the direction of what stands around it is set apart by the marks that Unicode has for that: a
/// client's name in Arabic, or one that was made to turn our own words round.
fn isolated(value: String) -> String {
    let turns = |sign: char| {
        matches!(sign,
            '\u{0590}'..='\u{08FF}'
            | '\u{200E}' | '\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FB1D}'..='\u{FDFF}'
            | '\u{FE70}'..='\u{FEFF}'
            | '\u{10800}'..='\u{10FFF}'
            | '\u{1E800}'..='\u{1EFFF}')
    };
    if value.contains(turns) {
        // Marks of the same kind within it could end ours.
        let marks = |sign: char| matches!(sign, '\u{2066}'..='\u{2069}');
        format!("\u{2068}{}\u{2069}", value.replace(marks, ""))
    } else {
        value
    }
}

enum Piece<'a> {
    Text(&'a str),
    Place(&'a str),
}

/// Cuts a text at its places.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    text.split('{').enumerate().flat_map(|(index, part)| {
        let (place, text) = match part.split_once('}') {
            Some((place, text)) if index > 0 => (Some(Piece::Place(place)), text),
            _ => (None, part),
        };
        place
            .into_iter()
            .chain((!text.is_empty()).then_some(Piece::Text(text)))
    })
}

/// The texts of the page's language.
#[hook]
pub(crate) fn use_texts() -> std::rc::Rc<Texts> {
    use_context().unwrap_or_default()
}

#[cfg(test)]
mod tests;
