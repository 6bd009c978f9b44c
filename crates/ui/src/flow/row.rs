//! One row of the ladder.

use vitrine_link::{Depth, Ending, Fate, FlowRow, Hold, PacketRow, Refusal, RowKind};
use yew::prelude::*;

use super::annotation::Annotation;
use super::arrow::{Arrow, Reach};
use super::event::{Beside, Mark, event};
use super::focus::Light;
use super::label::Label;
use super::lanes::ARROW;
use super::packets::packet_name;
use crate::app::use_page;
use crate::part::payload_words;
use crate::state::Action;
use crate::text::{Texts, use_texts};

/// The least that a ring reaches from the broker, in pixels: as far as an acknowledgement's words.
const RING: f64 = 170.0;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) row: FlowRow,
    /// The name of its client.
    pub(super) name: String,
    /// Where its client's line stands, and the broker's.
    pub(super) x: Option<f64>,
    pub(super) broker: f64,
    /// Where the room for the ladder begins, and how wide it is.
    pub(super) from: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// By how much the type is larger than it is on a desk.
    pub(super) scale: f64,
    /// What begins to be held here.
    pub(super) holds: Vec<Hold>,
    pub(super) light: Light,
    pub(super) selected: bool,
    pub(super) fresh: bool,
    pub(super) depth: Depth,
    /// The last row on screen.
    pub(super) last: Option<u64>,
    /// How wide a label may be at most.
    pub(super) label_room: f64,
    /// Whether it says whose it is.
    pub(super) named: bool,
    /// Whether its time is shown.
    pub(super) timed: bool,
    /// When the lab's world began, in the lab: its times are counted from there.
    #[prop_or_default]
    pub(super) origin: Option<f64>,
    /// How much of its way a packet has gone that is still under way.
    #[prop_or_default]
    pub(super) gone: Option<f32>,
    /// The lab has just gone a step on: what was on its way and has arrived flies the rest of it.
    #[prop_or_default]
    pub(super) stepped: bool,
    /// The lesson's text speaks of it.
    #[prop_or_default]
    pub(super) pointed: bool,
    /// One of three ladders: its QoS. Nothing is selected in it, and its numbers are its own.
    #[prop_or_default]
    pub(super) beside: Option<u8>,
}

