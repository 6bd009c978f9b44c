//! The dialog of what is carried away: a link, files, pictures; and what is brought back.

use vitrine_link::Format;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, BlobPropertyBag};
use yew::prelude::*;

use super::OpenButton;
use super::link::LinkSection;
use super::picture::{picture, png};
use super::problem::words;
use super::save::picture_name;
use crate::app::use_page;
use crate::bridge::{Latest, Making, reason, use_lab};
use crate::hook::use_modal;
use crate::lab::LabWork;
use crate::part::IconButton;
use crate::save::save;
use crate::sign::{Icon, IconName};
use crate::state::Action;
use crate::text::use_texts;

/// Opens the dialog.
#[component]
pub(crate) fn ShareButton() -> Html {
    let (state, texts) = (use_page(), use_texts());
    let onclick = Callback::from(move |_: MouseEvent| state.dispatch(Action::Carry(true)));
    html! {
        <IconButton icon={IconName::Link} label={texts.get("carry.title")} testid="carry" key_name={Some("E")} {onclick} />
    }
}

/// What is made of the session.
#[derive(Clone, Copy, PartialEq)]
enum Make {
    File(Format),
    Svg,
    Png,
}

/// In which order they stand, each with its name in the texts and its icon.
const MAKES: [(Make, &str, IconName); 5] = [
    (
        Make::File(Format::Recording),
        "recording",
        IconName::Download,
    ),
    (Make::Svg, "svg", IconName::Image),
    (Make::Png, "png", IconName::Image),
    (Make::File(Format::Pcapng), "pcapng", IconName::Download),
    (Make::File(Format::JsonLines), "jsonl", IconName::Download),
];

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) latest: Latest,
}

