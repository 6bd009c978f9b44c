//! The ladder itself: heads, lines, and the rows that fit; moved by wheel and keys.

use vitrine_link::{Anchor, Depth, FlowFrame, Selection};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::focus::Focus;
use super::heads::Heads;
use super::layout::{Layout, MANY, MANY_ON_PHONE};
use super::lines::Lines;
use super::row::Row;
use crate::app::{Look, Narrow, use_lens, use_page};
use crate::bridge::Shared;
use crate::hook::use_size;
use crate::state::{Action, Tab};
use crate::text::use_texts;

/// Rows that came less than this ago fly in, in milliseconds.
const FRESH: f64 = 700.0;
/// More fresh rows than this and none flies: nobody could follow them.
const FLOCK: usize = 9;
/// A pointer that rests this long over the rows holds them no longer, in milliseconds.
const REST: f64 = 5000.0;
/// Above this width each row says its time.
const WITH_TIME: f64 = 860.0;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) flow: Shared<FlowFrame>,
    pub(super) focus: Focus,
    pub(super) now: f64,
    pub(super) empty: Option<Html>,
}

/// Height of a row in pixels.
pub(super) fn row_height(depth: Depth, presenting: bool) -> f64 {
    let height = match depth {
        Depth::Story | Depth::Handshake => 42.0,
        Depth::Bytes => 64.0,
    };
    if presenting { height * 1.2 } else { height }
}