/// A row.
#[component]
pub(super) fn Row(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let Props {
        row,
        name,
        broker,
        height,
        ..
    } = props;
    let x = props.x.unwrap_or(*broker);
    let left = x < *broker;
    let (packet, reach) = match &row.kind {
        RowKind::Packet(packet) => {
            let reach = match (packet.fate, props.gone) {
                (Fate::Lost, _) => Reach::Lost(0.55),
                (Fate::Flying, gone) => Reach::Gone(gone.unwrap_or(0.5)),
                (Fate::Unknown | Fate::Arrived, _) => Reach::Whole,
            };
            (Some(packet), reach)
        }
        // Of a packet to the broker nothing else tells. What left the broker has a row already.
        RowKind::Lost(packet) if packet.to_broker => (Some(&**packet), Reach::Lost(0.55)),
        RowKind::Opened { .. }
        | RowKind::Closed(_)
        | RowKind::Malformed(_)
        | RowKind::Queued { .. }
        | RowKind::Discarded { .. }
        | RowKind::Refused(_)
        | RowKind::WillPublished { .. }
        | RowKind::SessionEnded { .. }
        | RowKind::Dropped
        | RowKind::Lost(_)
        | RowKind::Outside(_) => (None, Reach::Whole),
    };
    let lost = matches!(reach, Reach::Lost(_));
    let landed = {
        let before = use_mut_ref(|| (reach, false));
        let mut before = before.borrow_mut();
        if before.0 != reach {
            let landed = matches!(before.0, Reach::Gone(_)) && reach == Reach::Whole;
            *before = (reach, landed && props.stepped);
        }
        before.1
    };
    let event = event(&texts, &row.kind, name);
    let words = match (&packet, &event) {
        (Some(packet), _) => {
            let words = sentence(&texts, packet, name);
            match reach {
                Reach::Lost(_) => texts.fill("flow.lost.long", &[("packet", &words)]),
                Reach::Gone(_) => texts.fill("flow.flying.long", &[("packet", &words)]),
                Reach::Whole => words,
            }
        }
        (None, Some(event)) => format!("{name}: {}", event.words),
        (None, None) => String::new(),
    };
    let onclick = {
        let (number, last) = (row.number, props.last);
        let beside = props.beside.is_some();
        Callback::from(move |_: MouseEvent| {
            if !beside {
                state.dispatch(Action::SelectRow(number, last));
            }
        })
    };
    let y = (height * ARROW).round();
    let side = if left {
        broker - props.from
    } else {
        props.width - broker
    };
    let room = (side - 32.0).min(props.label_room) / props.scale;
    // How far from the broker the ring reaches: around the arrow, and around the few words of one that is shorter.
    let ring = ((x - broker).abs() + 12.0)
        .max(RING * props.scale)
        .min(side - 3.0);
    let body = match (packet, &event) {
        (Some(packet), _) => html! {
            <>
                <svg class="drawing" width={props.width.to_string()} height={height.to_string()} aria-hidden="true">
                    if props.pointed {
                        <rect class="ring" x={(if left { broker - ring } else { broker - 12.0 }).to_string()} y="1" rx="20"
                            width={(ring + 12.0).to_string()} height={(height - 1.0).to_string()} />
                    }
                    <Arrow packet={packet.clone()} {x} broker={*broker} {y} fresh={props.fresh || landed} {reach} />
                    { for props.holds.iter().map(|hold| html! {
                        <Annotation hold={hold.clone()} {x} broker={*broker} {y}
                            from={props.from.max(broker - props.label_room - 34.0)}
                            to={props.width.min(broker + props.label_room + 34.0)} scale={props.scale} />
                    }) }
                </svg>
                <div class={classes!("label", if left { "left" } else { "right" })} aria-hidden="true">
                    <Label packet={packet.clone()} depth={props.depth} {lost}
                        {room} who={props.named.then(|| name.clone())} />
                </div>
            </>
        },
        (None, Some(event)) => {
            let at = match (event.at_broker, left) {
                (false, _) => x,
                (true, true) => broker - 18.0,
                (true, false) => broker + 18.0,
            };
            let Beside { lines, rightward } = if event.at_broker {
                // What concerns a queue stands on its client's side. To the left the words end before the column of the
                // times.
                let end = if left { props.from } else { props.width };
                event.at_broker(!left, (end - at).abs() - 20.0, props.scale)
            } else {
                event.beside(x, *broker, props.from, props.width, props.scale)
            };
            html! {
                <svg class="drawing" width={props.width.to_string()} height={height.to_string()} aria-hidden="true">
                    <Mark {lines} icon={event.icon} grave={event.grave} x={at}
                        y={(height / 2.0).round()} {rightward} scale={props.scale} />
                </svg>
            }
        }
        (None, None) => Html::default(),
    };
    let kind = event.as_ref().map_or("packet", |event| event.kind);
    html! {
        <div id={row_id(props.beside, row.number)} role="option" aria-selected={props.selected.to_string()}
            title={words.clone()} {onclick}
            class={classes!("row", match props.light {
                Light::Plain => None,
                Light::Lit => Some("lit"),
                Light::Faded => Some("faded"),
            }, props.selected.then_some("selected"), props.pointed.then_some("pointed"), lost.then_some("lost"),
            if left { "on-left" } else { "on-right" })}
            data-testid="row" data-number={row.number.to_string()} data-kind={kind} data-client={name.clone()}
            data-light={match props.light {
                Light::Plain => "plain",
                Light::Lit => "lit",
                Light::Faded => "faded",
            }}
            data-publication={row.publication.map(|publication| publication.to_string())}
            data-packet-type={packet.map(|packet| packet_name(packet.packet_type))}
            data-direction={packet.map(|packet| if packet.to_broker { "in" } else { "out" })}
            data-qos={packet.and_then(|packet| packet.qos).map(|qos| qos.to_string())}
            data-packet-id={packet.and_then(|packet| packet.packet_id).map(|id| id.to_string())}
            data-dup={packet.map(|packet| packet.dup.to_string())}
            data-retain={packet.map(|packet| packet.retain.to_string())}
            data-size={packet.map(|packet| packet.size.to_string())}
            data-topic={packet.and_then(|packet| packet.topic.clone())}
            data-payload={packet.and_then(|packet| packet.payload.as_ref()).and_then(|payload| payload.text.clone())}
            data-fate={packet.map(|_| match reach {
                Reach::Whole => "arrived",
                Reach::Gone(_) => "flying",
                Reach::Lost(_) => "lost",
            })} data-pointed={props.pointed.then_some("true")}
            data-reason={packet.and_then(|packet| packet.reason).or_else(|| refusal(&row.kind).and_then(|refusal| refusal.reason)).map(|reason| reason.to_string())}
            data-why={why(&row.kind)} data-rule={refusal(&row.kind).map(|refusal| refusal.rule.clone())}>
            <span class="unseen">{ words }</span>
            if props.timed {
                <time>{ match props.origin {
                    Some(origin) => crate::lab::words::since(row.at - origin),
                    None => crate::part::clock(row.at, true),
                } }</time>
            }
            { body }
        </div>
    }
}

/// The id of a row's element, for the one that says where the keyboard stands.
pub(super) fn row_id(beside: Option<u8>, number: u64) -> String {
    match beside {
        Some(qos) => format!("row-{qos}-{number}"),
        None => format!("row-{number}"),
    }
}

/// What was refused.
fn refusal(kind: &RowKind) -> Option<&Refusal> {
    if let RowKind::Refused(refusal) = kind {
        Some(refusal)
    } else {
        None
    }
}

/// Why something ended, for a row that tells of an end.
fn why(kind: &RowKind) -> Option<String> {
    if let RowKind::Closed(Ending { why, .. })
    | RowKind::Discarded { why }
    | RowKind::SessionEnded { why } = kind
    {
        Some(why.clone())
    } else if let RowKind::Outside(outside) = kind {
        Some(outside.what.clone())
    } else {
        refusal(kind).map(|refusal| refusal.what.clone())
    }
}

/// The packet in a sentence: for those who listen, and for pointing at.
fn sentence(texts: &Texts, packet: &PacketRow, client: &str) -> String {
    let broker = texts.get("word.broker");
    let (from, to) = if packet.to_broker {
        (client, broker.as_str())
    } else {
        (broker.as_str(), client)
    };
    let mut out = format!("{from} → {to}: {}", packet_name(packet.packet_type));
    if let Some(qos) = packet.qos {
        out += &format!(", QoS {qos}");
    }
    if let Some(id) = packet.packet_id {
        out += &format!(", Packet Identifier {id}");
    }
    if packet.dup {
        out += ", DUP";
    }
    if packet.retain {
        out += ", RETAIN";
    }
    if let Some(topic) = &packet.topic {
        out += &format!(", {topic}");
    }
    if let Some(payload) = &packet.payload {
        out += &format!(" = {}", payload_words(texts, payload));
    }
    format!("{out} ({})", texts.bytes(packet.size.into()))
}
