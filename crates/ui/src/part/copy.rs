//! A button that copies a text whole, however little of it is shown.

use yew::prelude::*;

use super::IconButton;
use crate::sign::IconName;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) text: String,
}

/// The button.
#[component]
pub(crate) fn Copy(props: &Props) -> Html {
    let texts = use_texts();
    let copied = use_state_eq(|| None::<String>);
    let done = copied.as_ref() == Some(&props.text);
    let onclick = {
        let (text, copied) = (props.text.clone(), copied.setter());
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            if let Some(window) = web_sys::window() {
                // Refused on pages without a secure context: the text can still be marked by hand.
                let _ = window.navigator().clipboard().write_text(&text);
                copied.set(Some(text.clone()));
            }
        })
    };
    html! {
        <IconButton icon={if done { IconName::Check } else { IconName::Copy }} class="copy" testid="copy"
            label={texts.get(if done { "copy.done" } else { "copy" })} {onclick} />
    }
}
