//! What a packet's arrow says: at each depth something else, and no more than there is room for.

use vitrine_link::{Depth, PacketRow, PacketType};
use yew::prelude::*;

use super::packets::packet_name;
use crate::part::{PayloadText, hex, payload_words};
use crate::sign::{Icon, IconName, Qos};
use crate::text::use_texts;

/// About the width of a letter, of a digit in the monospaced type, and of a sign with its gap.
const LETTER: f64 = 7.6;
const DIGIT: f64 = 8.8;
const SIGN: f64 = 23.0;
/// Between two of these, and counted with each; the last one has none beside it.
const GAP: f64 = 6.0;
/// Least room in which the beginning of a topic still says something.
const TOPIC: f64 = 60.0;
/// Most room that a client's name is given.
const WHO: f64 = 110.0;
/// So much more of it comes before the packet's size.
const LONGER: f64 = 150.0;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) packet: PacketRow,
    pub(super) depth: Depth,
    /// How wide the words may be, in pixels.
    pub(super) room: f64,
    /// Whose packet it is, where that is not seen: the client's line may be off the screen.
    #[prop_or_default]
    pub(super) who: Option<String>,
    /// It never arrived.
    #[prop_or_default]
    pub(super) lost: bool,
}

/// The words along an arrow.
#[component]
pub(super) fn Label(props: &Props) -> Html {
    let texts = use_texts();
    let packet = &props.packet;
    let story = props.depth == Depth::Story;
    let publish = packet.packet_type == PacketType::Publish.as_u8();
    let topic = packet.topic.as_deref().unwrap_or_default();
    // Before 5.0 what a CONNACK refuses with is below 0x80.
    let connack = packet.packet_type == PacketType::ConnAck.as_u8();
    let failed = packet
        .reason
        .filter(|reason| *reason >= 0x80 || (*reason > 0 && connack));
    let size = texts.bytes(packet.size.into());
    let payload = packet
        .payload
        .as_ref()
        .map(|payload| payload_words(&texts, payload));

    // What says most comes first; what does not fit is in the row's own words.
    let mut room = props.room + GAP;
    let mut take = |width: f64| {
        let fits = width <= room;
        if fits {
            room -= width;
        }
        fits
    };
    let letters = |text: &str, letter: f64| text.chars().count() as f64 * letter + GAP;
    take(letters(packet_name(packet.packet_type), LETTER * 1.25));
    for shown in [
        packet.qos.is_some(),
        packet.retain,
        failed.is_some(),
        packet.dup,
        packet.dup,
    ] {
        take(if shown { SIGN } else { 0.0 });
    }
    if props.lost {
        take(letters(&texts.get("flow.lost"), LETTER) + 12.0);
    }
    let payload_fits = payload
        .as_ref()
        .is_some_and(|words| take(letters(words, DIGIT).min(140.0)));
    // After what was sent: lessons ask for its copies.
    let id = packet
        .packet_id
        .filter(|id| !story && take(letters(&id.to_string(), DIGIT) + 12.0));
    let who = props
        .who
        .as_ref()
        .filter(|who| take(letters(who, LETTER).min(WHO)));
    let tail = match topic.rsplitn(3, '/').collect::<Vec<_>>().as_slice() {
        [last, before, _] if story => format!("…/{before}/{last}"),
        [last, _, ..] if publish => (*last).to_owned(),
        _ => topic.to_owned(),
    };
    let topic_fits = !topic.is_empty() && take(letters(&tail, LETTER).min(TOPIC));
    // The size is told elsewhere, too: it takes no room that the topic can use.
    let longer = if topic_fits {
        (letters(&tail, LETTER) - TOPIC).clamp(0.0, LONGER)
    } else {
        0.0
    };
    let size_fits = take(longer + letters(&size, LETTER));

    let signs = html! {
        <>
            if let Some(qos) = packet.qos {
                <Qos {qos} />
            }
            if packet.retain {
                <Icon name={IconName::Pin} label={texts.get("sign.retain")} class="pin" />
            }
            if props.lost {
                <b class="gone-lost" title={texts.get("sign.lost")}><Icon name={IconName::Cut} />{ texts.get("flow.lost") }</b>
            }
            if packet.dup {
                <b class="dup" title={texts.get("sign.dup")}>{ texts.get("flow.dup") }</b>
            }
        </>
    };
    html! {
        <>
            <div class="words">
                if let Some(who) = who {
                    <span class="who">{ who }</span>
                }
                if !story || !publish {
                    <b class="type">{ packet_name(packet.packet_type) }</b>
                }
                if let Some(id) = id {
                    <span class="id" title={texts.get("field.packet-identifier")}>{ id }</span>
                }
                if let Some(reason) = failed {
                    <span class="failed"><Icon name={IconName::Warning} />{ format!("0x{reason:02X}") }</span>
                }
                if !story {
                    { signs.clone() }
                }
                if story || topic_fits {
                    <span class="topic">{ tail }</span>
                }
                if let (Some(payload), true) = (&packet.payload, story || payload_fits) {
                    <b class="value"><PayloadText payload={payload.clone()} /></b>
                }
                if story {
                    { signs }
                } else if size_fits {
                    <span class="size">{ size }</span>
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
