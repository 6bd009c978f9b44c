//! What can be done to a client: by its own hand when it is one of the page's, and by the operator's.

use vitrine_link::Command;
use yew::prelude::*;

use crate::app::{use_clients, use_page, use_send};
use crate::bridge::use_ask;
use crate::sign::{Icon, IconName};
use crate::state::{Action, Drawer};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    /// The Client Identifier.
    pub(crate) id: String,
    pub(crate) connected: bool,
}

/// The buttons.
#[component]
pub(crate) fn Actions(props: &Props) -> Html {
    let (texts, world, ask, send) = (use_texts(), use_clients(), use_ask(), use_send());
    let state = use_page();
    let id = props.id.clone();
    let button = |key: &'static str, icon: IconName, onclick: Callback<MouseEvent>| {
        html! {
            <button type="button" class="button small" title={texts.get(&format!("act.{key}.long"))}
                data-testid={format!("client-{key}")} data-client={props.id.clone()} {onclick}>
                <Icon name={icon} /><span>{ texts.get(&format!("act.{key}")) }</span>
            </button>
        }
    };
    let ours = world.client(&id).map(|client| {
        let (id, with) = (client.id.clone(), ask.clone());
        let disconnect = Callback::from(move |_| {
            let id = id.clone();
            with.ask(
                |world| async move { world.disconnect(&id).await.map(drop) },
                |_| {},
            );
        });
        let (id, with) = (client.id.clone(), ask.clone());
        let cut = Callback::from(move |_| {
            let id = id.clone();
            with.ask(|world| async move { world.cut(&id).map(drop) }, |_| {});
        });
        let (id, with) = (client.id.clone(), ask.clone());
        let reconnect = Callback::from(move |_| {
            let id = id.clone();
            with.ask(
                |world| async move { world.reconnect(&id).await.map(drop) },
                |_| {},
            );
        });
        let (id, with) = (client.id.clone(), ask.clone());
        let remove = Callback::from(move |_| {
            let id = id.clone();
            with.ask(
                |world| async move { world.remove(&id).await.map(drop) },
                |_| {},
            );
        });
        let (state, whose) = (state.clone(), client.id.clone());
        let subscribe = Callback::from(move |_| {
            state.dispatch(Action::Compose(Drawer::Subscribe, whose.clone()));
        });
        let error = client
            .error
            .as_ref()
            .and_then(|key| texts.find(&format!("error.{key}")).map(str::to_owned));
        html! {
            <>
                if client.state == "connected" {
                    { button("subscribe", IconName::Match, subscribe) }
                    { button("disconnect", IconName::Stop, disconnect) }
                    { button("cut", IconName::Cut, cut) }
                } else {
                    { button("reconnect", IconName::Plug, reconnect) }
                    { button("remove", IconName::Trash, remove) }
                }
                if let Some(error) = error {
                    <p class="problem"><Icon name={IconName::Warning} /><span>{ error }</span></p>
                }
            </>
        }
    });
    let drop_it = |politely: bool| {
        let (send, client) = (send.clone(), id.clone());
        Callback::from(move |_: MouseEvent| {
            send.emit(Command::Drop {
                client: client.clone(),
                politely,
            });
        })
    };
    html! {
        <div class="buttons" data-testid="client-actions">
            { ours }
            if props.connected {
                { button("drop", IconName::Cross, drop_it(true)) }
                { button("drop-hard", IconName::Warning, drop_it(false)) }
            }
        </div>
    }
}
