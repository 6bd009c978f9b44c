//! Reads what the page draws, element by element, and writes it as shapes and words.

use wasm_bindgen::prelude::*;
use web_sys::{
    CanvasRenderingContext2d, CssStyleDeclaration, DomRect, Element, HtmlCanvasElement, Node,
    Range, Window,
};

use super::paint::{Paint, dashes, gradient, inner_edge, paint, pixels, rounding};
use super::shape::{is_shape, shape};
use super::text::{Clip, Look, Written, lines};
use super::xml::{Xml, number};

/// What does not belong in a picture: words for those who listen, and what is in motion only as it comes.
const LEFT_OUT: [&str; 2] = ["unseen", "flight"];

/// What was drawn.
pub(super) struct Drawn {
    pub(super) body: Xml,
    pub(super) text: Written,
    /// The colour behind everything.
    pub(super) ground: String,
    pub(super) width: f64,
    /// Down to the lowest thing that is no lifeline: those go on for ever.
    pub(super) height: f64,
}

/// Draws `stages` as they stand on the page.
pub(super) fn walk(window: &Window, stages: &[Element]) -> Result<Drawn, JsValue> {
    let document = window.document().ok_or(JsValue::NULL)?;
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
    let measure: CanvasRenderingContext2d = canvas
        .get_context("2d")?
        .ok_or(JsValue::NULL)?
        .unchecked_into();
    let rects: Vec<DomRect> = stages
        .iter()
        .map(Element::get_bounding_client_rect)
        .collect();
    let top = rects
        .iter()
        .map(|rect| rect.top())
        .fold(f64::INFINITY, f64::min);
    // What is scrolled out of sight belongs to the ladder: each is drawn whole, one beside the other.
    let mut walk = Walk {
        window,
        range: document.create_range()?,
        measure,
        out: Xml::default(),
        written: Written::default(),
        left: 0.0,
        top,
        lowest: 0.0,
        endless: false,
    };
    let mut width = 0.0;
    for (stage, rect) in stages.iter().zip(&rects) {
        walk.left = rect.left() - f64::from(stage.scroll_left()) - width;
        walk.children(stage, Clip::ALL)?;
        width += f64::from(stage.scroll_width()).max(rect.width());
    }
    let ground = ground(window, stages.first())?;
    Ok(Drawn {
        height: walk.lowest,
        body: walk.out,
        text: walk.written,
        ground,
        width,
    })
}

/// The colour behind an element: the nearest that covers.
fn ground(window: &Window, from: Option<&Element>) -> Result<String, JsValue> {
    let mut at = from.cloned();
    while let Some(element) = at {
        if let Some(style) = window.get_computed_style(&element)?
            && let Some(paint) = paint(&style.get_property_value("background-color")?)
            && paint.alpha > 0.99
        {
            return Ok(paint.hex);
        }
        at = element.parent_element();
    }
    Ok("#ffffff".to_owned())
}

struct Walk<'a> {
    window: &'a Window,
    range: Range,
    measure: CanvasRenderingContext2d,
    out: Xml,
    written: Written,
    /// Where the picture begins on the page.
    left: f64,
    top: f64,
    /// How far down anything goes.
    lowest: f64,
    /// Within the lifelines.
    endless: bool,
}

