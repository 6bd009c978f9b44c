//! The dialog.

use vitrine_link::{AccessState, Storage};
use yew::prelude::*;

use super::access::AccessSection;
use super::storage::StorageSection;
use crate::app::use_page;
use crate::bridge::Shared;
use crate::hook::use_modal;
use crate::part::IconButton;
use crate::sign::IconName;
use crate::state::Action;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) storage: Shared<Storage>,
    pub(crate) access: Shared<AccessState>,
}

/// Who may do what, and what the broker keeps.
#[component]
pub(crate) fn Settings(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let dialog = use_modal();
    let close = {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.dispatch(Action::Settings(false)))
    };
    // The browser's own way to cancel must not close it behind the page's back.
    let cancel = Callback::from(move |event: Event| {
        event.prevent_default();
        state.dispatch(Action::Settings(false));
    });
    html! {
        <dialog ref={dialog} class="veil" aria-label={texts.get("settings.title")} data-testid="settings-dialog"
            onclick={close.clone()} oncancel={cancel}>
            <section class="dialog settings" onclick={|event: MouseEvent| event.stop_propagation()}>
                <header>
                    <h2>{ texts.get("settings.title") }</h2>
                    <IconButton icon={IconName::Close} label={texts.get("word.close")} testid="settings-close"
                        key_name={Some("Esc")} onclick={close} />
                </header>
                <AccessSection access={props.access.clone()} />
                <StorageSection storage={(*props.storage).clone()} />
            </section>
        </dialog>
    }
}
