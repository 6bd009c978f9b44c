//! A short table: what, and its value.

use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) facts: Vec<(String, Html)>,
}

/// The table.
#[component]
pub(super) fn Facts(props: &Props) -> Html {
    html! {
        <dl class="facts-table">
            { for props.facts.iter().map(|(what, value)| html! {
                <div><dt>{ what }</dt><dd>{ value.clone() }</dd></div>
            }) }
        </dl>
    }
}
