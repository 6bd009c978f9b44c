//! What a rule refused, in words.

use vitrine_link::Refusal;
use yew::prelude::*;

use crate::text::{Texts, use_texts};

/// What was refused, in a short sentence that names the rule.
pub(crate) fn refusal_words(texts: &Texts, refusal: &Refusal) -> String {
    let Refusal {
        what, topic, rule, ..
    } = refusal;
    let by = match (what.as_str(), rule.as_str()) {
        (_, "default") => "default",
        ("connect", "anonymous") => "anonymous",
        ("connect", "users") => "users",
        _ => "rule",
    };
    let key = format!("refused.{what}.{by}");
    texts.fill(&key, &[("rule", rule), ("topic", topic)])
}

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    /// The rule's name; `default`, `anonymous` or `users` for what is no rule.
    pub(crate) rule: String,
}

/// What refused something.
#[component]
pub(crate) fn RefusedBy(props: &Props) -> Html {
    let texts = use_texts();
    match props.rule.as_str() {
        "default" | "anonymous" | "users" => {
            html! { <span>{ texts.get(&format!("rule.{}", props.rule)) }</span> }
        }
        rule => html! { <code>{ rule.to_owned() }</code> },
    }
}
