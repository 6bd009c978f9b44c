//! A client that has only connected stands left of the broker. When the first thing that it does is to subscribe it goes
//! to the right: where it went is shown, for all names glide to their new places and the rows come after.

use std::collections::BTreeMap;

use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::layout::{Column, Layout};

/// Where each line stands: its place, and whether it is left of the broker. Lines are told apart by their names too, as those of
/// the lab and of the broker in the tab are counted each by itself.
type Places = BTreeMap<(u32, String), (i32, bool)>;

fn places(layout: &Layout) -> Places {
    let columns = layout.columns.iter();
    columns
        .map(|column| {
            let key = (column.id, column.name.clone());
            (key, (column.x as i32, column.left))
        })
        .collect()
}

/// Whether a line went from the left of the broker to the right. It goes back only where time does.
fn crosses(before: &Places, now: &Places) -> bool {
    let mut right = now.iter().filter(|(_, (_, left))| !left);
    right.any(|(line, _)| before.get(line).is_some_and(|(_, was_left)| *was_left))
}

/// How far each head comes from, left to right as they stand now, the broker's among them.
fn ways(before: (&Places, f64), now: &Layout) -> Vec<f64> {
    let (places, broker) = before;
    let way = |column: &Column| {
        let before = places.get(&(column.id, column.name.clone()));
        before.map_or(0.0, |(from, _)| f64::from(*from) - column.x)
    };
    let of_side = |left: bool| {
        let columns = now.columns.iter().filter(move |column| column.left == left);
        columns.map(way)
    };
    let broker = [broker - now.broker];
    of_side(true).chain(broker).chain(of_side(false)).collect()
}

/// Shows that a line went to the other side.
#[hook]
pub(super) fn use_crossing(frame: &NodeRef, layout: &Layout) {
    let before = use_mut_ref(|| (Places::new(), 0.0));
    let frame = frame.clone();
    use_effect_with(layout.clone(), move |layout| {
        let now = places(layout);
        let (known, broker) = before.replace((now.clone(), layout.broker));
        let Some(frame) = frame.cast::<HtmlElement>() else {
            return;
        };
        if crosses(&known, &now) {
            glide(&frame, &ways((&known, broker), layout));
        }
    });
}

/// Lets the heads glide from where they were, and the rows appear.
fn glide(frame: &HtmlElement, ways: &[f64]) {
    let Ok(cells) = frame.query_selector_all(".heads > .cell") else {
        return;
    };
    for (place, way) in (0..).zip(ways) {
        if let Some(cell) = cells.get(place)
            && let Ok(cell) = cell.dyn_into::<HtmlElement>()
        {
            let _ = cell.style().set_property("--way", &format!("{way}px"));
        }
    }
    // What runs already begins anew.
    let classes = frame.class_list();
    let _ = classes.remove_1("crossing");
    let _ = frame.offset_width();
    let _ = classes.add_1("crossing");
}

#[cfg(test)]
mod tests {
    use vitrine_link::{Lifeline, Side};

    use super::super::layout::MANY;
    use super::*;

    fn layout(sides: &[Side]) -> Layout {
        let lines: Vec<_> = (0..)
            .zip(sides)
            .map(|(id, side)| Lifeline {
                id,
                side: *side,
                ..Lifeline::default()
            })
            .collect();
        Layout::new(&lines, 640.0, 0.0, MANY, None)
    }

    #[test]
    fn who_subscribes_first_goes_to_the_right_and_is_seen_to_come_from_the_left() {
        let before = layout(&[Side::Publisher, Side::Publisher]);
        let now = layout(&[Side::Publisher, Side::Subscriber]);
        let known = places(&before);
        assert!(crosses(&known, &places(&now)));
        let [first, broker, second] = ways((&known, before.broker), &now)[..] else {
            panic!("three heads");
        };
        assert_eq!(broker, 0.0);
        assert!(first < 0.0 && second < -100.0, "{first} {second}");
    }

    #[test]
    fn nobody_crosses_when_time_goes_back_nor_when_others_take_the_places() {
        let before = places(&layout(&[Side::Publisher]));
        let now = layout(&[Side::Subscriber]);
        assert!(crosses(&before, &places(&now)));
        assert!(!crosses(&places(&now), &before));
        let mut lab = now;
        lab.columns[0].name = "another".into();
        assert!(!crosses(&before, &places(&lab)));
    }

    #[test]
    fn who_comes_goes_or_makes_room_does_not_cross() {
        let two = layout(&[Side::Publisher, Side::Subscriber]);
        for other in [
            layout(&[Side::Publisher]),
            layout(&[Side::Publisher, Side::Subscriber, Side::Subscriber]),
            layout(&[Side::Publisher, Side::Subscriber, Side::Publisher]),
        ] {
            assert!(!crosses(&places(&two), &places(&other)));
        }
    }
}
