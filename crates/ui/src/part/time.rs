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

/// What a file of the live session is called, by the clock on the wall: `vitrine-2026-11-28-19-55-07`.
pub(crate) fn live_name() -> String {
    let now = js_sys::Date::new_0();
    format!(
        "vitrine-{:04}-{:02}-{:02}-{:02}-{:02}-{:02}",
        now.get_full_year(),
        now.get_month() + 1,
        now.get_date(),
        now.get_hours(),
        now.get_minutes(),
        now.get_seconds()
    )
}
