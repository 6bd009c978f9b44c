//! Tests of the course: the format of its files, and every lesson that there is.

mod golden;
mod lessons;
mod wrong;

use std::fs;
use std::path::{Path, PathBuf};

use vitrine_course::Lesson;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The lessons of the course, by the names of their files, in their order.
fn course() -> Vec<(String, Lesson)> {
    let folder = root().join("web/lessons");
    let mut lessons = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let lesson = Lesson::parse(&text);
        let lesson =
            lesson.unwrap_or_else(|error| panic!("{name}.toml:{}: {}", error.line, error.why));
        lessons.push((name, lesson));
    }
    lessons.sort_by(|a, b| a.0.cmp(&b.0));
    lessons
}
