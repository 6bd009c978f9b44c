//! Who subscribes to something and did not get a message, and what kept it from them.

use vitrine_link::Missed;
use yew::prelude::*;

use crate::part::{Client, Levels, breakable};
use crate::sign::{Icon, IconName};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) missed: Vec<Missed>,
    /// Nobody at all got it: then this is what one wants to know.
    pub(super) nobody: bool,
}

/// The clients, folded away where others got it.
#[component]
pub(super) fn MissedBy(props: &Props) -> Html {
    let texts = use_texts();
    let missed = |missed: &Missed| {
        html! {
            <li class="delivery missed" key={missed.client.clone()} data-testid="missed" data-client={missed.client.clone()}
                data-filter={missed.filter.clone()} data-why={missed.why.clone()}>
                <div class="to">
                    <Icon name={IconName::Cross} />
                    <Client id={missed.client.clone()} />
                    <code>{ breakable(&missed.filter) }</code>
                </div>
                if missed.why != "filter" {
                    <p>{ texts.get(&format!("missed.{}", missed.why)) }</p>
                }
                <Levels levels={missed.levels.clone()} worded={missed.why == "filter"} />
            </li>
        }
    };
    html! {
        <details class="missed-by" open={props.nobody} data-testid="missed-by">
            <summary>{ texts.get("missed.title") }</summary>
            <ul class="deliveries">{ for props.missed.iter().map(missed) }</ul>
        </details>
    }
}