impl Walk<'_> {
    fn reach(&mut self, bottom: f64) {
        if !self.endless {
            self.lowest = self.lowest.max(bottom - self.top);
        }
    }

    /// What is in an element, what lies higher last.
    fn children(&mut self, element: &Element, clip: Clip) -> Result<(), JsValue> {
        let nodes = element.child_nodes();
        let mut within: Vec<(i32, Node, Option<CssStyleDeclaration>)> = Vec::new();
        for at in 0..nodes.length() {
            let Some(node) = nodes.get(at) else { continue };
            if let Some(child) = node.dyn_ref::<Element>() {
                let style = self.window.get_computed_style(child)?;
                let height = match &style {
                    Some(style) => style.get_property_value("z-index")?.parse().unwrap_or(0),
                    None => 0,
                };
                within.push((height, node, style));
            } else if node.node_type() == Node::TEXT_NODE {
                within.push((0, node, None));
            }
        }
        within.sort_by_key(|(height, ..)| *height);
        let own = self.window.get_computed_style(element)?;
        for (_, node, style) in within {
            match (node.dyn_ref::<Element>(), style, &own) {
                (Some(child), Some(style), _) => self.element(child, &style, clip)?,
                (None, _, Some(own)) => self.words(&node, own, clip)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn element(
        &mut self,
        element: &Element,
        style: &CssStyleDeclaration,
        clip: Clip,
    ) -> Result<(), JsValue> {
        let get = |name: &str| style.get_property_value(name);
        let classes = element.class_list();
        if get("display")? == "none"
            || get("visibility")? != "visible"
            || LEFT_OUT.iter().any(|class| classes.contains(class))
        {
            return Ok(());
        }
        let opacity: f64 = get("opacity")?.parse().unwrap_or(1.0);
        if opacity <= 0.0 {
            return Ok(());
        }
        let endless = self.endless;
        self.endless |= classes.contains("lines");
        if opacity < 1.0 {
            self.out.open("g", &[("opacity", &number(opacity))]);
        }
        let name = element.tag_name();
        let drawing = element.namespace_uri().as_deref() == Some("http://www.w3.org/2000/svg");
        if drawing && is_shape(&name) {
            let from = (self.left, self.top);
            if shape(&mut self.out, element, style, from, &mut self.written)? {
                self.reach(element.get_bounding_client_rect().bottom());
            }
        } else if drawing {
            if !matches!(name.as_str(), "title" | "desc" | "defs") {
                self.children(element, clip)?;
            }
        } else {
            let rect = element.get_bounding_client_rect();
            self.box_of(style, &rect)?;
            self.pseudo(element, "::before", &rect)?;
            let inner = if get("overflow-x")? == "visible" {
                clip
            } else {
                clip.within(&rect)
            };
            self.children(element, inner)?;
            self.pseudo(element, "::after", &rect)?;
        }
        if opacity < 1.0 {
            self.out.close("g");
        }
        self.endless = endless;
        Ok(())
    }

    /// The ground and the edges of a box.
    fn box_of(&mut self, style: &CssStyleDeclaration, rect: &DomRect) -> Result<(), JsValue> {
        let get = |name: &str| style.get_property_value(name);
        let (x, y) = (rect.left() - self.left, rect.top() - self.top);
        let (width, height) = (rect.width(), rect.height());
        if width <= 0.0 || height <= 0.0 {
            return Ok(());
        }
        let round = rounding(&get("border-top-left-radius")?, width)
            .min(width / 2.0)
            .min(height / 2.0);
        // A gradient from a colour to itself lies over the ground.
        let ground = match gradient(&get("background-image")?) {
            Some(paint) => Some(paint),
            None => paint(&get("background-color")?),
        };
        if let Some(ground) = &ground {
            self.rect([x, y, width, height], round, Some(ground), None);
            self.reach(rect.bottom());
        }
        if let Some((paint, edge)) = inner_edge(&get("box-shadow")?) {
            self.rect([x, y, edge, height], 0.0, Some(&paint), None);
        }
        let mut sides = Vec::new();
        for side in ["top", "right", "bottom", "left"] {
            let thick = pixels(&get(&format!("border-{side}-width"))?).unwrap_or(0.0);
            let line = get(&format!("border-{side}-style"))?;
            let colour = paint(&get(&format!("border-{side}-color"))?);
            let there = colour.filter(|_| thick > 0.0 && line != "none");
            sides.push(there.map(|paint| (paint, thick, dashes(&line, thick))));
        }
        if let Some((paint, thick, dashes)) = sides[0].clone()
            && sides.iter().all(|side| *side == sides[0])
        {
            let half = thick / 2.0;
            let at = [x + half, y + half, width - thick, height - thick];
            let stroke = Some((&paint, thick, dashes));
            self.rect(at, (round - half).max(0.0), None, stroke);
            self.reach(rect.bottom());
            return Ok(());
        }
        for (side, edge) in sides.into_iter().enumerate() {
            let Some((paint, thick, dashes)) = edge else {
                continue;
            };
            let half = thick / 2.0;
            let (right, bottom) = (x + width, y + height);
            let [x1, y1, x2, y2] = match side {
                0 => [x, y + half, right, y + half],
                1 => [right - half, y, right - half, bottom],
                2 => [x, bottom - half, right, bottom - half],
                _ => [x + half, y, x + half, bottom],
            };
            let mut all = vec![
                ("x1", number(x1)),
                ("y1", number(y1)),
                ("x2", number(x2)),
                ("y2", number(y2)),
                ("stroke", paint.hex),
                ("stroke-width", number(thick)),
            ];
            if paint.alpha < 1.0 {
                all.push(("stroke-opacity", number(paint.alpha)));
            }
            all.extend(dashes.map(|dashes| ("stroke-dasharray", dashes)));
            self.empty("line", &all);
        }
        Ok(())
    }

    fn empty(&mut self, name: &str, attributes: &[(&'static str, String)]) {
        let attributes: Vec<_> = attributes
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.out.empty(name, &attributes);
    }

    fn rect(
        &mut self,
        [x, y, width, height]: [f64; 4],
        round: f64,
        fill: Option<&Paint>,
        stroke: Option<(&Paint, f64, Option<String>)>,
    ) {
        let mut all = vec![
            ("x", number(x)),
            ("y", number(y)),
            ("width", number(width)),
            ("height", number(height)),
        ];
        if round > 0.0 {
            all.push(("rx", number(round)));
        }
        match fill {
            Some(fill) => {
                all.push(("fill", fill.hex.clone()));
                if fill.alpha < 1.0 {
                    all.push(("fill-opacity", number(fill.alpha)));
                }
            }
            None => all.push(("fill", "none".to_owned())),
        }
        if let Some((stroke, thick, dashes)) = stroke {
            all.push(("stroke", stroke.hex.clone()));
            all.push(("stroke-width", number(thick)));
            all.extend(dashes.map(|dashes| ("stroke-dasharray", dashes)));
        }
        self.empty("rect", &all);
    }

    /// A box that only the styles know, such as the dot at the head of a line.
    fn pseudo(&mut self, element: &Element, which: &str, host: &DomRect) -> Result<(), JsValue> {
        let Some(style) = self
            .window
            .get_computed_style_with_pseudo_elt(element, which)?
        else {
            return Ok(());
        };
        let get = |name: &str| style.get_property_value(name);
        let there = matches!(get("content")?.as_str(), "\"\"");
        if !there || get("position")? != "absolute" || get("display")? == "none" {
            return Ok(());
        }
        let sizes =
            ["left", "top", "width", "height"].map(|name| get(name).map(|size| pixels(&size)));
        let [
            Ok(Some(left)),
            Ok(Some(top)),
            Ok(Some(width)),
            Ok(Some(height)),
        ] = sizes
        else {
            return Ok(());
        };
        let rect = DomRect::new_with_x_and_y_and_width_and_height(
            host.left() + left,
            host.top() + top,
            width,
            height,
        )?;
        let opacity: f64 = get("opacity")?.parse().unwrap_or(1.0);
        let turned = get("transform")?;
        let mut attributes = vec![("opacity", number(opacity))];
        if let Some(values) = turned.strip_prefix("matrix(") {
            // About its middle, as styles turn things.
            let x = number(rect.left() - self.left + width / 2.0);
            let y = number(rect.top() - self.top + height / 2.0);
            attributes.push((
                "transform",
                format!("translate({x} {y}) matrix({values} translate(-{x} -{y})"),
            ));
        }
        let plain = opacity >= 1.0 && attributes.len() == 1;
        if !plain {
            let attributes: Vec<_> = attributes
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            self.out.open("g", &attributes);
        }
        self.box_of(&style, &rect)?;
        if !plain {
            self.out.close("g");
        }
        Ok(())
    }

    fn words(
        &mut self,
        node: &Node,
        style: &CssStyleDeclaration,
        clip: Clip,
    ) -> Result<(), JsValue> {
        let lines = lines(&self.range, node, clip)?;
        if lines.is_empty() {
            return Ok(());
        }
        let Some(look) = Look::of(style, &self.measure)? else {
            return Ok(());
        };
        for line in lines {
            self.written.note(&look.family, &line.words);
            look.write(&mut self.out, &line, self.left, self.top);
            self.reach(line.rect.bottom());
        }
        Ok(())
    }
}
