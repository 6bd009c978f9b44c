//! The way into the lab: the list of lessons, and files; and the way back.

use vitrine_link::LabFrame;
use yew::prelude::*;

use super::lessons::{Entry, list};
use super::marked::Marked;
use super::use_lab_now;
use crate::app::use_page;
use crate::carry::OpenButton;
use crate::hook::use_modal;
use crate::part::IconButton;
use crate::sign::{Icon, IconName};
use crate::state::{Action, Opened};
use crate::text::use_texts;

/// What the head shows of the lab: the way in, and within it what is open and the way back.
#[component]
pub(crate) fn WayIn() -> Html {
    let (state, texts, lab) = (use_page(), use_texts(), use_lab_now());
    let open = {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.dispatch(Action::Choosing(true)))
    };
    if state.lab.is_none() {
        return html! {
            <button type="button" class="button way" data-testid="open-lab" aria-haspopup="dialog" title={texts.get("lab.open.long")} onclick={open}>
                <Icon name={IconName::Flask} /><span>{ texts.get("lab.open") }</span>
            </button>
        };
    }
    let leave = {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.dispatch(Action::LeaveLab))
    };
    let kind = lab
        .as_ref()
        .map_or("lesson", |lab| match lab.kind.as_str() {
            "recording" => "recording",
            "world" => "world",
            _ => "lesson",
        });
    let title = named((*lab).as_ref()).unwrap_or_else(|key| texts.get(key));
    html! {
        <div class="in-lab" data-testid="lab" data-kind={kind} data-open={lab.is_some().to_string()} aria-busy={lab.is_none().to_string()}>
            <button type="button" class="button" data-testid="lab-leave" title={texts.get("lab.leave.long")} onclick={leave}>
                <Icon name={IconName::Live} /><span>{ texts.get("lab.leave") }</span>
            </button>
            <button type="button" class="button way" data-testid="open-lab" aria-haspopup="dialog" title={texts.get("lab.open.long")} onclick={open}>
                <Icon name={IconName::Flask} />
                <span class="kind">{ texts.get(&format!("lab.kind.{kind}")) }</span>
                <b data-testid="lab-title">{ title }</b>
                <Icon name={IconName::Chevron} class="down" />
            </button>
        </div>
    }
}

/// What is open by its own name, or the key of the words that stand for it: nothing is here yet, or a link brought a
/// world that no lesson tells of.
fn named(lab: Option<&LabFrame>) -> Result<String, &'static str> {
    match lab {
        None => Err("lab.opening"),
        Some(lab) if lab.title.is_empty() => Err("lab.untitled"),
        Some(lab) => Ok(lab.title.clone()),
    }
}

/// The list, once it is here. `None` while it is fetched; an error when it cannot be.
#[hook]
fn use_list() -> Option<Result<Vec<Entry>, ()>> {
    let found = use_state(|| None);
    {
        let found = found.setter();
        use_effect_with((), move |()| {
            wasm_bindgen_futures::spawn_local(async move {
                found.set(Some(list().await.map_err(drop)));
            });
        });
    }
    (*found).clone()
}

/// The list of lessons, with the world without a text and the way to open a file.
#[component]
pub(crate) fn Lessons() -> Html {
    let (state, texts) = (use_page(), use_texts());
    let list = use_list();
    let dialog = use_modal();
    let close = {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.dispatch(Action::Choosing(false)))
    };
    let cancel = {
        let state = state.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            state.dispatch(Action::Choosing(false));
        })
    };
    let open_now = state
        .lab
        .as_ref()
        .and_then(|lab| lab.what.lesson().map(str::to_owned));
    let lesson = |entry: &Entry| {
        let (state, name) = (state.clone(), entry.name.clone());
        let here = open_now.as_ref() == Some(&entry.name);
        let free = entry.number == 0;
        html! {
            <li key={entry.name.clone()}>
                <button type="button" class={classes!("choice", free.then_some("free"))} aria-current={here.then_some("true")}
                    data-testid={if free { "open-world" } else { "open-lesson" }} data-name={entry.name.clone()}
                    onclick={move |_| state.dispatch(Action::OpenLab(Opened::Lesson(name.clone())))}>
                    if free {
                        <Icon name={IconName::Flask} />
                    } else {
                        <b class="number">{ entry.number }</b>
                    }
                    <span class="about"><b><Marked text={entry.title(&texts)} /></b><span><Marked text={entry.summary(&texts)} /></span></span>
                </button>
            </li>
        }
    };
    let body = match &list {
        None => html! { <p class="note" aria-busy="true">{ texts.get("lab.list.loading") }</p> },
        Some(Err(())) => {
            html! { <p class="problem" role="alert"><Icon name={IconName::Warning} />{ texts.get("lab.list.failed") }</p> }
        }
        Some(Ok(list)) => {
            let (free, taught): (Vec<_>, Vec<_>) = list.iter().partition(|entry| entry.number == 0);
            html! {
                <>
                    <div class="besides">
                        <ul>{ for free.into_iter().map(lesson) }</ul>
                        <OpenButton />
                        <span class="note">{ texts.get("lab.recording.long") }</span>
                    </div>
                    <ol class="lessons" data-testid="lessons">{ for taught.into_iter().map(lesson) }</ol>
                </>
            }
        }
    };
    html! {
        <dialog ref={dialog} class="veil" aria-label={texts.get("lab.title")} data-testid="lab-dialog"
            onclick={close.clone()} oncancel={cancel}>
            <section class="dialog choosing" onclick={|event: MouseEvent| event.stop_propagation()}>
                <header>
                    <h2>{ texts.get("lab.title") }</h2>
                    <IconButton icon={IconName::Close} label={texts.get("word.close")} testid="lab-dialog-close"
                        key_name={Some("Esc")} onclick={close} />
                </header>
                <p>{ texts.get("lab.about") }</p>
                <p class="note">{ texts.get("lab.live") }</p>
                { body }
            </section>
        </dialog>
    }
}

/// Opens the first lesson: what an empty stage offers besides the world.
#[component]
pub(crate) fn FirstLesson() -> Html {
    let (state, texts) = (use_page(), use_texts());
    let list = use_list();
    let Some(Ok(list)) = list else {
        return Html::default();
    };
    let Some(first) = list.into_iter().find(|entry| entry.number == 1) else {
        return Html::default();
    };
    let name = first.name.clone();
    html! {
        <button type="button" class="button" data-testid="first-lesson" title={first.title(&texts)}
            onclick={move |_| state.dispatch(Action::OpenLab(Opened::Lesson(name.clone())))}>
            <Icon name={IconName::Flask} /><span>{ texts.get("lab.first") }</span>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_here_yet_is_being_opened() {
        let lab = |title: &str| LabFrame {
            title: title.into(),
            ..LabFrame::default()
        };
        assert_eq!(named(None), Err("lab.opening"));
        assert_eq!(named(Some(&lab(""))), Err("lab.untitled"));
        assert_eq!(named(Some(&lab("QoS 1"))), Ok("QoS 1".to_owned()));
    }
}
