//! A client of the page whose session the broker has forgotten: it can come back, or be removed.

use vitrine_link::Selection;
use yew::prelude::*;

use super::Actions;
use crate::app::use_page;
use crate::state::Action;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    /// The Client Identifier.
    pub(crate) id: String,
    /// It stands alone; else in a list, and can be selected.
    pub(crate) alone: bool,
}

/// Its name, why nothing more is known of it, and what can be done to it.
#[component]
pub(crate) fn Away(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let status = texts.get("client.gone");
    let name = html! {
        <>
            <span class="dot off" role="img" aria-label={status.clone()} title={status} />
            <span class="name">{ &props.id }</span>
        </>
    };
    let select = {
        let id = props.id.clone();
        Callback::from(move |_: MouseEvent| {
            state.dispatch(Action::Select(Selection::Client(id.clone())));
        })
    };
    html! {
        <section class={classes!("session", "gone", (!props.alone).then_some("card"))}
            data-testid="client-away" data-client={props.id.clone()}>
            <h2>
                if props.alone {
                    { name }
                } else {
                    <button type="button" class="link" onclick={select}>{ name }</button>
                }
            </h2>
            <p class="says">{ texts.get("client.away") }</p>
            <Actions id={props.id.clone()} connected={false} />
        </section>
    }
}
