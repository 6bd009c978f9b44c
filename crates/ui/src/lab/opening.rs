//! Keeps the lab what the page's state says, and the state where the lab stands.

use std::cell::RefCell;
use std::rc::Rc;

use vitrine_link::{Depth, FlowFilter, LabCommand, LabFrame, LabSource};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::lessons;
use crate::app::StateHandle;
use crate::bridge::{Lab, Latest, Send, Tell};
use crate::state::{Action, LabAt, Opened, memory};
use crate::text::{Texts, use_texts};

/// After what was done by hand the address waits this long for its code, in milliseconds.
const SETTLED: i32 = 500;

thread_local! {
    /// The file that was opened last: it is opened again when the lab's worker begins anew.
    static FILE: RefCell<Option<(String, Vec<u8>)>> = const { RefCell::new(None) };
}

/// Opens a recording, by its file's name and what is in it.
pub(crate) fn open_recording(state: &StateHandle, name: String, bytes: Vec<u8>) {
    FILE.with(|file| *file.borrow_mut() = Some((name.clone(), bytes)));
    state.dispatch(Action::OpenLab(Opened::Recording(name)));
}

/// What was asked for: which visit to the lab, and how often it began anew.
type Asked = Option<(u32, u32)>;

/// Opens and leaves the lab as the state says, and follows its position.
#[hook]
pub(crate) fn use_lab(state: &StateHandle, latest: &Latest, send: &Send, tell: &Tell) {
    let texts = use_texts();
    let door = Lab::new(send.clone());
    use_opening(state, &texts, &door, tell);
    use_following(state, latest, &door);

    // Texts are the worker's: it must know the language.
    {
        let door = door.clone();
        let open = latest.lab.is_some();
        use_effect_with(
            (texts.language().to_owned(), open),
            move |(language, open)| {
                if *open {
                    door.ask(LabCommand::Language(language.clone()));
                }
            },
        );
    }

    // What could not be opened is not open.
    let state = state.clone();
    use_effect_with(latest.lab_problem.clone(), move |problem| {
        if let Some(problem) = &**problem
            && matches!(problem.what.as_str(), "lesson" | "link" | "recording")
        {
            state.dispatch(Action::LeaveLab);
        }
    });
}

#[hook]
fn use_opening(state: &StateHandle, texts: &Rc<Texts>, door: &Lab, tell: &Tell) {
    let asked = use_mut_ref(|| None::<(u32, u32)>);
    let wish: Asked = state.lab.as_ref().map(|lab| (lab.visit, lab.again));
    {
        let (state, texts, door, tell) = (state.clone(), texts.clone(), door.clone(), tell.clone());
        use_effect_with(wish, move |wish| {
            let wish = *wish;
            if *asked.borrow() == wish {
                return;
            }
            let before = asked.replace(wish);
            let Some(lab) = state.lab.clone() else {
                if before.is_some() {
                    door.ask(LabCommand::Leave);
                    state.dispatch(Action::Depth(memory::habits().depth));
                }
                return;
            };
            spawn_local(async move {
                let source = source(&lab).await;
                // Something else was opened in the meantime.
                if *asked.borrow() != wish {
                    return;
                }
                let Some(source) = source else {
                    let name = lab.what.lesson().unwrap_or_default();
                    tell.0
                        .emit(texts.fill("lab.problem.no-lesson", &[("name", &name)]));
                    state.dispatch(Action::LeaveLab);
                    return;
                };
                tell.0.emit(String::new());
                door.ask(LabCommand::Language(texts.language().to_owned()));
                door.ask(LabCommand::Open(source));
                if let Some(road) = lab.road {
                    door.ask(LabCommand::Road(road));
                }
                if let Some(moment) = lab.moment {
                    door.ask(LabCommand::Go { moment });
                }
            });
        });
    }
    let go = state.lab.as_ref().and_then(|lab| lab.go);
    let door = door.clone();
    use_effect_with(go, move |go| {
        if let Some(moment) = *go {
            door.ask(LabCommand::Go { moment });
        }
    });
}

/// What is to be opened; `None` when the lesson's file cannot be had.
async fn source(lab: &LabAt) -> Option<LabSource> {
    match (&lab.told, &lab.what) {
        // It begins anew: what was done by hand is in the code.
        (Some(code), what) => Some(link(code, what.lesson()).await),
        (None, Opened::Link { code, lesson }) => Some(link(code, lesson.as_deref()).await),
        (None, Opened::Lesson(name)) => {
            let text = lessons::file(name).await.ok()?;
            Some(LabSource::Lesson {
                name: name.clone(),
                text,
            })
        }
        (None, Opened::Recording(_)) => FILE
            .with(|file| file.borrow().clone())
            .map(|(name, bytes)| LabSource::Recording { name, bytes }),
    }
}

