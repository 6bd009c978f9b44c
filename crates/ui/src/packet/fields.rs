//! The fields in order: name, value, and what it is for.

use vitrine_link::{Field, FieldValue};
use yew::prelude::*;

use super::bits::Bits;
use super::words::value;
use crate::text::use_texts;

/// The styles know indents up to this depth.
const DEEPEST: u8 = 4;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) bytes: Vec<u8>,
    pub(super) fields: Vec<Field>,
    pub(super) shown: Option<usize>,
    pub(super) chosen: Option<usize>,
    pub(super) onhot: Callback<Option<usize>>,
    pub(super) onchoose: Callback<usize>,
}

/// The list of fields.
#[component]
pub(super) fn Fields(props: &Props) -> Html {
    let texts = use_texts();
    let leave = props.onhot.reform(|_: PointerEvent| None);
    let field = |(index, field): (usize, &Field)| {
        let group = matches!(field.value, FieldValue::Group);
        let hot = props.shown == Some(index);
        let (enter, focus, choose) = (
            props.onhot.clone(),
            props.onhot.clone(),
            props.onchoose.clone(),
        );
        let words = value(&texts, &field.value);
        let span = match (field.bits, field.end.saturating_sub(field.start)) {
            (Some((high, low)), _) if high == low => texts.fill("packet.bit", &[("bit", &high)]),
            (Some((high, low)), _) => texts.fill("packet.bits", &[("high", &high), ("low", &low)]),
            (None, 0 | 1) => texts.fill("packet.byte", &[("at", &field.start)]),
            (None, _) => texts.fill(
                "packet.span",
                &[("from", &field.start), ("to", &(field.end - 1))],
            ),
        };
        let byte = field.bits.and_then(|bits| {
            let byte = *props.bytes.get(usize::try_from(field.start).ok()?)?;
            Some(html! { <Bits {byte} high={bits.0} low={bits.1} /> })
        });
        html! {
            <li key={index} class={classes!("field-row", format!("deep-{}", field.depth.min(DEEPEST)), hot.then_some("hot"), group.then_some("group"))}>
                <button type="button" data-testid="field" data-name={field.name.clone()} data-start={field.start.to_string()}
                    data-end={field.end.to_string()} data-value={words.clone()} aria-pressed={(props.chosen == Some(index)).to_string()}
                    onpointerenter={move |_: PointerEvent| enter.emit(Some(index))}
                    onfocus={move |_: FocusEvent| focus.emit(Some(index))}
                    onclick={move |_: MouseEvent| choose.emit(index)}>
                    <span class="field-name" lang="en">{ &field.name }</span>
                    <span class="field-span">{ span }</span>
                    if !group {
                        <span class="field-value">{ words }</span>
                    }
                    { byte }
                </button>
            </li>
        }
    };
    html! {
        <ol class="fields" aria-label={texts.get("packet.fields")} data-testid="fields" onpointerleave={leave}>
            { for props.fields.iter().enumerate().map(field) }
        </ol>
    }
}
