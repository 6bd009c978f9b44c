//! A choice between a few things that all show.

use yew::prelude::*;

use crate::sign::{Qos, qos_word};
use crate::text::use_texts;

/// One of the things.
#[derive(Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) label: Html,
    pub(crate) title: String,
}

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) label: String,
    pub(crate) testid: &'static str,
    pub(crate) choices: Vec<Choice>,
    pub(crate) chosen: String,
    pub(crate) onchoose: Callback<String>,
}

/// Buttons in a row of which one is pressed; left and right go from one to the next.
#[component]
pub(crate) fn Segment(props: &Props) -> Html {
    let step = |by: isize| {
        let ids: Vec<_> = props
            .choices
            .iter()
            .map(|choice| choice.id.clone())
            .collect();
        let at = ids.iter().position(|id| *id == props.chosen).unwrap_or(0);
        let next = at
            .saturating_add_signed(by)
            .min(ids.len().saturating_sub(1));
        let (chosen, onchoose) = (ids[next].clone(), props.onchoose.clone());
        move || onchoose.emit(chosen.clone())
    };
    let (back, forth) = (step(-1), step(1));
    let onkeydown = Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowLeft" => back(),
        "ArrowRight" => forth(),
        _ => {}
    });
    html! {
        <div class="segment" role="radiogroup" aria-label={props.label.clone()}
            data-testid={props.testid} data-chosen={props.chosen.clone()} {onkeydown}>
            { for props.choices.iter().map(|choice| {
                let on = choice.id == props.chosen;
                let (id, onchoose) = (choice.id.clone(), props.onchoose.clone());
                html! {
                    <button type="button" role="radio" key={choice.id.clone()}
                        aria-checked={on.to_string()} tabindex={if on { "0" } else { "-1" }}
                        title={choice.title.clone()} data-testid={format!("{}-{}", props.testid, choice.id)}
                        onclick={move |_| onchoose.emit(id.clone())}>
                        { choice.label.clone() }
                    </button>
                }
            }) }
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct QosProps {
    pub(crate) qos: u8,
    pub(crate) testid: &'static str,
    pub(crate) onchoose: Callback<u8>,
}

/// The choice of a QoS.
#[component]
pub(crate) fn QosChoice(props: &QosProps) -> Html {
    let texts = use_texts();
    let choices = (0..=2)
        .map(|qos| Choice {
            id: qos.to_string(),
            label: html! { <><Qos {qos} /><span aria-hidden="true">{ qos }</span></> },
            title: qos_word(&texts, qos),
        })
        .collect::<Vec<_>>();
    let onchoose = props
        .onchoose
        .reform(|id: String| id.parse().unwrap_or_default());
    html! {
        <Segment label={texts.get("word.qos")} testid={props.testid} {choices}
            chosen={props.qos.to_string()} {onchoose} />
    }
}