async fn link(code: &str, lesson: Option<&str>) -> LabSource {
    let lesson = match lesson {
        Some(name) => lessons::file(name)
            .await
            .ok()
            .map(|text| (name.to_owned(), text)),
        None => None,
    };
    LabSource::Link {
        code: code.to_owned(),
        lesson,
    }
}

/// Whether somebody did something by hand, so that a lesson's name and a position do not tell everything.
fn acted(lab: &LabFrame, what: &Opened) -> bool {
    lab.kind != "recording"
        && (lab.can_undo || lab.roads.len() > 1 || matches!(what, Opened::Link { .. }))
}

#[hook]
fn use_following(state: &StateHandle, latest: &Latest, door: &Lab) {
    let lab = latest.lab.clone();
    // What is still on screen of what was open before says nothing of what is open now.
    let shown = latest.bench.shown;
    {
        let (state, door) = (state.clone(), door.clone());
        let visit = state.lab.as_ref().map(|lab| lab.visit);
        // Who leaves asks for nothing more.
        use_effect_with((lab.clone(), shown, visit), move |(lab, shown, _)| {
            let mut timer = None;
            if let (Some(frame), Some(at)) = (&**lab, &state.lab)
                && *shown
                && frame.speed == 0.0
            {
                state.dispatch(Action::LabAt(frame.moment));
                if acted(frame, &at.what) {
                    timer = after(SETTLED, move || door.ask(LabCommand::Share));
                } else {
                    state.dispatch(Action::LabCode(String::new()));
                }
            }
            move || drop(timer)
        });
    }
    {
        let (state, lab) = (state.clone(), lab.clone());
        use_effect_with(latest.shared.clone(), move |code| {
            if let (Some(code), Some(frame), Some(at)) = (&**code, &*lab, &state.lab)
                && shown
                && acted(frame, &at.what)
            {
                state.dispatch(Action::LabCode(code.clone()));
            }
        });
    }
    // The depth is the lesson's, and whether pings and the topics are shown, once: then it is the user's again.
    let chosen = use_mut_ref(|| 0_u32);
    let visit = state.lab.as_ref().map_or(0, |lab| lab.visit);
    let deep = state.lab.as_ref().is_some_and(|lab| lab.deep);
    let wanted = lab
        .as_ref()
        .and_then(|lab| lab.lesson.as_ref())
        .map(|lesson| {
            let (name, depth) = (lesson.name.clone(), lesson.depth.clone());
            (name, depth, lesson.pings, lesson.topics)
        });
    let named = state
        .lab
        .as_ref()
        .and_then(|lab| lab.what.lesson().map(str::to_owned));
    let state = state.clone();
    use_effect_with((wanted, visit), move |(wanted, visit)| {
        if let Some((name, depth, pings, topics)) = wanted
            && Some(name) == named.as_ref()
            && *chosen.borrow() != *visit
        {
            *chosen.borrow_mut() = *visit;
            state.dispatch(Action::Filter(FlowFilter {
                hide_pings: !pings,
                ..state.filter.clone()
            }));
            state.dispatch(Action::LessonTopics(*topics));
            if !deep {
                state.dispatch(Action::Depth(match depth.as_str() {
                    "story" => Depth::Story,
                    "bytes" => Depth::Bytes,
                    _ => Depth::Handshake,
                }));
            }
        }
    });
}

/// Runs once after so many milliseconds, unless it is dropped before.
struct Timer(
    i32,
    #[allow(dead_code, reason = "kept alive")] Closure<dyn FnMut()>,
);

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            window.clear_timeout_with_handle(self.0);
        }
    }
}

fn after(milliseconds: i32, run: impl FnOnce() + 'static) -> Option<Timer> {
    let mut run = Some(run);
    let closure = Closure::<dyn FnMut()>::new(move || {
        if let Some(run) = run.take() {
            run();
        }
    });
    let handle = web_sys::window()?
        .set_timeout_with_callback_and_timeout_and_arguments_0(
            closure.as_ref().unchecked_ref(),
            milliseconds,
        )
        .ok()?;
    Some(Timer(handle, closure))
}
