//! Letting time pass.

use vitrine_link::LabCommand;
use yew::prelude::*;

use crate::bridge::use_lab;
use crate::part::{Item, MenuButton};
use crate::sign::IconName;
use crate::text::use_texts;

/// Spans that can be waited, in seconds, with the keys of their names.
const SPANS: [(f64, u64); 5] = [
    (1.0, 1),
    (10.0, 10),
    (60.0, 60),
    (600.0, 600),
    (3600.0, 3600),
];

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) disabled: bool,
}

/// The button, and what it offers.
#[component]
pub(super) fn Wait(props: &Props) -> Html {
    let (texts, door) = (use_texts(), use_lab());
    let items = SPANS
        .iter()
        .map(|(seconds, whole)| {
            let seconds = *seconds;
            Item::new(
                whole.to_string(),
                texts.fill("time.wait.for", &[("span", &texts.span(*whole))]),
                IconName::Clock,
                door.on(LabCommand::Wait { seconds }),
            )
        })
        .chain([
            Item::new("sleep", texts.get("time.sleep"), IconName::Moon, {
                let door = door.clone();
                Callback::from(move |()| door.act("sleep 1h"))
            })
            .note(texts.get("time.sleep.long")),
        ])
        .collect::<Vec<_>>();
    html! {
        <MenuButton testid="lab-wait" icon={IconName::Clock} label={texts.get("time.wait")} title={texts.get("time.wait.long")}
            {items} disabled={props.disabled} />
    }
}
