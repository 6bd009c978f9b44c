//! Keeps the lab what the page's state says, and the state where the lab stands.

use std::cell::RefCell;
use std::rc::Rc;

use vitrine_link::{Depth, FlowFilter, LabCommand, LabFrame, LabSource, Mark};
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

/// While time goes on by itself what it brought is put into the code this often, in milliseconds.
const GOES_ON: f64 = 2000.0;

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

/// What the page has seen of the lab.
#[derive(Debug, Default)]
struct Seen {
    /// What the lab's worker was told to open last. Until it is told, what is on screen is what was open before, and says
    /// nothing of what is opened.
    open: Asked,
    /// The position that was on screen last, and the time. The address knows of it only once time stands.
    at: Option<(u64, f64)>,
}

/// Where what is opened is to stand.
#[derive(Debug, PartialEq)]
struct Begin {
    moment: Option<u64>,
    /// The time that was on screen. What is told of what was done by hand may end before it, and what is a lesson's ends
    /// with the lesson: the rest is time that passed.
    time: Option<f64>,
}

impl Seen {
    /// This is going to be opened, and the address says this position. Gives where it is to stand: what only begins anew
    /// stands where it was on screen.
    fn begins(&mut self, visit: u32, addressed: Option<u64>) -> Begin {
        if self.open.is_none_or(|(before, _)| before != visit) {
            self.at = None;
        }
        Begin {
            moment: self.at.map(|(moment, _)| moment).or(addressed),
            time: self.at.map(|(_, time)| time),
        }
    }
}

