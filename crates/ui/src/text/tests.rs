//! The texts as data: every language says everything, and no word hides in the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{LANGUAGES, Piece, Texts, pieces};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn entries(language: &str) -> BTreeMap<String, String> {
    let path = root().join(format!("web/locales/{language}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// The texts of a language, as they are shipped.
pub(super) fn of(language: &str) -> Texts {
    Texts::new(language, entries(language))
}

fn places(text: &str) -> BTreeSet<&str> {
    pieces(text)
        .filter_map(|piece| match piece {
            Piece::Place(name) => Some(name),
            Piece::Text(_) => None,
        })
        .collect()
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("tests.rs")
            {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

#[test]
fn every_language_has_the_same_keys_and_places() {
    let english = entries("en");
    for (language, _) in LANGUAGES {
        let texts = entries(language);
        let missing: Vec<_> = english
            .keys()
            .filter(|key| !texts.contains_key(*key))
            .collect();
        let surplus: Vec<_> = texts
            .keys()
            .filter(|key| !english.contains_key(*key))
            .collect();
        assert!(missing.is_empty(), "{language} lacks {missing:?}");
        assert!(surplus.is_empty(), "{language} alone has {surplus:?}");
        for (key, text) in &texts {
            assert_eq!(places(text), places(&english[key]), "{language}: {key}");
            assert!(!text.trim().is_empty(), "{language}: {key} is empty");
            assert_eq!(
                text.contains(" | "),
                english[key].contains(" | "),
                "{language}: {key} has not the forms that English has"
            );
        }
    }
}

/// A key in the code is a string with a point, in the place of a key.
#[test]
fn every_key_in_the_code_has_a_text() {
    let texts = entries("en");
    let mut seen = 0;
    for (path, source) in sources() {
        for call in ["get(\"", "fill(\"", "count(\"", "rich(\"", "fill(\n"] {
            for (at, _) in source.match_indices(&format!(".{call}")) {
                let rest = source[at + 1 + call.len()..]
                    .trim_start()
                    .trim_start_matches('"');
                let Some((key, _)) = rest.split_once('"') else {
                    continue;
                };
                // Other `get`s take no key with a point.
                if key.contains('.') && !key.contains(|c: char| c.is_whitespace() || c == '{') {
                    seen += 1;
                    assert!(texts.contains_key(key), "{path:?}: no text for {key:?}");
                }
            }
        }
    }
    assert!(
        seen > 50,
        "found only {seen} keys: has the way to call changed?"
    );
}

/// Text nodes and the attributes that are read out come from the locales.
#[test]
fn no_word_for_a_user_is_in_the_code() {
    for (path, source) in sources() {
        for (number, line) in source.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            let at = format!("{path:?}:{}: {line}", number + 1);
            for opening in [
                "{ \"",
                "{\"",
                "aria-label=\"",
                "title=\"",
                "placeholder=\"",
                "alt=\"",
                "aria-description=\"",
            ] {
                for (start, _) in line.match_indices(opening) {
                    let literal = line[start + opening.len()..]
                        .split('"')
                        .next()
                        .unwrap_or("");
                    let words = literal.chars().filter(|c| c.is_alphabetic()).count();
                    // A text node follows a tag or a brace; behind `else` or a condition it is code.
                    let before = line[..start].trim_end().chars().next_back();
                    let code = opening.starts_with('{') && !matches!(before, Some('>' | '{' | '}'));
                    assert!(code || words < 2, "a word in the code: {at}");
                }
            }
        }
    }
}

#[test]
fn no_name_turns_our_words_round() {
    let text = [("a".to_string(), "{client} publica".to_string())];
    let texts = Texts::new("pt", text.into());
    let filled = |client: &str| texts.fill("a", &[("client", &client)]);
    assert_eq!(filled("painel"), "painel publica");
    assert_eq!(filled("x\u{202E}y"), "\u{2068}x\u{202E}y\u{2069} publica");
    assert_eq!(filled("x\u{2069}\u{202E}y"), filled("x\u{202E}y"));
    assert_eq!(filled("حرارة"), "\u{2068}حرارة\u{2069} publica");
}

#[test]
fn places_are_filled() {
    let texts = Texts::new(
        "en",
        BTreeMap::from([
            ("hello".to_owned(), "{who} says {what}.".to_owned()),
            ("new".to_owned(), "one new | {n} new".to_owned()),
        ]),
    );
    assert_eq!(
        texts.fill("hello", &[("who", &"a{b}"), ("what", &7)]),
        "a{b} says 7."
    );
    assert_eq!(texts.count("new", 1), "one new");
    assert_eq!(texts.count("new", 0), "0 new");
    assert_eq!(texts.count("new", 12_345), "12 345 new");
    assert_eq!(texts.get("nothing"), "nothing");
}

#[test]
fn numbers_are_written_as_the_language_does() {
    for (language, decimal, thousands) in [
        ("pt", "0,5/s", "12.345"),
        ("es", "0,5/s", "12.345"),
        ("en", "0.5/s", "12,345"),
    ] {
        let texts = Texts::new(language, entries(language));
        assert_eq!(texts.rate(0.5), decimal);
        assert_eq!(texts.whole(12_345), thousands);
        assert_eq!(texts.whole(5000), "5000");
        assert_eq!(texts.rate(0.0), "");
    }
}
