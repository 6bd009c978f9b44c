//! What went wrong with something the user asked for.

use yew::prelude::*;

use crate::part::IconButton;
use crate::sign::{Icon, IconName};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) words: String,
    pub(crate) onclose: Callback<MouseEvent>,
}

/// A line that stays until it is closed.
#[component]
pub(crate) fn Notice(props: &Props) -> Html {
    let texts = use_texts();
    html! {
        <div class="notice" role="alert" data-testid="notice">
            <Icon name={IconName::Warning} />
            <span>{ &props.words }</span>
            <IconButton icon={IconName::Close} label={texts.get("word.close")} testid="notice-close"
                onclick={props.onclose.clone()} />
        </div>
    }
}
