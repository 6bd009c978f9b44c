//! A row of the ladder in words, with the story it belongs to.

use vitrine_link::{PacketDetail, PacketRow, PacketType, RowKind};
use yew::prelude::*;

use super::facts::Facts;
use super::story::StoryView;
use crate::access::{RefusedBy, refusal_words};
use crate::app::use_page;
use crate::flow::packet_name;
use crate::lab::use_lab_now;
use crate::packet::problem_words;
use crate::part::{Client, Topic};
use crate::sign::{Icon, IconName, Qos};
use crate::state::{Action, Tab};
use crate::text::{Texts, use_texts};

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) packet: PacketDetail,
}

/// A packet (or an event), and its story.
#[component]
pub(super) fn PacketView(props: &Props) -> Html {
    let (state, texts, lab) = (use_page(), use_texts(), use_lab_now());
    let detail = &props.packet;
    let time = (
        texts.get("fact.time"),
        html! { <span class="mono">{ lab.clock(detail.row.at) }</span> },
    );
    let bytes = {
        let state = state.clone();
        Callback::from(move |_| state.dispatch(Action::Show(Tab::Packet)))
    };
    let head = match &detail.row.kind {
        RowKind::Packet(packet) => {
            html! {
                <>
                    <header>
                        <h2 class="packet-name" data-testid="selected-packet">
                            { packet_name(packet.packet_type) }
                            if let Some(qos) = packet.qos { <Qos {qos} worded={true} /> }
                            if packet.retain { <Icon name={IconName::Pin} label={texts.get("sign.retain")} class="pin" /> }
                            if packet.dup { <b class="dup">{ texts.get("flow.dup") }</b> }
                        </h2>
                        <button type="button" class="button small" data-testid="show-bytes" title={texts.get("packet.show")} onclick={bytes}>
                            <Icon name={IconName::Bytes} /><span>{ texts.get("tab.packet") }</span>
                        </button>
                    </header>
                    <p class="meaning">
                        { texts.rich(&meaning(packet), |place| match place {
                            "client" => html! { <Client id={detail.client.clone()} /> },
                            "topic" => match &packet.topic {
                                Some(topic) if is_publish(packet) => html! { <Topic name={topic.clone()} /> },
                                topic => html! { <code>{ topic.clone().unwrap_or_default() }</code> },
                            },
                            _ => html! { <b class="mono">{ packet.packet_id.unwrap_or_default() }</b> },
                        }) }
                    </p>
                    { for detail.refused.iter().map(|refusal| html! {
                        <p class="problem" data-testid="selected-refused" data-what={refusal.what.clone()} data-rule={refusal.rule.clone()}>
                            <Icon name={IconName::Shield} />
                            <span>{ refusal_words(&texts, refusal) }{ ". " }{ texts.get(&format!("refused.{}.long", refusal.what)) }</span>
                        </p>
                    }) }
                    <p class="says" data-testid="selected-facts">
                        { for facts(&texts, packet).into_iter().map(|fact| html! { <><span>{ fact }</span>{ " · " }</> }) }
                        <span>{ lab.clock(detail.row.at) }</span>
                    </p>
                </>
            }
        }
        RowKind::Malformed(problem) => html! {
            <>
                <h2>{ texts.get("malformed.title") }</h2>
                <p class="problem"><Icon name={IconName::Warning} /><span>{ problem_words(&texts, problem) }</span></p>
                <Facts facts={vec![
                    (texts.get("fact.client"), html! { <Client id={detail.client.clone()} /> }),
                    (texts.get("fact.offset"), html! { problem.offset }),
                    (texts.get("fact.statement"), html! { problem.statement.clone().unwrap_or_default() }),
                    time,
                ]} />
                <button type="button" class="button small" onclick={bytes}>
                    <Icon name={IconName::Bytes} /><span>{ texts.get("packet.show") }</span>
                </button>
            </>
        },
        RowKind::Opened { .. }
        | RowKind::Closed(_)
        | RowKind::Queued { .. }
        | RowKind::Discarded { .. }
        | RowKind::Refused(_)
        | RowKind::WillPublished { .. }
        | RowKind::SessionEnded { .. }
        | RowKind::Dropped
        | RowKind::Lost(_)
        | RowKind::Outside(_) => event(&texts, &detail.row.kind, &detail.client, time),
    };
    html! {
        <article class="selected" data-number={detail.row.number.to_string()}>
            <section>{ head }</section>
            if let Some(story) = &detail.story {
                <StoryView story={story.clone()} row={Some(detail.row.number)} />
            }
        </article>
    }
}

