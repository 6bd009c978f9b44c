//! A client's name; pressing it selects the client.

use vitrine_link::Selection;
use yew::prelude::*;

use crate::app::use_page;
use crate::state::Action;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    /// The Client Identifier; empty for the broker itself.
    pub(crate) id: String,
}

/// A client's name.
#[component]
pub(crate) fn Client(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    if props.id.is_empty() {
        return html! { <span class="name">{ texts.get("word.broker") }</span> };
    }
    let onclick = {
        let (state, id) = (state.clone(), props.id.clone());
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            state.dispatch(Action::Select(Selection::Client(id.clone())));
        })
    };
    html! {
        <button type="button" class="link name" {onclick} data-client={props.id.clone()}>
            { &props.id }
        </button>
    }
}
