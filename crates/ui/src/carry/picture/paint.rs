//! Colours as a browser computes them, and as every program reads them.

/// A colour that can be seen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Paint {
    /// `#rrggbb`.
    pub(super) hex: String,
    /// How much it covers, from more than 0 to 1.
    pub(super) alpha: f64,
}

/// The colour that `text` computes to; `None` for none, for one that cannot be seen, and for what is no colour.
pub(super) fn paint(text: &str) -> Option<Paint> {
    let (function, rest) = text.trim().strip_suffix(')')?.split_once('(')?;
    let mut parts = rest
        .split([' ', ',', '/'])
        .filter(|part| !part.is_empty() && *part != "srgb");
    let unit = match function {
        "rgb" | "rgba" => 255.0,
        "color" if rest.trim_start().starts_with("srgb ") => 1.0,
        _ => return None,
    };
    let mut channel = || -> Option<u8> {
        let value: f64 = parts.next()?.parse().ok()?;
        Some((value / unit * 255.0).round().clamp(0.0, 255.0) as u8)
    };
    let (red, green, blue) = (channel()?, channel()?, channel()?);
    let alpha = match parts.next() {
        None => 1.0,
        Some(part) => match part.strip_suffix('%') {
            Some(percent) => percent.parse::<f64>().ok()? / 100.0,
            None => part.parse().ok()?,
        },
    };
    (alpha > 0.003).then(|| Paint {
        hex: format!("#{red:02x}{green:02x}{blue:02x}"),
        alpha,
    })
}

/// A length in pixels.
pub(super) fn pixels(text: &str) -> Option<f64> {
    text.trim().strip_suffix("px")?.parse().ok()
}

/// The first colour of a gradient.
pub(super) fn gradient(image: &str) -> Option<Paint> {
    let (colour, _) = image.strip_prefix("linear-gradient(")?.split_once(')')?;
    paint(&format!("{colour})"))
}

/// The dashes of an edge of this style, `thick` pixels wide.
pub(super) fn dashes(style: &str, thick: f64) -> Option<String> {
    let [on, off] = match style {
        "dotted" => [1.0, 1.0],
        "dashed" => [3.0, 2.0],
        _ => return None,
    };
    Some(format!("{} {}", on * thick, off * thick))
}

/// The radius of a corner of a box as wide as `width`.
pub(super) fn rounding(text: &str, width: f64) -> f64 {
    match text.trim().strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().unwrap_or(0.0) / 100.0 * width,
        None => pixels(text).unwrap_or(0.0),
    }
}

/// The colour and the horizontal offset of a shadow that lies inside a box's edge.
pub(super) fn inner_edge(shadow: &str) -> Option<(Paint, f64)> {
    let (colour, rest) = shadow.split_once(')')?;
    let offsets = rest.trim().strip_suffix("inset")?;
    let mut offsets = offsets.split_whitespace().map_while(pixels);
    let (x, y) = (offsets.next()?, offsets.next()?);
    (x > 0.0 && y == 0.0).then_some((paint(&format!("{colour})"))?, x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_in_all_forms_that_browsers_write() {
        for (text, hex, alpha) in [
            ("rgb(21, 24, 28)", "#15181c", 1.0),
            ("rgba(21, 24, 28, 0.5)", "#15181c", 0.5),
            ("rgb(21 24 28 / 50%)", "#15181c", 0.5),
            ("color(srgb 1 0.5 0 / 0.34)", "#ff8000", 0.34),
            ("color(srgb 0 0 0)", "#000000", 1.0),
        ] {
            let hex = hex.to_owned();
            assert_eq!(paint(text), Some(Paint { hex, alpha }), "{text}");
        }
        for text in [
            "none",
            "",
            "transparent",
            "rgba(0, 0, 0, 0)",
            "url(#a)",
            "rgb(1)",
        ] {
            assert_eq!(paint(text), None, "{text}");
        }
    }

    #[test]
    fn corners_and_grounds_are_read() {
        assert_eq!(rounding("50%", 9.0), 4.5);
        assert_eq!(rounding("6px", 9.0), 6.0);
        assert_eq!(rounding("6px 3px", 9.0), 0.0);
        let wash = gradient("linear-gradient(rgb(255, 240, 194), rgb(255, 240, 194))");
        assert_eq!(wash.map(|paint| paint.hex).as_deref(), Some("#fff0c2"));
        assert_eq!(gradient("none"), None);
    }

    #[test]
    fn the_edge_of_a_selected_row_is_read() {
        let (paint, width) = inner_edge("rgb(185, 135, 0) 4px 0px 0px 0px inset").unwrap();
        assert_eq!((paint.hex.as_str(), width), ("#b98700", 4.0));
        assert_eq!(inner_edge("none"), None);
        assert_eq!(inner_edge("rgb(0, 0, 0) 0px 8px 28px 0px"), None);
    }
}
