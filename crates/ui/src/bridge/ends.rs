//! The page's ends of its lines to the two workers: says hello, says what is looked at, takes frames at the screen's pace.

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;

use js_sys::Uint8Array;
use serde::Serialize;
use vitrine_link::{Command, Event, Exported, LabCommand, VERSION};
use wasm_bindgen::prelude::*;
use yew::prelude::*;

use super::bench::{Bench, BenchState};
use super::door::{self, ViewPort};
use super::given::{Given, Incoming, Making};
use super::sides::{Side, Sides};
use super::{Latest, Line, LineState, Wish};
use crate::part::live_name;

/// See the module.
pub(super) struct Ends {
    /// The line to the broker's worker.
    pub(super) live: Option<ViewPort>,
    /// That worker can be spoken to.
    pub(super) ready: bool,
    /// The recording that it has, once it said so.
    pub(super) record: Option<String>,
    pub(super) wish: Wish,
    /// Draws what is to be drawn.
    pub(super) draw: Option<Closure<dyn FnMut()>>,
    lab: Option<LabEnd>,
    /// The language that the lab is to speak.
    language: Option<String>,
    sides: Sides,
    /// What has come of a file that was asked of the broker's worker, until it is whole or given up.
    incoming: Option<Incoming<Uint8Array>>,
    known: Line,
    latest: Latest,
    /// What was on screen when the lab came, for when it is left.
    before: Latest,
    tell: UseStateSetter<Latest>,
    tell_line: UseStateSetter<Line>,
}

/// The end of the line to the lab's worker.
struct LabEnd {
    port: ViewPort,
    /// Kept as long as they may be called.
    _heard: [Closure<dyn FnMut(JsValue)>; 2],
}

impl Drop for LabEnd {
    fn drop(&mut self) {
        self.port.close();
    }
}

impl Ends {
    pub(super) fn new(tell: UseStateSetter<Latest>, tell_line: UseStateSetter<Line>) -> Self {
        Self {
            live: None,
            ready: false,
            record: None,
            wish: Wish::default(),
            draw: None,
            lab: None,
            language: None,
            sides: Sides::default(),
            incoming: None,
            known: Line::default(),
            latest: Latest::default(),
            before: Latest::default(),
            tell,
            tell_line,
        }
    }

    fn post(&self, side: Side, command: &Command) {
        let port = match side {
            Side::Live => self.live.as_ref(),
            Side::Lab if self.latest.bench.is_gone() => None,
            Side::Lab => self.lab.as_ref().map(|lab| &lab.port),
        };
        let Some(port) = port else { return };
        // Numbers stay numbers: none of ours grows past 2^53.
        let serializer = serde_wasm_bindgen::Serializer::new();
        if let Ok(value) = command.serialize(&serializer) {
            port.post(&value);
        }
    }

    /// Says hello to the broker's worker.
    pub(super) fn greet(&self) {
        self.post(Side::Live, &hello());
    }

    /// Says what is looked at: to the broker's worker once that was chosen for the recording that it has. While the lab
    /// is on screen it is left alone.
    pub(super) fn look(&self) {
        let look = Command::Look(Box::new(self.wish.view.clone()));
        self.post(Side::Lab, &look);
        let chosen = self.ready && self.record.is_some() && self.record == self.wish.record;
        if chosen && self.sides.shown() == Side::Live {
            self.post(Side::Live, &look);
        }
    }

    /// What became of the line to the broker's worker.
    pub(super) fn line_is(&mut self, now: Line) {
        self.ready = now.state == LineState::Ready;
        self.record = None;
        self.sides.forget(Side::Live);
        // Who made it is gone; and what it showed may be another's by now.
        self.give_up();
        self.before = Latest::default();
        if self.ready {
            self.greet();
        }
        self.known = now.clone();
        self.tell_line.set(now);
    }

    /// The broker's worker is of another build.
    pub(super) fn refused(&mut self) {
        self.known = Line {
            refused: true,
            state: LineState::Lost,
            ..self.known.clone()
        };
        self.tell_line.set(self.known.clone());
    }

    /// A worker told something.
    pub(super) fn take(&mut self, side: Side, event: Event) {
        match event {
            Event::Frame(frame) => {
                if self.sides.take(side, *frame)
                    && let (Some(window), Some(draw)) = (web_sys::window(), &self.draw)
                {
                    let _ = window.request_animation_frame(draw.as_ref().unchecked_ref());
                }
                return;
            }
            Event::Storage(storage) => self.latest.storage.renew(storage),
            Event::Access(access) => self.latest.access.renew(*access),
            Event::Exported(piece) => {
                if !self.take_piece(side, *piece) {
                    return;
                }
            }
            Event::Shared(code) => self.latest.take_shared(code),
            Event::LabProblem(problem) => self.latest.take_problem(problem),
            Event::Welcome { .. } | Event::Refused { .. } => return,
        }
        self.tell.set(self.latest.clone());
    }

