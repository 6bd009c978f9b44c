//! A filter held against a topic: two rows of levels, one above the other, with a sign between.

use vitrine_link::{LevelVerdict, Verdict};
use yew::prelude::*;

use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) levels: Vec<LevelVerdict>,
    /// With a sentence for the level that decides.
    #[prop_or_default]
    pub(crate) worded: bool,
}

/// The sign that stands between the two levels, and the verdict's key.
fn sign(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Same => ("=", "same"),
        Verdict::Plus => ("+", "plus"),
        Verdict::Hash => ("#", "hash"),
        Verdict::Different => ("≠", "different"),
        Verdict::TopicEnded => ("≠", "topic-ended"),
        Verdict::FilterEnded => ("≠", "filter-ended"),
        Verdict::DollarRule => ("$", "dollar-rule"),
    }
}

/// Whether the level lets the topic through.
fn passes(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Same | Verdict::Plus | Verdict::Hash => true,
        Verdict::Different | Verdict::TopicEnded | Verdict::FilterEnded | Verdict::DollarRule => {
            false
        }
    }
}

/// The levels of an explanation.
#[component]
pub(crate) fn Levels(props: &Props) -> Html {
    let texts = use_texts();
    let cell = |text: &Option<String>| match text {
        Some(text) if text.is_empty() => {
            html! { <i class="nothing">{ texts.get("level.empty") }</i> }
        }
        Some(text) => html! { { text } },
        None => html! { <i class="nothing">{ "–" }</i> },
    };
    let columns = props.levels.iter().map(|level| {
        let (sign, key) = sign(level.verdict);
        let pass = passes(level.verdict);
        let word = texts.get(&format!("verdict.{key}"));
        html! {
            <li class={classes!("level", if pass { "pass" } else { "stop" })} title={word.clone()}
                data-testid="level" data-verdict={key}>
                <code class="of-filter">{ cell(&level.filter) }</code>
                <span class="verdict" role="img" aria-label={word}>{ sign }</span>
                <code class="of-topic">{ cell(&level.topic) }</code>
            </li>
        }
    });
    let deciding = props
        .levels
        .iter()
        .find(|level| !passes(level.verdict))
        .or_else(|| props.levels.last());
    html! {
        <div class="levels">
            <ol>{ for columns }</ol>
            if let (true, Some(level)) = (props.worded, deciding) {
                <p class="verdict-words">
                    { texts.rich(&format!("verdict.{}.long", sign(level.verdict).1), |place| {
                        let text = match place {
                            "filter" => &level.filter,
                            _ => &level.topic,
                        };
                        html! { <code>{ text.clone().unwrap_or_default() }</code> }
                    }) }
                </p>
            }
        </div>
    }
}
