//! Words of the page, line by line, where they stand.

use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, DomRect, Range};

use super::paint::{paint, pixels};
use super::xml::{Xml, number};

/// With which typefaces something was written, and whether beyond Latin-1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Written {
    pub(super) text: bool,
    pub(super) text_beyond: bool,
    pub(super) mono: bool,
    pub(super) mono_beyond: bool,
}

impl Written {
    pub(super) fn note(&mut self, family: &str, words: &str) {
        let beyond = words
            .chars()
            .any(|character| matches!(character, '\u{100}'..='\u{2ba}' | '\u{1e00}'..='\u{1eff}'));
        if family.contains("Vitrine Mono") {
            self.mono = true;
            self.mono_beyond |= beyond;
        } else {
            self.text = true;
            self.text_beyond |= beyond;
        }
    }
}

/// The part of the page in which something can be seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clip {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Clip {
    pub(super) const ALL: Self = Self {
        left: f64::NEG_INFINITY,
        top: f64::NEG_INFINITY,
        right: f64::INFINITY,
        bottom: f64::INFINITY,
    };

    pub(super) fn within(self, rect: &DomRect) -> Self {
        Self {
            left: self.left.max(rect.left()),
            top: self.top.max(rect.top()),
            right: self.right.min(rect.right()),
            bottom: self.bottom.min(rect.bottom()),
        }
    }

    /// Whether the middle of a line can be seen.
    fn shows(self, rect: &DomRect) -> bool {
        let middle = f64::midpoint(rect.top(), rect.bottom());
        middle > self.top && middle < self.bottom && rect.left() < self.right
    }
}

/// One line of words.
pub(super) struct Line {
    pub(super) words: String,
    pub(super) rect: DomRect,
}

/// The lines of a text node; what does not fit its box is cut, as the page cuts it.
pub(super) fn lines(range: &Range, node: &web_sys::Node, clip: Clip) -> Result<Vec<Line>, JsValue> {
    let units: Vec<u16> = node
        .text_content()
        .unwrap_or_default()
        .encode_utf16()
        .collect();
    let rect = |from: usize, to: usize| -> Result<DomRect, JsValue> {
        range.set_start(node, from as u32)?;
        range.set_end(node, to as u32)?;
        Ok(range.get_bounding_client_rect())
    };
    let blank = |unit: &u16| matches!(*unit, 9 | 10 | 13 | 32);
    let Some(first) = units.iter().position(|unit| !blank(unit)) else {
        return Ok(Vec::new());
    };
    let last = units.iter().rposition(|unit| !blank(unit)).unwrap_or(first) + 1;
    let mut pieces = Vec::new();
    range.set_start(node, first as u32)?;
    range.set_end(node, last as u32)?;
    if range
        .get_client_rects()
        .is_none_or(|rects| rects.length() <= 1)
    {
        pieces.push((first, last));
    } else {
        let mut begin = first;
        let mut line = rect(first, first + 1)?.top();
        for at in first + 1..last {
            let here = rect(at, at + 1)?;
            if here.width() > 0.0 && (here.top() - line).abs() > 4.0 {
                pieces.push((begin, at));
                (begin, line) = (at, here.top());
            }
        }
        pieces.push((begin, last));
    }
    let mut out = Vec::new();
    for (from, mut to) in pieces {
        while to > from && blank(&units[to - 1]) {
            to -= 1;
        }
        let mut whole = rect(from, to)?;
        if whole.width() <= 0.0 || !clip.shows(&whole) {
            continue;
        }
        let mut dots = "";
        if whole.right() > clip.right + 1.0 {
            dots = "…";
            let room = clip.right - whole.height() * 0.6;
            while to > from + 1 && whole.right() > room {
                to -= 1;
                // Not through the middle of a character.
                if (0xdc00..0xe000).contains(&units[to]) {
                    to -= 1;
                }
                whole = rect(from, to)?;
            }
        }
        let words = String::from_utf16_lossy(&units[from..to]);
        out.push(Line {
            words: format!("{words}{dots}"),
            rect: whole,
        });
    }
    Ok(out)
}

