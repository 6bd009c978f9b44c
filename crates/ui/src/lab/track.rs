//! The road as a line: where one stands on it, and what is worth going to.

use vitrine_link::{LabCommand, Mark};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::words::act;
use crate::bridge::use_lab;
use crate::part::typed;
use crate::sign::{Icon, IconName};
use crate::text::{Texts, use_texts};

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) moment: u64,
    pub(super) end: u64,
    pub(super) marks: Vec<Mark>,
    /// What the time is there, in words.
    pub(super) time: String,
}

/// A slider, with marks above it.
#[component]
pub(super) fn Track(props: &Props) -> Html {
    let (texts, door) = (use_texts(), use_lab());
    let oninput = {
        let door = door.clone();
        typed(move |chosen| {
            if let Ok(moment) = chosen.parse() {
                door.ask(LabCommand::Go { moment });
            }
        })
    };
    let place = texts.fill("time.place", &[("n", &props.moment), ("of", &props.end)]);
    html! {
        <div class="track">
            <div class="marks" role="group" aria-label={texts.get("time.marks")}>
                { for props.marks.iter().map(|mark| html! {
                    <Point mark={mark.clone()} end={props.end} here={mark.moment == props.moment} />
                }) }
            </div>
            <input type="range" min="0" max={props.end.to_string()} value={props.moment.to_string()} {oninput}
                aria-label={texts.get("time.road")} aria-valuetext={format!("{place}, {}", props.time)}
                title={place.clone()} data-testid="lab-track" disabled={props.end == 0} />
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct PointProps {
    mark: Mark,
    end: u64,
    here: bool,
}

/// A mark: by its shape a text, something done by hand, or a fork.
#[component]
fn Point(props: &PointProps) -> Html {
    let (texts, door) = (use_texts(), use_lab());
    let button = use_node_ref();
    let share = if props.end == 0 {
        0.0
    } else {
        props.mark.moment as f64 / props.end as f64
    };
    {
        let button = button.clone();
        use_effect_with(share.to_bits(), move |share| {
            if let Some(button) = button.cast::<HtmlElement>() {
                let share = f64::from_bits(*share).clamp(0.0, 1.0);
                let _ = button.style().set_property("--share", &share.to_string());
            }
        });
    }
    let icon = match props.mark.kind.as_str() {
        "text" => IconName::Lines,
        "fork" => IconName::Fork,
        _ => IconName::Bolt,
    };
    let words = words(&texts, &props.mark);
    html! {
        <button type="button" ref={button} tabindex="-1" class={classes!("point", props.mark.kind.clone(), props.here.then_some("here"))}
            title={words.clone()} aria-label={words} data-testid="lab-mark" data-kind={props.mark.kind.clone()}
            data-moment={props.mark.moment.to_string()} onclick={door.on(LabCommand::Go { moment: props.mark.moment })}>
            <Icon name={icon} />
        </button>
    }
}

fn words(texts: &Texts, mark: &Mark) -> String {
    match mark.kind.as_str() {
        "text" => {
            let number = mark
                .what
                .parse::<u64>()
                .map_or_else(|_| mark.what.clone(), |n| (n + 1).to_string());
            texts.fill("time.mark.text", &[("n", &number)])
        }
        "fork" => texts.fill("time.mark.fork", &[("what", &act(texts, &mark.what))]),
        _ => texts.fill("time.mark.act", &[("what", &act(texts, &mark.what))]),
    }
}
