//! The figures of the whole broker.

use vitrine_link::Totals;
use yew::prelude::*;

use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) totals: Totals,
    pub(crate) known: bool,
}

/// Clients, topics, messages per second.
#[component]
pub(crate) fn TotalsLine(props: &Props) -> Html {
    let texts = use_texts();
    let totals = &props.totals;
    if !props.known {
        return html! { <div class="totals" data-testid="totals" /> };
    }
    let rate = |rate: f32| f64::from(rate).round() as u64;
    let figure = |testid: &'static str, value: u64, key: &'static str| {
        html! {
            <div class="figure" data-testid={testid} title={texts.get(&format!("{key}.long"))}>
                <b>{ texts.whole(value) }</b><span>{ texts.count(key, value) }</span>
            </div>
        }
    };
    html! {
        <div class="totals" data-testid="totals">
            { figure("total-clients", totals.connected.into(), "total.clients") }
            { figure("total-topics", totals.topics.into(), "total.topics") }
            { figure("total-in", rate(totals.published_per_second), "total.in") }
            { figure("total-out", rate(totals.delivered_per_second), "total.out") }
        </div>
    }
}
