//! The worker's part in the browser: where messages come in, and when things are done.

mod backlog;
mod clock;
mod disk;
mod link;
mod locks;
mod lost;
mod room;
mod storage;
mod way;
mod worker;

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

use crate::guard::Guard;
pub(crate) use clock::{as_millis, from_millis};
use room::LabWorker;
use storage::Start;
use worker::Worker;

/// What this worker is for, and how far it is.
enum Stage {
    /// It opens what is kept. Ports that come meanwhile wait, and what is said on them waits in them.
    Starting(Vec<MessagePort>),
    Running(Rc<RefCell<Worker>>),
    /// It hosts nothing: the page that started it has its lab here.
    Lab(Rc<RefCell<LabWorker>>),
}

/// Puts the worker's listeners in place, if this is a worker.
pub(super) fn start() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        return;
    };
    lost::tell_of_panics(&scope);
    let stage = Rc::new(RefCell::new(Stage::Starting(Vec::new())));
    let home = scope.clone();
    let listener =
        Closure::<dyn FnMut(MessageEvent)>::new(move |event| from_page(&home, &stage, &event));
    scope.set_onmessage(Some(listener.into_js_value().unchecked_ref()));
}

/// The page that started this worker said something.
fn from_page(scope: &DedicatedWorkerGlobalScope, stage: &Rc<RefCell<Stage>>, event: &MessageEvent) {
    let message = event.data();
    match link::text(&message, "type").as_deref() {
        Some("host") => {
            let id = link::text(&message, "id").unwrap_or_default();
            let open = link::entry(&message, "open").is_truthy();
            let keep = link::entry(&message, "keep").is_truthy();
            let remembered = |key| link::text(&message, key).unwrap_or_default();
            let guard = Guard::new(remembered("rules"), remembered("passwords"));
            let (scope, stage) = (scope.clone(), Rc::clone(stage));
            spawn_local(async move {
                let worker = Worker::new(&scope, Start::open(&scope, keep).await, guard);
                let before = stage.replace(Stage::Running(Rc::clone(&worker)));
                if let Stage::Starting(ports) = before {
                    for port in ports {
                        Worker::take_port(&worker, port);
                    }
                }
                Worker::host(&worker, id, open);
            });
        }
        Some("lab") => {
            let page = scope.clone();
            let lab = LabWorker::new(scope, move |said| {
                // Everything that is said can be cloned.
                let _ = page.post_message(said);
            });
            stage.replace(Stage::Lab(lab));
        }
        Some("port") => {
            if let Ok(port) = event.ports().get(0).dyn_into::<MessagePort>() {
                match &mut *stage.borrow_mut() {
                    Stage::Starting(ports) => ports.push(port),
                    Stage::Running(worker) => Worker::take_port(worker, port),
                    Stage::Lab(_) => {}
                }
            }
        }
        _ => {
            if let Stage::Lab(lab) = &*stage.borrow() {
                lab.borrow_mut().hear(&message);
            }
        }
    }
}
