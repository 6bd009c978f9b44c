//! What people read, in the course's three languages.

use crate::Error;
use crate::document::{Document, Value};

/// The languages: Portuguese, the course's own, English and Spanish.
pub const LANGUAGES: [&str; 3] = ["pt", "en", "es"];

/// A longer text does not stand beside a ladder on a projector.
const MOST_CHARACTERS: usize = 700;

/// A text in each language. Pieces between `*` stand out; pieces between backticks are code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// In Portuguese, as it is spoken in Brazil.
    pub pt: String,
    /// In English.
    pub en: String,
    /// In Spanish.
    pub es: String,
}

impl Texts {
    /// The text in a language; in Portuguese when the language is none of ours.
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        match language {
            "en" => &self.en,
            "es" => &self.es,
            _ => &self.pt,
        }
    }

    pub(crate) fn read(
        document: &Document<'_>,
        value: &Value<'_>,
        what: &str,
    ) -> Result<Self, Error> {
        let table = document.table(value, what, &LANGUAGES)?;
        let mut texts = Self::default();
        for language in LANGUAGES {
            let value = table.need(
                language,
                &format!("{language} = \"…\" (pt, en and es are all needed)"),
            )?;
            let text = document.text(value, "the text")?.text;
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if text.is_empty() {
                return Err(document.wrong(value, "the text is empty"));
            }
            let characters = text.chars().count();
            if characters > MOST_CHARACTERS {
                let why = format!(
                    "{characters} characters are too many to be read beside a ladder: at most {MOST_CHARACTERS}"
                );
                return Err(document.wrong(value, why));
            }
            for (mark, name) in [('*', "*"), ('`', "`")] {
                if !text.matches(mark).count().is_multiple_of(2) {
                    return Err(document.wrong(
                        value,
                        format!("a {name} has no partner: what it marks begins and ends with it"),
                    ));
                }
            }
            *match language {
                "pt" => &mut texts.pt,
                "en" => &mut texts.en,
                _ => &mut texts.es,
            } = text;
        }
        Ok(texts)
    }
}
