//! Everything this worker holds, and what happens when a message, a timer or a lock comes.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Array, ArrayBuffer, Reflect, Uint8Array};
use vitrine_access::SALT_LENGTH;
use vitrine_broker::{Config, ConnectionId, Time};
use vitrine_link::{AccessChange, AccessProblem, Event, Storage, StorageState};
use vitrine_store::StoreError;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

use super::backlog::Backlog;
use super::clock::{Alarm, Clock, Task};
use super::disk;
use super::link::{self, Link, object};
use super::locks;
use super::storage::{self, Start};
use crate::guard::Guard;
use crate::hub::{Ending, Hub};
use crate::views::{Views, Wanted};

/// The shortest time between two frames to a page.
const FRAME: Duration = Duration::from_millis(33);

/// How long a client waits at most until it is told that its bytes were taken.
const CREDIT: Duration = Duration::from_millis(5);

/// How long to wait before what the store did not take is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Bytes that are handled in one task. The door sends less in one message; who has a port may send any number.
const INBOX: u32 = 256 * 1024;

/// The sub-protocols that this broker speaks, in the words of WebSocket.
const PROTOCOLS: [&str; 2] = ["mqtt", "mqttv3.1"];

/// The channel on which links from other tabs are asked for.
const COMMON: &str = "vitrine";

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
    hub: Hub<Link>,
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
        let build = Reflect::get(scope, &"VITRINE_BUILD".into())
            .ok()
            .and_then(|build| build.as_string());
        let config = Config {
            seed: random(scope),
            access: Rc::clone(guard.access()),
            ..Config::default()
        };
        let mut views = Views::new(
            build.unwrap_or_default(),
            random(scope),
            (random(scope) >> 32) as u32,
        );
        views.set_access(Rc::clone(guard.access()));
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

    /// Begins to host under this identifier; with `open` for other tabs too.
    pub(super) fn host(this: &Shared, id: String, open: bool) {
        let worker = Rc::clone(this);
        if !open {
            worker.borrow().ready();
            return;
        }
        // First the lock, by which others see this host live, then the door.
        locks::hold_host(&id.clone(), move || {
            let Ok(common) = BroadcastChannel::new(COMMON) else {
                return;
            };
            let shared = Rc::clone(&worker);
            let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                let message = event.data();
                if link::text(&message, "type").as_deref() == Some("link")
                    && let Some(id) = link::text(&message, "id")
                {
                    Self::take_channel(&shared, &id);
                }
            });
            common.set_onmessage(Some(listener.into_js_value().unchecked_ref()));
            let _ = common.post_message(&object("here", &[]));
            let mut worker = worker.borrow_mut();
            worker.host = Some(id);
            worker.common = Some(common);
            worker.ready();
        });
    }

    fn ready(&self) {
        let storage = serde_wasm_bindgen::to_value(&self.storage).unwrap_or_default();
        let ready = object("ready", &[("storage", storage)]);
        let _ = self.scope.post_message(&ready);
    }

    /// A link from this tab, or from a worker or frame that was handed a port.
    pub(super) fn take_port(this: &Shared, port: MessagePort) {
        let id = Self::take(this, Link::Port(port.clone()), None);
        // Where the browser tells that the other end is gone.
        let worker = Rc::clone(this);
        let closed =
            Closure::<dyn FnMut()>::new(move || worker.borrow_mut().on_gone(id)).into_js_value();
        let _ = port.add_event_listener_with_callback("close", closed.unchecked_ref());
    }

    /// A link from another tab.
    fn take_channel(this: &Shared, id: &str) {
        let name = locks::link_name(id);
        if !locks::is_link_name(&name) || !this.borrow_mut().names.insert(name.clone()) {
            return;
        }
        let Ok(channel) = BroadcastChannel::new(&name) else {
            return;
        };
        let link = Link::Channel(channel);
        let number = Self::take(this, link.clone(), Some(name.clone()));
        Self::watch(this, number, &name);
        let host = this.borrow().host.clone();
        link.post(&object("linked", &[("host", host.into())]));
    }

    fn take(this: &Shared, link: Link, name: Option<String>) -> u64 {
        let mut worker = this.borrow_mut();
        worker.last_link += 1;
        let id = worker.last_link;
        let shared = Rc::clone(this);
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            Self::on_message(&shared, id, event.data());
        });
        link.listen(&listener.into_js_value());
        worker.links.insert(
            id,
            Open {
                link,
                used: Use::Unknown,
                name,
            },
        );
        id
    }

    /// Learns by a lock when the client of a link is gone.
    fn watch(this: &Shared, id: u64, lock: &str) {
        let worker = Rc::clone(this);
        locks::when_released(lock, move || worker.borrow_mut().on_gone(id));
    }

    fn on_message(this: &Shared, id: u64, data: JsValue) {
        let message = Waiting::Message(data);
        let message = this.borrow_mut().backlog.behind(id, message);
        if let Some(message) = message {
            Self::hear(this, id, message);
        }
    }

    /// Handles the next that waits.
    fn on_more(this: &Shared) {
        let mut worker = this.borrow_mut();
        worker.more.runs();
        if worker.hub.is_stuck() {
            return;
        }
        let next = worker.backlog.next();
        drop(worker);
        if let Some((id, next)) = next {
            Self::hear(this, id, next);
        }
        let mut worker = this.borrow_mut();
        if !worker.backlog.is_empty() && !worker.hub.is_stuck() {
            worker.more.queue();
        }
    }

    fn hear(this: &Shared, id: u64, said: Waiting) {
        let data = match said {
            Waiting::Bytes(bytes) => return this.borrow_mut().on_bytes(id, &bytes),
            Waiting::Message(data) => data,
        };
        if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
            this.borrow_mut().on_bytes(id, &Uint8Array::new(buffer));
        } else if let Some(bytes) = data.as_f64() {
            let mut worker = this.borrow_mut();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            worker.hub.took(ConnectionId(id), bytes as usize);
            worker.flush.queue();
        } else if data.is_string() {
            this.borrow_mut().end(id, Some(Ending::TEXT));
        } else if data.is_object() {
            Self::on_word(this, id, &data);
        }
    }

    fn on_bytes(&mut self, id: u64, bytes: &Uint8Array) {
        if self.hub.is_stuck() {
            // Nothing is taken, so that its sender feels it and nothing grows.
            self.backlog.rest(id, Waiting::Bytes(bytes.clone()));
            return;
        }
        let length = bytes.length();
        let first = bytes.subarray(0, length.min(INBOX));
        self.inbox.resize(first.length() as usize, 0);
        first.copy_to(&mut self.inbox);
        let now = self.clock.now();
        if self.hub.received(ConnectionId(id), &self.inbox, now) {
            self.settle(now);
        } else {
            self.flush.queue();
        }
        // The broker may just have ended the connection.
        if length > INBOX && self.links.contains_key(&id) {
            let rest = bytes.subarray(INBOX, length);
            self.backlog.rest(id, Waiting::Bytes(rest));
            self.more.queue();
        }
    }

    fn on_word(this: &Shared, id: u64, message: &JsValue) {
        match link::text(message, "type").as_deref() {
            Some("open") => {
                // Only a link's own lock is waited for, and only once.
                let fresh = this.borrow_mut().open(id, message);
                if let Some(lock) =
                    link::text(message, "lock").filter(|lock| fresh && locks::is_link_name(lock))
                {
                    Self::watch(this, id, &lock);
                }
            }
            Some("data") => {
                let wanted = this
                    .borrow_mut()
                    .on_command(id, link::entry(message, "data"));
                if wanted == Some(Wanted::SetAside) {
                    Self::set_aside(this);
                }
            }
            Some("close") => {
                let code = link::entry(message, "code").as_f64();
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let code = code.map(|code| code as u16);
                let reason = link::text(message, "reason");
                this.borrow_mut()
                    .end(id, Some(Ending::Closed { code, reason }));
            }
            Some("closed" | "cut") => this.borrow_mut().end(id, None),
            _ => {}
        }
    }

    /// The client says what the link is for. True if that was not known yet.
    fn open(&mut self, id: u64, message: &JsValue) -> bool {
        let Some(Open {
            link,
            used: used @ Use::Unknown,
            ..
        }) = self.links.get_mut(&id)
        else {
            return false;
        };
        let link = link.clone();
        let host = self.host.clone();
        let opened = |protocol: &str| {
            object(
                "opened",
                &[("protocol", protocol.into()), ("host", host.into())],
            )
        };
        if link::text(message, "mode").as_deref() == Some("view") {
            *used = Use::View;
            link.post(&opened(""));
            self.hub.watch();
            self.views.open(id, move |value| {
                link.post(&object("data", &[("data", value)]))
            });
            return true;
        }
        let asked = link::entry(message, "protocols");
        let asked = asked.dyn_into::<Array>().unwrap_or_default();
        let chosen = asked
            .iter()
            .find_map(|name| PROTOCOLS.into_iter().find(|known| name == *known));
        if asked.length() > 0 && chosen.is_none() {
            link.post(&object("refused", &[("reason", "protocol".into())]));
            self.forget(id);
            return false;
        }
        *used = Use::Mqtt;
        link.post(&opened(chosen.unwrap_or_default()));
        let door = link::text(message, "door").unwrap_or_default();
        let now = self.clock.now();
        self.hub.open(ConnectionId(id), door_name(&door), link, now);
        self.flush.queue();
        true
    }

    /// Does what a page asks for. Gives back what takes longer.
    fn on_command(&mut self, id: u64, said: JsValue) -> Option<Wanted> {
        let now = self.clock.now();
        let wanted = self.views.command(id, said);
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
            Wanted::StopKeeping => {
                self.stop_keeping();
                None
            }
            wanted @ Wanted::SetAside => Some(wanted),
        }
    }

    /// Other rules or users count from now on; or the page is told why not.
    fn change_access(&mut self, page: u64, change: AccessChange) {
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
        self.views.set_access(Rc::clone(self.guard.access()));
        self.hub.set_access(Rc::clone(self.guard.access()), now);
        self.settle(now);
        let access = Event::Access(Box::new(self.guard.tell(None)));
        self.views.announce(None, &access);
    }

    /// Checks one password, and the next one after what came meanwhile.
    fn on_check(&mut self) {
        self.check.runs();
        self.hub.authenticate(self.clock.now());
        // It took a while.
        let now = self.clock.now();
        self.settle(now);
    }

    /// Keeps nothing from now on, and removes what was kept.
    fn stop_keeping(&mut self) {
        self.hub.forget();
        self.set_storage(Storage::default());
        self.flush.queue();
        self.more.queue();
        let scope = self.scope.clone();
        spawn_local(async move {
            // A file that stays is one that the next broker goes on from: harmless, and it will say so.
            let _ = disk::remove(&scope).await;
        });
    }

    /// Puts what cannot be read out of the way.
    fn set_aside(this: &Shared) {
        let worker = Rc::clone(this);
        spawn_local(async move {
            let (scope, now) = {
                let worker = worker.borrow();
                if worker.storage.state != StorageState::Damaged {
                    return;
                }
                (worker.scope.clone(), worker.clock.now())
            };
            let stamp = now.as_micros() / 1_000_000;
            let (state, why) = match disk::set_aside(&scope, stamp).await {
                Ok(name) => (StorageState::SetAside, name),
                Err(why) => (StorageState::Damaged, why),
            };
            let mut worker = worker.borrow_mut();
            let storage = Storage {
                state,
                why,
                ..worker.storage.clone()
            };
            worker.set_storage(storage);
        });
    }

    fn set_storage(&mut self, storage: Storage) {
        if self.storage != storage {
            self.storage = storage;
            let storage = Event::Storage(self.storage.clone());
            self.views.announce(None, &storage);
        }
    }

    /// Tries again what the store did not take.
    fn on_retry(&mut self) {
        self.retry.rang();
        let now = self.clock.now();
        match self.hub.retry() {
            Ok(()) => {
                let storage = Storage {
                    state: StorageState::Kept,
                    why: String::new(),
                    ..self.storage.clone()
                };
                self.set_storage(storage);
                self.settle(now);
                self.more.queue();
            }
            Err(error) => self.stuck(&error, now),
        }
    }

    /// The store did not take something: says so, and tries again later where that may help.
    fn stuck(&mut self, error: &StoreError, now: Time) {
        let (state, why) = storage::failed(error);
        let storage = Storage {
            state,
            why,
            ..self.storage.clone()
        };
        self.set_storage(storage);
        if error.may_pass() {
            self.retry.by(now + RETRY, now);
        }
    }

    /// The client is gone, or the link is to end; with `answer` it is told.
    fn end(&mut self, id: u64, answer: Option<Ending>) {
        let now = self.clock.now();
        match self.links.get(&id) {
            Some(Open {
                used: Use::Mqtt, ..
            }) => {
                self.hub.gone(ConnectionId(id), answer, now);
                self.flush.queue();
            }
            Some(Open {
                used: Use::View, ..
            }) => {
                // The broker goes on being observed: see `Hub::watch`.
                self.views.close(id);
            }
            Some(Open {
                used: Use::Unknown, ..
            })
            | None => {}
        }
        self.forget(id);
    }

    fn on_gone(&mut self, id: u64) {
        if self.links.contains_key(&id) {
            self.end(id, None);
        }
    }

    fn forget(&mut self, id: u64) {
        if let Some(Open { link, name, .. }) = self.links.remove(&id) {
            link.close();
            self.backlog.forget(id);
            if let Some(name) = name {
                self.names.remove(&name);
            }
        }
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

    fn on_credit(&mut self) {
        self.credit.rang();
        self.hub.credit();
    }

    fn on_frame(&mut self) {
        self.frame.rang();
        let now = self.clock.now();
        self.last_frame = now;
        self.views.tell(now);
        self.pace(now);
    }

    /// Sends what there is to send, takes note of what was observed, and sets the clocks.
    fn settle(&mut self, now: Time) {
        let views = &mut self.views;
        let flushed = self
            .hub
            .flush(now, |observation| views.observe(&observation));
        if let Err(error) = flushed {
            self.stuck(&error, now);
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
        self.pace(now);
    }

    /// Sees to it that the pages are told in time, and not too often.
    fn pace(&mut self, now: Time) {
        if let Some(due) = self.views.due() {
            self.frame.by(due.max(self.last_frame + FRAME), now);
        }
    }
}

/// The broker, from what was kept or anew, and what is to be said of that.
fn begin(config: Config, start: Start, views: &mut Views, now: Time) -> (Hub<Link>, Storage) {
    let (store, state) = match start {
        Start::Anew(storage) => return (Hub::new(config, now), storage),
        Start::Kept(store, state) => (store, state),
    };
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let storage = Storage {
        state: StorageState::Kept,
        why: String::new(),
        sessions: count(state.sessions.len()),
        retained: count(state.retained.len()),
    };
    match Hub::restore(config.clone(), store, state.clone(), now) {
        Ok(hub) => {
            views.restore(&state, now);
            (hub, storage)
        }
        Err(error) => {
            let storage = Storage {
                state: StorageState::Damaged,
                why: error.to_string(),
                ..Storage::default()
            };
            (Hub::new(config, now), storage)
        }
    }
}

/// A door's name as it is shown: one of those known, or `page`.
fn door_name(said: &str) -> &'static str {
    ["page", "worker", "iframe", "tab"]
        .into_iter()
        .find(|known| *known == said)
        .unwrap_or("page")
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
