//! The roads that forked off: which one is gone on, and what was done at each fork.

use vitrine_link::{LabCommand, RoadRow};
use yew::prelude::*;

use super::words::act;
use crate::bridge::use_lab;
use crate::part::IconButton;
use crate::sign::{Icon, IconName};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) roads: Vec<RoadRow>,
    pub(super) road: u32,
}

/// One chip a road; nothing while there is only one.
#[component]
pub(super) fn Roads(props: &Props) -> Html {
    let (texts, door) = (use_texts(), use_lab());
    if props.roads.len() < 2 {
        return Html::default();
    }
    let here = props.roads.iter().find(|road| road.id == props.road);
    html! {
        <div class="roads" role="group" aria-label={texts.get("roads.title")} data-testid="lab-roads">
            <Icon name={IconName::Fork} />
            { for props.roads.iter().enumerate().map(|(at, road)| {
                let on = road.id == props.road;
                let what = if road.what.is_empty() { texts.get("roads.first") } else { act(&texts, &road.what) };
                html! {
                    <button type="button" class="chip" key={road.id} aria-pressed={on.to_string()} data-testid="lab-road"
                        data-road={road.id.to_string()} data-moment={road.moment.to_string()} data-end={road.end.to_string()}
                        title={texts.fill("roads.to", &[("n", &(at + 1)), ("what", &what)])} onclick={door.on(LabCommand::Road(road.id))}>
                        <b>{ at + 1 }</b><span>{ what }</span>
                    </button>
                }
            }) }
            if let Some(here) = here.filter(|road| road.from.is_some()) {
                <IconButton icon={IconName::Close} label={texts.get("roads.drop")} testid="lab-road-drop"
                    onclick={door.on(LabCommand::DropRoad(here.id))} />
            }
        </div>
    }
}
