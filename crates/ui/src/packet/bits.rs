//! A byte as its eight bits, those of the field marked.

use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) byte: u8,
    /// The field's highest and lowest bit, 7 to 0.
    pub(super) high: u8,
    pub(super) low: u8,
}

/// Eight bits.
#[component]
pub(super) fn Bits(props: &Props) -> Html {
    html! {
        <span class="bits" aria-hidden="true">
            { for (0..8).rev().map(|bit| {
                let ours = (props.low..=props.high).contains(&bit);
                html! { <i class={classes!(ours.then_some("ours"))}>{ props.byte >> bit & 1 }</i> }
            }) }
        </span>
    }
}
