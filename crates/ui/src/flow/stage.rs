//! The ladder itself: heads, lines, and the rows that fit; moved by wheel and keys.

use vitrine_link::{Anchor, Depth, FlowFrame, Flying, Head, Lifeline, RowKind, Selection};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::crossing::use_crossing;
use super::flying::{Fliers, InFlight};
use super::focus::Focus;
use super::heads::Heads;
use super::layout::{Layout, MANY, MANY_ON_PHONE};
use super::lines::Lines;
use super::names::{all_lines, line_name};
use super::packets::packet_name;
use super::row::{Row, row_id};
use crate::app::{Look, Narrow, use_lens, use_page};
use crate::bridge::Shared;
use crate::hook::{use_media, use_size};
use crate::lab::{LabNow, use_lab_now};
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
/// Above this height what is in each head stands below its name, in so many pixels.
const BOXED: f64 = 330.0;
const BOXES: f64 = 42.0;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) flow: Shared<FlowFrame>,
    pub(crate) focus: Focus,
    pub(crate) now: f64,
    pub(crate) empty: Option<Html>,
    /// One of three ladders that stand side by side.
    #[prop_or_default]
    pub(crate) beside: Option<Column>,
}

/// One of three ladders that stand side by side.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    /// Its QoS.
    pub(crate) qos: u8,
    /// The lab's own ladder: the one that says how many rows fit.
    pub(crate) main: bool,
    pub(crate) flying: Vec<Flying>,
    pub(crate) heads: Vec<Head>,
}

/// What is under way, and what is in each head, in this ladder.
fn of_lab(lab: &LabNow, column: Option<&Column>) -> (Vec<Flying>, Vec<Head>) {
    match (&**lab, column) {
        (_, Some(column)) => (column.flying.clone(), column.heads.clone()),
        (Some(lab), None) => (lab.flying.clone(), lab.heads.clone()),
        (None, None) => (Vec::new(), Vec::new()),
    }
}

/// The newest rows, as many as fit.
fn newest(flow: &FlowFrame, fit: u32) -> FlowFrame {
    let over = flow.rows.len().saturating_sub(fit as usize);
    FlowFrame {
        rows: flow.rows[over..].to_vec(),
        first: flow.first + over as u64,
        ..flow.clone()
    }
}

/// What the lesson's text speaks of.
#[derive(Clone, Debug, Default, PartialEq)]
struct Pointed {
    /// Names of clients, and `broker`.
    heads: Vec<String>,
    /// What is under way, by its place among the fliers; else the number of a row.
    flier: Option<usize>,
    row: Option<u64>,
}

impl Pointed {
    /// Of `points` the heads, and the last packet of a type among them.
    fn new(points: &[String], flow: &FlowFrame, lines: &[Lifeline], fliers: &Fliers) -> Self {
        let is_head =
            |name: &&String| *name == "broker" || lines.iter().any(|line| line.name == **name);
        let heads: Vec<String> = points.iter().filter(is_head).cloned().collect();
        let types: Vec<&String> = points.iter().filter(|name| !is_head(name)).collect();
        let clients: Vec<&String> = heads.iter().filter(|name| *name != "broker").collect();
        let fits = |packet_type: u8, lifeline: Option<u32>| {
            let name = lines.iter().find(|line| Some(line.id) == lifeline);
            let ours = clients.is_empty()
                || name.is_some_and(|line| clients.iter().any(|client| **client == line.name));
            ours && types.iter().any(|name| *name == packet_name(packet_type))
        };
        let flier = fliers
            .placed
            .iter()
            .position(|(flying, _)| fits(flying.packet.packet_type, flying.lifeline));
        let row = flow.rows.iter().rev().find(|row| {
            let packet_type = if let RowKind::Packet(packet) = &row.kind {
                packet.packet_type
            } else if let RowKind::Lost(packet) = &row.kind {
                packet.packet_type
            } else {
                return false;
            };
            fits(packet_type, row.lifeline)
        });
        Self {
            heads,
            row: row.filter(|_| flier.is_none()).map(|row| row.number),
            flier,
        }
    }
}

/// Height of a row in pixels.
fn row_height(depth: Depth, scale: f64) -> f64 {
    let height = match depth {
        Depth::Story | Depth::Handshake => 42.0,
        Depth::Bytes => 64.0,
    };
    (height * scale).round()
}

