//! What is wrong with the line to the worker, and what to do about it.

use yew::prelude::*;

use crate::bridge::{Line, LineState};
use crate::sign::{Icon, IconName};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) line: Line,
}

/// A line across the page while the worker is not there; nothing else.
#[component]
pub(crate) fn Banner(props: &Props) -> Html {
    let texts = use_texts();
    let line = &props.line;
    let reload = |key: &'static str| {
        let onclick = Callback::from(|_: MouseEvent| {
            if let Some(window) = web_sys::window() {
                let _ = window.location().reload();
            }
        });
        html! {
            <button type="button" class="button" data-testid="reload" {onclick}>{ texts.get(key) }</button>
        }
    };
    let (kind, icon, words, action) = match (line.refused, line.state) {
        (true, _) => (
            "refused",
            IconName::Warning,
            texts.get("banner.refused"),
            reload("banner.reload"),
        ),
        (false, LineState::Ready) => return Html::default(),
        (false, LineState::Starting) => (
            "starting",
            IconName::Pulse,
            texts.get("banner.starting"),
            Html::default(),
        ),
        (false, LineState::Lost) => (
            "lost",
            IconName::Warning,
            match &line.reason {
                Some(reason) => texts.fill("banner.lost.reason", &[("reason", reason)]),
                None => texts.get("banner.lost"),
            },
            reload("banner.reload"),
        ),
    };
    html! {
        <div class={classes!("banner", kind)} role="status" data-testid="banner" data-state={kind}>
            <Icon name={icon} /><span>{ words }</span>{ action }
        </div>
    }
}