    /// Takes a piece of a file, and says whether there is something new to show.
    fn take_piece(&mut self, side: Side, piece: Exported) -> bool {
        let format = piece.format;
        let name = match &self.latest.making {
            Some(making) if side == Side::Live && piece.at > 0 => making.name.clone(),
            _ if piece.name.is_empty() => live_name(),
            _ => piece.name.clone(),
        };
        let keep = |bytes: &[u8]| Uint8Array::from(bytes);
        let parts = match side {
            // The lab's worker makes a file at once.
            Side::Lab => Incoming::default().take(piece, keep),
            Side::Live => {
                let Some(incoming) = &mut self.incoming else {
                    // It was on its way when the file was given up.
                    return false;
                };
                let parts = incoming.take(piece, keep);
                let percent = incoming.done();
                if percent.is_some() {
                    self.post(Side::Live, &Command::ExportMore);
                }
                let name = name.clone();
                let making = percent.map(|percent| Making { name, percent });
                let same = self.latest.making == making;
                self.latest.making = making;
                if parts.is_none() {
                    return !same;
                }
                self.incoming = None;
                parts
            }
        };
        if let Some(parts) = parts {
            let parts = parts.into_iter().collect();
            self.latest.take_exported(Given {
                format,
                name,
                parts,
            });
        }
        true
    }

    /// Nothing more comes of the file that the broker's worker makes.
    fn give_up(&mut self) {
        self.incoming = None;
        if self.latest.making.take().is_some() {
            self.tell.set(self.latest.clone());
        }
    }

    /// The screen takes what there is.
    pub(super) fn draw(&mut self) {
        if let Some((side, frame)) = self.sides.draw() {
            let seen = Command::Seen {
                frame: frame.number,
            };
            if side == Side::Lab && self.latest.lab.is_none() {
                self.before = self.latest.clone();
            }
            self.latest.take(frame);
            self.latest.bench.shown |= side == Side::Lab;
            self.tell.set(self.latest.clone());
            self.post(side, &seen);
        }
    }

    /// How the lab's worker is from now on. What it has shown it has shown.
    fn bench_is(&mut self, now: Bench) {
        let Bench {
            shown, unshared, ..
        } = self.latest.bench;
        self.latest.bench = Bench {
            shown,
            unshared,
            ..now
        };
        self.tell.set(self.latest.clone());
    }

    /// Ends the lab's worker, and shows the broker in the tab again.
    pub(super) fn leave(&mut self) {
        self.lab = None;
        let before = if self.latest.lab.is_some() {
            mem::take(&mut self.before)
        } else {
            // It never was on screen.
            self.latest.clone()
        };
        self.latest.leave_lab(before);
        self.tell.set(self.latest.clone());
        if let Some(frame) = self.sides.leave() {
            self.post(Side::Live, &Command::Seen { frame });
        }
        self.look();
    }
}

/// Sends a command to the worker that it concerns.
pub(super) fn send(ends: &Rc<RefCell<Ends>>, command: Command) {
    let Some(side) = ends.borrow().sides.of(&command) else {
        return;
    };
    if command == Command::ExportStop {
        ends.borrow_mut().give_up();
    }
    if matches!(command, Command::Export(_)) && side == Side::Live {
        ends.borrow_mut().incoming.get_or_insert_default();
    }
    if let Command::Lab(wanted) = &command {
        if **wanted == LabCommand::Leave {
            return ends.borrow_mut().leave();
        }
        if let LabCommand::Language(language) = &**wanted {
            ends.borrow_mut().language = Some(language.clone());
        }
        if let LabCommand::Open(_) = **wanted {
            start(ends);
        }
    }
    ends.borrow().post(side, &command);
}

/// Starts a worker for what is to be opened in the lab. It takes the place of the one before, with all that this held
/// and whatever it is at.
fn start(ends: &Rc<RefCell<Ends>>) {
    let on_message = {
        let ends = Rc::clone(ends);
        Closure::<dyn FnMut(JsValue)>::new(move |data: JsValue| {
            let mut ends = ends.borrow_mut();
            match serde_wasm_bindgen::from_value(data) {
                // What cannot be read came from another build too.
                Ok(Event::Refused { .. }) | Err(_) => ends.bench_is(Bench {
                    state: BenchState::Refused,
                    ..Bench::default()
                }),
                Ok(event) => ends.take(Side::Lab, event),
            }
        })
    };
    let on_state = {
        let ends = Rc::clone(ends);
        Closure::<dyn FnMut(JsValue)>::new(move |state: JsValue| {
            let mut ends = ends.borrow_mut();
            if let Ok(now) = serde_wasm_bindgen::from_value::<Bench>(state)
                && !ends.latest.bench.is_gone()
            {
                ends.bench_is(now);
            }
        })
    };
    let mut ends = ends.borrow_mut();
    ends.lab = None;
    ends.sides.forget(Side::Lab);
    ends.latest.bench = Bench::default();
    let opened = door::open_lab(
        on_message.as_ref().unchecked_ref(),
        on_state.as_ref().unchecked_ref(),
    );
    match opened {
        Ok(port) => {
            ends.lab = Some(LabEnd {
                port,
                _heard: [on_message, on_state],
            });
        }
        Err(error) => {
            ends.latest.bench = Bench {
                state: BenchState::Lost,
                reason: Some(super::reason(&error)),
                ..Bench::default()
            };
        }
    }
    ends.tell.set(ends.latest.clone());
    ends.post(Side::Lab, &hello());
    let look = Command::Look(Box::new(ends.wish.view.clone()));
    ends.post(Side::Lab, &look);
    if let Some(language) = ends.language.clone() {
        let language = LabCommand::Language(language);
        ends.post(Side::Lab, &Command::Lab(Box::new(language)));
    }
}

fn hello() -> Command {
    Command::Hello {
        version: VERSION,
        build: door::BUILD.with(|build| build.as_string().unwrap_or_default()),
    }
}
