//! Time and timers of the browser.

use std::time::Duration;

use js_sys::Function;
use vitrine_broker::Time;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessagePort, Performance};

/// The shortest time between two frames to a page.
pub(super) const FRAME: Duration = Duration::from_millis(33);

/// The longest a timer is set for, in milliseconds: browsers count them in 32 bits. Who wakes too early sets it again.
const LONGEST: f64 = 86_400_000.0;

/// The browser's clock. It does not jump when the machine's is set.
pub(super) struct Clock {
    performance: Performance,
    /// When it began, in milliseconds since the Unix epoch.
    origin: f64,
}

impl Clock {
    pub(super) fn new(scope: &DedicatedWorkerGlobalScope) -> Self {
        let performance = scope.performance().expect("every browser has a clock");
        Self {
            origin: performance.time_origin(),
            performance,
        }
    }

    pub(super) fn now(&self) -> Time {
        from_millis(self.origin + self.performance.now())
    }
}

/// A time given in milliseconds since the Unix epoch.
pub(crate) fn from_millis(millis: f64) -> Time {
    // Clamps at both ends, and takes NaN for 0.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Time::from_micros((millis * 1_000.0) as u64)
}

/// Milliseconds since the Unix epoch.
pub(crate) fn as_millis(time: Time) -> f64 {
    // Exact until the year 2255.
    #[expect(clippy::cast_precision_loss)]
    let micros = time.as_micros() as f64;
    micros / 1_000.0
}

/// A timer that does the same whenever it goes off. Workers' timers keep their pace in a background tab.
pub(super) struct Alarm {
    scope: DedicatedWorkerGlobalScope,
    work: Function,
    set: Option<(i32, Time)>,
}

impl Alarm {
    pub(super) fn new(scope: &DedicatedWorkerGlobalScope, work: impl FnMut() + 'static) -> Self {
        let work = Closure::<dyn FnMut()>::new(work)
            .into_js_value()
            .unchecked_into();
        Self {
            scope: scope.clone(),
            work,
            set: None,
        }
    }

    /// It went off: to be called first thing by its work.
    pub(super) fn rang(&mut self) {
        self.set = None;
    }

    /// Goes off at `at`, unless it goes off before that already.
    pub(super) fn by(&mut self, at: Time, now: Time) {
        if let Some((timer, set)) = self.set {
            if set <= at {
                return;
            }
            self.scope.clear_timeout_with_handle(timer);
        }
        // A fraction of a millisecond early would be a turn for nothing.
        let wait = (as_millis(at) - as_millis(now)).clamp(0.0, LONGEST).ceil();
        #[expect(clippy::cast_possible_truncation)]
        let wait = wait as i32;
        let timer = self
            .scope
            .set_timeout_with_callback_and_timeout_and_arguments_0(&self.work, wait);
        self.set = timer.ok().map(|timer| (timer, at));
    }
}

/// A task that runs after all that waits now.
pub(super) struct Task {
    post: MessagePort,
    /// Kept, so that nobody collects it while it listens.
    _listen: MessagePort,
    set: bool,
}

impl Task {
    pub(super) fn new(work: impl FnMut() + 'static) -> Self {
        let channel = MessageChannel::new().expect("every browser has message channels");
        let work = Closure::<dyn FnMut()>::new(work).into_js_value();
        channel.port1().set_onmessage(Some(work.unchecked_ref()));
        Self {
            post: channel.port2(),
            _listen: channel.port1(),
            set: false,
        }
    }

    /// It runs: to be called first thing by its work.
    pub(super) fn runs(&mut self) {
        self.set = false;
    }

    /// Runs it once.
    pub(super) fn queue(&mut self) {
        if !self.set {
            self.set = self.post.post_message(&JsValue::UNDEFINED).is_ok();
        }
    }
}
