//! What happens in each lesson, packet by packet, is what it was: `tests/golden` has it as text. With
//! `VITRINE_BLESS=1` the files are written anew, to be looked at in the change.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;

use crate::course;

#[test]
fn every_lesson_plays_as_it_did() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let bless = env::var_os("VITRINE_BLESS").is_some_and(|value| value == "1");
    let mut files = BTreeSet::new();
    let mut differences = Vec::new();
    for (name, lesson) in course() {
        let laid = lesson.lay_out();
        let laid = laid.unwrap_or_else(|error| panic!("{name}.toml:{}: {}", error.line, error.why));
        let ladder = lesson.ladder(&laid, None).unwrap();
        let file = folder.join(format!("{name}.txt"));
        if bless {
            fs::write(&file, &ladder).unwrap();
        }
        let before = fs::read_to_string(&file).unwrap_or_default();
        differences.extend(difference(&before, &ladder).map(|why| format!("{name}.txt:{why}")));
        files.insert(format!("{name}.txt"));
    }
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if !files.contains(&name) && bless {
            fs::remove_file(entry.path()).unwrap();
        } else if !files.contains(&name) {
            differences.push(format!("{name}: there is no such lesson"));
        }
    }
    assert!(
        differences.is_empty(),
        "{}\nWhere that is meant: VITRINE_BLESS=1 cargo test -p vitrine-course",
        differences.join("\n")
    );
}

/// The first line that differs, with what it was and what it is.
fn difference(before: &str, now: &str) -> Option<String> {
    let (mut before, mut now) = (before.lines(), now.lines());
    for line in 1.. {
        match (before.next(), now.next()) {
            (None, None) => return None,
            (a, b) if a == b => {}
            (a, b) => {
                let shown = |line: Option<&str>| line.unwrap_or("(the end)").to_owned();
                return Some(format!("{line}\n  was {}\n  is  {}", shown(a), shown(b)));
            }
        }
    }
    None
}

#[test]
fn the_first_line_that_differs_is_told() {
    assert_eq!(difference("a\nb\n", "a\nb\n"), None);
    assert_eq!(
        difference("a\nb\n", "a\nc\n").unwrap(),
        "2\n  was b\n  is  c"
    );
    assert_eq!(
        difference("a\n", "a\nb\n").unwrap(),
        "2\n  was (the end)\n  is  b"
    );
}
