//! The words beside what is held, in the row in which it begins: "guarda 7 / até PUBREL".

use vitrine_link::{Hold, HoldKind};
use yew::prelude::*;

use super::packets::packet_name;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) hold: Hold,
    /// Where the client's line stands, and the broker's.
    pub(super) x: f64,
    pub(super) broker: f64,
    pub(super) height: f64,
}

/// Two short lines in the part of the row that its arrow leaves free: beyond the client's line for
/// what the client holds, across the broker's line for what the broker holds.
#[component]
pub(super) fn Annotation(props: &Props) -> Html {
    let texts = use_texts();
    let Props { hold, x, broker, .. } = props;
    let left = x < broker;
    let (at, anchor) = match (hold.at_broker, left) {
        (true, true) => (broker + 10.0, "start"),
        (true, false) => (broker - 10.0, "end"),
        (false, true) => (x - 16.0, "end"),
        (false, false) => (x + 16.0, "start"),
    };
    let key = match hold.kind {
        HoldKind::Message => "hold.message",
        HoldKind::PacketId => "hold.packet-id",
        HoldKind::Queued => "hold.queued",
    };
    let id = hold.packet_id.map(|id| id.to_string()).unwrap_or_default();
    let what = texts.fill(key, &[("id", &id)]);
    let until = match hold.waits_for {
        0 => texts.get("hold.until-connection"),
        packet_type => texts.fill("hold.until", &[("packet", &packet_name(packet_type))]),
    };
    let x = at.to_string();
    let middle = props.height / 2.0;
    html! {
        <text class="annotation" text-anchor={anchor}>
            <tspan x={x.clone()} y={(middle - 1.0).to_string()}>{ what }</tspan>
            <tspan x={x} y={(middle + 14.0).to_string()}>{ until }</tspan>
        </text>
    }
}
