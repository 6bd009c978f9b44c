//! Values and faults in words.

use vitrine_link::{FieldValue, Problem};

use crate::part::payload_words;
use crate::text::Texts;

/// What is wrong with the bytes, in a sentence.
pub(crate) fn problem_words(texts: &Texts, problem: &Problem) -> String {
    let code = &problem.code;
    for key in [format!("problem.{code}"), format!("problem.filter.{code}")] {
        if let Some(words) = texts.find(&key) {
            return words.to_owned();
        }
    }
    texts.fill("problem.other", &[("code", code)])
}

/// A field's value as the field list shows it.
pub(super) fn value(texts: &Texts, value: &FieldValue) -> String {
    match value {
        FieldValue::Group => String::new(),
        FieldValue::Number(number) => texts.whole(*number),
        FieldValue::Flag(on) => if *on { "1" } else { "0" }.to_owned(),
        FieldValue::Text(text) if text.is_empty() => texts.get("packet.empty-text"),
        FieldValue::Text(text) => text.clone(),
        FieldValue::Binary(payload) => payload_words(texts, payload),
        FieldValue::Named { value, name } => format!("{value} · {name}"),
    }
}

/// The key under which a field's meaning stands: its name in small letters.
pub(super) fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}
