//! The words beside what is held, in the row in which it begins: "guarda até PUBREC".

use vitrine_link::{Hold, HoldKind};
use yew::prelude::*;

use super::packets::packet_name;
use crate::text::use_texts;

/// Room that a character needs, in pixels: a little more than the mean.
const CHARACTER: f64 = 7.7;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) hold: Hold,
    /// Where the client's line stands, and the broker's.
    pub(super) x: f64,
    pub(super) broker: f64,
    /// The height of the row's arrow.
    pub(super) y: f64,
    /// From where to where there is room.
    pub(super) from: f64,
    pub(super) to: f64,
    /// By how much the type is larger than it is on a desk.
    pub(super) scale: f64,
}

/// A few words at the height of the arrow, where it does not go: beyond the client's line for what
/// the client holds, across the broker's line for what the broker holds.
#[component]
pub(super) fn Annotation(props: &Props) -> Html {
    let texts = use_texts();
    let Props {
        hold, x, broker, ..
    } = props;
    let left = x < broker;
    let (at, rightward) = match (hold.at_broker, left) {
        (true, true) => (broker + 10.0, true),
        (true, false) => (broker - 10.0, false),
        (false, true) => (x - 17.0, false),
        (false, false) => (x + 17.0, true),
    };
    let room = if rightward {
        props.to - at
    } else {
        at - props.from
    };
    let until = match hold.waits_for {
        0 => texts.get("hold.until-connection"),
        packet_type => texts.fill("hold.until", &[("packet", &packet_name(packet_type))]),
    };
    let key = match hold.kind {
        HoldKind::Message => "hold.message",
        HoldKind::PacketId => "hold.packet-id",
        HoldKind::Queued => "hold.queued",
    };
    let id = hold.packet_id.map(|id| id.to_string()).unwrap_or_default();
    let long = format!("{} {until}", texts.fill(key, &[("id", &id)]));
    // Words that do not fit whole are not there: half of them would say something else.
    let fits = |words: &String| words.chars().count() as f64 * CHARACTER * props.scale <= room;
    let Some(words) = [long, until].into_iter().find(fits) else {
        return Html::default();
    };
    html! {
        <text class="annotation" text-anchor={if rightward { "start" } else { "end" }}
            x={at.to_string()} y={(props.y + 5.0).to_string()}>{ words }</text>
    }
}
