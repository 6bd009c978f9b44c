//! What is wrong with what should survive: said on the page itself, with what to do.

use vitrine_link::{Storage, StorageState};
use yew::prelude::*;

use super::storage::{Restart, SetAside, key};
use crate::bridge::Shared;
use crate::part::IconButton;
use crate::sign::{Icon, IconName};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) storage: Shared<Storage>,
}

/// Nothing while all is well.
#[component]
pub(crate) fn StorageNotice(props: &Props) -> Html {
    let texts = use_texts();
    let closed = use_state_eq(|| None::<StorageState>);
    let Storage { state, why, .. } = &*props.storage;
    let action = match state {
        StorageState::Off | StorageState::Kept => return Html::default(),
        StorageState::Damaged => html! { <SetAside /> },
        StorageState::SetAside => html! { <Restart /> },
        StorageState::Unavailable | StorageState::Full | StorageState::Failed => Html::default(),
    };
    if *closed == Some(*state) {
        return Html::default();
    }
    let words = texts.fill(
        &format!("storage.{}", key(*state)),
        &[("why", why), ("name", why)],
    );
    // What only needs to be known can be put away; what stops the broker stays.
    let closes = matches!(state, StorageState::Unavailable | StorageState::SetAside);
    let onclose = {
        let (closed, state) = (closed.setter(), *state);
        Callback::from(move |_: MouseEvent| closed.set(Some(state)))
    };
    html! {
        <div class={classes!("notice", closes.then_some("calm"))} role={if closes { "status" } else { "alert" }}
            data-testid="notice" data-kind={format!("storage-{}", key(*state))}>
            <Icon name={IconName::Warning} />
            <span>{ words }</span>
            { action }
            if closes {
                <IconButton icon={IconName::Close} label={texts.get("word.close")} testid="notice-close" onclick={onclose} />
            }
        </div>
    }
}
