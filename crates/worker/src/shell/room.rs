//! The worker that a page starts for its lab: it hears that page alone, and has no broker.

use std::cell::RefCell;
use std::rc::Rc;

use vitrine_broker::Time;
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

use super::clock::{Alarm, Clock, FRAME};
use super::link::{self, object};
use crate::room::Room;

/// See the module.
pub(super) struct LabWorker {
    clock: Clock,
    room: Room,
    /// Says something to the page.
    post: Rc<dyn Fn(&JsValue)>,
    /// Tells the page what is on its screen.
    frame: Alarm,
    last_frame: Time,
}

impl LabWorker {
    /// `post` takes messages to the page.
    pub(super) fn new(
        scope: &DedicatedWorkerGlobalScope,
        post: impl Fn(&JsValue) + 'static,
    ) -> Rc<RefCell<Self>> {
        let clock = Clock::new(scope);
        let post: Rc<dyn Fn(&JsValue)> = Rc::new(post);
        let say = Rc::clone(&post);
        let send = move |value| say(&object("data", &[("data", value)]));
        Rc::new_cyclic(|weak: &std::rc::Weak<RefCell<Self>>| {
            let weak = weak.clone();
            let on_frame = move || {
                if let Some(worker) = weak.upgrade() {
                    worker.borrow_mut().on_frame();
                }
            };
            RefCell::new(Self {
                last_frame: clock.now(),
                clock,
                room: Room::new(link::build(scope), Box::new(send)),
                post,
                frame: Alarm::new(scope, on_frame),
            })
        })
    }

    /// The page said something. It is told when that is done, so that it knows of work that takes long.
    pub(super) fn hear(&mut self, message: &JsValue) {
        if link::text(message, "type").as_deref() == Some("data") {
            self.room
                .command(link::entry(message, "data"), self.clock.now());
            (self.post)(&object("done", &[]));
            self.pace();
        }
    }

    /// What time brings, and what there is to show, may take long, too: of that nobody but this worker knows when it begins.
    fn on_frame(&mut self) {
        self.frame.rang();
        (self.post)(&object("begins", &[]));
        self.last_frame = self.clock.now();
        self.room.tell(self.last_frame);
        (self.post)(&object("done", &[]));
        self.pace();
    }

    /// Sees to it that the page is told in time, and not too often.
    fn pace(&mut self) {
        let now = self.clock.now();
        if let Some(due) = self.room.due(now) {
            self.frame.by(due.max(self.last_frame + FRAME), now);
        }
    }
}
