//! What pages ask for.

use std::rc::Rc;

use vitrine_access::SALT_LENGTH;
use vitrine_link::{AccessChange, Event};
use wasm_bindgen::JsValue;

use super::{Worker, fill};
use crate::views::Wanted;

impl Worker {
    /// Does what a page asks for. Gives back what takes longer.
    pub(super) fn on_command(&mut self, id: u64, said: JsValue) -> Option<Wanted> {
        let now = self.clock.now();
        let wanted = self.views.command(id, said, now);
        self.pace(now);
        match wanted? {
            Wanted::Drop { client, politely } => {
                self.hub.drop_client(&client, politely, now);
                self.flush.queue();
                None
            }
            Wanted::Greeting => {
                let storage = Event::Storage(self.storage.clone());
                self.views.announce(Some(id), &storage);
                let access = self.guard.tell(self.doubt.clone());
                self.views
                    .announce(Some(id), &Event::Access(Box::new(access)));
                None
            }
            Wanted::Access(change) => {
                self.change_access(id, change);
                None
            }
            Wanted::Meddle(meddle) => {
                self.meddle(id, meddle);
                None
            }
            Wanted::StopKeeping => {
                self.stop_keeping();
                None
            }
            wanted @ Wanted::SetAside => Some(wanted),
        }
    }

    /// Other rules or users count from now on; or the page is told why not.
    pub(super) fn change_access(&mut self, page: u64, change: AccessChange) {
        let mut salt = [0; SALT_LENGTH];
        fill(&self.scope, &mut salt);
        if let Err(problem) = self.guard.change(change, &salt) {
            let access = Event::Access(Box::new(self.guard.tell(Some(problem))));
            return self.views.announce(Some(page), &access);
        }
        self.doubt = None;
        let now = self.clock.now();
        // What happened before is told by the rules of before.
        self.settle(now);
        let access = Rc::clone(self.guard.access());
        self.views.set_access(access, now);
        self.hub.set_access(Rc::clone(self.guard.access()), now);
        self.settle(now);
        let access = Event::Access(Box::new(self.guard.tell(None)));
        self.views.announce(None, &access);
    }

    /// Checks one password, and the next one after what came meanwhile.
    pub(super) fn on_check(&mut self) {
        self.check.runs();
        self.hub.authenticate(self.clock.now());
        // It took a while.
        let now = self.clock.now();
        self.settle(now);
    }
}
