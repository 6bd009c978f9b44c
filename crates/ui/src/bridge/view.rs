//! The line to the worker: says hello, says what is looked at, takes frames at the screen's pace.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Deserialize;
use serde::Serialize;
use vitrine_link::{Command, Event, Frame, VERSION, View};
use wasm_bindgen::prelude::*;
use yew::prelude::*;

use super::Latest;
use super::door::{self, ViewPort};

/// Whether this tab hosts the broker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// The broker runs in this tab.
    #[default]
    Host,
    /// The broker runs in another tab of this origin.
    Guest,
}

/// What became of the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LineState {
    /// The worker is being started.
    #[default]
    Starting,
    /// The worker answers.
    Ready,
    /// The worker is gone.
    Lost,
}

/// The line as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Line {
    pub(crate) role: Role,
    pub(crate) state: LineState,
    /// Why, when it is lost.
    #[serde(default)]
    pub(crate) reason: Option<String>,
    /// The worker came from another build: the page must be reloaded.
    #[serde(skip)]
    pub(crate) refused: bool,
}

/// Sends a command to the worker.
pub(crate) type Send = Callback<Command>;

/// What the worker is to answer, and for which recording that was chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Wish {
    pub(crate) view: View,
    pub(crate) record: Option<String>,
}

#[derive(Default)]
struct Inner {
    port: Option<ViewPort>,
    ready: bool,
    /// The recording that this worker has, once it said so.
    record: Option<String>,
    wish: Wish,
    waiting: Option<Frame>,
    latest: Latest,
}

impl Inner {
    fn post(&self, command: &Command) {
        let Some(port) = &self.port else { return };
        // Numbers stay numbers: none of ours grows past 2^53.
        let serializer = serde_wasm_bindgen::Serializer::new();
        if let Ok(value) = command.serialize(&serializer) {
            port.post(&value);
        }
    }

    fn greet(&self) {
        let build = door::BUILD.with(|build| build.as_string().unwrap_or_default());
        self.post(&Command::Hello {
            version: VERSION,
            build,
        });
    }

    /// Says what is looked at, once that was chosen for the recording that this worker has.
    fn look(&self) {
        if self.ready && self.record.is_some() && self.record == self.wish.record {
            self.post(&Command::Look(Box::new(self.wish.view.clone())));
        }
    }
}

/// Opens the line, keeps the worker told of what is wished, and gives the latest frame, the line's state and
/// a way to send commands. `on_record` is told which recording the worker has.
#[hook]
pub(crate) fn use_view(wish: Wish, on_record: Callback<String>) -> (Latest, Line, Send) {
    let inner = use_memo((), |()| RefCell::new(Inner::default()));
    let latest = use_state(Latest::default);
    let line = use_state_eq(Line::default);

    {
        let (inner, latest, line) = (inner.clone(), latest.clone(), line.clone());
        use_effect_with((), move |()| {
            open(inner, latest.setter(), line.setter(), on_record)
        });
    }
    {
        let inner = inner.clone();
        use_effect_with(wish, move |wish| {
            inner.borrow_mut().wish = wish.clone();
            inner.borrow().look();
        });
    }
    let send = use_callback((), move |command: Command, ()| {
        inner.borrow().post(&command)
    });
    ((*latest).clone(), (*line).clone(), send)
}

fn open(
    inner: Rc<RefCell<Inner>>,
    latest: UseStateSetter<Latest>,
    line: UseStateSetter<Line>,
    on_record: Callback<String>,
) -> impl FnOnce() {
    let draw = {
        let (inner, latest) = (inner.clone(), latest.clone());
        Closure::<dyn FnMut()>::new(move || {
            let mut inner = inner.borrow_mut();
            if let Some(frame) = inner.waiting.take() {
                let number = frame.number;
                inner.latest.take(frame);
                latest.set(inner.latest.clone());
                inner.post(&Command::Seen { frame: number });
            }
        })
    };
    let on_message = {
        let (inner, line, told) = (inner.clone(), line.clone(), latest.clone());
        let known = RefCell::new(Line::default());
        Closure::<dyn FnMut(JsValue)>::new(move |data: JsValue| {
            match serde_wasm_bindgen::from_value(data) {
                Ok(Event::Frame(frame)) => {
                    inner.borrow_mut().waiting = Some(*frame);
                    if let Some(window) = web_sys::window() {
                        let _ = window.request_animation_frame(draw.as_ref().unchecked_ref());
                    }
                }
                Ok(Event::Welcome { record, .. }) => {
                    inner.borrow_mut().record = Some(record.clone());
                    on_record.emit(record);
                    // If the page has chosen for this recording already, nothing changes that would say so.
                    inner.borrow().look();
                }
                Ok(Event::Storage(storage)) => {
                    let mut inner = inner.borrow_mut();
                    inner.latest.storage.renew(storage);
                    told.set(inner.latest.clone());
                }
                Ok(Event::Access(access)) => {
                    let mut inner = inner.borrow_mut();
                    inner.latest.access.renew(*access);
                    told.set(inner.latest.clone());
                }
                Ok(Event::Exported(exported)) => {
                    let mut inner = inner.borrow_mut();
                    inner.latest.take_exported(*exported);
                    told.set(inner.latest.clone());
                }
                Ok(Event::Shared(code)) => {
                    let mut inner = inner.borrow_mut();
                    inner.latest.take_shared(code);
                    told.set(inner.latest.clone());
                }
                Ok(Event::LabProblem(problem)) => {
                    let mut inner = inner.borrow_mut();
                    inner.latest.take_problem(problem);
                    told.set(inner.latest.clone());
                }
                // What cannot be read came from another build too.
                Ok(Event::Refused { .. }) | Err(_) => {
                    let mut known = known.borrow_mut();
                    known.refused = true;
                    known.state = LineState::Lost;
                    line.set(known.clone());
                }
            }
        })
    };
    let on_state = {
        let (inner, line) = (inner.clone(), line.clone());
        Closure::<dyn FnMut(JsValue)>::new(move |state: JsValue| {
            let Ok(now) = serde_wasm_bindgen::from_value::<Line>(state) else {
                return;
            };
            let ready = now.state == LineState::Ready;
            {
                let mut inner = inner.borrow_mut();
                inner.ready = ready;
                inner.record = None;
                inner.waiting = None;
            }
            if ready {
                inner.borrow().greet();
            }
            line.set(now);
        })
    };
    match door::open_view(
        on_message.as_ref().unchecked_ref(),
        on_state.as_ref().unchecked_ref(),
    ) {
        Ok(port) => {
            let mut inner = inner.borrow_mut();
            inner.port = Some(port);
            // The state may have come before the port was handed over.
            if inner.ready {
                inner.greet();
            }
        }
        Err(error) => line.set(Line {
            state: LineState::Lost,
            reason: Some(reason(&error)),
            ..Line::default()
        }),
    }
    move || {
        if let Some(port) = inner.borrow_mut().port.take() {
            port.close();
        }
        drop((on_message, on_state));
    }
}

/// What a JavaScript error says of itself.
pub(crate) fn reason(error: &JsValue) -> String {
    error
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| error.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}
