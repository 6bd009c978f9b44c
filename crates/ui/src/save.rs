//! Handing a file over to the user, who finds it among the downloads.

use wasm_bindgen::prelude::*;
use web_sys::{Blob, HtmlAnchorElement};

/// Some browsers begin to read a file's bytes a while after they were told to: milliseconds.
const UNTIL_READ: i32 = 60_000;

/// Hands a file over.
///
/// # Errors
///
/// What the browser said when it could not.
pub(crate) fn save(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let Some(window) = web_sys::window() else {
        return Ok(());
    };
    let Some(document) = window.document() else {
        return Ok(());
    };
    let address = web_sys::Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    let done = Closure::once_into_js(move || web_sys::Url::revoke_object_url(&address));
    window
        .set_timeout_with_callback_and_timeout_and_arguments_0(done.unchecked_ref(), UNTIL_READ)?;
    Ok(())
}
