//! The ladder as one picture that needs nothing else: an SVG document, or a PNG made of it.
//!
//! `walk` reads what the page draws, element by element, as it looks now; whatever is drawn in the ladder is in the
//! picture. `paint`, `text` and `xml` are its plain functions, `fonts` what is embedded.

mod fonts;
mod paint;
mod png;
mod shape;
mod text;
mod walk;
mod xml;

use wasm_bindgen::prelude::*;
use web_sys::Element;

pub(super) use png::png;

/// Room around what is drawn, in pixels.
const MARGIN: f64 = 16.0;

/// A picture of the ladder.
pub(super) struct Picture {
    /// The whole document.
    pub(super) svg: String,
    /// Its size, in pixels.
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Draws the ladder that is on screen (all of them, where several stand side by side), under `title`.
///
/// # Errors
///
/// `no-ladder` when none is on screen; what the browser said, when the fonts cannot be had.
pub(super) async fn picture(title: &str) -> Result<Picture, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let document = window.document().ok_or(JsValue::NULL)?;
    let all = |selector: &str| -> Result<Vec<Element>, JsValue> {
        let found = document.query_selector_all(selector)?;
        let found = (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok());
        Ok(found.collect())
    };
    // Side by side, each with its QoS above it.
    let mut stages = all("[data-testid=\"beside-column\"]")?;
    if stages.is_empty() {
        stages = all(".stage")?;
    }
    if stages.is_empty() {
        return Err(JsValue::from_str("no-ladder"));
    }
    let drawn = walk::walk(&window, &stages)?;
    let fonts = fonts::style(&window, &drawn.text).await?;
    let (width, height) = (drawn.width.ceil(), (drawn.height + MARGIN).ceil());
    let mut out = xml::Xml::default();
    out.open(
        "svg",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("width", &xml::number(width)),
            ("height", &xml::number(height)),
            (
                "viewBox",
                &format!("0 0 {} {}", xml::number(width), xml::number(height)),
            ),
        ],
    );
    out.open("title", &[]);
    out.text(title);
    out.close("title");
    out.open("style", &[]);
    out.text(&fonts);
    out.close("style");
    out.empty(
        "rect",
        &[
            ("width", &xml::number(width)),
            ("height", &xml::number(height)),
            ("fill", &drawn.ground),
        ],
    );
    out.append(drawn.body);
    out.close("svg");
    Ok(Picture {
        svg: out.into_string(),
        width,
        height,
    })
}
