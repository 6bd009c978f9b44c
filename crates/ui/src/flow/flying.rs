//! What is on its way now: half-gone arrows beneath the last row, and over the rows of what the broker has sent. Each can
//! be pressed, for what can be done to it.

use vitrine_link::{FlowFrame, Flying, RowKind};
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::arrow::{Arrow, Reach};
use super::faults::use_faults;
use super::label::Label;
use super::layout::Layout;
use super::packets::packet_name;
use crate::app::use_page;
use crate::lab::words::{lasts, packet};
use crate::part::{Menu, MenuPlace, below};
use crate::sign::{Icon, IconName};
use crate::text::use_texts;

/// Height of what is under way, and of the line above it, in pixels.
pub(super) const FLIER: f64 = 44.0;
pub(super) const NOW: f64 = 24.0;
/// So many stand below each other; the others are counted.
const STACK: usize = 4;

/// Where one of them is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Spot {
    /// In the row of this index, which draws the arrow already.
    Row(usize),
    /// Below the last row, in this line.
    Below(usize),
}

/// What is under way, each with its place, and how many lines that takes below the rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fliers {
    pub(super) placed: Vec<(Flying, Spot)>,
    pub(super) lines: usize,
    pub(super) more: usize,
}

impl Fliers {
    /// Places what is under way. Where the newest row is not on screen, only what stands in a row is shown.
    pub(super) fn new(flow: &FlowFrame, layout: &Layout, flying: &[Flying]) -> Self {
        let mut fliers = Self::default();
        // What stands left of the broker and what stands right of it share a line.
        let mut taken = [0_usize; 2];
        for one in flying {
            let row = one
                .row
                .and_then(|number| flow.rows.iter().position(|row| row.number == number));
            if let Some(at) = row {
                if one.state != "lost" {
                    fliers.placed.push((one.clone(), Spot::Row(at)));
                }
                continue;
            }
            let column = one.lifeline.and_then(|id| layout.column(id));
            let (Some(column), 0) = (column, flow.newer) else {
                continue;
            };
            if one.state == "lost" && told(flow, one) {
                continue;
            }
            let side = &mut taken[usize::from(column.left)];
            if *side < STACK {
                fliers.placed.push((one.clone(), Spot::Below(*side)));
                *side += 1;
            } else {
                fliers.more += 1;
            }
        }
        fliers.lines = taken[0].max(taken[1]);
        fliers
    }

    /// How high what is below the rows is, in pixels.
    pub(super) fn height(&self) -> f64 {
        if self.lines == 0 {
            NOW
        } else {
            NOW + self.lines as f64 * FLIER
        }
    }

    /// How much of its way the packet of this row has gone.
    pub(super) fn gone(&self, row: u64) -> Option<f32> {
        self.placed
            .iter()
            .find(|(flying, _)| flying.row == Some(row))
            .map(|(flying, _)| flying.gone)
    }
}

/// Whether a row tells already that it was lost.
fn told(flow: &FlowFrame, flying: &Flying) -> bool {
    flow.rows.iter().any(|row| {
        row.lifeline == flying.lifeline
            && matches!(&row.kind, RowKind::Lost(packet)
                if packet.packet_type == flying.packet.packet_type
                    && packet.packet_id == flying.packet.packet_id
                    && packet.to_broker == flying.to_broker)
    })
}

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) fliers: Fliers,
    pub(super) layout: Layout,
    /// How many rows stand above, and how high each is.
    pub(super) rows: usize,
    pub(super) row_height: f64,
    /// How wide a label may be.
    pub(super) label_room: f64,
    /// By how much the type is larger than it is on a desk.
    pub(super) scale: f64,
    /// Which the lesson's text speaks of, by their order.
    pub(super) pointed: Option<usize>,
    /// Whether something can be done to them.
    pub(super) can_act: bool,
    /// The newest row is on screen, so that what is below it is now.
    pub(super) now: bool,
    pub(super) beside: Option<u8>,
}

