//! A clock that ticks once a second, for ages.

use wasm_bindgen::prelude::*;
use yew::prelude::*;

/// The broker's time in milliseconds, at most a second old. `now` is the frame's time: the clock
/// keeps the difference between the two.
#[hook]
pub(crate) fn use_clock(now: f64) -> f64 {
    let tick = use_state(js_sys::Date::now);
    let difference = use_mut_ref(|| (0.0, 0.0));
    {
        let tick = tick.clone();
        use_effect_with((), move |()| {
            let run = Closure::<dyn FnMut()>::new(move || tick.set(js_sys::Date::now()));
            let window = web_sys::window();
            let timer = window.as_ref().and_then(|window| {
                window
                    .set_interval_with_callback_and_timeout_and_arguments_0(
                        run.as_ref().unchecked_ref(),
                        1000,
                    )
                    .ok()
            });
            move || {
                if let (Some(window), Some(timer)) = (window, timer) {
                    window.clear_interval_with_handle(timer);
                }
                drop(run);
            }
        });
    }
    let mut difference = difference.borrow_mut();
    if difference.0 != now {
        *difference = (now, now - js_sys::Date::now());
    }
    (*tick + difference.1).max(now)
}
