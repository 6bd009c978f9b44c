//! The filter, the topic, and how they compare.

use vitrine_link::MatchFrame;
use yew::prelude::*;

use super::receivers::Receivers;
use crate::app::use_page;
use crate::bridge::Shared;
use crate::part::{Checked, FilterInput, Levels, QosChoice, Topic};
use crate::sign::{Icon, IconName};
use crate::state::Action;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) matches: Shared<MatchFrame>,
}

/// Filters and the topics of the course, to begin with.
const EXAMPLES: [&str; 5] = [
    "area/10/sensor/+/temperatura",
    "area/20/sensor/#",
    "+/+/+/+/umidade",
    "#",
    "area/10+/sensor",
];

/// The view.
#[component]
pub(crate) fn Matches(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let matches = &props.matches;
    let trial = &state.trial;
    let act = |make: fn(String) -> Action| {
        let state = state.clone();
        Callback::from(move |text: String| state.dispatch(make(text)))
    };
    let qos = {
        let state = state.clone();
        Callback::from(move |qos| state.dispatch(Action::TryQos(qos)))
    };
    let typed = !trial.filter.is_empty() && matches.check.valid;
    html! {
        <article class="matches-view">
            <section>
                <label class="caption">{ texts.get("matches.filter") }</label>
                <FilterInput value={trial.filter.clone()} check={matches.check.clone()} testid="matches-filter"
                    label={texts.get("matches.filter")} oninput={act(Action::TryFilter)}
                    words={typed.then(|| texts.fill("matches.count", &[("n", &matches.matched), ("of", &matches.of)]))} />
                if let Some(share) = &matches.check.share {
                    <p class="note">{ texts.fill("matches.share", &[("share", share)]) }</p>
                }
                if trial.filter.is_empty() {
                    <p class="note">{ texts.get("matches.empty") }</p>
                    <div class="chips">
                        { for EXAMPLES.iter().map(|example| {
                            let state = state.clone();
                            html! {
                                <button type="button" class="chip mono" data-testid="example"
                                    onclick={move |_| state.dispatch(Action::TryFilter((*example).to_owned()))}>{ *example }</button>
                            }
                        }) }
                    </div>
                }
                if typed && !matches.topics.is_empty() {
                    <ul class="topic-list" data-testid="matched-topics">
                        { for matches.topics.iter().map(|topic| {
                            let (state, name) = (state.clone(), topic.clone());
                            let on = trial.topic == *topic;
                            html! {
                                <li key={topic.clone()}>
                                    <button type="button" class="link topic-name" aria-pressed={on.to_string()}
                                        onclick={move |_| state.dispatch(Action::TryTopic(name.clone()))}>
                                        { crate::part::breakable(topic) }
                                    </button>
                                </li>
                            }
                        }) }
                    </ul>
                }
            </section>
            <section>
                <label class="caption">{ texts.get("matches.topic") }</label>
                <Checked value={trial.topic.clone()} problem={matches.topic_problem.clone().filter(|_| !trial.topic.is_empty())}
                    oninput={act(Action::TryTopic)} testid="matches-topic" label={texts.get("matches.topic")}
                    words={None::<String>} hint="area/10/sensor/5000/temperatura" list={Some("topic-names")} />
                if let Some(explanation) = &matches.explanation {
                    <div class={classes!("explanation", if explanation.matches { "yes" } else { "no" })}
                        data-testid="explanation" data-matches={explanation.matches.to_string()}>
                        <p class="verdict-line">
                            <Icon name={if explanation.matches { IconName::Check } else { IconName::Cross }} />
                            <b>{ texts.get(if explanation.matches { "matches.yes" } else { "matches.no" }) }</b>
                        </p>
                        <Levels levels={explanation.levels.clone()} worded={true} />
                    </div>
                } else if trial.topic.is_empty() {
                    <p class="note">{ texts.get("matches.topic.empty") }</p>
                }
            </section>
            if !trial.topic.is_empty() && matches.topic_problem.is_none() {
                <section>
                    <header>
                        <h3>{ texts.get("matches.receivers") }</h3>
                        <QosChoice qos={trial.qos} testid="matches-qos" onchoose={qos} />
                    </header>
                    <p class="note">{ texts.rich("matches.imagine", |place| match place {
                        "topic" => html! { <Topic name={trial.topic.clone()} /> },
                        _ => html! { trial.qos },
                    }) }</p>
                    <Receivers receivers={matches.receivers.clone()} qos={trial.qos} />
                    if matches.receivers_left_out > 0 {
                        <p class="note">{ texts.count("story.more", matches.receivers_left_out.into()) }</p>
                    }
                </section>
            }
        </article>
    }
}
