//! Links: how they come, what they are for, what is said on them, and how they end.

use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use vitrine_broker::ConnectionId;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent, MessagePort};

use super::super::link::{self, Link, object};
use super::super::locks;
use super::super::way::Way;
use super::{Open, Shared, Use, Waiting, Worker};
use crate::hub::Ending;
use crate::views::Wanted;

/// Bytes that are handled in one task. The door sends less in one message; who has a port may send any number.
const INBOX: u32 = 256 * 1024;

/// The sub-protocols that this broker speaks, in the words of WebSocket.
const PROTOCOLS: [&str; 2] = ["mqtt", "mqttv3.1"];

/// The channel on which links from other tabs are asked for.
const COMMON: &str = "vitrine";

impl Worker {
    /// Begins to host under this identifier; with `open` for other tabs too.
    pub(in crate::shell) fn host(this: &Shared, id: String, open: bool) {
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

    pub(super) fn ready(&self) {
        let storage = serde_wasm_bindgen::to_value(&self.storage).unwrap_or_default();
        let ready = object("ready", &[("storage", storage)]);
        let _ = self.scope.post_message(&ready);
    }

    /// A link from this tab, or from a worker or frame that was handed a port.
    pub(in crate::shell) fn take_port(this: &Shared, port: MessagePort) {
        let id = Self::take(this, Link::Port(port.clone()), None);
        // Where the browser tells that the other end is gone.
        let worker = Rc::clone(this);
        let closed =
            Closure::<dyn FnMut()>::new(move || worker.borrow_mut().on_gone(id)).into_js_value();
        let _ = port.add_event_listener_with_callback("close", closed.unchecked_ref());
    }

    /// A link from another tab.
    pub(super) fn take_channel(this: &Shared, id: &str) {
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

    pub(super) fn take(this: &Shared, link: Link, name: Option<String>) -> u64 {
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
    pub(super) fn watch(this: &Shared, id: u64, lock: &str) {
        let worker = Rc::clone(this);
        locks::when_released(lock, move || worker.borrow_mut().on_gone(id));
    }

    pub(super) fn on_message(this: &Shared, id: u64, data: JsValue) {
        let message = Waiting::Message(data);
        let message = this.borrow_mut().backlog.behind(id, message);
        if let Some(message) = message {
            Self::hear(this, id, message);
        }
    }

    /// Handles the next that waits.
    pub(super) fn on_more(this: &Shared) {
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

    pub(super) fn hear(this: &Shared, id: u64, said: Waiting) {
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

    pub(super) fn on_bytes(&mut self, id: u64, bytes: &Uint8Array) {
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

    pub(super) fn on_word(this: &Shared, id: u64, message: &JsValue) {
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
    pub(super) fn open(&mut self, id: u64, message: &JsValue) -> bool {
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
        let way = Way::Link(link);
        self.hub.open(ConnectionId(id), door_name(&door), way, now);
        self.flush.queue();
        true
    }
    /// The client is gone, or the link is to end; with `answer` it is told.
    pub(super) fn end(&mut self, id: u64, answer: Option<Ending>) {
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

    pub(super) fn on_gone(&mut self, id: u64) {
        if self.links.contains_key(&id) {
            self.end(id, None);
        }
    }

    pub(super) fn forget(&mut self, id: u64) {
        if let Some(Open { link, name, .. }) = self.links.remove(&id) {
            link.close();
            self.backlog.forget(id);
            if let Some(name) = name {
                self.names.remove(&name);
            }
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