/// All of them.
#[component]
pub(super) fn InFlight(props: &Props) -> Html {
    let texts = use_texts();
    let below = use_node_ref();
    let top = props.rows as f64 * props.row_height;
    {
        let below = below.clone();
        use_effect_with(top.to_bits(), move |top| {
            if let Some(below) = below.cast::<HtmlElement>() {
                let _ = below
                    .style()
                    .set_property("--top", &format!("{}px", f64::from_bits(*top)));
            }
        });
    }
    html! {
        <div class="in-flight" ref={below} role="group" aria-label={texts.get("flying.title")}>
            if props.now {
                <div class="now" data-testid="now">
                    <span>{ texts.get("flying.now") }</span>
                    <i />
                    if props.fliers.more > 0 {
                        <em>{ texts.count("flying.more", props.fliers.more as u64) }</em>
                    }
                </div>
            }
            { for props.fliers.placed.iter().enumerate().map(|(at, (flying, spot))| {
                let y = match spot {
                    Spot::Row(row) => *row as f64 * props.row_height,
                    Spot::Below(line) => top + NOW + *line as f64 * FLIER,
                };
                let key = format!("{}-{}-{}", flying.client, flying.to_broker, flying.index);
                html! {
                    <Flier {key} flying={flying.clone()} layout={props.layout.clone()} {y} drawn={matches!(spot, Spot::Below(_))}
                        height={if matches!(spot, Spot::Below(_)) { FLIER } else { props.row_height }}
                        label_room={props.label_room} scale={props.scale} pointed={props.pointed == Some(at)} can_act={props.can_act} beside={props.beside} />
                }
            }) }
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct FlierProps {
    flying: Flying,
    layout: Layout,
    y: f64,
    height: f64,
    /// The arrow is drawn here, not in a row.
    drawn: bool,
    label_room: f64,
    scale: f64,
    pointed: bool,
    can_act: bool,
    beside: Option<u8>,
}

#[component]
fn Flier(props: &FlierProps) -> Html {
    let (texts, state, faults) = (use_texts(), use_page(), use_faults());
    let button = use_node_ref();
    let open = use_state_eq(|| None::<MenuPlace>);
    let (flying, layout) = (&props.flying, &props.layout);
    let column = flying.lifeline.and_then(|id| layout.column(id));
    let (x, left) = column.map_or((layout.broker, true), |column| (column.x, column.left));
    let reach = if flying.state == "lost" {
        Reach::Lost(flying.gone)
    } else {
        Reach::Gone(flying.gone)
    };
    let ends = if flying.to_broker {
        (x, layout.broker)
    } else {
        (layout.broker, x)
    };
    // The words stand at the broker's line, as those of a row do, and may go on beyond the client's.
    let side = if left {
        layout.broker - layout.gutter
    } else {
        layout.width - layout.broker
    };
    let room = (side - 32.0).min(props.label_room);
    let head_at = reach.head(ends.0, ends.1) - x.min(layout.broker);
    {
        // Between its two lines; the styles know no numbers.
        let button = button.clone();
        let (from, to) = (x.min(layout.broker), x.max(layout.broker));
        let places = [
            ("left", from),
            ("width", to - from),
            ("top", props.y),
            ("height", props.height),
            ("--head-at", head_at),
            ("--room", room),
        ];
        use_effect_with(places.map(|(_, value)| value.to_bits()), move |_| {
            if let Some(button) = button.cast::<HtmlElement>() {
                for (name, value) in places {
                    let _ = button.style().set_property(name, &format!("{value}px"));
                }
            }
        });
    }
    let (icon, key) = match flying.state.as_str() {
        "held" => (Some(IconName::Hand), "flying.held"),
        "waiting" => (Some(IconName::Clock), "flying.waiting"),
        "lost" => (Some(IconName::Cut), "flying.lost"),
        _ => (None, "flying.moving"),
    };
    let what = packet(&flying.packet);
    let way = texts.fill(
        if flying.to_broker {
            "flying.to-broker"
        } else {
            "flying.to-client"
        },
        &[("packet", &what), ("client", &flying.client)],
    );
    let arrives = flying
        .arrives
        .map(|after| texts.fill("time.in", &[("span", &lasts(&texts, after))]))
        .unwrap_or_default();
    let words = format!("{way}: {} {arrives}", texts.get(key))
        .trim_end()
        .to_owned();
    let can = props.can_act && flying.state != "lost";
    let onclick = {
        let (open, button) = (open.clone(), button.clone());
        Callback::from(move |_: MouseEvent| {
            let place = button.cast::<Element>().map(|button| below(&button));
            open.set(if open.is_none() { place } else { None });
        })
    };
    let onclose = {
        let open = open.setter();
        Callback::from(move |()| open.set(None))
    };
    let from = x.min(layout.broker);
    let y = (props.height * super::lanes::ARROW).round();
    html! {
        <>
            <button ref={button} type="button" disabled={!can}
                class={classes!("flier", flying.state.clone(), (!props.drawn).then_some("over"), props.pointed.then_some("pointed"),
                    if left { "on-left" } else { "on-right" })}
                aria-haspopup={can.then_some("menu")} aria-expanded={can.then(|| open.is_some().to_string())}
                title={words.clone()} {onclick}
                data-testid="flying" data-client={flying.client.clone()} data-direction={if flying.to_broker { "in" } else { "out" }}
                data-packet-type={packet_name(flying.packet.packet_type)} data-packet-id={flying.packet.packet_id.map(|id| id.to_string())}
                data-index={flying.index.to_string()} data-state={flying.state.clone()} data-gone={format!("{:.3}", flying.gone)}
                data-row={flying.row.map(|row| row.to_string())} data-pointed={props.pointed.then_some("true")} data-beside={props.beside.map(|qos| qos.to_string())}>
                <span class="unseen">{ words }</span>
                if props.drawn {
                    <svg class="drawing" width={(x - layout.broker).abs().to_string()} height={props.height.to_string()} aria-hidden="true">
                        <Arrow packet={flying.packet.clone()} x={x - from} broker={layout.broker - from} {y} fresh={false} {reach} />
                    </svg>
                    <span class="label" aria-hidden="true">
                        <Label packet={flying.packet.clone()} depth={label_depth(state.depth)} room={room / props.scale} lost={flying.state == "lost"} />
                    </span>
                }
                if let Some(icon) = icon {
                    <span class="state"><Icon name={icon} /></span>
                }
            </button>
            if let Some(at) = *open {
                <Menu testid="fault" label={way} items={faults.of_packet(flying)} {at} {onclose} />
            }
        </>
    }
}

/// A packet under way is told as in a handshake: its bytes are shown once it is there.
fn label_depth(depth: vitrine_link::Depth) -> vitrine_link::Depth {
    match depth {
        vitrine_link::Depth::Bytes => vitrine_link::Depth::Handshake,
        depth @ (vitrine_link::Depth::Story | vitrine_link::Depth::Handshake) => depth,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_link::{FlowRow, Lifeline, PacketRow, Side};

    fn layout() -> Layout {
        let line = |id, side| Lifeline {
            id,
            name: format!("client-{id}"),
            side,
            connected: true,
            ..Lifeline::default()
        };
        Layout::new(
            &[line(1, Side::Publisher), line(2, Side::Subscriber)],
            600.0,
            0.0,
            8,
            None,
        )
    }

    fn flying(lifeline: u32, state: &str) -> Flying {
        Flying {
            client: format!("client-{lifeline}"),
            lifeline: Some(lifeline),
            state: state.into(),
            packet: PacketRow {
                packet_type: 4,
                ..PacketRow::default()
            },
            ..Flying::default()
        }
    }

    #[test]
    fn both_sides_of_the_broker_share_a_line() {
        let all = [flying(1, "moving"), flying(2, "moving"), flying(1, "held")];
        let fliers = Fliers::new(&FlowFrame::default(), &layout(), &all);
        let spots: Vec<_> = fliers.placed.iter().map(|(_, spot)| spot.clone()).collect();
        assert_eq!(spots, [Spot::Below(0), Spot::Below(0), Spot::Below(1)]);
        assert_eq!(fliers.lines, 2);
    }

    #[test]
    fn many_are_counted() {
        let all = vec![flying(1, "moving"); 9];
        let fliers = Fliers::new(&FlowFrame::default(), &layout(), &all);
        assert_eq!((fliers.placed.len(), fliers.more), (STACK, 9 - STACK));
    }

    #[test]
    fn what_has_a_row_stands_there_and_what_a_row_calls_lost_is_not_said_twice() {
        let packet = PacketRow {
            packet_type: 4,
            ..PacketRow::default()
        };
        let row = |number, kind| FlowRow {
            number,
            at: 0.0,
            lifeline: Some(1),
            publication: None,
            cause: None,
            kind,
        };
        let flow = FlowFrame {
            rows: vec![
                row(5, RowKind::Packet(packet.clone())),
                row(6, RowKind::Lost(Box::new(packet))),
            ],
            ..FlowFrame::default()
        };
        let mut sent = flying(1, "moving");
        sent.row = Some(5);
        sent.gone = 0.25;
        let fliers = Fliers::new(&flow, &layout(), &[sent.clone(), flying(1, "lost")]);
        assert_eq!(fliers.placed, [(sent, Spot::Row(0))]);
        assert_eq!(fliers.gone(5), Some(0.25));
        assert_eq!(fliers.lines, 0);
    }

    #[test]
    fn in_the_past_nothing_is_under_way() {
        let flow = FlowFrame {
            newer: 3,
            ..FlowFrame::default()
        };
        let fliers = Fliers::new(&flow, &layout(), &[flying(1, "moving")]);
        assert!(fliers.placed.is_empty());
    }
}
