//! The worker's part in the browser: where messages come in, and when things are done.

mod backlog;
mod clock;
mod link;
mod locks;
mod lost;
mod worker;

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

pub(crate) use clock::{as_millis, from_millis};
use worker::Worker;

/// Puts the worker's listeners in place, if this is a worker.
pub(super) fn start() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        return;
    };
    lost::tell_of_panics(&scope);
    let worker = Worker::new(&scope);
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event| from_page(&worker, &event));
    scope.set_onmessage(Some(listener.into_js_value().unchecked_ref()));
}

/// The page that started this worker said something.
fn from_page(worker: &Rc<RefCell<Worker>>, event: &MessageEvent) {
    let message = event.data();
    match link::text(&message, "type").as_deref() {
        Some("host") => {
            let id = link::text(&message, "id").unwrap_or_default();
            let open = link::entry(&message, "open").is_truthy();
            Worker::host(worker, id, open);
        }
        Some("port") => {
            if let Ok(port) = event.ports().get(0).dyn_into::<MessagePort>() {
                Worker::take_port(worker, port);
            }
        }
        _ => {}
    }
}