/// The ladder.
#[component]
pub(super) fn Stage(props: &Props) -> Html {
    let (state, lens, texts) = (use_page(), use_lens(), use_texts());
    let Narrow(narrow) = use_context().unwrap_or(Narrow(false));
    let (frame, flow, focus) = (use_node_ref(), &props.flow, &props.focus);
    let (width, height) = use_size(&frame);
    let row_height = row_height(state.depth, state.presenting);
    let head_height = 46.0;
    let fit = ((height - head_height) / row_height)
        .floor()
        .clamp(0.0, 200.0) as u32;
    {
        let lens = lens.dispatcher();
        use_effect_with(fit, move |fit| lens.dispatch(Look::Flow(*fit)));
    }

    let gutter = if width > WITH_TIME { 92.0 } else { 0.0 };
    let actors = &focus.actors;
    let in_story = |line: &vitrine_link::Lifeline| actors.contains(&line.name);
    let layout = Layout::new(
        &flow.lifelines,
        width,
        gutter,
        if narrow { MANY_ON_PHONE } else { MANY },
        (!actors.is_empty()).then_some(&in_story),
    );
    // A ladder that scrolls sideways shows half of itself on each side of the broker.
    let label_room = if layout.width > width {
        width / 2.0 - 34.0
    } else {
        layout.width
    };
    // Places that only the layout knows go to the styles as properties: the page allows no style in
    // an attribute.
    {
        let frame = frame.clone();
        let broker = layout.broker;
        let (whole, tall) = (layout.width, row_height);
        use_effect_with(
            (
                broker.to_bits(),
                whole.to_bits(),
                tall.to_bits(),
                gutter.to_bits(),
                label_room.to_bits(),
            ),
            move |_| {
                if let Some(element) = frame.cast::<HtmlElement>() {
                    let style = element.style();
                    for (name, value) in [
                        ("--broker", broker),
                        ("--ladder-width", whole),
                        ("--row", tall),
                        ("--gutter", gutter),
                        ("--label-room", label_room),
                    ] {
                        let _ = style.set_property(name, &format!("{value}px"));
                    }
                }
            },
        );
    }

    use_centre(&frame, layout.centred(width), layout.width, width);

    let moves = use_moves(flow, focus, fit);
    let last_move = use_mut_ref(|| 0.0_f64);
    let hold = {
        let (lens, last_move) = (lens.clone(), last_move.clone());
        let last = flow.rows.last().map(|row| row.number);
        let following = state.following();
        Callback::from(move |event: PointerEvent| {
            if event.pointer_type() == "mouse" {
                *last_move.borrow_mut() = js_sys::Date::now();
                if following && lens.flow_held.is_none() {
                    lens.dispatch(Look::HoldFlow(last));
                }
            }
        })
    };
    let release = {
        let lens = lens.clone();
        Callback::from(move |_: PointerEvent| lens.dispatch(Look::HoldFlow(None)))
    };
    // While it is held the clock looks whether the pointer still moves.
    let tick = crate::hook::use_clock(props.now);
    {
        let lens = lens.clone();
        use_effect_with((tick as u64, lens.flow_held.is_some()), move |(_, held)| {
            if *held && js_sys::Date::now() - *last_move.borrow() > REST {
                lens.dispatch(Look::HoldFlow(None));
            }
        });
    }

    let fresh = |at: f64| state.following() && props.now - at < FRESH;
    let flying = flow.rows.iter().filter(|row| fresh(row.at)).count() <= FLOCK;
    // Only a row that is drawn may be named as the one where the keyboard stands.
    let active = focus
        .row
        .filter(|number| flow.rows.iter().any(|row| row.number == *number))
        .map(|row| format!("row-{row}"));
    let rows = flow.rows.iter().map(|row| {
        let column = row.lifeline.and_then(|id| layout.column(id));
        let name = column.map(|column| column.name.clone()).unwrap_or_default();
        let last = flow.rows.last().map(|row| row.number);
        let holds = flow
            .holds
            .iter()
            .filter(|hold| hold.from == row.number && state.depth != Depth::Story)
            .cloned()
            .collect::<Vec<_>>();
        html! {
            <Row key={row.number} row={row.clone()} x={column.map(|column| column.x)}
                broker={layout.broker} from={gutter} width={layout.width} height={row_height} {holds}
                light={focus.light(row, &name)} {name} selected={focus.row == Some(row.number)}
                fresh={flying && fresh(row.at)} depth={state.depth} {last} {label_room} timed={gutter > 0.0} />
        }
    });
    html! {
        <div ref={frame} class={classes!("stage", narrow.then_some("narrow"))} onwheel={moves.wheel.clone()}>
            if let Some(empty) = &props.empty {
                { empty.clone() }
            } else {
                <Heads layout={layout.clone()} focus={focus.clone()} />
                <div class="ladder" data-testid="ladder-rows" role="listbox" tabindex="0"
                    aria-label={texts.get("flow.rows")} aria-activedescendant={active}
                    onkeydown={moves.key.clone()} onpointermove={hold} onpointerleave={release}>
                    <Lines layout={layout.clone()} flow={flow.clone()} focus={focus.clone()} height={row_height}
                        rows={((height - head_height) / row_height).max(1.0)} depth={state.depth} />
                    { for rows }
                </div>
            }
        </div>
    }
}

/// Where not all lines fit, begins at `wanted`, so that the broker is in the middle; until the user scrolls sideways.
#[hook]
fn use_centre(frame: &NodeRef, wanted: f64, whole: f64, width: f64) {
    let ours = use_mut_ref(|| 0_i32);
    let frame = frame.clone();
    let wanted = wanted as i32;
    use_effect_with((wanted, whole as i32, width as i32), move |_| {
        let Some(element) = frame.cast::<HtmlElement>() else {
            return;
        };
        let mut ours = ours.borrow_mut();
        // The browser goes back to 0 by itself when there was nothing to scroll in between.
        let now = element.scroll_left();
        if now != 0 && (now - *ours).abs() > 1 {
            return;
        }
        // It cannot be scrolled before it is as wide as it will be.
        let _ = element
            .style()
            .set_property("--ladder-width", &format!("{whole}px"));
        element.set_scroll_left(wanted);
        // What was asked for may be more than there is.
        *ours = element.scroll_left();
    });
}