/// The key of what a packet means, by its type and way.
fn meaning(packet: &PacketRow) -> String {
    let way = if packet.to_broker { "in" } else { "out" };
    let name = packet_name(packet.packet_type).to_ascii_lowercase();
    match PacketType::from_bits(packet.packet_type) {
        Some(PacketType::Publish) => {
            format!("meaning.publish.{way}.{}", packet.qos.unwrap_or_default())
        }
        Some(PacketType::ConnAck) if packet.reason.is_some_and(|reason| reason > 0) => {
            "meaning.connack.refused".to_owned()
        }
        Some(
            PacketType::PubAck
            | PacketType::PubRec
            | PacketType::PubRel
            | PacketType::PubComp
            | PacketType::Disconnect,
        ) => format!("meaning.{name}.{way}"),
        _ => format!("meaning.{name}"),
    }
}

fn is_publish(packet: &PacketRow) -> bool {
    packet.packet_type == PacketType::Publish.as_u8()
}

/// What is short to say of a packet.
fn facts(texts: &Texts, packet: &PacketRow) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(id) = packet.packet_id {
        facts.push(format!("{} {id}", texts.get("field.packet-identifier")));
    }
    if let Some(reason) = packet.reason.filter(|reason| *reason > 0) {
        facts.push(format!("{} 0x{reason:02X}", texts.get("fact.reason")));
    }
    facts.push(texts.bytes(packet.size.into()));
    let version = match packet.version {
        3 => "3.1",
        4 => "3.1.1",
        _ => "5.0",
    };
    facts.push(texts.fill("client.version", &[("version", &version)]));
    facts
}

/// What happened, when it was no packet.
fn event(texts: &Texts, kind: &RowKind, client: &str, time: (String, Html)) -> Html {
    let mut facts = Vec::new();
    if !client.is_empty() {
        facts.push((
            texts.get("fact.client"),
            html! { <Client id={client.to_owned()} /> },
        ));
    }
    let (title, long) = match kind {
        RowKind::Opened { door } => {
            facts.push((
                texts.get("fact.door"),
                html! { texts.get(&format!("door.{door}")) },
            ));
            (
                texts.get("event.opened.title"),
                texts.get("event.opened.long"),
            )
        }
        RowKind::Closed(ending) => {
            if let Some(reason) = ending.reason {
                facts.push((
                    texts.get("fact.reason"),
                    html! { <span class="mono">{ format!("0x{reason:02X}") }</span> },
                ));
            }
            if let Some(statement) = &ending.statement {
                facts.push((
                    texts.get("fact.statement"),
                    html! { <span class="mono">{ statement }</span> },
                ));
            }
            if !ending.under_way.is_empty() {
                facts.push((
                    texts.get("fact.under-way"),
                    html! { ending.under_way.len() },
                ));
            }
            let long = if ending.cut {
                "event.closed.cut"
            } else {
                "event.closed.clean"
            };
            (
                texts.get(&format!("ending.{}", ending.why)),
                texts.get(long),
            )
        }
        RowKind::Queued { length } => {
            facts.push((texts.get("fact.queued"), html! { length }));
            (
                texts.get("event.queued.title"),
                texts.get("event.queued.long"),
            )
        }
        RowKind::Discarded { why } => (
            texts.get(&format!("discarded.{why}")),
            texts.get(&format!("discarded.{why}.long")),
        ),
        RowKind::Refused(refusal) => {
            if let Some(user) = &refusal.username {
                facts.push((texts.get("fact.user"), html! { <code>{ user }</code> }));
            }
            if !refusal.topic.is_empty() {
                let key = if refusal.what == "subscribe" {
                    "field.topic-filter"
                } else {
                    "field.topic-name"
                };
                facts.push((texts.get(key), html! { <code>{ &refusal.topic }</code> }));
            }
            facts.push((
                texts.get("fact.rule"),
                html! { <RefusedBy rule={refusal.rule.clone()} /> },
            ));
            if let Some(reason) = refusal.reason {
                facts.push((
                    texts.get("fact.reason"),
                    html! { <span class="mono">{ format!("0x{reason:02X}") }</span> },
                ));
            }
            (
                refusal_words(texts, refusal),
                texts.get(&format!("refused.{}.long", refusal.what)),
            )
        }
        RowKind::WillPublished { topic } => {
            facts.push((
                texts.get("field.topic-name"),
                html! { <Topic name={topic.clone()} /> },
            ));
            (texts.get("event.will.title"), texts.get("event.will.long"))
        }
        RowKind::SessionEnded { why } => (
            texts.get(&format!("session-ended.{why}")),
            texts.get("session-ended.long"),
        ),
        RowKind::Dropped => (texts.get("event.dropped"), texts.get("event.dropped.long")),
        RowKind::Lost(packet) => {
            let packet = crate::lab::words::packet(packet);
            (
                texts.fill("event.lost", &[("packet", &packet)]),
                texts.get("event.lost.long"),
            )
        }
        RowKind::Outside(outside) => (
            crate::lab::words::outside(texts, outside),
            texts.get("outside.long"),
        ),
        RowKind::Packet(_) | RowKind::Malformed(_) => return Html::default(),
    };
    facts.push(time);
    html! {
        <>
            <h2>{ title }</h2>
            <p class="meaning">{ long }</p>
            <Facts {facts} />
        </>
    }
}
