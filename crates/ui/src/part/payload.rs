//! A payload: always as text nodes, never as anything else.

use vitrine_link::Payload;
use yew::prelude::*;

use crate::text::{Texts, use_texts};

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) payload: Payload,
}

/// A payload as far as a row shows it: its text, or its bytes in hex.
#[component]
pub(crate) fn PayloadText(props: &Props) -> Html {
    let texts = use_texts();
    let binary = props.payload.text.is_none() && props.payload.size > 0;
    let words = words(&texts, &props.payload);
    html! {
        <span class={classes!("payload", binary.then_some("binary"))} title={words.clone()}>{ words }</span>
    }
}

/// A payload in one line.
pub(crate) fn words(texts: &Texts, payload: &Payload) -> String {
    let mut out = match &payload.text {
        Some(text) => text.clone(),
        None if payload.size == 0 => return texts.get("payload.empty"),
        None => hex(&payload.bytes),
    };
    if payload.size == 0 {
        return texts.get("payload.empty");
    }
    if payload.cut {
        out.push('…');
    }
    out
}

/// Bytes in hex, two digits each.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .join(" ")
}
