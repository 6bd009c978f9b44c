//! Opening: a lesson's file, a link, a recording.

use vitrine_course::{Laid, Lesson};
use vitrine_lab::{Link, Problem, Road, Script};
use vitrine_link::{LabProblem, LabSource};
use vitrine_scope::Reel;

use crate::player::Player;
use crate::replay::Replay;
use crate::roads::Roads;
use crate::scene::Scene;
use crate::show::Show;
use crate::watcher::Watcher;
use crate::worlds::Worlds;

/// A file of a lesson has at most so many bytes.
const LONGEST_LESSON: usize = 256 * 1024;

/// What is wrong, and where.
struct Wrong {
    line: u32,
    why: String,
}

/// Opens it.
pub(crate) fn open(source: &LabSource) -> Result<Box<dyn Show>, LabProblem> {
    let (what, name, opened) = match source {
        LabSource::Lesson { name, text } => ("lesson", name.as_str(), shown(lesson(name, text))),
        LabSource::Link { code, lesson } => ("link", "", shown(link(code, lesson.as_ref()))),
        LabSource::Recording { name, bytes } => {
            ("recording", name.as_str(), shown(recording(name, bytes)))
        }
    };
    opened.map_err(|wrong| LabProblem {
        what: what.into(),
        name: name.into(),
        line: wrong.line,
        why: wrong.why,
    })
}

fn shown<T: Show + 'static>(opened: Result<T, Wrong>) -> Result<Box<dyn Show>, Wrong> {
    opened.map(|opened| Box::new(opened) as Box<dyn Show>)
}

fn recording(name: &str, bytes: &[u8]) -> Result<Replay, Wrong> {
    let reel = Reel::read(bytes).map_err(|error| Wrong {
        line: error.line,
        why: format!("the recording {}", error.why),
    })?;
    Ok(Replay::new(name, reel))
}

/// A world that is written as a script, at its end.
pub(crate) fn script(script: &Script) -> Result<Worlds, LabProblem> {
    let road = Road::of(script, Watcher::new()).map_err(|problem| LabProblem {
        what: "script".into(),
        name: String::new(),
        line: problem.line,
        why: problem.why,
    })?;
    Ok(Worlds::new(Roads::new(Scene { road }), None))
}

fn lesson(name: &str, text: &str) -> Result<Worlds, Wrong> {
    let (lesson, laid) = lay_out(text)?;
    let mut road = Road::of(&laid.script, Watcher::new())?;
    road.go(laid.marks.first().copied().unwrap_or(0));
    let player = Player::new(name, lesson, laid.marks);
    Ok(Worlds::new(Roads::new(Scene { road }), Some(player)))
}

/// What was shared, where it was shared. A lesson that is another one by now is not told beside it.
fn link(code: &str, lesson: Option<&(String, String)>) -> Result<Worlds, Wrong> {
    let link = Link::decode(code)?;
    let roads = link.roads(Watcher::new)?;
    let named = lesson.filter(|(name, _)| link.lesson.as_deref() == Some(name));
    let laid = named.and_then(|(name, text)| Some((name, lay_out(text).ok()?)));
    let laid = laid.filter(|(_, (_, laid))| begins_like(&link, laid));
    let told_until = laid.as_ref().and_then(|(_, (_, laid))| laid.script.end);
    let roads = Roads::shared(&link, roads, told_until);
    let player = laid.map(|(name, (lesson, laid))| Player::new(name, lesson, laid.marks));
    let mut worlds = Worlds::new(roads, player);
    worlds.remember_lesson(link.lesson.as_deref());
    if link.beside {
        worlds.beside(true);
    }
    Ok(worlds)
}

/// Whether the first road of a link is that of a lesson, as far as the lesson goes.
fn begins_like(link: &Link, laid: &Laid) -> bool {
    let (acts, end) = (&laid.script.acts, laid.script.end.unwrap_or(0));
    link.setup == laid.script.setup
        && link
            .roads
            .first()
            .is_some_and(|first| first.end >= end && first.acts.starts_with(acts))
}

fn lay_out(text: &str) -> Result<(Lesson, Laid), Wrong> {
    if text.len() > LONGEST_LESSON {
        return Err(Wrong {
            line: 0,
            why: format!("a lesson has {LONGEST_LESSON} bytes at most"),
        });
    }
    let lesson = Lesson::parse(text)?;
    let laid = lesson.lay_out()?;
    Ok((lesson, laid))
}

impl From<vitrine_course::Error> for Wrong {
    fn from(error: vitrine_course::Error) -> Self {
        Self {
            line: error.line,
            why: error.why,
        }
    }
}

impl From<Problem> for Wrong {
    fn from(problem: Problem) -> Self {
        Self {
            line: problem.line,
            why: problem.why,
        }
    }
}
