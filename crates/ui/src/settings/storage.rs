//! What survives a reload, and whether it should.

use vitrine_link::{Command, Storage, StorageState};
use yew::prelude::*;

use crate::app::use_send;
use crate::state::memory;
use crate::text::use_texts;

/// The machine's key for the user's wish; `web/boot.js` reads it before the worker starts.
const KEEP: &str = "keep";

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) storage: Storage,
}

/// The section.
#[component]
pub(super) fn StorageSection(props: &Props) -> Html {
    let (texts, send) = (use_texts(), use_send());
    let storage = &props.storage;
    let wanted = use_state_eq(|| memory::recall(KEEP).as_deref() != Some("0"));
    let onchange = {
        let wanted = wanted.clone();
        Callback::from(move |_: Event| {
            let keep = !*wanted;
            memory::remember(KEEP, if keep { "1" } else { "0" });
            if !keep {
                send.emit(Command::StopKeeping);
            }
            wanted.set(keep);
        })
    };
    let words = match storage.state {
        StorageState::Off if *wanted => texts.get("storage.later"),
        StorageState::Off => texts.get("storage.off"),
        StorageState::Kept => texts.fill(
            "storage.kept",
            &[
                (
                    "sessions",
                    &texts.count("storage.sessions", storage.sessions.into()),
                ),
                (
                    "retained",
                    &texts.count("storage.retained", storage.retained.into()),
                ),
            ],
        ),
        StorageState::Unavailable => texts.fill("storage.unavailable", &[("why", &storage.why)]),
        StorageState::Damaged => texts.fill("storage.damaged", &[("why", &storage.why)]),
        StorageState::Full => texts.fill("storage.full", &[("why", &storage.why)]),
        StorageState::Failed => texts.fill("storage.failed", &[("why", &storage.why)]),
        StorageState::SetAside => texts.fill("storage.set-aside", &[("name", &storage.why)]),
    };
    let restart =
        storage.state == StorageState::SetAside || (storage.state == StorageState::Off && *wanted);
    html! {
        <section data-testid="storage" data-state={key(storage.state)}>
            <h3>{ texts.get("storage.title") }</h3>
            <label class="check">
                <input type="checkbox" checked={*wanted} {onchange} data-testid="storage-keep" />
                <span>{ texts.get("storage.keep") }</span>
            </label>
            <p class="note">{ texts.get("storage.long") }</p>
            <p data-testid="storage-says">{ words }</p>
            if storage.state == StorageState::Damaged {
                <SetAside />
            }
            if restart {
                <Restart />
            }
        </section>
    }
}

/// The state's name in the tests and the styles.
pub(super) fn key(state: StorageState) -> &'static str {
    match state {
        StorageState::Off => "off",
        StorageState::Kept => "kept",
        StorageState::Unavailable => "unavailable",
        StorageState::Damaged => "damaged",
        StorageState::Full => "full",
        StorageState::Failed => "failed",
        StorageState::SetAside => "set-aside",
    }
}

/// Puts what cannot be read out of the way.
#[component]
pub(super) fn SetAside() -> Html {
    let (texts, send) = (use_texts(), use_send());
    let onclick = Callback::from(move |_: MouseEvent| send.emit(Command::SetAside));
    html! {
        <button type="button" class="button" data-testid="storage-aside" {onclick}>{ texts.get("storage.aside") }</button>
    }
}

/// Starts the broker anew, by loading the page anew.
#[component]
pub(super) fn Restart() -> Html {
    let texts = use_texts();
    let onclick = Callback::from(|_: MouseEvent| {
        if let Some(window) = web_sys::window() {
            let _ = window.location().reload();
        }
    });
    html! {
        <button type="button" class="button" data-testid="storage-restart" {onclick}>{ texts.get("storage.restart") }</button>
    }
}
