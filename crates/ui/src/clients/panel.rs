//! The list of sessions, a page at a time.

use vitrine_link::ClientsFrame;
use yew::prelude::*;

use super::session::Session;
use crate::app::{Look, use_clients, use_lens};
use crate::bridge::Shared;
use crate::part::{Empty, IconButton};
use crate::selected::Away;
use crate::sign::IconName;
use crate::text::use_texts;

/// Sessions on a page.
const PAGE: u32 = 50;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) clients: Shared<ClientsFrame>,
    pub(crate) known: bool,
}

/// The list.
#[component]
pub(crate) fn Clients(props: &Props) -> Html {
    let (lens, texts) = (use_lens(), use_texts());
    {
        let lens = lens.dispatcher();
        use_effect_with((), move |()| lens.dispatch(Look::Clients(0, PAGE)));
    }
    let clients = &props.clients;
    let world = use_clients();
    // The page's own whose sessions the broker has forgotten; they stand after the last session.
    let away = world
        .clients
        .iter()
        .filter(|client| matches!(client.state.as_str(), "closed" | "cut"))
        .filter(|client| {
            clients.total <= PAGE && clients.rows.iter().all(|row| row.client != client.id)
        })
        .map(|client| client.id.clone())
        .collect::<Vec<_>>();
    if props.known && clients.total == 0 && away.is_empty() {
        return html! { <Empty icon={IconName::Clients} text="clients.empty" /> };
    }
    let go = |first: u32| {
        let lens = lens.dispatcher();
        Callback::from(move |_: MouseEvent| lens.dispatch(Look::Clients(first, PAGE)))
    };
    let last = clients.first + clients.rows.len() as u32;
    html! {
        <article class="clients-view" data-testid="clients" data-total={clients.total.to_string()}>
            if clients.total > PAGE {
                <div class="pager">
                    <IconButton icon={IconName::Back} label={texts.get("clients.back")} testid="clients-back"
                        disabled={clients.first == 0} onclick={go(clients.first.saturating_sub(PAGE))} />
                    <span>{ texts.fill("clients.range", &[("from", &(clients.first + 1)), ("to", &last), ("of", &clients.total)]) }</span>
                    <IconButton icon={IconName::Forward} label={texts.get("clients.forward")} testid="clients-forward"
                        disabled={last >= clients.total} onclick={go(clients.first + PAGE)} />
                </div>
            }
            { for clients.rows.iter().map(|row| html! {
                <Session key={row.client.clone()} row={row.clone()} now={0.0} filter={None::<String>} alone={false} />
            }) }
            { for away.into_iter().map(|id| html! { <Away key={format!("away {id}")} id={id.clone()} alone={false} /> }) }
        </article>
    }
}
