//! What is said when the lab keeps one waiting, and when its worker failed. The broker in the tab goes on in any case.

use yew::prelude::*;

use crate::app::use_page;
use crate::bridge::{Bench, BenchState};
use crate::sign::{Icon, IconName};
use crate::state::Action;
use crate::text::{Texts, use_texts};

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) bench: Bench,
}

/// A sign that the lab is at work; after long a way to stop it, and where it failed a way to begin anew.
#[component]
pub(crate) fn LabWork(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    if state.lab.is_none() {
        return Html::default();
    }
    let does = |action: Action| {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.dispatch(action.clone()))
    };
    let button = |key: &str, testid: &'static str, onclick: Callback<MouseEvent>| {
        html! {
            <button type="button" class="button" data-testid={testid} {onclick}>{ texts.get(key) }</button>
        }
    };
    let bench = &props.bench;
    let says = words(&texts, bench);
    match bench.state {
        BenchState::Ready => Html::default(),
        BenchState::Busy => html! {
            <div class="working" role="status" data-testid="lab-busy">
                <Icon name={IconName::Flask} /><span>{ says }</span>
            </div>
        },
        BenchState::Slow => {
            // Where it has shown nothing yet, there is nothing to go back to.
            let stop = if bench.shown {
                Action::LabAgain
            } else {
                Action::LeaveLab
            };
            html! {
                <div class="notice calm" role="status" data-testid="notice" data-kind="lab-slow">
                    <Icon name={IconName::Flask} /><span>{ says }</span>
                    { button("lab.stop", "lab-stop", does(stop)) }
                </div>
            }
        }
        BenchState::Lost => html! {
            <div class="notice" role="alert" data-testid="notice" data-kind="lab-lost">
                <Icon name={IconName::Warning} /><span>{ says }</span>
                { button("lab.again", "lab-again", does(Action::LabAgain)) }
                { button("lab.leave", "lab-lost-leave", does(Action::LeaveLab)) }
            </div>
        },
        BenchState::Refused => {
            let reload = Callback::from(|_: MouseEvent| {
                if let Some(window) = web_sys::window() {
                    let _ = window.location().reload();
                }
            });
            html! {
                <div class="notice" role="alert" data-testid="notice" data-kind="lab-refused">
                    <Icon name={IconName::Warning} /><span>{ says }</span>
                    { button("banner.reload", "lab-reload", reload) }
                    { button("lab.leave", "lab-lost-leave", does(Action::LeaveLab)) }
                </div>
            }
        }
    }
}

/// How it is, in sentences. Why it failed is told in English, as it was said.
fn words(texts: &Texts, bench: &Bench) -> String {
    match bench.state {
        BenchState::Ready => String::new(),
        BenchState::Busy => texts.get("lab.busy"),
        BenchState::Slow if bench.shown => texts.get("lab.slow"),
        BenchState::Slow => texts.get("lab.slow.opening"),
        BenchState::Lost => {
            let reason = bench.reason.as_deref().unwrap_or_default();
            // A panic's second line, and what follows, is for those who look for its cause.
            let reason: String = reason.chars().take(MOST).collect();
            texts.fill("lab.lost", &[("reason", &reason.trim())])
        }
        BenchState::Refused => texts.get("lab.refused"),
    }
}

/// Characters of a reason that are shown.
const MOST: usize = 300;