/// The dialog.
#[component]
pub(crate) fn Carry(props: &Props) -> Html {
    let (state, texts, lab) = (use_page(), use_texts(), use_lab());
    let latest = &props.latest;
    let dialog = use_modal();
    let busy = use_state_eq(|| None::<&'static str>);
    let problem = use_state_eq(|| None::<String>);
    {
        // The file has come.
        let busy = busy.setter();
        use_effect_with(latest.exported.clone(), move |_| busy.set(None));
    }
    {
        // Or it was given up.
        let busy = busy.setter();
        use_effect_with(latest.making.is_some(), move |making| {
            if !*making {
                busy.set(None);
            }
        });
    }
    {
        // Notices lie behind the dialog: what cannot be had is said here.
        let (busy, problem, texts) = (busy.setter(), problem.setter(), texts.clone());
        let before = use_mut_ref(|| latest.lab_problem.clone());
        use_effect_with(latest.lab_problem.clone(), move |now| {
            if *before.borrow() != *now
                && let Some(why) = &**now
            {
                busy.set(None);
                problem.set(Some(words(&texts, why)));
            }
        });
    }
    {
        // Who could have made it is gone.
        let (busy, problem) = (busy.setter(), problem.setter());
        let asked = (latest.bench.is_gone(), latest.bench.shown);
        use_effect_with(asked, move |(gone, shown)| {
            if *gone || !*shown {
                busy.set(None);
            }
            // And there is another one.
            if !*gone {
                problem.set(None);
            }
        });
    }
    let close = {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.dispatch(Action::Carry(false)))
    };
    // The browser's own way to cancel must not close it behind the page's back.
    let cancel = Callback::from(move |event: Event| {
        event.prevent_default();
        state.dispatch(Action::Carry(false));
    });
    // One at a time: the worker would give up the one for the other. The button keeps the keyboard meanwhile.
    let waits = |make: Make| {
        matches!(make, Make::File(_)) && latest.lab.is_none() && latest.making.is_some()
    };
    let make = |make: Make, key: &'static str| {
        let (lab, latest, texts) = (lab.clone(), latest.clone(), texts.clone());
        let (busy, problem) = (busy.setter(), problem.setter());
        let waits = waits(make);
        Callback::from(move |_: MouseEvent| {
            if waits {
                return;
            }
            problem.set(None);
            // Nobody would answer.
            if matches!(make, Make::File(_)) && latest.lab.is_some() && latest.bench.is_gone() {
                problem.set(Some(texts.get("carry.error.no-lab")));
                return;
            }
            busy.set(Some(key));
            match make {
                Make::File(format) => lab.export(format),
                Make::Svg | Make::Png => {
                    let (latest, texts) = (latest.clone(), texts.clone());
                    let (busy, problem) = (busy.clone(), problem.clone());
                    spawn_local(async move {
                        if let Err(error) =
                            draw(&latest, make == Make::Png, &texts.get("flow.title")).await
                        {
                            let why = reason(&error);
                            problem.set(Some(match texts.find(&format!("carry.error.{why}")) {
                                Some(words) => words.to_owned(),
                                None => texts.fill("carry.error", &[("reason", &why)]),
                            }));
                        }
                        busy.set(None);
                    });
                }
            }
        })
    };
    html! {
        <dialog ref={dialog} class="veil" aria-label={texts.get("carry.title")} data-testid="carry-dialog"
            onclick={close.clone()} oncancel={cancel}>
            <section class="dialog carry" onclick={|event: MouseEvent| event.stop_propagation()}>
                <header>
                    <h2>{ texts.get("carry.title") }</h2>
                    <IconButton icon={IconName::Close} label={texts.get("word.close")} testid="carry-close"
                        key_name={Some("Esc")} onclick={close} />
                </header>
                <LinkSection lab={latest.lab.clone()} shared={latest.shared.clone()} bench={latest.bench.clone()} />
                <section>
                    <h3>{ texts.get("carry.files") }</h3>
                    <ul class="makes">
                        { for MAKES.into_iter().map(|(what, key, icon)| html! {
                            <li {key}>
                                <button type="button" class="button" data-testid={format!("export-{key}")}
                                    aria-busy={(*busy == Some(key)).to_string()} aria-disabled={waits(what).then_some("true")} onclick={make(what, key)}>
                                    <Icon name={icon} /><span>{ texts.get(&format!("carry.{key}")) }</span>
                                </button>
                                <span>{ texts.get(&format!("carry.{key}.long")) }</span>
                            </li>
                        }) }
                    </ul>
                    if let Some(making) = &latest.making {
                        <MakingOf making={making.clone()} />
                    }
                    <LabWork bench={latest.bench.clone()} />
                    if let Some(words) = &*problem {
                        <p class="problem" role="alert" data-testid="carry-problem">
                            <Icon name={IconName::Warning} /><span>{ words }</span>
                        </p>
                    }
                </section>
                <section>
                    <h3>{ texts.get("carry.open") }</h3>
                    <div class="makes">
                        <OpenButton />
                        <span>{ texts.get("carry.open.long") }</span>
                    </div>
                </section>
            </section>
        </dialog>
    }
}

#[derive(PartialEq, Properties)]
struct MakingProps {
    making: Making,
}

/// How far the file of the broker in the tab is, and a way to stop it.
#[component]
fn MakingOf(props: &MakingProps) -> Html {
    let (texts, lab) = (use_texts(), use_lab());
    let making = &props.making;
    let onclick = Callback::from(move |_: MouseEvent| lab.stop_export());
    let says = texts.fill("carry.making", &[("name", &making.name)]);
    html! {
        <div class="making" data-testid="making" data-percent={making.percent.to_string()}>
            <p id="making">{ says }</p>
            <progress max="100" value={making.percent.to_string()} aria-labelledby="making" />
            <button type="button" class="button" data-testid="making-stop" {onclick}>
                { texts.get("carry.making.stop") }
            </button>
        </div>
    }
}

/// Makes a picture of the ladder and hands it over.
async fn draw(latest: &Latest, as_png: bool, flow: &str) -> Result<(), JsValue> {
    let lab = latest.lab.as_ref();
    let title = match lab {
        Some(lab) if !lab.title.is_empty() => lab.title.clone(),
        _ => flow.to_owned(),
    };
    let picture = picture(&title).await?;
    let (blob, ending) = if as_png {
        (png(&picture).await?, "png")
    } else {
        let parts = js_sys::Array::of1(&JsValue::from_str(&picture.svg));
        let kind = BlobPropertyBag::new();
        kind.set_type("image/svg+xml");
        let blob = Blob::new_with_str_sequence_and_options(&parts, &kind)?;
        (blob, "svg")
    };
    save(&picture_name(lab, ending), &blob)
}
