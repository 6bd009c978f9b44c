//! One thing in a head: a sentence, what it is about, and what the last step did to it.

use vitrine_link::{Fact, Selection};
use yew::prelude::*;

use super::say::{change, direction, icon, key, spans, tail};
use crate::app::use_page;
use crate::flow::packet_name;
use crate::part::{Client, Topic};
use crate::sign::{Icon, IconName, Qos};
use crate::state::Action;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) fact: Fact,
    /// Whose head it is.
    pub(super) who: String,
    /// It belongs to what is selected.
    pub(super) lit: bool,
}

/// The thing.
#[component]
pub(super) fn FactLine(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let Props { fact, who, lit } = props;
    let change = change(&fact.change);
    let select = |selection: Selection| {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.dispatch(Action::Select(selection.clone())))
    };
    // Words that lead to the publication, where it is known which.
    let pressed = |words: String| match fact.publication {
        Some(publication) => html! {
            <button type="button" class="link" title={texts.get("memory.show")} data-testid="fact-publication"
                onclick={select(Selection::Publication(publication))}>{ words }</button>
        },
        None => html! { <b>{ words }</b> },
    };
    let client = if fact.of.is_empty() { who } else { &fact.of };
    let name = || match fact.kind.as_str() {
        "subscription" => {
            let selection = Selection::Subscription {
                client: client.clone(),
                filter: fact.name.clone(),
            };
            html! {
                <button type="button" class="link topic-name" onclick={select(selection)}>
                    { crate::part::breakable(&fact.name) }
                </button>
            }
        }
        "request" => html! { <code>{ crate::part::breakable(&fact.name) }</code> },
        "timer" => html! { <code>{ &fact.name }</code> },
        _ => html! { <Topic name={fact.name.clone()} /> },
    };
    let place = |place: &str| match place {
        "message" => pressed(match fact.packet_id {
            Some(id) => texts.fill("memory.the-message", &[("id", &id)]),
            None => texts.get("memory.a-message"),
        }),
        "id" => pressed(fact.packet_id.map(|id| id.to_string()).unwrap_or_default()),
        "packet" => html! { <b>{ packet_name(fact.waits_for) }</b> },
        "name" => name(),
        "value" => html! { <b>{ &fact.value }</b> },
        "span" => html! { <b class="span">{ spans(&texts, fact) }</b> },
        _ => Html::default(),
    };
    // What the sentence does not name already.
    let about = timed(fact)
        || matches!(
            fact.kind.as_str(),
            "message" | "packet-id" | "queued" | "other"
        );
    let topic = if timed(fact) { &fact.value } else { &fact.name };
    let payload = matches!(
        fact.kind.as_str(),
        "message" | "queued" | "retained" | "will"
    );
    html! {
        <li class={classes!("fact", (*lit).then_some("lit"), (!fact.change.is_empty()).then(|| fact.change.clone()))}
            data-testid="fact" data-kind={fact.kind.clone()} data-of={fact.of.clone()} data-name={fact.name.clone()}
            data-packet-id={fact.packet_id.map(|id| id.to_string())} data-until={packet_name(fact.waits_for)}
            data-change={fact.change.clone()} data-value={fact.value.clone()}
            data-qos={fact.qos.map(|qos| qos.to_string())} data-retain={fact.retain.to_string()} data-delay={fact.delay.to_string()}
            data-publication={fact.publication.map(|publication| publication.to_string())}>
            <Icon name={icon(&fact.kind)} class={classes!((fact.kind == "message").then_some("full"))} />
            <div>
                <p>
                    if let Some((sign, word)) = change {
                        <span class="change"><b aria-hidden="true">{ sign }</b>{ texts.get(word) }</span>
                    }
                    if !fact.of.is_empty() {
                        <span class="of">
                            { texts.rich(&format!("memory.{}", direction(fact)), |_| html! { <Client id={fact.of.clone()} /> }) }
                            { " " }
                        </span>
                    }
                    { texts.rich(&key(&texts, fact), place) }
                </p>
                if (about && !topic.is_empty()) || (payload && !(fact.value.is_empty() && fact.qos.is_none())) {
                    <p class="about">
                        if let Some(qos) = fact.qos { <Qos {qos} /> }
                        if about && !topic.is_empty() {
                            <button type="button" class="link topic-name" title={topic.clone()}
                                onclick={select(Selection::Topic(topic.clone()))}>{ tail(topic) }</button>
                        }
                        if payload && !fact.value.is_empty() {
                            { "=" }<span class="payload" title={fact.value.clone()}>{ &fact.value }</span>
                        }
                        if fact.retain { <Icon name={IconName::Pin} label={texts.get("sign.retain")} class="pin" /> }
                        if fact.delay > 0 {
                            <span data-testid="will-delay">{ texts.fill("client.will.delay", &[("span", &texts.span(fact.delay.into()))]) }</span>
                        }
                    </p>
                }
            </div>
        </li>
    }
}

/// Whether it is a timer of a message, which names its topic.
fn timed(fact: &Fact) -> bool {
    fact.kind == "timer" && fact.name == "MessageExpiry"
}
