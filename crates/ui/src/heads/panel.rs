//! All heads, one under the other: the broker first.

use vitrine_link::{FlowFrame, Head, LabFrame};
use yew::prelude::*;

use super::head::HeadView;
use super::live::heads as live;
use crate::app::use_page;
use crate::bridge::Shared;
use crate::flow::Focus;
use crate::part::Empty;
use crate::sign::IconName;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) lab: Shared<Option<LabFrame>>,
    pub(crate) flow: Shared<FlowFrame>,
    pub(crate) detail: Shared<vitrine_link::Detail>,
}

/// What is in each head.
#[component]
pub(crate) fn Memory(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let focus = use_memo(
        (state.selection.clone(), props.detail.clone()),
        |(selection, detail)| Focus::new(selection, detail),
    );
    let heads: Vec<Head> = match &*props.lab {
        Some(lab) => lab.heads.clone(),
        None => live(&props.flow),
    };
    let in_lab = props.lab.is_some();
    if heads.is_empty() {
        return html! { <Empty icon={IconName::Memory} text="memory.empty" offer={!in_lab} /> };
    }
    html! {
        <article class="minds" data-testid="heads" data-live={(!in_lab).to_string()}>
            if !in_lab {
                <p class="note">{ texts.get("memory.live") }</p>
            }
            { for heads.iter().map(|head| html! {
                <HeadView key={head.who.clone()} head={head.clone()} focus={(*focus).clone()} />
            }) }
        </article>
    }
}