struct Moves {
    wheel: Callback<WheelEvent>,
    key: Callback<KeyboardEvent>,
}

/// What wheel and keys do: the wheel moves the window, up and down move the selection, left and right
/// move it along its story.
#[hook]
fn use_moves(flow: &Shared<FlowFrame>, focus: &Focus, fit: u32) -> Moves {
    let state = use_page();
    let rest = use_mut_ref(|| 0.0_f64);
    let by = {
        let (state, flow) = (state.clone(), flow.clone());
        move |rows: i64| {
            let from = match state.anchor {
                Anchor::Index(index) => index,
                Anchor::Newest | Anchor::UpTo(_) | Anchor::Around(_) => flow.first,
            };
            state.dispatch(Action::Anchor(go(from, rows, flow.total, fit)));
        }
    };
    let wheel = {
        let by = by.clone();
        Callback::from(move |event: WheelEvent| {
            if event.ctrl_key() || event.shift_key() || event.delta_y() == 0.0 {
                return;
            }
            let pixels = if event.delta_mode() == 0 { 1.0 } else { 40.0 };
            let mut rest = rest.borrow_mut();
            *rest += event.delta_y() * pixels / 40.0;
            let rows = rest.trunc();
            *rest -= rows;
            if rows != 0.0 {
                by(rows as i64);
            }
        })
    };
    let (flow, focus) = (flow.clone(), focus.clone());
    let key = Callback::from(move |event: KeyboardEvent| {
        let page = i64::from(fit.max(2)) - 1;
        let selected = if let Selection::Row(number) = state.selection {
            Some(number)
        } else {
            None
        };
        let select = |number: u64| {
            let last = flow.rows.last().map(|row| row.number);
            state.dispatch(Action::SelectRow(number, last));
        };
        match event.key().as_str() {
            "PageUp" => by(-page),
            "PageDown" => by(page),
            "Home" => state.dispatch(Action::Anchor(Anchor::Index(0))),
            "Enter" if selected.is_some() => state.dispatch(Action::Show(Tab::Packet)),
            name @ ("ArrowUp" | "ArrowDown") => {
                let down = name == "ArrowDown";
                let at = selected.and_then(|n| flow.rows.iter().position(|row| row.number == n));
                let next = match at {
                    Some(at) if down => flow.rows.get(at + 1),
                    Some(at) => at.checked_sub(1).and_then(|at| flow.rows.get(at)),
                    None => flow.rows.last(),
                };
                match next {
                    Some(row) => select(row.number),
                    None => by(if down { 1 } else { -1 }),
                }
            }
            name @ ("ArrowLeft" | "ArrowRight") => {
                // Along the story, wherever its next row is.
                let from = selected.unwrap_or(if name == "ArrowRight" { 0 } else { u64::MAX });
                let Some(next) = focus.step(from, name == "ArrowRight") else {
                    return;
                };
                select(next);
                if !flow.rows.iter().any(|row| row.number == next) {
                    state.dispatch(Action::Anchor(Anchor::Around(next)));
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    });
    Moves { wheel, key }
}

/// The anchor `rows` further than the window that begins at `from`.
pub(super) fn go(from: u64, rows: i64, total: u64, fit: u32) -> Anchor {
    let end = total.saturating_sub(u64::from(fit));
    let to = from.saturating_add_signed(rows);
    if to >= end && rows > 0 {
        Anchor::Newest
    } else {
        Anchor::Index(to.min(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stays_within_the_record() {
        assert_eq!(go(50, -3, 100, 10), Anchor::Index(47));
        assert_eq!(go(2, -3, 100, 10), Anchor::Index(0));
        assert_eq!(go(88, 1, 100, 10), Anchor::Index(89));
        assert_eq!(go(88, 3, 100, 10), Anchor::Newest);
        assert_eq!(go(0, -1, 5, 10), Anchor::Index(0));
    }
}
