//! A Topic Name; pressing it selects the topic.

use vitrine_link::Selection;
use yew::prelude::*;

use crate::app::use_page;
use crate::state::Action;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) name: String,
}

/// A Topic Name.
#[component]
pub(crate) fn Topic(props: &Props) -> Html {
    let state = use_page();
    let onclick = {
        let (state, name) = (state.clone(), props.name.clone());
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            state.dispatch(Action::Select(Selection::Topic(name.clone())));
        })
    };
    html! {
        <button type="button" class="link topic-name" {onclick} data-topic={props.name.clone()}>
            { breakable(&props.name) }
        </button>
    }
}

/// A topic that may break into lines behind a `/`, and nowhere else if that can be helped.
pub(crate) fn breakable(topic: &str) -> Html {
    topic
        .split_inclusive('/')
        .map(|level| html! { <>{ level.to_owned() }<wbr /></> })
        .collect()
}