/// Opens and leaves the lab as the state says, and follows its position.
#[hook]
pub(crate) fn use_lab(state: &StateHandle, latest: &Latest, send: &Send, tell: &Tell) {
    let texts = use_texts();
    let door = Lab::new(send.clone());
    let seen = use_mut_ref(Seen::default);
    use_opening(state, &texts, &door, tell, &seen);
    use_following(state, latest, &door, &seen);

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
fn use_opening(
    state: &StateHandle,
    texts: &Rc<Texts>,
    door: &Lab,
    tell: &Tell,
    seen: &Rc<RefCell<Seen>>,
) {
    let asked = use_mut_ref(|| None::<(u32, u32)>);
    let wish = wish(state);
    {
        let (state, texts, door, tell) = (state.clone(), texts.clone(), door.clone(), tell.clone());
        let seen = seen.clone();
        use_effect_with(wish, move |wish| {
            let wish = *wish;
            if *asked.borrow() == wish {
                return;
            }
            let before = asked.replace(wish);
            let Some(lab) = state.lab.clone() else {
                seen.replace(Seen::default());
                if before.is_some() {
                    door.ask(LabCommand::Leave);
                    state.dispatch(Action::Depth(memory::habits().depth));
                }
                return;
            };
            let begin = seen.borrow_mut().begins(lab.visit, lab.moment);
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
                seen.borrow_mut().open = wish;
                if let Some(road) = lab.road {
                    door.ask(LabCommand::Road(road));
                }
                if let Some(moment) = begin.moment {
                    door.ask(LabCommand::Go { moment });
                }
                if let Some(time) = begin.time {
                    door.ask(LabCommand::Until { time });
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

/// What the state asks for.
fn wish(state: &StateHandle) -> Asked {
    state.lab.as_ref().map(|lab| (lab.visit, lab.again))
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

/// What the code is to be asked for anew for while time goes on by itself: what was done by hand, on which roads, and
/// every now and then what came of it.
#[derive(Clone, Debug, PartialEq)]
struct Going {
    road: u32,
    roads: Vec<u32>,
    marks: Vec<Mark>,
    can_undo: bool,
    beside: Option<u8>,
    so_far: u64,
}

impl Going {
    /// `None` while time stands, or nothing was done by hand.
    fn of(frame: &LabFrame, what: &Opened) -> Option<Self> {
        (frame.speed > 0.0 && acted(frame, what)).then(|| Self {
            road: frame.road,
            roads: frame.roads.iter().map(|road| road.id).collect(),
            marks: frame.marks.clone(),
            can_undo: frame.can_undo,
            beside: frame.beside,
            so_far: (frame.time / (GOES_ON * frame.speed)) as u64,
        })
    }
}

#[hook]
fn use_following(state: &StateHandle, latest: &Latest, door: &Lab, seen: &Rc<RefCell<Seen>>) {
    let lab = latest.lab.clone();
    let wish = wish(state);
    // What is still on screen of what was open before says nothing of what is open now.
    let shown = latest.bench.shown;
    {
        let (state, door, seen) = (state.clone(), door.clone(), seen.clone());
        // Who leaves asks for nothing more.
        use_effect_with((lab.clone(), shown, wish), move |(lab, shown, wish)| {
            let mut timer = None;
            let open = seen.borrow().open;
            if let (Some(frame), Some(at)) = (&**lab, &state.lab)
                && *shown
                && open == *wish
            {
                seen.borrow_mut().at = Some((frame.moment, frame.time));
                if frame.speed == 0.0 {
                    state.dispatch(Action::LabAt(frame.moment));
                    if acted(frame, &at.what) {
                        timer = after(SETTLED, move || door.ask(LabCommand::Share));
                    } else {
                        state.dispatch(Action::LabCode(String::new()));
                    }
                }
            }
            move || drop(timer)
        });
    }
    {
        let door = door.clone();
        // Where there can be no code, that is said once. And a link that is on screen stays what it is.
        let going = match (&*lab, &state.lab) {
            (Some(frame), Some(at)) if shown && !latest.bench.unshared && !state.carry => {
                Going::of(frame, &at.what)
            }
            _ => None,
        };
        use_effect_with(going, move |going| {
            let share = move || door.ask(LabCommand::Share);
            let timer = going.as_ref().and_then(|_| after(SETTLED, share));
            move || drop(timer)
        });
    }
    {
        let (state, lab, seen) = (state.clone(), lab.clone(), seen.clone());
        use_effect_with(latest.shared.clone(), move |code| {
            let open = seen.borrow().open;
            if let (Some(code), Some(frame), Some(at)) = (&**code, &*lab, &state.lab)
                && shown
                && open == wish
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_anew_stands_where_it_was_on_screen_and_nothing_else_does() {
        let begin = |moment, time| Begin { moment, time };
        let mut seen = Seen::default();
        assert_eq!(seen.begins(1, Some(3)), begin(Some(3), None));
        seen.open = Some((1, 0));
        seen.at = Some((12, 3.5));
        // Time goes on: the address still says where it stood before.
        assert_eq!(seen.begins(1, Some(3)), begin(Some(12), Some(3.5)));
        assert_eq!(seen.begins(2, None), begin(None, None));
        assert_eq!(seen.begins(1, Some(3)), begin(Some(3), None));
    }

    #[test]
    fn what_is_done_while_time_goes_on_is_put_into_the_code() {
        let lesson = Opened::Lesson("06-qos-1".into());
        let going = LabFrame {
            speed: 2.0,
            can_undo: true,
            ..LabFrame::default()
        };
        let of = |frame: &LabFrame| Going::of(frame, &lesson);
        let untouched = LabFrame {
            can_undo: false,
            ..going.clone()
        };
        let stands = LabFrame {
            speed: 0.0,
            ..going.clone()
        };
        assert_eq!((of(&untouched), of(&stands)), (None, None));
        let at = |moment: u64, time: f64| LabFrame {
            moment,
            time,
            ..going.clone()
        };
        assert_eq!(of(&going), of(&at(7, 3900.0)));
        assert_ne!(of(&going), of(&at(7, 4100.0)));
        let done = LabFrame {
            marks: vec![Mark::default()],
            ..going.clone()
        };
        assert_ne!(of(&going), of(&done));
    }
}
