//! `window.vitrine`, as `web/boot.js` sets it up before the page starts.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A port to a worker's view model.
    pub(crate) type ViewPort;

    /// Opens one. `on_message` gets the worker's events, `on_state` what becomes of the line.
    #[wasm_bindgen(js_namespace = vitrine, js_name = openView, catch)]
    pub(crate) fn open_view(
        on_message: &js_sys::Function,
        on_state: &js_sys::Function,
    ) -> Result<ViewPort, JsValue>;

    /// Starts a worker for the lab, and opens a port to it.
    #[wasm_bindgen(js_namespace = vitrine, js_name = openLab, catch)]
    pub(crate) fn open_lab(
        on_message: &js_sys::Function,
        on_state: &js_sys::Function,
    ) -> Result<ViewPort, JsValue>;

    /// Sends a command.
    #[wasm_bindgen(method)]
    pub(crate) fn post(this: &ViewPort, data: &JsValue);

    /// Closes it.
    #[wasm_bindgen(method)]
    pub(crate) fn close(this: &ViewPort);

    /// The id of the build that the page came from.
    #[wasm_bindgen(thread_local_v2, js_namespace = vitrine, js_name = build)]
    pub(crate) static BUILD: JsValue;

    /// The page's own MQTT clients, and the course's world of them.
    #[derive(Clone)]
    pub(crate) type WorldObject;

    #[wasm_bindgen(thread_local_v2, js_namespace = vitrine, js_name = world)]
    static WORLD: Option<WorldObject>;

    #[wasm_bindgen(method, catch)]
    pub(crate) async fn start(this: &WorldObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) async fn stop(this: &WorldObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn pause(this: &WorldObject) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn resume(this: &WorldObject) -> Result<(), JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn running(this: &WorldObject) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn paused(this: &WorldObject) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn rate(this: &WorldObject) -> Option<f64>;
    #[wasm_bindgen(method, js_name = setRate, catch)]
    pub(crate) fn set_rate(this: &WorldObject, milliseconds: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn clients(this: &WorldObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, js_name = onChange)]
    pub(crate) fn on_change(this: &WorldObject, callback: &js_sys::Function);
    #[wasm_bindgen(method, catch)]
    pub(crate) async fn connect(this: &WorldObject, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) async fn disconnect(this: &WorldObject, id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn cut(this: &WorldObject, id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) async fn reconnect(this: &WorldObject, id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) async fn remove(this: &WorldObject, id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) async fn subscribe(
        this: &WorldObject,
        id: &str,
        filter: &str,
        qos: u8,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) async fn unsubscribe(
        this: &WorldObject,
        id: &str,
        filter: &str,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) async fn publish(this: &WorldObject, message: &JsValue) -> Result<JsValue, JsValue>;
}

/// The page's own clients, where `web/boot.js` has set them up.
pub(crate) fn page_world() -> Option<WorldObject> {
    WORLD.with(Clone::clone)
}
