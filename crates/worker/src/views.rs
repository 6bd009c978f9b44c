//! The pages that look: what each wants to see, and when it is told.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Serialize;
use vitrine_broker::{Access, PersistentState, Time};
use vitrine_link::{AccessChange, Command, Event, VERSION};
use vitrine_scope::{Lens, Limits, Scope};
use wasm_bindgen::JsValue;

use crate::hub::Happened;

/// A page that looks.
struct Page {
    lens: Lens,
    /// It said hello, and its build is ours.
    known: bool,
    /// It said what it looks at.
    looks: bool,
    /// The frame that it has not drawn yet.
    drawing: Option<u64>,
    send: Box<dyn Fn(JsValue)>,
}

/// What a page's command asks of the broker.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The page is welcome: it is to be told what does not change with every frame.
    Greeting,
    /// Keep nothing any more.
    StopKeeping,
    /// Put what was kept and cannot be read out of the way.
    SetAside,
    /// Other rules or users.
    Access(AccessChange),
    /// Drop this client.
    Drop { client: String, politely: bool },
}

/// The view model and those who look at it.
pub(crate) struct Views {
    build: String,
    /// Names the recording.
    record: String,
    scope: Scope,
    pages: BTreeMap<u64, Page>,
}

impl Views {
    /// `seed` makes the view model's hashing unforeseeable; `record` is to differ from that of every recording before.
    pub(crate) fn new(build: String, seed: u64, record: u32) -> Self {
        let limits = Limits {
            seed,
            ..Limits::default()
        };
        Self {
            build,
            record: format!("{record:08x}"),
            scope: Scope::new(limits),
            pages: BTreeMap::new(),
        }
    }

    /// A page begins to look. `send` takes events as values for a structured clone.
    pub(crate) fn open(&mut self, id: u64, send: impl Fn(JsValue) + 'static) {
        let page = Page {
            lens: Lens::new(),
            known: false,
            looks: false,
            drawing: None,
            send: Box::new(send),
        };
        self.pages.insert(id, page);
    }

    pub(crate) fn close(&mut self, id: u64) {
        self.pages.remove(&id);
    }

    /// Takes in what happened.
    pub(crate) fn observe(&mut self, happened: &Happened) {
        match happened {
            Happened::Observed(observation) => self.scope.observe(observation),
            Happened::Meddled(_) => {}
        }
    }

    /// A page said something.
    pub(crate) fn command(&mut self, id: u64, said: JsValue) -> Option<Wanted> {
        let page = self.pages.get_mut(&id)?;
        // A command that cannot be read is of another build: its hello has been, or will be, refused.
        let command = serde_wasm_bindgen::from_value(said).ok()?;
        match command {
            Command::Hello { version, build } => {
                page.known = version == VERSION && build == self.build;
                let (version, build) = (VERSION, self.build.clone());
                page.tell(&if page.known {
                    Event::Welcome {
                        version,
                        build,
                        record: self.record.clone(),
                    }
                } else {
                    Event::Refused { version, build }
                });
                return page.known.then_some(Wanted::Greeting);
            }
            Command::Look(view) => {
                page.looks = true;
                page.lens.look(*view);
            }
            Command::Seen { frame } => {
                page.lens.seen(frame);
                page.drawing = page.drawing.filter(|drawing| *drawing != frame);
            }
            Command::ClearFlow => self.scope.clear_flow(),
            Command::Lab(_) | Command::Export(_) | Command::Meddle(_) => {}
            Command::StopKeeping => return Some(Wanted::StopKeeping),
            Command::SetAside => return Some(Wanted::SetAside),
            Command::Access(change) => return Some(Wanted::Access(change)),
            Command::Drop { client, politely } => return Some(Wanted::Drop { client, politely }),
        }
        None
    }

    /// Takes in what the broker goes on from, before its first observation.
    pub(crate) fn restore(&mut self, state: &PersistentState, now: Time) {
        self.scope.restore(state, now.as_micros());
    }

    /// The broker judges by this from now on.
    pub(crate) fn set_access(&mut self, access: Rc<Access>) {
        self.scope.set_access(access);
    }

    /// Tells a page, or all, something that does not change with every frame.
    pub(crate) fn announce(&self, page: Option<u64>, event: &Event) {
        for (id, one) in &self.pages {
            if one.known && page.is_none_or(|page| page == *id) {
                one.tell(event);
            }
        }
    }

    /// Tells every page what is new on its screen.
    pub(crate) fn tell(&mut self, now: Time) {
        for page in self.pages.values_mut().filter(|page| page.ready()) {
            if let Some(frame) = self.scope.frame(&mut page.lens, now.as_micros()) {
                page.drawing = Some(frame.number);
                page.tell(&Event::Frame(Box::new(frame)));
            }
        }
    }

    /// When there is something to tell, if nothing happens until then. A page that has not drawn its last frame (one in
    /// the background) is not waited for.
    pub(crate) fn due(&self) -> Option<Time> {
        let pages = self
            .pages
            .values()
            .filter(|page| page.ready() && page.drawing.is_none());
        pages
            .filter_map(|page| self.scope.due(&page.lens))
            .min()
            .map(Time::from_micros)
    }
}

impl Page {
    /// Whether it is to be told what is on its screen.
    fn ready(&self) -> bool {
        self.known && self.looks
    }

    fn tell(&self, event: &Event) {
        // Numbers stay numbers: none of ours grows past 2^53.
        if let Ok(value) = event.serialize(&serde_wasm_bindgen::Serializer::new()) {
            (self.send)(value);
        }
    }
}
