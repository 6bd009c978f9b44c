//! The course's lessons, from their files.

use std::fs;
use std::path::Path;
use std::time::Duration;

use vitrine_link::LabCommand::{
    Act, Answer, Back, Beside, Go, Language, Next, Previous, Run, Step,
};
use vitrine_link::{LabProblem, LabSource, LessonFrame};
use vitrine_stage::Lab;

use crate::common::*;

/// All lessons, by the names of their files.
pub(crate) fn all() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/lessons");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "toml"));
    let mut all: Vec<_> = files
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    all.sort();
    assert!(all.len() >= 15);
    all
}

pub(crate) fn open(name: &str, text: &str) -> Page {
    let source = LabSource::Lesson {
        name: name.into(),
        text: text.into(),
    };
    Page::with(Lab::open(&source).unwrap())
}

/// A lesson whose text asks something.
pub(crate) fn lost_acknowledgement() -> Page {
    let (name, text) = file("06");
    open(&name, &text)
}

/// The lesson whose file's name begins so.
pub(crate) fn file(begin: &str) -> (String, String) {
    let found = all().into_iter().find(|(name, _)| name.starts_with(begin));
    found.unwrap()
}

fn lesson(page: &Page) -> &LessonFrame {
    page.lab_frame().lesson.as_ref().unwrap()
}

/// From the first to the last text, by Next and by Step, forth and back; in every language there is something to read.
#[test]
fn every_lesson_is_played_from_first_to_last_text() {
    for (name, text) in all() {
        let mut page = open(&name, &text);
        assert_eq!(page.lab_frame().kind, "lesson");
        let begin = page.moment();
        assert_eq!(lesson(&page).step, 0, "{name}");
        let mut frames = vec![page.sight()];
        while !lesson(&page).free {
            page.does(Next);
            assert_eq!(lesson(&page).step as usize, frames.len(), "{name}");
            frames.push(page.sight());
        }
        let steps = lesson(&page).steps as usize;
        assert_eq!(frames.len(), steps, "{name}");
        let end = page.moment();
        assert_eq!(end, page.lab_frame().end);
        for language in ["pt", "en", "es"] {
            page.does(Language(language.into()));
            assert!(!lesson(&page).text.is_empty() && !page.lab_frame().title.is_empty());
        }
        page.does(Language("pt".into()));
        for step in (0..steps - 1).rev() {
            page.does(Previous);
            assert_eq!(lesson(&page).step as usize, step, "{name}");
        }
        assert_eq!(page.moment(), begin);
        let mut seen = 0;
        while page.moment() < end {
            page.does(Step);
            seen = seen.max(lesson(&page).step);
        }
        assert_eq!(seen as usize, steps - 1, "{name}");
    }
}

/// The frame of every step of every lesson is the same going forth and going back.
#[test]
fn every_step_of_every_lesson_is_the_same_both_ways() {
    for (name, text) in all() {
        let mut page = open(&name, &text);
        let end = page.lab_frame().end;
        // All that is told once one went on is told.
        page.does(Go { moment: end });
        page.does(Go { moment: 0 });
        let mut frames = vec![page.sight()];
        while page.moment() < end {
            page.does(Step);
            frames.push(page.sight());
        }
        for frame in frames.iter().rev().skip(1) {
            page.does(Back);
            same(&page.sight(), frame, &name);
        }
    }
}

/// A question keeps its answer until one has answered, or has gone on.
#[test]
fn the_right_answer_is_told_when_one_has_answered() {
    let mut page = lost_acknowledgement();
    page.does(Next);
    page.does(Next);
    let question = lesson(&page).question.clone().unwrap();
    assert_eq!(
        (question.answered, question.right, question.because.as_str()),
        (None, None, "")
    );
    assert!(page.refused(Answer(9)).why.contains("no answer 9"));
    page.does(Answer(0));
    let question = lesson(&page).question.clone().unwrap();
    assert_eq!((question.answered, question.right), (Some(0), Some(2)));
    assert!(!question.because.is_empty());
    page.does(Answer(2));
    assert_eq!(lesson(&page).question.clone().unwrap().answered, Some(0));
    let mut page = lost_acknowledgement();
    for command in [Next, Next, Next, Previous] {
        page.does(command);
    }
    let question = lesson(&page).question.clone().unwrap();
    assert_eq!((question.answered, question.right), (None, Some(2)));
}

/// Time that goes on by itself waits at a question.
#[test]
fn it_stops_at_a_question() {
    let mut page = lost_acknowledgement();
    page.does(Run { speed: 100.0 });
    page.pass(Duration::from_secs(30));
    assert!(page.lab_frame().speed.abs() < f64::EPSILON);
    let question = lesson(&page).question.clone().unwrap();
    assert_eq!(question.right, None);
    let here = page.moment();
    page.does(Answer(2));
    page.does(Run { speed: 100.0 });
    page.pass(Duration::from_secs(1));
    assert!(page.moment() > here);
}

/// Who acts within a lesson leaves it, and reads nothing of what would have happened.
#[test]
fn who_acts_goes_astray_and_comes_back() {
    let mut page = lost_acknowledgement();
    page.does(Next);
    page.act("painel cut");
    let frame = lesson(&page).clone();
    assert!(frame.astray && frame.text.is_empty() && frame.question.is_none());
    assert_eq!(frame.step, 1);
    page.does(Step);
    assert!(lesson(&page).astray);
    page.does(Previous);
    assert!(!lesson(&page).astray && !lesson(&page).text.is_empty());
    assert_eq!(page.lab_frame().road, 2);
}

/// At the end one goes on as one likes.
#[test]
fn the_end_is_free() {
    let mut page = lost_acknowledgement();
    while !lesson(&page).free {
        page.does(Next);
    }
    page.act("painel cut");
    assert!(lesson(&page).free && !lesson(&page).astray);
    assert_eq!(page.lab_frame().roads.len(), 1);
    page.does(Next);
    assert!(!lesson(&page).text.is_empty());
}

/// Lessons that say so can be shown at all three QoS, from first to last text.
#[test]
fn lessons_are_compared() {
    let mut compared = 0;
    for (name, text) in all() {
        let mut page = open(&name, &text);
        if !page.lab_frame().can_compare {
            continue;
        }
        compared += 1;
        page.does(Beside(true));
        while !lesson(&page).free {
            page.does(Next);
            let frame = page.lab_frame();
            assert_eq!(
                (frame.others.len(), frame.beside.is_some()),
                (2, true),
                "{name}"
            );
        }
    }
    assert!(compared >= 3);
}

/// A file that is wrong is not opened, and the line is told.
#[test]
fn a_bad_file_is_told_by_line_and_reason() {
    let (name, text) = file("01");
    let source = |text: &str| LabSource::Lesson {
        name: name.clone(),
        text: text.into(),
    };
    let refused = |text: &str| Lab::open(&source(text)).err().unwrap();
    let LabProblem {
        what, line, why, ..
    } = refused(&text.replace("connect", "conect"));
    assert_eq!(what, "lesson");
    assert!(line > 1 && why.contains("connect"), "{line}: {why}");
    assert!(refused("title = 7").line == 1);
    assert!(refused(&"#".repeat(300_000)).why.contains("bytes at most"));
}

/// Without a lesson nobody answers.
#[test]
fn without_a_lesson_there_are_no_questions() {
    let mut page = Page::of(WORLD);
    assert!(page.lab_frame().lesson.is_none());
    assert_eq!(page.lab_frame().kind, "world");
    assert!(page.refused(Answer(0)).why.contains("no lesson"));
    assert!(page.refused(Act("painel".into())).why.contains("what"));
}
