//! The end of a worker that failed: it says so, and then takes nothing more.

use std::panic::{self, PanicHookInfo};

use web_sys::DedicatedWorkerGlobalScope;

use super::link::object;

/// From now on a panic is told to the page, and is the worker's last word. What the broker held is not to be trusted
/// after it, and whoever was connected learns that the worker is gone.
pub(super) fn tell_of_panics(scope: &DedicatedWorkerGlobalScope) {
    let scope = scope.clone();
    panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        let reason = info.to_string();
        let _ = scope.post_message(&object("lost", &[("reason", reason.into())]));
        scope.close();
    }));
}
