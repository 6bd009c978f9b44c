//! The shapes of a drawing, with all that styles say of them written beside them.

use wasm_bindgen::prelude::*;
use web_sys::{CssStyleDeclaration, Element, SvgGraphicsElement};

use super::paint::{paint, pixels};
use super::text::{Look, Written, write, write_halo};
use super::xml::{Xml, number};

/// What says where a shape is, as far as attributes do.
const PLACES: [&str; 16] = [
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "width",
    "height",
    "d",
    "points",
    "text-anchor",
];

/// Whether an element of this name is a shape (or words), and no mere container.
pub(super) fn is_shape(name: &str) -> bool {
    matches!(
        name,
        "line" | "path" | "rect" | "circle" | "ellipse" | "polyline" | "polygon" | "text"
    )
}

/// Writes a shape, `left` and `top` being where the picture begins. False when nothing of it can be seen.
pub(super) fn shape(
    out: &mut Xml,
    element: &Element,
    style: &CssStyleDeclaration,
    (left, top): (f64, f64),
    written: &mut Written,
) -> Result<bool, JsValue> {
    let get = |name: &str| style.get_property_value(name);
    let name = element.tag_name();
    let text = name == "text";
    let colour = get("color")?;
    let painted = |what: &str| -> Result<_, JsValue> {
        let value = get(what)?;
        let value = if value.eq_ignore_ascii_case("currentcolor") {
            colour.clone()
        } else {
            value
        };
        Ok(paint(&value))
    };
    let fill = painted("fill")?;
    let width = pixels(&get("stroke-width")?).unwrap_or(1.0);
    let stroke = painted("stroke")?.filter(|_| width > 0.0);
    if fill.is_none() && stroke.is_none() {
        return Ok(false);
    }

    let mut all: Vec<(&'static str, String)> = Vec::new();
    for place in PLACES {
        if let Some(value) = element.get_attribute(place) {
            all.push((place, value));
        }
    }
    // Everything that lies between the shape and the screen in one: nesting, transforms, motion.
    if let Some(matrix) = element
        .dyn_ref::<SvgGraphicsElement>()
        .and_then(SvgGraphicsElement::get_screen_ctm)
    {
        let shift = [f64::from(matrix.e()) - left, f64::from(matrix.f()) - top];
        let turn = [matrix.a(), matrix.b(), matrix.c(), matrix.d()].map(f64::from);
        if let Some(value) = transform(turn, shift) {
            all.push(("transform", value));
        }
    }
    match &fill {
        Some(fill) => {
            all.push(("fill", fill.hex.clone()));
            let alpha = fill.alpha * get("fill-opacity")?.parse().unwrap_or(1.0);
            if alpha < 1.0 {
                all.push(("fill-opacity", number(alpha)));
            }
        }
        None => all.push(("fill", "none".to_owned())),
    }
    let behind = text && get("paint-order")?.starts_with("stroke");
    let words = if text {
        element.text_content().unwrap_or_default()
    } else {
        String::new()
    };
    if text {
        let look = Look::type_of(style)?;
        all.extend(look.attributes().iter().cloned());
        written.note(&look.family, &words);
    }
    if let Some(stroke) = &stroke {
        if behind {
            write_halo(out, &all, &stroke.hex, width, &words);
        } else {
            all.push(("stroke", stroke.hex.clone()));
            all.push(("stroke-width", number(width)));
            let alpha = stroke.alpha * get("stroke-opacity")?.parse().unwrap_or(1.0);
            if alpha < 1.0 {
                all.push(("stroke-opacity", number(alpha)));
            }
            let dashes = get("stroke-dasharray")?.replace("px", "");
            if dashes != "none" && !dashes.is_empty() {
                all.push(("stroke-dasharray", dashes));
            }
            for (name, usual) in [("stroke-linecap", "butt"), ("stroke-linejoin", "miter")] {
                let value = get(name)?;
                if value != usual {
                    all.push((name, value));
                }
            }
        }
    }
    if text {
        write(out, &all, &words);
    } else {
        let attributes: Vec<_> = all
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        out.empty(&name, &attributes);
    }
    Ok(true)
}

/// A transform as an attribute; none when it changes nothing.
fn transform(turn: [f64; 4], shift: [f64; 2]) -> Option<String> {
    let [x, y] = shift.map(number);
    if turn == [1.0, 0.0, 0.0, 1.0] {
        return (x != "0" || y != "0").then(|| format!("translate({x} {y})"));
    }
    let [a, b, c, d] = turn.map(|value| format!("{value:.4}"));
    Some(format!("matrix({a} {b} {c} {d} {x} {y})"))
}

#[cfg(test)]
mod tests {
    use super::transform;

    #[test]
    fn a_transform_is_as_short_as_it_can_be() {
        let plain = [1.0, 0.0, 0.0, 1.0];
        assert_eq!(transform(plain, [0.0, 0.001]), None);
        assert_eq!(
            transform(plain, [3.0, -4.5]).as_deref(),
            Some("translate(3 -4.5)")
        );
        assert_eq!(
            transform([0.7, 0.0, 0.0, 0.7], [1.0, 0.0]).as_deref(),
            Some("matrix(0.7000 0.0000 0.0000 0.7000 1 0)")
        );
    }
}
