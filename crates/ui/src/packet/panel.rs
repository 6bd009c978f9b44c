//! Bytes left, fields below: what is pointed at in one is marked in the other.

use vitrine_link::{Detail, Field, PacketDetail, RowKind};
use yew::prelude::*;

use super::fields::Fields;
use super::hexview::Hex;
use super::words::{problem_words, slug};
use crate::bridge::Shared;
use crate::flow::packet_name;
use crate::part::Empty;
use crate::sign::{Icon, IconName, Qos};
use crate::text::{Texts, use_texts};

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) detail: Shared<Detail>,
}

/// The view.
#[component]
pub(crate) fn Bytes(props: &Props) -> Html {
    if let Detail::Packet(packet) = &*props.detail
        && !packet.bytes.is_empty()
    {
        return html! { <Dissected key={packet.row.number} packet={(**packet).clone()} /> };
    }
    html! { <Empty icon={IconName::Bytes} text="packet.none" offer={false} /> }
}

#[derive(PartialEq, Properties)]
struct DissectedProps {
    packet: PacketDetail,
}

#[component]
fn Dissected(props: &DissectedProps) -> Html {
    let texts = use_texts();
    let packet = &props.packet;
    // The field pointed at, and the one chosen, which stays.
    let hot = use_state_eq(|| None::<usize>);
    let chosen = use_state_eq(|| None::<usize>);
    let shown = hot.or(*chosen);
    let onhot = {
        let hot = hot.setter();
        use_callback((), move |field: Option<usize>, ()| hot.set(field))
    };
    let onchoose = {
        let chosen = chosen.clone();
        Callback::from(move |field: usize| chosen.set((*chosen != Some(field)).then_some(field)))
    };
    let row = if let RowKind::Packet(row) = &packet.row.kind {
        Some(row)
    } else {
        None
    };
    let head = match row {
        Some(row) => html! {
            <>
                { packet_name(row.packet_type) }
                if let Some(qos) = row.qos { <Qos {qos} worded={true} /> }
            </>
        },
        None => html! { { texts.get("malformed.title") } },
    };
    html! {
        <article class="packet-view" data-testid="packet" data-number={packet.row.number.to_string()}>
            <header>
                <h2 class="packet-name">{ head }</h2>
                <span class="size">{ texts.bytes(row.map_or(packet.bytes.len() as u64, |row| row.size.into())) }</span>
            </header>
            if let Some(problem) = &packet.problem {
                <p class="problem" data-testid="packet-problem" data-code={problem.code.clone()} data-offset={problem.offset.to_string()}>
                    <Icon name={IconName::Warning} />
                    <span>
                        { texts.fill("packet.problem", &[("offset", &problem.offset)]) }{ " " }{ problem_words(&texts, problem) }
                        if let Some(statement) = &problem.statement { { " " }<small class="statement">{ statement }</small> }
                    </span>
                </p>
            }
            <div class="always">
                <Hex bytes={packet.bytes.clone()} fields={packet.fields.clone()} {shown}
                    wrong={packet.problem.as_ref().map(|problem| problem.offset)} onhot={onhot.clone()} onchoose={onchoose.clone()} />
                <p class="field-meaning" role="status" data-testid="field-meaning">
                    { meaning(&texts, shown.and_then(|index| packet.fields.get(index))) }
                </p>
            </div>
            if packet.cut {
                <p class="note">{ texts.get("packet.cut") }</p>
            }
            <Fields bytes={packet.bytes.clone()} fields={packet.fields.clone()} {shown} chosen={*chosen} {onhot} {onchoose} />
        </article>
    }
}

/// What the marked field is for, or how to mark one.
fn meaning(texts: &Texts, field: Option<&Field>) -> Html {
    let Some(field) = field else {
        return html! { <span class="nothing">{ texts.get("packet.point") }</span> };
    };
    let key = format!("field.{}.meaning", slug(&field.name));
    html! {
        <><b lang="en">{ &field.name }</b>{ ": " }{ texts.find(&key).unwrap_or_default().to_owned() }</>
    }
}
