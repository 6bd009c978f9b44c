//! A topic: its last messages, what it retains, and who would get the next.

use vitrine_link::{LastMessage, Selection, TopicDetail};
use yew::prelude::*;

use crate::app::use_page;
use crate::matches::Receivers;
use crate::part::{Copy, PayloadText, breakable, payload_words};
use crate::sign::{Icon, IconName, Qos};
use crate::state::{Action, Tab};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) topic: TopicDetail,
    pub(super) now: f64,
}

/// A topic.
#[component]
pub(super) fn TopicView(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let row = &props.topic.row;
    let explain = {
        let (state, topic) = (state.clone(), row.topic.clone());
        Callback::from(move |_| {
            state.dispatch(Action::TryTopic(topic.clone()));
            state.dispatch(Action::Show(Tab::Matches));
        })
    };
    let message = |last: &LastMessage| {
        let (state, publication) = (state.clone(), last.publication);
        let select = Callback::from(move |_| {
            state.dispatch(Action::Select(Selection::Publication(publication)))
        });
        html! {
            <li key={last.publication}>
                <button type="button" class="message" onclick={select} data-testid="message" data-publication={last.publication.to_string()}>
                    <Qos qos={last.qos} />
                    <b><PayloadText payload={last.payload.clone()} /></b>
                    if last.retain { <Icon name={IconName::Pin} label={texts.get("sign.retain")} class="pin" /> }
                    <span class="publisher">{ &last.publisher }</span>
                    <span class="age">{ texts.age(props.now - last.at) }</span>
                </button>
            </li>
        }
    };
    html! {
        <article class="selected" data-testid="selected-topic" data-topic={row.topic.clone()}>
            <section>
                <h2 class="topic-title"><span>{ breakable(&row.topic) }</span><Copy text={row.topic.clone()} /></h2>
                if row.last.is_some() {
                    <p class="says">
                        { texts.count("topic.counted", row.count) }
                        if row.rate >= 0.05 { { " · " }{ texts.rate(row.rate) } }
                    </p>
                } else {
                    <p class="says">{ texts.get("topic.no-message") }</p>
                }
                if let Some(retained) = &row.retained {
                    <p class="retained" data-testid="retained">
                        <Icon name={IconName::Pin} class="pin" />
                        <span>{ texts.fill("topic.retained", &[("payload", &payload_words(&texts, &retained.payload)), ("qos", &retained.qos)]) }</span>
                    </p>
                }
            </section>
            <section>
                <h3>{ texts.get("topic.receivers") }</h3>
                <Receivers receivers={props.topic.receivers.clone()} qos={2} />
                <button type="button" class="button small" onclick={explain} data-testid="topic-explain">
                    <Icon name={IconName::Match} /><span>{ texts.get("topic.explain") }</span>
                </button>
            </section>
            if !props.topic.history.is_empty() {
                <section>
                    <h3>{ texts.get("topic.history") }</h3>
                    <ol class="history">{ for props.topic.history.iter().map(message) }</ol>
                </section>
            }
        </article>
    }
}
