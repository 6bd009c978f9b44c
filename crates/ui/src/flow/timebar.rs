//! The record of the session: pause, step, go anywhere in it, come back to now.

use vitrine_link::{Anchor, FlowFrame};
use yew::prelude::*;

use super::stage::go;
use crate::app::{pause, use_lens, use_page};
use crate::bridge::Shared;
use crate::part::{IconButton, clock, typed};
use crate::sign::{Icon, IconName};
use crate::state::Action;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) flow: Shared<FlowFrame>,
}

/// The time bar.
#[component]
pub(super) fn Timebar(props: &Props) -> Html {
    let (state, lens, texts) = (use_page(), use_lens(), use_texts());
    let flow = &props.flow;
    let following = state.following();
    let last = flow.rows.last();
    let act = |anchor: Anchor| {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.dispatch(Action::Anchor(anchor)))
    };
    let step = |rows: i64| act(go(flow.first, rows, flow.total, lens.flow));
    let end = flow.total.saturating_sub(lens.flow.into());
    let value = if following && lens.flow_held.is_none() {
        end
    } else {
        flow.first
    };
    let oninput = {
        let state = state.clone();
        typed(move |chosen| {
            if let Ok(chosen) = chosen.parse::<u64>() {
                let anchor = if chosen >= end {
                    Anchor::Newest
                } else {
                    Anchor::Index(chosen)
                };
                state.dispatch(Action::Anchor(anchor));
            }
        })
    };
    let time = last.map(|row| clock(row.at, false)).unwrap_or_default();
    html! {
        <div class="timebar" data-testid="timebar" data-newer={flow.newer.to_string()} data-total={flow.total.to_string()}>
            <IconButton icon={if following { IconName::Pause } else { IconName::Live }}
                label={texts.get(if following { "flow.pause" } else { "flow.follow" })}
                testid="pause" pressed={!following} key_name={Some("␣")}
                onclick={act(pause(&state, last.map(|row| row.number)))} />
            <IconButton icon={IconName::Back} label={texts.get("flow.back")} testid="step-back"
                disabled={flow.first == 0} onclick={step(-1)} />
            <IconButton icon={IconName::Forward} label={texts.get("flow.forward")} testid="step-forward"
                disabled={flow.newer == 0} onclick={step(1)} />
            <input type="range" min="0" max={end.to_string()} value={value.to_string()} {oninput}
                title={(flow.forgotten > 0).then(|| texts.count("flow.forgotten", flow.forgotten))}
                aria-label={texts.get("flow.record")} aria-valuetext={time.clone()} data-testid="record" disabled={end == 0} />
            <time title={texts.get("flow.time")}>{ time }</time>
            if flow.newer > 0 {
                <button type="button" class="button small newer" data-testid="newer" onclick={act(Anchor::Newest)}>
                    <span>{ texts.count("flow.newer", flow.newer) }</span><Icon name={IconName::Live} />
                </button>
            } else {
                <span class={classes!("live", (!following).then_some("still"))} title={texts.get("flow.live.long")} data-testid="live">
                    { texts.get(if following { "flow.live" } else { "flow.paused" }) }
                </span>
            }
        </div>
    }
}
