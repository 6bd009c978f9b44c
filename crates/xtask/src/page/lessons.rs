//! The list of lessons, which the page reads to show them: `web/lessons/index.json`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};
use vitrine_course::{Entry, Lesson, Texts};

/// The list of the lessons in a folder, in their order. A lesson that is wrong is named, with its line.
pub(super) fn index(folder: &Path) -> Result<Vec<u8>> {
    let mut entries = Vec::new();
    let files =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for file in files {
        let path = file?.path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let entry = Lesson::parse(&text).and_then(|lesson| {
            // Only who has played it to its end knows that it is right.
            lesson.lay_out()?;
            Entry::of(&name, &lesson)
        });
        entries.push(
            entry.map_err(|error| anyhow!("{}:{}: {}", path.display(), error.line, error.why))?,
        );
    }
    entries.sort_by(|a, b| (a.number, &a.name).cmp(&(b.number, &b.name)));
    for pair in entries.windows(2) {
        ensure!(
            pair[0].number != pair[1].number,
            "lessons {} and {} have the same number: give each its own",
            pair[0].name,
            pair[1].name
        );
    }
    let list: Vec<_> = entries.iter().map(row).collect();
    let mut bytes = serde_json::to_vec_pretty(&json!({ "lessons": list }))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn row(entry: &Entry) -> Value {
    let texts = |texts: &Texts| json!({ "pt": texts.pt, "en": texts.en, "es": texts.es });
    json!({
        "number": entry.number,
        "name": entry.name,
        "title": texts(&entry.title),
        "summary": texts(&entry.summary),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;

    #[test]
    fn every_lesson_of_the_course_is_in_the_list() {
        let folder = project::root().join("web/lessons");
        let list: Value = serde_json::from_slice(&index(&folder).unwrap()).unwrap();
        let list = list["lessons"].as_array().unwrap();
        assert!(list.len() > 15, "{} lessons", list.len());
        for (at, entry) in list.iter().enumerate() {
            assert_eq!(
                entry["number"], at,
                "the first is the world without a lesson"
            );
            assert!(
                folder
                    .join(format!("{}.toml", entry["name"].as_str().unwrap()))
                    .is_file()
            );
            for language in ["pt", "en", "es"] {
                assert!(!entry["title"][language].as_str().unwrap().is_empty());
                assert!(!entry["summary"][language].as_str().unwrap().is_empty());
            }
        }
    }

    #[test]
    fn a_lesson_that_is_wrong_is_named_with_its_line() {
        let folder = std::env::temp_dir().join(format!("vitrine-lessons-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("01-wrong.toml"), "# a comment\ncolour = 1\n").unwrap();
        let error = index(&folder).unwrap_err().to_string();
        assert!(
            error.contains("01-wrong.toml:2: ") && error.contains("colour"),
            "{error}"
        );
        fs::remove_dir_all(folder).unwrap();
    }
}
