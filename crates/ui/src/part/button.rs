//! A button that is an icon; its words are read out and shown when pointed at.

use yew::prelude::*;

use crate::sign::{Icon, IconName};

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) icon: IconName,
    pub(crate) label: String,
    pub(crate) onclick: Callback<MouseEvent>,
    pub(crate) testid: &'static str,
    /// For a switch: whether it is on.
    #[prop_or_default]
    pub(crate) pressed: Option<bool>,
    #[prop_or_default]
    pub(crate) disabled: bool,
    #[prop_or_default]
    pub(crate) class: Classes,
    /// A key that does the same.
    #[prop_or_default]
    pub(crate) key_name: Option<&'static str>,
}

/// An icon that can be pressed.
#[component]
pub(crate) fn IconButton(props: &Props) -> Html {
    let title = match props.key_name {
        Some(key) => format!("{} [{key}]", props.label),
        None => props.label.clone(),
    };
    html! {
        <button type="button" class={classes!("icon-button", props.class.clone())} {title}
            aria-label={props.label.clone()} disabled={props.disabled}
            aria-pressed={props.pressed.map(|on| on.to_string())}
            data-testid={props.testid} onclick={props.onclick.clone()}>
            <Icon name={props.icon} />
        </button>
    }
}
