//! The link to a moment.

use vitrine_link::{LabCommand, LabFrame};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::bridge::{Bench, Shared, use_lab};
use crate::sign::{Icon, IconName};
use crate::state::address::lab_link;
use crate::text::use_texts;

/// From this length on, in characters, some programs cut a link.
const LONG: usize = 2000;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) lab: Shared<Option<LabFrame>>,
    pub(super) shared: Shared<Option<String>>,
    /// Who is asked.
    pub(super) bench: Bench,
}

/// Asks for the link as soon as it is there, and copies it. A lab that begins anew is asked again.
#[component]
pub(super) fn LinkSection(props: &Props) -> Html {
    let (texts, lab) = (use_texts(), use_lab());
    let before = use_mut_ref(|| props.shared.clone());
    let copied = use_state_eq(|| false);
    let recording = props
        .lab
        .as_ref()
        .as_ref()
        .is_some_and(|lab| lab.kind == "recording");
    let can = props.lab.is_some() && !recording;
    let gone = props.bench.is_gone();
    use_effect_with(can && !gone && props.bench.shown, move |answers| {
        if *answers {
            lab.ask(LabCommand::Share);
        }
    });
    let lesson = props
        .lab
        .as_ref()
        .as_ref()
        .and_then(|lab| Some(lab.lesson.as_ref()?.name.clone()));
    let link = (*before.borrow() != props.shared)
        .then(|| {
            props
                .shared
                .as_deref()
                .map(|code| address(code, lesson.as_deref()))
        })
        .flatten();
    let copy = {
        let copied = copied.setter();
        Callback::from(move |link: String| {
            let copied = copied.clone();
            let Some(window) = web_sys::window() else {
                return;
            };
            spawn_local(async move {
                // Refused where the page is not in front, or has no secure context: it can still be copied by hand.
                let done = JsFuture::from(window.navigator().clipboard().write_text(&link)).await;
                copied.set(done.is_ok());
            });
        })
    };
    {
        let copy = copy.clone();
        use_effect_with(link.clone(), move |link| {
            if let Some(link) = link {
                copy.emit(link.clone());
            }
        });
    }
    let body = if let Some(link) = link {
        let length = link.chars().count();
        let again = {
            let link = link.clone();
            Callback::from(move |_: MouseEvent| copy.emit(link.clone()))
        };
        let whole = Callback::from(|event: FocusEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                field.select();
            }
        });
        html! {
            <>
                <p>{ texts.get("carry.link.long") }</p>
                <div class="link-line">
                    <input type="text" readonly=true class="mono" value={link} onfocus={whole} data-testid="share-link"
                        aria-label={texts.get("carry.link")} />
                    <button type="button" class="button" data-testid="share-copy" onclick={again}>
                        <Icon name={if *copied { IconName::Check } else { IconName::Copy }} />
                        <span role="status">{ texts.get(if *copied { "copy.done" } else { "copy" }) }</span>
                    </button>
                </div>
                <p class="note" data-testid="share-length">
                    { texts.count("carry.link.length", length as u64) }
                    if length > LONG { { " " }{ texts.get("carry.link.cut") } }
                </p>
            </>
        }
    } else if can && gone {
        html! { <p data-testid="share-not">{ texts.get("carry.error.no-lab") }</p> }
    } else if can {
        html! { <p class="note" aria-busy="true">{ texts.get("carry.link.waits") }</p> }
    } else if recording {
        html! { <p data-testid="share-not">{ texts.get("carry.link.recording") }</p> }
    } else {
        html! { <p data-testid="share-not">{ texts.get("carry.link.live") }</p> }
    };
    html! {
        <section data-testid="share">
            <h3>{ texts.get("carry.link") }</h3>
            { body }
        </section>
    }
}

/// The address of a code: this page's, without what else it says. A lesson's texts are not in the code, so it is named.
fn address(code: &str, lesson: Option<&str>) -> String {
    let location = web_sys::window().map(|window| window.location());
    let part = |of: fn(&web_sys::Location) -> Result<String, wasm_bindgen::JsValue>| {
        location
            .as_ref()
            .and_then(|location| of(location).ok())
            .unwrap_or_default()
    };
    format!(
        "{}{}#{}",
        part(web_sys::Location::origin),
        part(web_sys::Location::pathname),
        lab_link(code, lesson)
    )
}
