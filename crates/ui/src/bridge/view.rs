//! The line to the broker's worker, and what is asked of it and of the lab's.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Deserialize;
use vitrine_link::{Command, Event, View};
use wasm_bindgen::prelude::*;
use yew::prelude::*;

use super::Latest;
use super::door;
use super::ends::{self, Ends};
use super::sides::Side;

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

/// Sends a command to the worker that it concerns.
pub(crate) type Send = Callback<Command>;

/// What the worker is to answer, and for which recording that was chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Wish {
    pub(crate) view: View,
    pub(crate) record: Option<String>,
}

/// Opens the line, keeps the workers told of what is wished, and gives the latest frame, the line's state and
/// a way to send commands. `on_record` is told which recording the broker's worker has.
#[hook]
pub(crate) fn use_view(wish: Wish, on_record: Callback<String>) -> (Latest, Line, Send) {
    let latest = use_state(Latest::default);
    let line = use_state_eq(Line::default);
    let ends = use_mut_ref(|| Ends::new(latest.setter(), line.setter()));

    {
        let ends = Rc::clone(&ends);
        use_effect_with((), move |()| open(&ends, on_record));
    }
    {
        let ends = Rc::clone(&ends);
        use_effect_with(wish, move |wish| {
            let mut ends = ends.borrow_mut();
            ends.wish = wish.clone();
            ends.look();
        });
    }
    let send = use_callback((), move |command: Command, ()| {
        ends::send(&ends, command);
    });
    ((*latest).clone(), (*line).clone(), send)
}

/// Opens the line to the broker's worker. Gives what closes it.
fn open(ends: &Rc<RefCell<Ends>>, on_record: Callback<String>) -> impl FnOnce() + use<> {
    let draw = {
        let ends = Rc::clone(ends);
        Closure::<dyn FnMut()>::new(move || ends.borrow_mut().draw())
    };
    ends.borrow_mut().draw = Some(draw);
    let on_message = {
        let ends = Rc::clone(ends);
        Closure::<dyn FnMut(JsValue)>::new(move |data: JsValue| {
            match serde_wasm_bindgen::from_value(data) {
                Ok(Event::Welcome { record, .. }) => {
                    ends.borrow_mut().record = Some(record.clone());
                    on_record.emit(record);
                    // If the page has chosen for this recording already, nothing changes that would say so.
                    ends.borrow().look();
                }
                // What cannot be read came from another build too.
                Ok(Event::Refused { .. }) | Err(_) => ends.borrow_mut().refused(),
                Ok(event) => ends.borrow_mut().take(Side::Live, event),
            }
        })
    };
    let on_state = {
        let ends = Rc::clone(ends);
        Closure::<dyn FnMut(JsValue)>::new(move |state: JsValue| {
            if let Ok(now) = serde_wasm_bindgen::from_value::<Line>(state) {
                ends.borrow_mut().line_is(now);
            }
        })
    };
    match door::open_view(
        on_message.as_ref().unchecked_ref(),
        on_state.as_ref().unchecked_ref(),
    ) {
        Ok(port) => {
            let mut ends = ends.borrow_mut();
            ends.live = Some(port);
            // The state may have come before the port was handed over.
            if ends.ready {
                ends.greet();
            }
        }
        Err(error) => ends.borrow_mut().line_is(Line {
            state: LineState::Lost,
            reason: Some(reason(&error)),
            ..Line::default()
        }),
    }
    let ends = Rc::clone(ends);
    move || {
        let (port, draw) = {
            let mut ends = ends.borrow_mut();
            ends.leave();
            (ends.live.take(), ends.draw.take())
        };
        if let Some(port) = port {
            port.close();
        }
        drop((on_message, on_state, draw));
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
