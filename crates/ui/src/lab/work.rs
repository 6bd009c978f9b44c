//! What is said when the lab keeps one waiting, and when its worker failed. The broker in the tab goes on in any case.

use web_sys::Element;
use yew::prelude::*;

use crate::app::{StateHandle, focus, use_page};
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
    let (bench, in_lab) = (&props.bench, state.lab.is_some());
    let region = use_node_ref();
    use_focus_handed_on(&region, (bench.state, in_lab));
    let told = if in_lab {
        told(&state, &texts, bench)
    } else {
        Html::default()
    };
    // What is read out by itself is what changes in an element that was there before. An alert is read as it comes.
    let (calm, alert) = if bench.is_gone() {
        (Html::default(), told)
    } else {
        (told, Html::default())
    };
    html! {
        <div ref={region} class="lab-work">
            <div role="status">{ calm }</div>
            { alert }
        </div>
    }
}

/// How it is, and what can be done about it.
fn told(state: &StateHandle, texts: &Texts, bench: &Bench) -> Html {
    let does = |action: Action| {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.dispatch(action.clone()))
    };
    let button = |key: &str, testid: &'static str, onclick: Callback<MouseEvent>| {
        html! {
            <button type="button" class="button" data-testid={testid} {onclick}>{ texts.get(key) }</button>
        }
    };
    let says = words(texts, bench);
    match bench.state {
        BenchState::Ready => Html::default(),
        BenchState::Busy => html! {
            <div class="working" data-testid="lab-busy">
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
                <div class="notice calm" data-testid="notice" data-kind="lab-slow">
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

/// Gives the focus to the ladder when it was on a button in `region` that goes, pressed or not: else the keyboard would
/// begin at the top of the page.
#[hook]
fn use_focus_handed_on(region: &NodeRef, shown: (BenchState, bool)) {
    let inside = use_mut_ref(|| false);
    // The button still stands now, and takes the focus with it when it goes.
    if let (Some(region), Some(focused)) = (region.cast::<Element>(), focused()) {
        *inside.borrow_mut() = region.contains(Some(&focused));
    }
    use_effect_with(shown, move |_| {
        if inside.replace(false) && focused().is_none() {
            focus("[data-testid=ladder-rows]");
        }
    });
}

/// The element that has the focus.
fn focused() -> Option<Element> {
    let focused = web_sys::window()?.document()?.active_element()?;
    (!focused.tag_name().eq_ignore_ascii_case("body")).then_some(focused)
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
