//! A field for a Topic Filter, checked as it is typed: the place that is wrong is underlined, and a
//! sentence says why.

use vitrine_link::{FilterCheck, FilterProblem};
use yew::prelude::*;

use super::typed;
use crate::sign::{Icon, IconName};
use crate::text::{Texts, use_texts};

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) value: String,
    /// What the worker says of it.
    pub(crate) check: FilterCheck,
    pub(crate) oninput: Callback<String>,
    pub(crate) testid: &'static str,
    pub(crate) label: String,
    /// What is said below it while nothing is wrong.
    #[prop_or_default]
    pub(crate) words: Option<String>,
}

/// The field.
#[component]
pub(crate) fn FilterInput(props: &Props) -> Html {
    let problem = props
        .check
        .problem
        .as_ref()
        .filter(|_| !props.value.is_empty());
    html! {
        <Checked value={props.value.clone()} problem={problem.cloned()} oninput={props.oninput.clone()}
            testid={props.testid} label={props.label.clone()} words={props.words.clone()} hint="area/+/sensor/#" />
    }
}

/// Why a filter or a topic is wrong, in a sentence.
pub(crate) fn problem_sentence(texts: &Texts, problem: &FilterProblem) -> String {
    let key = format!("problem.filter.{}", problem.code);
    match texts.find(&key) {
        Some(text) => text.to_owned(),
        None => texts.fill("problem.filter", &[("code", &problem.code)]),
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct CheckedProps {
    pub(crate) value: String,
    pub(crate) problem: Option<FilterProblem>,
    pub(crate) oninput: Callback<String>,
    pub(crate) testid: &'static str,
    pub(crate) label: String,
    pub(crate) words: Option<String>,
    pub(crate) hint: &'static str,
    #[prop_or_default]
    pub(crate) list: Option<&'static str>,
}

/// A field whose text may be wrong at a place.
#[component]
pub(crate) fn Checked(props: &CheckedProps) -> Html {
    let texts = use_texts();
    let oninput = props.oninput.clone();
    let typed = typed(move |text| oninput.emit(text));
    let clear = props.oninput.reform(|_: MouseEvent| String::new());
    let problem = props.problem.as_ref();
    let id = format!("{}-says", props.testid);
    html! {
        <div class={classes!("checked", problem.map(|_| "wrong"))}>
            <div class="box">
                if let Some(problem) = problem {
                    // The same letters in the same places, invisible but for what underlines them.
                    { echo(&props.value, problem.at as usize) }
                }
                <input type="text" class="mono" value={props.value.clone()} oninput={typed} spellcheck="false"
                    autocapitalize="off" autocomplete="off" aria-label={props.label.clone()} list={props.list}
                    placeholder={props.hint} title={props.label.clone()} aria-describedby={id.clone()}
                    aria-invalid={problem.is_some().to_string()} data-testid={props.testid} />
                if !props.value.is_empty() {
                    <button type="button" class="icon-button clear" aria-label={texts.get("word.clear")} tabindex="-1" onclick={clear}>
                        <Icon name={IconName::Close} />
                    </button>
                }
            </div>
            if let Some(problem) = problem {
                <p class="problem" id={id} role="status" data-testid={format!("{}-problem", props.testid)}
                    data-code={problem.code.clone()} data-at={problem.at.to_string()}>
                    <Icon name={IconName::Warning} />
                    <span>
                        { texts.fill("problem.at", &[("n", &(problem.at + 1))]) }{ " " }
                        { problem_sentence(&texts, problem) }
                        if !problem.statement.is_empty() { { " " }<small class="statement">{ &problem.statement }</small> }
                    </span>
                </p>
            } else if let Some(words) = &props.words {
                <p class="says" id={id} role="status" data-testid={format!("{}-says", props.testid)}>{ words }</p>
            }
        </div>
    }
}

fn echo(text: &str, at: usize) -> Html {
    let before: String = text.chars().take(at).collect();
    let wrong: String = text.chars().skip(at).take(1).collect();
    let after: String = text.chars().skip(at + 1).collect();
    // Behind the end there is no letter to underline: a space shows where one is missing.
    let wrong = if wrong.is_empty() {
        "\u{a0}".to_owned()
    } else {
        wrong
    };
    html! { <div class="echo" aria-hidden="true">{ before }<mark>{ wrong }</mark>{ after }</div> }
}
