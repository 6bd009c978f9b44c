//! The QoS sign: an empty, a half and a full circle.

use yew::prelude::*;

use crate::text::{Texts, use_texts};

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    /// 0, 1 or 2.
    pub(crate) qos: u8,
    /// With the words "QoS 1" beside it.
    #[prop_or_default]
    pub(crate) worded: bool,
}

/// `QoS 1` and what it promises, for a tooltip.
pub(crate) fn qos_word(texts: &Texts, qos: u8) -> String {
    texts.get(match qos {
        0 => "qos.0",
        1 => "qos.1",
        _ => "qos.2",
    })
}

/// ○ 0, ◐ 1, ● 2.
#[component]
pub(crate) fn Qos(props: &Props) -> Html {
    let texts = use_texts();
    let word = texts.fill("qos.name", &[("qos", &props.qos)]);
    let fill = match props.qos {
        0 => Html::default(),
        1 => html! { <path d="M8 2.5a5.5 5.5 0 0 0 0 11z" fill="currentColor" /> },
        _ => html! { <circle cx="8" cy="8" r="5.5" fill="currentColor" /> },
    };
    html! {
        <span class={classes!("qos", format!("qos-{}", props.qos))} title={qos_word(&texts, props.qos)}>
            <svg viewBox="0 0 16 16" role="img" aria-label={word.clone()}>
                <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2" />
                { fill }
            </svg>
            if props.worded {
                <span class="word" aria-hidden="true">{ word }</span>
            }
        </span>
    }
}
