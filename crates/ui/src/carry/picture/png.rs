//! A picture as a PNG.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement,
};

use super::Picture;

/// Dots for each pixel of the page: sharp on a projector.
const SCALE: f64 = 2.0;
/// Dots a side at most: what every browser can draw.
const MOST: f64 = 8192.0;

/// Paints `picture`.
///
/// # Errors
///
/// What the browser said when it could not.
pub(crate) async fn png(picture: &Picture) -> Result<Blob, JsValue> {
    let document = web_sys::window()
        .and_then(|window| window.document())
        .ok_or(JsValue::NULL)?;
    let parts = js_sys::Array::of1(&JsValue::from_str(&picture.svg));
    let kind = BlobPropertyBag::new();
    kind.set_type("image/svg+xml");
    let blob = Blob::new_with_str_sequence_and_options(&parts, &kind)?;
    let address = web_sys::Url::create_object_url_with_blob(&blob)?;
    let image = HtmlImageElement::new()?;
    image.set_src(&address);
    let loaded = JsFuture::from(image.decode()).await;
    web_sys::Url::revoke_object_url(&address)?;
    loaded?;

    let scale = SCALE.min(MOST / picture.width.max(picture.height).max(1.0));
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
    canvas.set_width((picture.width * scale) as u32);
    canvas.set_height((picture.height * scale) as u32);
    let context: CanvasRenderingContext2d = canvas
        .get_context("2d")?
        .ok_or(JsValue::NULL)?
        .unchecked_into();
    context.draw_image_with_html_image_element_and_dw_and_dh(
        &image,
        0.0,
        0.0,
        picture.width * scale,
        picture.height * scale,
    )?;
    let made = js_sys::Promise::new(&mut |resolve, reject| {
        let done = Closure::once_into_js(move |blob: JsValue| {
            let answer = if blob.is_null() { &reject } else { &resolve };
            let _ = answer.call1(&JsValue::NULL, &blob);
        });
        let _ = canvas.to_blob(done.unchecked_ref());
    });
    Ok(JsFuture::from(made).await?.unchecked_into())
}
