//! Times of day.

use wasm_bindgen::JsValue;

/// A moment (milliseconds since the Unix epoch) as the clock on the wall shows it, with thousandths
/// if asked for.
pub(crate) fn clock(at: f64, thousandths: bool) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(at));
    let time = format!(
        "{:02}:{:02}:{:02}",
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds()
    );
    if thousandths {
        format!("{time}.{:03}", date.get_milliseconds())
    } else {
        time
    }
}
