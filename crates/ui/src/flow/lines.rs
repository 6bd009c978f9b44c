//! What lies behind the rows: the lifelines with their gaps, and what is held beside them.

use vitrine_link::{Depth, FlowFrame, Hold, HoldKind};
use yew::prelude::*;

use super::focus::Focus;
use super::lanes::{ARROW, Bar, lanes};
use super::layout::Layout;
use super::packets::packet_name;
use super::spans;
use crate::bridge::Shared;
use crate::text::{Texts, use_texts};

/// Width of a bar, and from one lane to the next.
const BAR: f64 = 7.0;
const LANE: f64 = 8.5;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) layout: Layout,
    pub(super) flow: Shared<FlowFrame>,
    pub(super) focus: Focus,
    /// Height of a row.
    pub(super) height: f64,
    /// How many rows fit.
    pub(super) rows: f64,
    pub(super) depth: Depth,
}

/// The lines.
#[component]
pub(super) fn Lines(props: &Props) -> Html {
    let texts = use_texts();
    let Props {
        layout,
        flow,
        focus,
        height,
        ..
    } = props;
    let bottom = (props.rows * height).max(flow.rows.len() as f64 * height);
    let newest = flow.newer == 0;
    let filled = flow.rows.len() as f64;

    let lines = layout.columns.iter().map(|column| {
        let lit = focus.client.as_ref() == Some(&column.name) || focus.actors.contains(&column.name);
        let faded = !lit && (focus.client.is_some() || !focus.actors.is_empty());
        let x = column.x.to_string();
        let pieces = spans::connected(&flow.rows, column.id, column.connected, newest);
        html! {
            <g key={column.id} class={classes!("lifeline", lit.then_some("lit"), faded.then_some("faded"))}>
                <line class="gap" x1={x.clone()} x2={x.clone()} y1="0" y2={bottom.to_string()} />
                { for pieces.into_iter().map(|(from, to)| {
                    // The last row's line goes on to the end of the stage.
                    let to = if to >= filled { bottom } else { to * height };
                    html! {
                        <line class="alive" x1={x.clone()} x2={x.clone()} y1={(from * height).to_string()} y2={to.to_string()} />
                    }
                }) }
            </g>
        }
    });
    let broker = layout.broker.to_string();
    html! {
        <svg class="lines" width={layout.width.to_string()} height={bottom.to_string()} aria-hidden="true">
            { for lines }
            { spine(props) }
            <line class="broker" x1={broker.clone()} x2={broker} y1="0" y2={bottom.to_string()} />
            if props.depth != Depth::Story {
                { for layout.columns.iter().flat_map(|column| {
                    // What the client holds stands outside, what the broker holds stands on its side.
                    let outward = if column.left { -1.0 } else { 1.0 };
                    [(false, column.x, outward), (true, layout.broker, outward)].map(|(at_broker, x, way)| {
                        let here = flow.holds.iter().filter(|hold| hold.lifeline == column.id && hold.at_broker == at_broker);
                        bars(&texts, props, &lanes(&flow.rows, here), x, way, &column.name)
                    })
                }) }
            }
        </svg>
    }
}

/// The story's way along the broker's line, from what came in to the last that went out.
fn spine(props: &Props) -> Html {
    let Some(publication) = props.focus.publication else {
        return Html::default();
    };
    let mut at = props
        .flow
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.publication == Some(publication))
        .map(|(index, _)| (index as f64 + ARROW) * props.height);
    let Some(first) = at.next() else {
        return Html::default();
    };
    let x = props.layout.broker.to_string();
    html! {
        <line class="spine" x1={x.clone()} x2={x} y1={first.to_string()} y2={at.next_back().unwrap_or(first).to_string()} />
    }
}

fn bars(texts: &Texts, props: &Props, bars: &[Bar], x: f64, way: f64, client: &str) -> Html {
    bars.iter()
        .map(|bar| {
            let hold = &bar.hold;
            let begin = x + way * (3.0 + bar.lane as f64 * LANE);
            let left = if way < 0.0 { begin - BAR } else { begin };
            let lit = props.focus.publication.is_some() && hold.publication == props.focus.publication;
            let faded = !lit && (props.focus.publication.is_some() || props.focus.client.as_deref().is_some_and(|focused| focused != client));
            html! {
                <rect class={classes!("hold", format!("holds-{}", kind(hold)), lit.then_some("lit"), faded.then_some("faded"))}
                    x={left.to_string()} y={(bar.from * props.height).to_string()} rx="2"
                    width={BAR.to_string()} height={((bar.to - bar.from) * props.height).to_string()}
                    data-testid="hold" data-client={client.to_owned()} data-at={if hold.at_broker { "broker" } else { "client" }}
                    data-packet-id={hold.packet_id.map(|id| id.to_string())} data-kind={kind(hold)}
                    data-publication={hold.publication.map(|id| id.to_string())}
                    data-until={packet_name(hold.waits_for)} data-lasts={hold.until.is_none().to_string()}>
                    <title>{ words(texts, hold, client) }</title>
                </rect>
            }
        })
        .collect()
}

fn kind(hold: &Hold) -> &'static str {
    match hold.kind {
        HoldKind::Message => "message",
        HoldKind::PacketId => "packet-id",
        HoldKind::Queued => "queued",
    }
}

/// What is held, by whom, until what.
fn words(texts: &Texts, hold: &Hold, client: &str) -> String {
    let holder = if hold.at_broker {
        texts.fill("hold.broker-for", &[("client", &client)])
    } else {
        client.to_owned()
    };
    let id = hold.packet_id.map(|id| id.to_string()).unwrap_or_default();
    let key = format!("hold.{}.long", kind(hold));
    let until = match hold.waits_for {
        0 => texts.get("hold.connection"),
        packet_type => packet_name(packet_type).to_owned(),
    };
    texts.fill(&key, &[("holder", &holder), ("id", &id), ("until", &until)])
}
