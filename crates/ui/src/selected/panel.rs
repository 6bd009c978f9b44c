//! The right panel.

use vitrine_link::{Detail, Selection};
use yew::prelude::*;

use super::Away;
use super::client::ClientView;
use super::packet::PacketView;
use super::story::StoryView;
use super::topic::TopicView;
use crate::app::{Narrow, use_clients, use_page};
use crate::bridge::Latest;
use crate::chrome::PanelTabs;
use crate::clients::Clients;
use crate::heads::Memory;
use crate::matches::Matches;
use crate::packet::Bytes;
use crate::part::Empty;
use crate::sign::IconName;
use crate::state::Tab;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) latest: Latest,
}

/// The right panel.
#[component]
pub(crate) fn Panel(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let Narrow(narrow) = use_context().unwrap_or(Narrow(false));
    let latest = &props.latest;
    let world = use_clients();
    // A client of the page whose session the broker has forgotten.
    let away = match &state.selection {
        Selection::Client(id) | Selection::Subscription { client: id, .. } => world.client(id),
        Selection::None | Selection::Row(_) | Selection::Publication(_) | Selection::Topic(_) => {
            None
        }
    };
    let body = match state.tab {
        Tab::Selected => match (&*latest.detail, away) {
            (Detail::Gone, Some(client)) => html! {
                <article class="selected"><Away id={client.id.clone()} alone={true} /></article>
            },
            (detail, _) => selected(detail, latest.now),
        },
        Tab::Matches => html! { <Matches matches={latest.matches.clone()} /> },
        Tab::Clients => html! { <Clients clients={latest.clients.clone()} known={latest.known} /> },
        Tab::Packet => html! { <Bytes detail={latest.detail.clone()} /> },
        Tab::Memory => html! {
            <Memory lab={latest.lab.clone()} flow={latest.flow.clone()} detail={latest.detail.clone()} />
        },
    };
    html! {
        <section class="panel pane" aria-label={texts.get("tabs.title")} data-testid="panel" data-tab={state.tab.key()}>
            if narrow {
                // On a phone the tabs are elsewhere: who listens hears which view this is.
                <h2 class="unseen">{ texts.get(&format!("tab.{}", state.tab.key())) }</h2>
            } else {
                <PanelTabs />
            }
            <div class={classes!("answers", state.tab.key())} role="tabpanel" data-testid={format!("panel-{}", state.tab.key())}>
                { body }
            </div>
        </section>
    }
}

fn selected(detail: &Detail, now: f64) -> Html {
    match detail {
        Detail::None => html! { <Empty icon={IconName::Eye} text="selected.none" offer={false} /> },
        Detail::Gone => html! { <Empty icon={IconName::Box} text="selected.gone" offer={false} /> },
        Detail::Packet(packet) => html! { <PacketView packet={(**packet).clone()} /> },
        Detail::Story(story) => html! { <StoryView story={(**story).clone()} row={None::<u64>} /> },
        Detail::Topic(topic) => html! { <TopicView topic={(**topic).clone()} {now} /> },
        Detail::Client(client) => html! { <ClientView client={(**client).clone()} {now} /> },
    }
}
