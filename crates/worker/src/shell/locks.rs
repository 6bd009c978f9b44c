//! Web Locks, which tell each end of a link when the other is gone. `web_sys` has them as unstable only.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type Locks;

    #[wasm_bindgen(thread_local_v2, js_namespace = navigator, js_name = locks)]
    static LOCKS: Option<Locks>;

    #[wasm_bindgen(method, catch)]
    fn request(this: &Locks, name: &str, granted: &JsValue) -> Result<Promise, JsValue>;
}

/// The lock that a host's worker holds while it lives.
fn host_lock(host: &str) -> String {
    format!("vitrine:host:{host}")
}

/// The lock that the client of a link holds, and the channel of a link from another tab.
pub(super) fn link_name(id: &str) -> String {
    format!("vitrine:link:{id}")
}

/// Whether `name` is the lock of a link: nobody makes this worker wait for another.
pub(super) fn is_link_name(name: &str) -> bool {
    name.strip_prefix("vitrine:link:")
        .is_some_and(|id| !id.is_empty() && id.len() <= 64)
}

/// Holds the host's lock as long as this worker lives, and calls `held` once it does.
pub(super) fn hold_host(host: &str, held: impl FnOnce() + 'static) {
    request(&host_lock(host), move || {
        held();
        Promise::new(&mut |_, _| {}).into()
    });
}

/// Calls `gone` when whoever holds the lock now holds it no more.
pub(super) fn when_released(name: &str, gone: impl FnOnce() + 'static) {
    request(name, move || {
        gone();
        JsValue::UNDEFINED
    });
}

fn request(name: &str, granted: impl FnOnce() -> JsValue + 'static) {
    let granted = Closure::once_into_js(granted);
    LOCKS.with(|locks| {
        if let Some(locks) = locks {
            // Refused only in contexts that cannot have it; then nobody is watched.
            let _ = locks.request(name, &granted);
        }
    });
}
