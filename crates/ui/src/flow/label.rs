//! What a packet's arrow says: at each depth something else.

use vitrine_link::{Depth, PacketRow};
use yew::prelude::*;

use super::packets::packet_name;
use crate::part::{PayloadText, hex};
use crate::sign::{Icon, IconName, Qos};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) packet: PacketRow,
    pub(super) depth: Depth,
}

/// The words along an arrow.
#[component]
pub(super) fn Label(props: &Props) -> Html {
    let texts = use_texts();
    let packet = &props.packet;
    let story = props.depth == Depth::Story;
    let signs = html! {
        <>
            if let Some(qos) = packet.qos {
                <Qos {qos} />
            }
            if packet.retain {
                <Icon name={IconName::Pin} label={texts.get("sign.retain")} class="pin" />
            }
            if packet.dup {
                <b class="dup" title={texts.get("sign.dup")}>{ texts.get("flow.dup") }</b>
            }
        </>
    };
    // The last levels say most, and the row's own words say the whole.
    let topic = packet.topic.as_deref().unwrap_or_default();
    let tail = match topic.rsplitn(3, '/').collect::<Vec<_>>().as_slice() {
        [last, before, _] if story => format!("…/{before}/{last}"),
        [last, _, ..] if packet.packet_type == 3 => format!("…/{last}"),
        _ => topic.to_owned(),
    };
    let failed = packet.reason.filter(|reason| *reason >= 0x80 || (*reason > 0 && packet.packet_type == 2));
    html! {
        <>
            <div class="words">
            if !story || packet.packet_type != 3 {
                <b class="type">{ packet_name(packet.packet_type) }</b>
            }
            if let (Some(id), false) = (packet.packet_id, story) {
                <span class="id" title={texts.get("field.packet-identifier")}>{ id }</span>
            }
            if let Some(reason) = failed {
                <span class="failed"><Icon name={IconName::Warning} />{ format!("0x{reason:02X}") }</span>
            }
            if story {
                <span class="topic" title={topic.to_owned()}>{ tail }</span>
                if let Some(payload) = &packet.payload {
                    <b class="value"><PayloadText payload={payload.clone()} /></b>
                }
                { signs }
            } else {
                { signs }
                if !topic.is_empty() {
                    <span class="topic" title={topic.to_owned()}>{ tail }</span>
                }
                if let Some(payload) = &packet.payload {
                    <span class="value"><PayloadText payload={payload.clone()} /></span>
                }
                <span class="size">{ texts.bytes(packet.size.into()) }</span>
            }
            </div>
            if props.depth == Depth::Bytes && !packet.head.is_empty() {
                <code class="bytes">
                    { hex(&packet.head) }
                    if usize::try_from(packet.size).unwrap_or(usize::MAX) > packet.head.len() { { "…" } }
                </code>
            }
        </>
    }
}