/// The ladder.
#[component]
pub(crate) fn Stage(props: &Props) -> Html {
    let (state, lens, texts) = (use_page(), use_lens(), use_texts());
    let Narrow(narrow) = use_context().unwrap_or(Narrow(false));
    let (frame, focus) = (use_node_ref(), &props.focus);
    let (width, height) = use_size(&frame);
    let lab = use_lab_now();
    let beside = props.beside.as_ref().map(|column| column.qos);
    let (flying, heads) = of_lab(&lab, props.beside.as_ref());
    // As much as the type is larger: see `lab.css`.
    let projector = use_media("(min-width: 1600px)");
    let scale = match (state.presenting, lab.is_some()) {
        (false, _) => 1.0,
        (true, false) => 1.2,
        (true, true) if projector => 1.5,
        (true, true) => 1.25,
    };
    let row_height = row_height(state.depth, scale);
    // In the lab what is in each head stands below its name, where nobody else shows it.
    let told = state.tab == Tab::Memory && !state.right_folded && !state.presenting;
    let boxed = lab.is_some() && !narrow && beside.is_none() && height > BOXED && !told;
    let head_height = if boxed {
        46.0 + BOXES * scale + 14.0
    } else {
        46.0
    };
    let lifelines = all_lines(&props.flow.lifelines, &heads);

    let gutter = if width > WITH_TIME { 92.0 } else { 0.0 };
    let actors = &focus.actors;
    let in_story = |line: &vitrine_link::Lifeline| actors.contains(&line.name);
    let layout = Layout::new(
        &lifelines,
        width,
        gutter,
        if narrow { MANY_ON_PHONE } else { MANY },
        (!actors.is_empty()).then_some(&in_story),
    );
    let below = if lab.is_some() {
        Fliers::new(&props.flow, &layout, &flying).height()
    } else {
        0.0
    };
    let fit = ((height - head_height - below) / row_height)
        .floor()
        .clamp(0.0, 200.0) as u32;
    // What is under way takes its room at once: the newest rows that still fit are shown until the worker knows.
    let trim = lab.is_some() && props.flow.newer == 0;
    let flow = use_memo((props.flow.clone(), fit, trim), |(flow, fit, trim)| {
        if *trim && flow.rows.len() > *fit as usize {
            Shared::from(newest(flow, *fit))
        } else {
            flow.clone()
        }
    });
    let flow = &*flow;
    {
        let lens = lens.dispatcher();
        let says = props.beside.as_ref().is_none_or(|column| column.main);
        use_effect_with((fit, says), move |(fit, says)| {
            if *says {
                lens.dispatch(Look::Flow(*fit));
            }
        });
    }
    let fliers = if lab.is_some() {
        Fliers::new(flow, &layout, &flying)
    } else {
        Fliers::default()
    };
    let points = lab
        .as_ref()
        .and_then(|lab| lab.lesson.as_ref())
        .map(|lesson| lesson.points.clone())
        .unwrap_or_default();
    // A text calls the clients as the script does.
    let points: Vec<String> = points
        .into_iter()
        .map(|point| match heads.iter().find(|head| head.who == point) {
            Some(head) => line_name(&heads, head).to_owned(),
            None => point,
        })
        .collect();
    let pointed = Pointed::new(&points, flow, &lifelines, &fliers);
    // A ladder that scrolls sideways shows half of itself on each side of the broker.
    let label_room = if layout.width > width {
        width / 2.0 - 32.0
    } else {
        layout.width
    };
    // Where most lines are off the screen, each row says whose it is.
    let named = layout.width > 2.0 * width;
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
                head_height.to_bits(),
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
                        ("--head", head_height),
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
    use_crossing(&frame, &layout);

    let moves = use_moves(flow, focus, fit);
    let last_move = use_mut_ref(|| 0.0_f64);
    let hold = {
        let (lens, last_move) = (lens.clone(), last_move.clone());
        let last = flow.rows.last().map(|row| row.number);
        // The lab goes on only when told.
        let following = state.following() && state.lab.is_none();
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

    let step = use_step(lab.as_ref().map(|lab| (lab.moment, lab.road)));
    let fresh = |at: f64| {
        let age = props.now - at;
        // The lab's clock stands: what the last step brought is as old as nothing.
        let young = if lab.is_some() {
            step && age < 0.5
        } else {
            age < FRESH
        };
        state.following() && young
    };
    let flying = flow.rows.iter().filter(|row| fresh(row.at)).count() <= FLOCK;
    // Only a row that is drawn may be named as the one where the keyboard stands.
    let active = focus
        .row
        .filter(|number| flow.rows.iter().any(|row| row.number == *number))
        .map(|row| row_id(beside, row));
    let origin = lab.as_ref().map(|lab| props.now - lab.time);
    let rows = flow.rows.iter().map(|row| {
        let column = row.lifeline.and_then(|id| layout.column(id));
        let name = column.map(|column| column.name.clone()).unwrap_or_default();
        let last = flow.rows.last().map(|row| row.number);
        let holds = flow
            .holds
            .iter()
            .filter(|hold| hold.from == row.number && state.depth != Depth::Story)
            // What begins to be held outside of the broker begins beside another client's row.
            .filter(|hold| row.lifeline == Some(hold.lifeline))
            .cloned()
            .collect::<Vec<_>>();
        html! {
            <Row key={row.number} row={row.clone()} x={column.map(|column| column.x)}
                broker={layout.broker} from={gutter} width={layout.width} height={row_height} {scale} {holds}
                light={focus.light(row, &name)} {name} selected={focus.row == Some(row.number)}
                fresh={flying && fresh(row.at)} depth={state.depth} {last} {label_room} {named} timed={gutter > 0.0}
                {origin} gone={fliers.gone(row.number)} stepped={step} pointed={pointed.row == Some(row.number)} {beside} />
        }
    });
    html! {
        <div ref={frame} class={classes!("stage", narrow.then_some("narrow"))} onwheel={moves.wheel.clone()}>
            if let Some(empty) = &props.empty {
                { empty.clone() }
            } else {
                <Heads layout={layout.clone()} focus={focus.clone()} heads={heads.clone()} pointed={pointed.heads.clone()} {boxed} {scale} />
                <div class="ladder" data-testid="ladder-rows" role="listbox" tabindex="0"
                    aria-label={texts.get("flow.rows")} aria-activedescendant={active}
                    onkeydown={moves.key.clone()} onpointermove={hold} onpointerleave={release}>
                    <Lines layout={layout.clone()} flow={flow.clone()} focus={focus.clone()} height={row_height}
                        rows={((height - head_height) / row_height).max(1.0)} depth={state.depth} />
                    { for rows }
                </div>
                if let Some(lab) = &*lab {
                    <InFlight fliers={fliers.clone()} layout={layout.clone()} rows={flow.rows.len()} {row_height} {label_room} {scale}
                        pointed={pointed.flier} can_act={lab.can_act} now={flow.newer == 0} {beside} />
                }
            }
        </div>
    }
}

/// Whether the lab has just gone on, not back, nor to another road.
#[hook]
fn use_step(at: Option<(u64, u32)>) -> bool {
    // The two last positions that differ, and whether the way between them was forward.
    let last = use_mut_ref(|| (at, false));
    let mut last = last.borrow_mut();
    if last.0 != at {
        let forward = match (last.0, at) {
            (Some((before, road)), Some((now, same))) => {
                now > before && now - before < 40 && road == same
            }
            _ => false,
        };
        *last = (at, forward);
    }
    last.1
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
    let in_lab = use_lab_now().is_some();
    // There the page scrolls as a whole: see `phone.css`.
    let low = use_media("(max-height: 480px)");
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
            // One turn of the wheel does not move both.
            if low && page_scrolls(event.delta_y() > 0.0) {
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
            // There these keys are those of the whole page: a step on, a step back.
            "PageUp" | "PageDown" if in_lab => return,
            "ArrowLeft" | "ArrowRight" if in_lab && (state.presenting || event.shift_key()) => {
                return;
            }
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

/// Whether the page as a whole can be scrolled further down, or up.
fn page_scrolls(down: bool) -> bool {
    let page = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.scrolling_element());
    page.is_some_and(|page| {
        let (at, end) = (
            page.scroll_top(),
            page.scroll_height() - page.client_height(),
        );
        // Where the page is enlarged it ends at a fraction of a pixel.
        if down { at + 1 < end } else { at > 0 }
    })
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
    use crate::flow::names::two_lines;

    #[test]
    fn the_window_stays_within_the_record() {
        assert_eq!(go(50, -3, 100, 10), Anchor::Index(47));
        assert_eq!(go(2, -3, 100, 10), Anchor::Index(0));
        assert_eq!(go(88, 1, 100, 10), Anchor::Index(89));
        assert_eq!(go(88, 3, 100, 10), Anchor::Newest);
        assert_eq!(go(0, -1, 5, 10), Anchor::Index(0));
    }

    fn packet(number: u64, lifeline: u32, packet_type: u8) -> vitrine_link::FlowRow {
        vitrine_link::FlowRow {
            number,
            at: 0.0,
            lifeline: Some(lifeline),
            publication: None,
            cause: None,
            kind: RowKind::Packet(vitrine_link::PacketRow {
                packet_type,
                ..vitrine_link::PacketRow::default()
            }),
        }
    }

    #[test]
    fn the_text_points_at_the_last_packet_of_its_client() {
        let flow = FlowFrame {
            rows: vec![
                packet(1, 1, 4),
                packet(2, 1, 4),
                packet(3, 2, 4),
                packet(4, 2, 3),
            ],
            ..FlowFrame::default()
        };
        let at = |points: &[&str]| {
            let points: Vec<_> = points.iter().map(|point| (*point).to_owned()).collect();
            Pointed::new(&points, &flow, &two_lines(), &Fliers::default())
        };
        assert_eq!(at(&["sensor", "PUBACK"]).row, Some(2));
        assert_eq!(at(&["sensor", "PUBACK"]).heads, ["sensor"]);
        assert_eq!(at(&["PUBACK"]).row, Some(3));
        assert_eq!(at(&["broker"]).heads, ["broker"]);
        assert_eq!(at(&["broker", "painel"]).row, None);
        assert_eq!(at(&[]), Pointed::default());
    }

    #[test]
    fn the_newest_rows_are_kept_where_not_all_fit() {
        let flow = FlowFrame {
            rows: (1..=9).map(|n| packet(n, 1, 3)).collect(),
            first: 10,
            ..FlowFrame::default()
        };
        let shown = newest(&flow, 4);
        assert_eq!(
            (shown.rows.len(), shown.rows[0].number, shown.first),
            (4, 6, 15)
        );
    }
}
