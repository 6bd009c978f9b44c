//! The pages that look: what each wants to see, and when it is told.

use std::collections::BTreeMap;
use std::rc::Rc;

use vitrine_broker::{Access, PersistentState, Time};
use vitrine_link::{AccessChange, Command, Event, Meddle};
use vitrine_scope::{Lens, Limits, Outside, Scope, Tape, TapeLimits};
use wasm_bindgen::JsValue;

use crate::giving::Giving;
use crate::hub::{Deed, Happened, Meddled};
use crate::page::{Send, greet, tell};

/// A page that looks.
struct Page {
    lens: Lens,
    /// It said hello, and its build is ours.
    known: bool,
    /// It said what it looks at.
    looks: bool,
    /// The frame that it has not drawn yet.
    drawing: Option<u64>,
    /// The file that it is being given.
    giving: Option<Giving>,
    send: Send,
}

/// What a page's command asks of the broker.
#[derive(Debug, PartialEq)]
pub(crate) enum Wanted {
    /// The page is welcome: it is to be told what does not change with every frame.
    Greeting,
    /// Keep nothing any more.
    StopKeeping,
    /// Put what was kept and cannot be read out of the way.
    SetAside,
    /// Other rules or users.
    Access(AccessChange),
    /// Something is done to a client, or by a virtual one.
    Meddle(Meddle),
    /// Drop this client.
    Drop { client: String, politely: bool },
}

/// The view model and those who look at it.
pub(crate) struct Views {
    build: String,
    /// Names the recording.
    record: String,
    scope: Scope,
    /// All that the scope was told, to be given out as a file.
    tape: Tape,
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
            tape: Tape::new(TapeLimits::default()),
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
            giving: None,
            send: Box::new(send),
        };
        self.pages.insert(id, page);
    }

    pub(crate) fn close(&mut self, id: u64) {
        self.pages.remove(&id);
    }

    /// Takes in what happened.
    pub(crate) fn observe(&mut self, happened: &Happened, now: Time) {
        match happened {
            Happened::Observed(observation) => {
                self.scope.observe(observation);
                self.tape.note(observation);
            }
            Happened::Meddled(meddled) => self.meddled(meddled, now),
        }
    }

    /// Something was done from in between.
    fn meddled(&mut self, meddled: &Meddled, now: Time) {
        let (client, connection) = (meddled.client.clone(), meddled.connection);
        let outside = match &meddled.what {
            Deed::Held(to_broker) => Outside::Held {
                client,
                to_broker: *to_broker,
            },
            Deed::Released(to_broker) => Outside::Released {
                client,
                to_broker: *to_broker,
            },
            Deed::Cut => Outside::Cut { client, connection },
            Deed::Watched => Outside::Opening { connection, client },
            Deed::Arrived => Outside::Arrived { connection },
            Deed::Sent(packet) => Outside::Sent {
                connection,
                packet: packet.as_slice().into(),
            },
            Deed::Armed => {
                // Nothing happened yet, but the client's row says more.
                for page in self.pages.values_mut() {
                    page.lens.look(page.lens.view().clone());
                }
                return;
            }
        };
        self.scope.outside(&outside, now.as_micros());
        self.tape.outside(&outside, now.as_micros());
    }

    /// A page said something.
    pub(crate) fn command(&mut self, id: u64, said: JsValue, now: Time) -> Option<Wanted> {
        let page = self.pages.get_mut(&id)?;
        // A command that cannot be read is of another build: its hello has been, or will be, refused.
        let command = serde_wasm_bindgen::from_value(said).ok()?;
        match command {
            Command::Hello { version, build } => {
                let (known, answer) = greet(version, &build, &self.build, &self.record);
                page.known = known;
                page.tell(&answer);
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
            // A page's lab has a worker of its own: see `crate::room`.
            Command::Lab(_) => {}
            Command::Export(format) => {
                page.giving = Some(Giving::new(&self.tape, format, now));
                page.give();
            }
            Command::ExportMore => page.give(),
            Command::ExportStop => page.giving = None,
            Command::Meddle(meddle) => return Some(Wanted::Meddle(meddle)),
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
        self.tape.restored(state, now.as_micros());
    }

    /// The broker judges by this from now on.
    pub(crate) fn set_access(&mut self, access: Rc<Access>, now: Time) {
        self.tape.access(&access, now.as_micros());
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

    /// Tells every page what is new on its screen. `held` says what is done to a client from in between.
    pub(crate) fn tell(&mut self, now: Time, held: impl Fn(&str) -> Vec<String>) {
        for page in self.pages.values_mut().filter(|page| page.ready()) {
            if let Some(mut frame) = self.scope.frame(&mut page.lens, now.as_micros()) {
                for row in frame.clients.iter_mut().flat_map(|one| &mut one.rows) {
                    row.held = held(&row.client);
                }
                for line in frame.flow.iter_mut().flat_map(|one| &mut one.lifelines) {
                    line.held = held(&line.name);
                }
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
            .filter_map(|page| self.scope.due(&page.lens).map(Time::from_micros))
            .min()
    }
}

impl Page {
    /// Whether it is to be told what is on its screen.
    fn ready(&self) -> bool {
        self.known && self.looks
    }

    /// Gives it one piece more of its file.
    fn give(&mut self) {
        if let Some(giving) = &mut self.giving {
            let piece = giving.next();
            if piece.last {
                self.giving = None;
            }
            self.tell(&Event::Exported(Box::new(piece)));
        }
    }

    fn tell(&self, event: &Event) {
        tell(&self.send, event);
    }
}
