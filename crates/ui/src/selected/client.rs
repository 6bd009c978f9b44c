//! A client: its session, its subscriptions, and what the broker holds of it.

use vitrine_link::{ClientDetail, Hold, HoldKind};
use yew::prelude::*;

use super::Actions;
use crate::clients::Session;
use crate::flow::packet_name;
use crate::part::Topic;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) client: ClientDetail,
    pub(super) now: f64,
}

/// A client.
#[component]
pub(super) fn ClientView(props: &Props) -> Html {
    let texts = use_texts();
    let detail = &props.client;
    let row = &detail.row;
    let hold = |hold: &Hold| {
        let key = match hold.kind {
            HoldKind::Message => "hold.message",
            HoldKind::PacketId => "hold.packet-id",
            HoldKind::Queued => "hold.queued",
        };
        let id = hold.packet_id.map(|id| id.to_string()).unwrap_or_default();
        let until = match hold.waits_for {
            0 => texts.get("hold.until-connection"),
            packet_type => texts.fill("hold.until", &[("packet", &packet_name(packet_type))]),
        };
        let holder = if hold.at_broker {
            texts.get("word.broker")
        } else {
            row.client.clone()
        };
        html! {
            <li data-testid="held" data-at={if hold.at_broker { "broker" } else { "client" }}>
                <b>{ holder }</b>{ " " }{ texts.fill(key, &[("id", &id)]) }{ " " }{ until }
            </li>
        }
    };
    html! {
        <article class="selected" data-testid="selected-client" data-client={row.client.clone()}>
            <section>
                <Session row={row.clone()} now={props.now} filter={detail.filter.clone()} alone={true} />
                <Actions id={row.client.clone()} connected={row.connected} />
            </section>
            if let Some(filter) = &detail.filter {
                <section>
                    <h3>{ texts.rich("client.topics", |_| html! { <code>{ filter }</code> }) }</h3>
                    if detail.topics.is_empty() {
                        <p class="note">{ texts.get("client.topics.none") }</p>
                    }
                    <ul class="topic-list">
                        { for detail.topics.iter().map(|topic| html! { <li key={topic.clone()}><Topic name={topic.clone()} /></li> }) }
                    </ul>
                </section>
            }
            <section>
                <h3>{ texts.get("client.holds") }</h3>
                if detail.holds.is_empty() {
                    <p class="note">{ texts.get("client.holds.none") }</p>
                } else {
                    <ul class="holds-list">{ for detail.holds.iter().map(hold) }</ul>
                }
            </section>
        </article>
    }
}
