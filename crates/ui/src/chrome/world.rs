//! The course's world: one button that starts it, then what keeps it still or ends it.

use yew::prelude::*;

use crate::app::use_clients;
use crate::bridge::door::{WorldObject, page_world};
use crate::bridge::use_ask;
use crate::part::{IconButton, picked};
use crate::sign::{Icon, IconName};
use crate::state::memory;
use crate::text::{Texts, use_texts};

/// Milliseconds between two readings of a sensor that can be chosen.
const PACES: [u32; 5] = [10_000, 5_000, 2_000, 1_000, 250];

/// The pace chosen last; at first one at which a class can follow the packets.
fn pace() -> u32 {
    memory::recall("pace")
        .and_then(|pace| pace.parse().ok())
        .unwrap_or(5_000)
}

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) testid: &'static str,
}

/// The one button.
#[component]
pub(crate) fn StartWorld(props: &Props) -> Html {
    let (texts, ask) = (use_texts(), use_ask());
    let starting = use_state_eq(|| false);
    let onclick = {
        let starting = starting.setter();
        Callback::from(move |_| {
            starting.set(true);
            let done = starting.clone();
            ask.ask(
                |world| async move {
                    world.set_rate(f64::from(pace()))?;
                    world.start().await.map(drop)
                },
                move |_| done.set(false),
            );
        })
    };
    html! {
        <button type="button" class="button primary" data-testid={props.testid}
            disabled={*starting} aria-busy={starting.to_string()} {onclick}>
            <Icon name={IconName::Play} />
            <span>{ texts.get(if *starting { "world.starting" } else { "world.start" }) }</span>
        </button>
    }
}

/// Start, or pause, pace and stop.
#[component]
pub(crate) fn WorldControls() -> Html {
    let (texts, world, ask) = (use_texts(), use_clients(), use_ask());
    if !world.running {
        return html! { <div class="world"><StartWorld testid="start-world" /></div> };
    }
    let pause = {
        let paused = world.paused;
        Callback::from(move |_| {
            let _ = with_world(|world| {
                if paused {
                    world.resume()
                } else {
                    world.pause()
                }
            });
        })
    };
    let stop = Callback::from(move |_| {
        ask.ask(|world| async move { world.stop().await.map(drop) }, |_| {});
    });
    let onchange = picked(|pace| {
        if let Ok(pace) = pace.parse() {
            memory::remember("pace", &format!("{pace}"));
            let _ = with_world(|world| world.set_rate(pace));
        }
    });
    html! {
        <div class="world running" data-testid="world" data-paused={world.paused.to_string()}>
            <span class="caption">{ texts.get("world.name") }</span>
            <IconButton icon={if world.paused { IconName::Play } else { IconName::Pause }}
                label={texts.get(if world.paused { "world.resume" } else { "world.pause" })}
                testid="pause-world" onclick={pause} />
            <select aria-label={texts.get("world.pace")} title={texts.get("world.pace")}
                data-testid="world-rate" {onchange}>
                { for PACES.iter().map(|pace| html! {
                    <option value={pace.to_string()} selected={f64::from(*pace) == world.rate}>
                        { texts.fill("world.every", &[("n", &pace_words(&texts, *pace))]) }
                    </option>
                }) }
            </select>
            <IconButton icon={IconName::Stop} label={texts.get("world.stop")} testid="stop-world" onclick={stop} />
        </div>
    }
}

fn pace_words(texts: &Texts, pace: u32) -> String {
    let seconds = f64::from(pace) / 1000.0;
    let decimals = if pace.is_multiple_of(1000) { 0 } else { 2 };
    texts.decimal(seconds, decimals)
}

fn with_world<T>(act: impl FnOnce(&WorldObject) -> T) -> Option<T> {
    page_world().as_ref().map(act)
}