/// How a text looks.
pub(super) struct Look {
    pub(super) family: String,
    attributes: Vec<(&'static str, String)>,
    halo: Option<String>,
    /// What of a line's height lies above its base.
    rise: f64,
}

impl Look {
    /// The look that `style` gives to HTML.
    pub(super) fn of(
        style: &CssStyleDeclaration,
        measure: &CanvasRenderingContext2d,
    ) -> Result<Option<Self>, JsValue> {
        let get = |name: &str| style.get_property_value(name);
        let Some(ink) = paint(&get("color")?) else {
            return Ok(None);
        };
        let mut look = Self::type_of(style)?;
        look.attributes.push(("fill", ink.hex));
        if ink.alpha < 1.0 {
            look.attributes.push(("fill-opacity", number(ink.alpha)));
        }
        let decoration = get("text-decoration-line")?;
        if decoration != "none" && !decoration.is_empty() {
            look.attributes.push(("text-decoration", decoration));
        }
        // A halo of shadows becomes a stroke behind the words.
        look.halo = get("text-shadow")?
            .split_once(')')
            .and_then(|(colour, _)| paint(&format!("{colour})")))
            .map(|paint| paint.hex);
        measure.set_font(&format!(
            "{} {} {}",
            get("font-weight")?,
            get("font-size")?,
            look.family
        ));
        let metrics = measure.measure_text("x")?;
        let (up, down) = (
            metrics.font_bounding_box_ascent(),
            metrics.font_bounding_box_descent(),
        );
        look.rise = if up + down > 0.0 {
            up / (up + down)
        } else {
            0.8
        };
        Ok(Some(look))
    }

    /// The typeface alone.
    pub(super) fn type_of(style: &CssStyleDeclaration) -> Result<Self, JsValue> {
        let get = |name: &str| style.get_property_value(name);
        let family = get("font-family")?.replace('"', "'");
        let mut attributes = vec![
            ("font-family", family.clone()),
            (
                "font-size",
                number(pixels(&get("font-size")?).unwrap_or(16.0)),
            ),
            ("font-weight", get("font-weight")?),
        ];
        for (name, usual) in [("font-style", "normal"), ("letter-spacing", "normal")] {
            let value = get(name)?;
            if value != usual {
                attributes.push((name, value.trim_end_matches("px").to_owned()));
            }
        }
        Ok(Self {
            family,
            attributes,
            halo: None,
            rise: 0.8,
        })
    }

    pub(super) fn attributes(&self) -> &[(&'static str, String)] {
        &self.attributes
    }

    /// Writes a line, `left` and `top` being where the picture begins.
    pub(super) fn write(&self, out: &mut Xml, line: &Line, left: f64, top: f64) {
        let rect = &line.rect;
        let mut all = vec![
            ("x", number(rect.left() - left)),
            ("y", number(rect.top() - top + rect.height() * self.rise)),
        ];
        // Where the typeface is not to be had, the words keep their room.
        if !line.words.ends_with('…') {
            all.push(("textLength", number(rect.width())));
            all.push(("lengthAdjust", "spacingAndGlyphs".to_owned()));
        }
        all.extend(self.attributes.iter().cloned());
        if let Some(halo) = &self.halo {
            write_halo(out, &all, halo, 4.0, &line.words);
        }
        write(out, &all, &line.words);
    }
}

/// Writes words twice, the first time only their halo: not every program draws a stroke behind its own fill.
pub(super) fn write_halo(
    out: &mut Xml,
    attributes: &[(&'static str, String)],
    colour: &str,
    width: f64,
    words: &str,
) {
    let mut halo: Vec<_> = attributes
        .iter()
        .filter(|(name, _)| !name.starts_with("fill") && *name != "text-decoration")
        .cloned()
        .collect();
    halo.extend([
        ("fill", colour.to_owned()),
        ("stroke", colour.to_owned()),
        ("stroke-width", number(width)),
        ("stroke-linejoin", "round".to_owned()),
    ]);
    write(out, &halo, words);
}

/// Writes words.
pub(super) fn write(out: &mut Xml, attributes: &[(&'static str, String)], words: &str) {
    let attributes: Vec<_> = attributes
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    out.open("text", &attributes);
    out.text(words);
    out.close("text");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typeface_is_embedded_when_it_is_used() {
        let mut written = Written::default();
        written.note("'Vitrine Mono', monospace", "2a 1f");
        assert_eq!(
            written,
            Written {
                mono: true,
                ..Written::default()
            }
        );
        written.note("'Vitrine Text', sans-serif", "Łódź … é");
        assert!(written.text && written.text_beyond && !written.mono_beyond);
    }
}
