//! What moves the lab's time: a step on, a step back, on by itself, to anywhere on the road, and to other roads.

use vitrine_link::{LabCommand, LabFrame};
use yew::prelude::*;

use super::roads::Roads;
use super::track::Track;
use super::use_lab_now;
use super::wait::Wait;
use super::words::{coming, lasts, since};
use crate::app::use_page;
use crate::bridge::use_lab;
use crate::hook::use_media;
use crate::part::{IconButton, picked};
use crate::sign::{Icon, IconName};
use crate::state::{Action, memory};
use crate::text::use_texts;

/// How fast time may go by itself. A message in the course's world is on its way for a tenth of a second: at a tenth of
/// the speed one sees it go.
const SPEEDS: [f64; 6] = [0.1, 0.25, 1.0, 4.0, 16.0, 60.0];
const USUAL: f64 = 0.25;

/// The speed chosen last.
pub(crate) fn speed() -> f64 {
    memory::recall("speed")
        .and_then(|speed| speed.parse().ok())
        .filter(|speed| SPEEDS.contains(speed))
        .unwrap_or(USUAL)
}

/// Stops what runs, and lets go what stands.
pub(crate) fn run_or_stop(frame: &LabFrame, speed: impl FnOnce() -> f64) -> LabCommand {
    let speed = if frame.speed > 0.0 { 0.0 } else { speed() };
    LabCommand::Run { speed }
}

/// The time bar of the lab.
#[component]
pub(crate) fn LabTimebar() -> Html {
    let (state, texts, door, lab) = (use_page(), use_texts(), use_lab(), use_lab_now());
    // Where three columns have little room beside the panel.
    let tight = use_media("(max-width: 1500px) and (min-width: 761px)");
    let Some(frame) = &*lab else {
        return Html::default();
    };
    let running = frame.speed > 0.0;
    let more = frame.next.is_some() || frame.moment < frame.end;
    let next = match &frame.next {
        Some(next) => {
            let words = coming(&texts, next);
            if next.after > 0.5 {
                let after = lasts(&texts, next.after);
                format!("{words} · {}", texts.fill("time.in", &[("span", &after)]))
            } else {
                words
            }
        }
        None if more => texts.get("time.known"),
        None => texts.get("time.nothing"),
    };
    let time = since(frame.time);
    let lesson = frame.lesson.is_some();
    let run = {
        let (door, command) = (door.clone(), run_or_stop(frame, speed));
        Callback::from(move |_: MouseEvent| door.ask(command.clone()))
    };
    let beside = {
        let (door, on) = (door.clone(), frame.beside.is_none());
        Callback::from(move |_: MouseEvent| {
            state.dispatch(Action::Columns(on && tight));
            door.ask(LabCommand::Beside(on));
        })
    };
    html! {
        <div class="timebar lab" data-testid="lab-timebar" data-moment={frame.moment.to_string()} data-end={frame.end.to_string()}
            data-road={frame.road.to_string()} data-speed={frame.speed.to_string()} data-time={frame.time.to_string()}
            data-kind={frame.kind.clone()} data-next={frame.next.as_ref().map(|next| next.kind.clone())}>
            <Roads roads={frame.roads.clone()} road={frame.road} />
            <div class="run">
                <IconButton icon={IconName::First} label={texts.get(if lesson { "time.previous" } else { "time.earlier" })}
                    testid="lab-previous" key_name={Some("⇧ ←")} disabled={frame.moment == 0} onclick={door.on(LabCommand::Previous)} />
                <IconButton icon={IconName::Back} label={texts.get("time.back")} testid="lab-back" key_name={Some("PgUp")}
                    disabled={frame.moment == 0} onclick={door.on(LabCommand::Back)} />
                <button type="button" class="button primary step" data-testid="lab-step" disabled={!more}
                    title={format!("{}: {next} [PgDn]", texts.get("time.step.long"))} onclick={door.on(LabCommand::Step)}>
                    <Icon name={IconName::Step} /><span>{ texts.get("time.step") }</span>
                </button>
                if !lesson {
                    // A lesson has its own button for that, beside its text.
                    <IconButton icon={IconName::Last} label={texts.get("time.later")} testid="lab-next" key_name={Some("⇧ →")}
                        disabled={!more} onclick={door.on(LabCommand::Next)} />
                }
                <span class="coming" data-testid="lab-coming" title={next.clone()}>{ next.clone() }</span>
                <IconButton icon={if running { IconName::Pause } else { IconName::Play }} testid="lab-run" key_name={Some("R")}
                    label={texts.get(if running { "time.stop" } else { "time.run" })} disabled={!more && !running} onclick={run} />
                <Speed now={frame.speed} />
                if frame.can_act {
                    <Wait disabled={false} />
                    <IconButton icon={IconName::Undo} label={texts.get("time.undo")} testid="lab-undo" key_name={Some("U")}
                        disabled={!frame.can_undo} onclick={door.on(LabCommand::Undo)} />
                }
                if frame.can_compare {
                    <IconButton icon={IconName::Columns} label={texts.get("time.beside")} testid="lab-beside"
                        pressed={frame.beside.is_some()} class={classes!(frame.beside.is_some().then_some("active"))}
                        onclick={beside} />
                }
            </div>
            <div class="along">
                <Track moment={frame.moment} end={frame.end} marks={frame.marks.clone()} time={time.clone()} />
                <time title={texts.get("time.world")} data-testid="lab-time">{ time }</time>
            </div>
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct SpeedProps {
    now: f64,
}

/// How fast time goes by itself.
#[component]
fn Speed(props: &SpeedProps) -> Html {
    let (texts, door) = (use_texts(), use_lab());
    let chosen = use_state_eq(speed);
    let running = props.now > 0.0;
    let onchange = {
        let chosen = chosen.setter();
        picked(move |speed| {
            if let Ok(speed) = speed.parse::<f64>() {
                memory::remember("speed", &speed.to_string());
                chosen.set(speed);
                if running {
                    door.ask(LabCommand::Run { speed });
                }
            }
        })
    };
    html! {
        <select class="speed" aria-label={texts.get("time.speed")} title={texts.get("time.speed")} data-testid="lab-speed" {onchange}>
            { for SPEEDS.iter().map(|speed| {
                let decimals = match *speed {
                    s if s >= 1.0 => 0,
                    s if s < 0.2 => 1,
                    _ => 2,
                };
                html! {
                    <option value={speed.to_string()} selected={*speed == *chosen}>
                        { texts.fill("unit.times", &[("n", &texts.decimal(*speed, decimals))]) }
                    </option>
                }
            }) }
        </select>
    }
}
