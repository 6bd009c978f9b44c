//! Everything this worker holds, and what happens when a message, a timer or a lock comes.

mod commands;
mod keeping;
mod links;
mod meddle;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

use js_sys::Uint8Array;
use vitrine_broker::{Config, ConnectionId, Time};
use vitrine_link::{AccessProblem, Storage};
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, DedicatedWorkerGlobalScope};

use super::backlog::Backlog;
use super::clock::{Alarm, Clock, FRAME, Task};
use super::link::{self, Link};
use super::storage::Start;
use super::way::Way;
use crate::guard::Guard;
use crate::hub::Hub;
use crate::views::Views;
use crate::virtuals::Virtuals;
use keeping::begin;

/// How long a client waits at most until it is told that its bytes were taken.
const CREDIT: Duration = Duration::from_millis(5);

/// What a link is for.
enum Use {
    /// Not said yet.
    Unknown,
    Mqtt,
    View,
}

/// A link that is not over.
struct Open {
    link: Link,
    used: Use,
    /// What it is called, where it came by the common channel.
    name: Option<String>,
}

/// What a link said and is still to be handled.
enum Waiting {
    /// The rest of a buffer, as a view on it: all of it need not find room in this module's memory.
    Bytes(Uint8Array),
    Message(JsValue),
}

pub(super) struct Worker {
    scope: DedicatedWorkerGlobalScope,
    clock: Clock,
    hub: Hub<Way>,
    virtuals: Virtuals,
    views: Views,
    links: HashMap<u64, Open>,
    /// Names of links that came by the common channel: a client that asks twice gets one.
    names: HashSet<String>,
    backlog: Backlog<Waiting>,
    last_link: u64,
    /// This host's identifier, where other tabs may come.
    host: Option<String>,
    common: Option<BroadcastChannel>,
    /// Sends what has collected.
    flush: Task,
    /// Goes on with the backlog.
    more: Task,
    /// Checks passwords.
    check: Task,
    guard: Guard,
    /// What was wrong with the rules and users that the page remembered.
    doubt: Option<AccessProblem>,
    /// Wakes the broker.
    alarm: Alarm,
    /// Wakes virtual clients.
    virtual_alarm: Alarm,
    /// Tells clients that their bytes were taken.
    credit: Alarm,
    /// Tells the pages.
    frame: Alarm,
    /// Tries again what the store did not take.
    retry: Alarm,
    storage: Storage,
    last_frame: Time,
    inbox: Vec<u8>,
}

/// A worker, as those that listen hold it.
type Shared = Rc<RefCell<Worker>>;

impl Worker {
    pub(super) fn new(
        scope: &DedicatedWorkerGlobalScope,
        start: Start,
        (guard, doubt): (Guard, Option<AccessProblem>),
    ) -> Shared {
        let clock = Clock::new(scope);
        let now = clock.now();
        let config = Config {
            seed: random(scope),
            access: Rc::clone(guard.access()),
            ..Config::default()
        };
        let mut views = Views::new(
            link::build(scope),
            random(scope),
            (random(scope) >> 32) as u32,
        );
        views.set_access(Rc::clone(guard.access()), now);
        let (hub, storage) = begin(config, start, &mut views, now);
        let this = Rc::new_cyclic(|weak: &std::rc::Weak<RefCell<Self>>| {
            let on = |work: fn(&mut Self)| {
                let weak = weak.clone();
                move || {
                    if let Some(worker) = weak.upgrade() {
                        work(&mut worker.borrow_mut());
                    }
                }
            };
            let shared = weak.clone();
            let more = move || {
                if let Some(worker) = shared.upgrade() {
                    Self::on_more(&worker);
                }
            };
            RefCell::new(Self {
                clock,
                hub,
                virtuals: Virtuals::default(),
                views,
                links: HashMap::new(),
                names: HashSet::new(),
                backlog: Backlog::new(),
                last_link: 0,
                host: None,
                common: None,
                flush: Task::new(on(Self::on_flush)),
                more: Task::new(more),
                check: Task::new(on(Self::on_check)),
                guard,
                doubt,
                alarm: Alarm::new(scope, on(Self::on_alarm)),
                virtual_alarm: Alarm::new(scope, on(Self::on_virtual_alarm)),
                credit: Alarm::new(scope, on(Self::on_credit)),
                frame: Alarm::new(scope, on(Self::on_frame)),
                retry: Alarm::new(scope, on(Self::on_retry)),
                storage,
                last_frame: now,
                inbox: Vec::new(),
                scope: scope.clone(),
            })
        });
        // What was restored may have led to something: Wills, Sessions whose time is over.
        this.borrow_mut().settle(now);
        this
    }

    fn on_flush(&mut self) {
        self.flush.runs();
        let now = self.clock.now();
        self.settle(now);
    }

    fn on_alarm(&mut self) {
        self.alarm.rang();
        let now = self.clock.now();
        self.hub.wake(now);
        self.settle(now);
    }

    fn on_virtual_alarm(&mut self) {
        self.virtual_alarm.rang();
        let now = self.clock.now();
        self.virtuals.wake(now);
        self.settle(now);
    }

    fn on_credit(&mut self) {
        self.credit.rang();
        self.hub.credit();
    }

    fn on_frame(&mut self) {
        self.frame.rang();
        let now = self.clock.now();
        self.last_frame = now;
        let hub = &self.hub;
        let held = |client: &str| {
            let connection = hub.connection_of(client);
            connection.map_or_else(Vec::new, |id| hub.held(id))
        };
        self.views.tell(now, held);
        self.pace(now);
    }

    /// Sends what there is to send, takes note of what happened, and sets the clocks.
    fn settle(&mut self, now: Time) {
        loop {
            let views = &mut self.views;
            let flushed = self
                .hub
                .flush(now, |happened| views.observe(&happened, now));
            if let Err(error) = flushed {
                self.stuck(&error, now);
            }
            let mut mint = || {
                self.last_link += 1;
                ConnectionId(self.last_link)
            };
            if self.hub.is_stuck() || !self.virtuals.settle(&mut self.hub, &mut mint, now) {
                break;
            }
        }
        if self.hub.asks() {
            self.check.queue();
        }
        if self.hub.owes_credit() {
            self.credit.by(now + CREDIT, now);
        }
        while let Some(id) = self.hub.ended() {
            self.forget(id.0);
        }
        if let Some(at) = self.hub.deadline() {
            self.alarm.by(at, now);
        }
        if let Some(at) = self.virtuals.deadline() {
            self.virtual_alarm.by(at, now);
        }
        self.pace(now);
    }

    /// Sees to it that the pages are told in time, and not too often.
    fn pace(&mut self, now: Time) {
        if let Some(due) = self.views.due() {
            self.frame.by(due.max(self.last_frame + FRAME), now);
        }
    }
}
/// A number nobody foresees.
fn random(scope: &DedicatedWorkerGlobalScope) -> u64 {
    let mut bytes = [0; 8];
    fill(scope, &mut bytes);
    u64::from_le_bytes(bytes)
}

/// Bytes nobody foresees.
fn fill(scope: &DedicatedWorkerGlobalScope, bytes: &mut [u8]) {
    scope
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(bytes))
        .expect("every browser has random numbers");
}
