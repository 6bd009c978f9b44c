//! The two kinds of links, and what is said on them: the worker's side of `web/door/wire.js`.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, DedicatedWorkerGlobalScope, MessagePort};

use crate::hub::{Ending, Wire};

/// The near end of a link. A clone is the same end.
#[derive(Clone)]
pub(super) enum Link {
    /// From this tab, or a worker or frame that was handed a port.
    Port(MessagePort),
    /// From another tab, or whatever else shares the origin.
    Channel(BroadcastChannel),
}

impl Link {
    pub(super) fn post(&self, value: &JsValue) {
        // Fails only for a link that is closed already.
        let _ = match self {
            Self::Port(port) => port.post_message(value),
            Self::Channel(channel) => channel.post_message(value),
        };
    }

    pub(super) fn listen(&self, listener: &JsValue) {
        let listener = listener.dyn_ref();
        match self {
            Self::Port(port) => {
                port.set_onmessage(listener);
            }
            Self::Channel(channel) => channel.set_onmessage(listener),
        }
    }

    pub(super) fn close(&self) {
        match self {
            Self::Port(port) => {
                port.set_onmessage(None);
                port.close();
            }
            Self::Channel(channel) => {
                channel.set_onmessage(None);
                channel.close();
            }
        }
    }
}

impl Wire for Link {
    fn send(&self, bytes: &[u8]) {
        let buffer = Uint8Array::new_from_slice(bytes).buffer();
        match self {
            Self::Port(port) => {
                let _ = port.post_message_with_transferable(&buffer, &Array::of1(&buffer));
            }
            Self::Channel(channel) => {
                let _ = channel.post_message(&buffer);
            }
        }
    }

    fn credit(&self, bytes: usize) {
        #[expect(clippy::cast_precision_loss)]
        self.post(&JsValue::from_f64(bytes as f64));
    }

    fn end(&self, ending: Ending) {
        match ending {
            Ending::Close { code, reason } => {
                self.post(&object(
                    "close",
                    &[("code", code.into()), ("reason", reason.into())],
                ));
            }
            Ending::Closed { code, reason } => {
                self.post(&object(
                    "closed",
                    &[("code", code.into()), ("reason", reason.into())],
                ));
            }
            Ending::Cut => self.post(&object("cut", &[])),
        }
        self.close();
    }
}

/// A message: an object with its `type` and other entries.
pub(super) fn object(kind: &str, entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    // A plain new object takes any entry.
    let _ = Reflect::set(&object, &"type".into(), &kind.into());
    for (key, value) in entries {
        let _ = Reflect::set(&object, &(*key).into(), value);
    }
    object.into()
}

/// An entry of a message, which may be anything: whoever shares the origin may post.
pub(super) fn entry(message: &JsValue, key: &str) -> JsValue {
    Reflect::get(message, &key.into()).unwrap_or_default()
}

/// A text in a message.
pub(super) fn text(message: &JsValue, key: &str) -> Option<String> {
    entry(message, key).as_string()
}

/// The id of the build that this worker came from, as `worker.js` has it.
pub(super) fn build(scope: &DedicatedWorkerGlobalScope) -> String {
    text(scope, "VITRINE_BUILD").unwrap_or_default()
}
