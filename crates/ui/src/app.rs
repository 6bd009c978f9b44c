//! The root: state, texts, the line to the worker, and what is handed to everyone below.

use std::rc::Rc;

use vitrine_link::{Command, LabCommand, LabProblem, StorageState};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::bridge::{Latest, Line, Send, Shared, Tell, Wish, World, use_view, use_world};
use crate::carry::{LabNotice, use_saving};
use crate::chrome::{Notice, RecordNews};
use crate::flow::Focus;
use crate::hook::use_media;
use crate::lab::{LabNow, LabWork, use_lab};
use crate::page::Page;
use crate::settings::StorageNotice;
use crate::state::{Action, State, Theme, address, memory};
use crate::text::{Texts, load};

mod keys;
mod lens;

pub(crate) use keys::{KEYS, LAB_KEYS, focus, pause};
pub(crate) use lens::{Lens, LensHandle, Look};

/// The state and the way to change it.
pub(crate) type StateHandle = UseReducerHandle<State>;

/// The state of the page.
#[hook]
pub(crate) fn use_page() -> StateHandle {
    use_context().expect("components stand below the app")
}

/// What is on screen, and the way to say so.
#[hook]
pub(crate) fn use_lens() -> LensHandle {
    use_context().expect("components stand below the app")
}

/// The way to send a command to the worker.
#[hook]
pub(crate) fn use_send() -> Send {
    use_context().expect("components stand below the app")
}

/// The page's own clients.
#[hook]
pub(crate) fn use_clients() -> Rc<World> {
    use_context().unwrap_or_default()
}

/// Changes the language.
#[derive(Clone, PartialEq)]
pub(crate) struct SetLanguage(pub(crate) Callback<String>);

/// A screen as narrow as a phone's, upright or on its side. The styles say the same.
const NARROW: &str = "(max-width: 760px), (max-width: 960px) and (max-height: 480px)";

/// Whether the page stands on a screen as narrow as a phone's.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Narrow(pub(crate) bool);

/// The whole page, once its texts are here.
#[component]
pub(crate) fn App() -> Html {
    let language = use_state(load::wanted);
    let texts = use_state(|| None::<Rc<Texts>>);
    {
        let texts = texts.clone();
        use_effect_with((*language).clone(), move |language| {
            let language = language.clone();
            spawn_local(async move {
                let loaded = match load::load(&language).await {
                    Ok(loaded) => Ok(loaded),
                    Err(_) => load::load("en").await,
                };
                // Without any texts the keys stand for themselves: better than an empty page.
                texts.set(Some(Rc::new(loaded.unwrap_or_default())));
            });
        });
    }
    let set_language = {
        let language = language.clone();
        SetLanguage(Callback::from(move |chosen: String| {
            memory::remember("language", &chosen);
            load::address_asks(&chosen);
            language.set(chosen);
        }))
    };
    // Each step of the history has an address of its own, and may still ask for what was spoken then.
    use_effect_with((*language).clone(), |language| {
        let language = language.clone();
        on_step(move || load::address_asks(&language))
    });
    let Some(texts) = (*texts).clone() else {
        return Html::default();
    };
    html! {
        <ContextProvider<Rc<Texts>> context={texts}>
            <ContextProvider<SetLanguage> context={set_language}>
                <Root />
            </ContextProvider<SetLanguage>>
        </ContextProvider<Rc<Texts>>>
    }
}

#[component]
fn Root() -> Html {
    let texts = crate::text::use_texts();
    let state = use_reducer(|| address::read(&hash(), &memory::habits()));
    let lens = use_reducer(Lens::default);
    let world = use_world();
    let narrow = use_media(NARROW);
    let on_record = {
        let state = state.dispatcher();
        Callback::from(move |record| state.dispatch(Action::Record(record)))
    };
    let wish = Wish {
        view: lens.view(&state, narrow),
        record: state.record.clone(),
    };
    let (latest, line, send) = use_view(wish, on_record);
    let (send, past) = use_trying(send, &latest);
    let notice = use_state_eq(|| None::<String>);
    let tell = {
        let notice = notice.setter();
        Tell(use_callback((), move |words: String, ()| {
            notice.set((!words.is_empty()).then_some(words));
        }))
    };
    use_lab(&state, &latest, &send, &tell);

    use_settling(&state, &lens, &latest);
    use_address(&state);
    use_effect_with((*state).clone(), |state| {
        memory::keep(state);
    });
    use_effect_with(state.toggled.clone(), memory::keep_toggled);
    // `web/boot.js` gives them to the next worker.
    use_effect_with(latest.access.clone(), |access| {
        if access.revision > 0 && access.problem.is_none() {
            memory::remember("rules", &access.rules);
            memory::remember("passwords", &access.passwords);
        }
    });
    use_effect_with(
        (state.theme, texts.language().to_owned()),
        |(theme, language)| dress(*theme, language),
    );
    keys::use_keys(&state, &lens, &latest, &send, narrow);
    crate::hook::use_full_screen(&state);

    html! {
        <ContextProvider<StateHandle> context={state}>
            <ContextProvider<LensHandle> context={lens}>
                <ContextProvider<Send> context={send}>
                    <ContextProvider<Rc<World>> context={world}>
                        <ContextProvider<Narrow> context={Narrow(narrow)}>
                            <ContextProvider<LabNow> context={LabNow::new(&latest)}>
                                <ContextProvider<Tell> context={tell}>
                                    <Body {latest} {line} {notice} {past} />
                                </ContextProvider<Tell>>
                            </ContextProvider<LabNow>>
                        </ContextProvider<Narrow>>
                    </ContextProvider<Rc<World>>>
                </ContextProvider<Send>>
            </ContextProvider<LensHandle>>
        </ContextProvider<StateHandle>>
    }
}

#[derive(PartialEq, Properties)]
struct BodyProps {
    latest: Latest,
    line: Line,
    notice: UseStateHandle<Option<String>>,
    past: Shared<Option<LabProblem>>,
}

#[component]
fn Body(props: &BodyProps) -> Html {
    let onclose = {
        let notice = props.notice.setter();
        Callback::from(move |_| notice.set(None))
    };
    use_saving(props.latest.exported.clone());
    html! {
        <>
            <Page latest={props.latest.clone()} line={props.line.clone()} />
            <LabWork bench={props.latest.bench.clone()} />
            <div class="notices">
                <LabNotice problem={props.latest.lab_problem.clone()} past={props.past.clone()} />
                <StorageNotice storage={props.latest.storage.clone()} />
                <RecordNews role={props.line.role} kept={props.latest.storage.state == StorageState::Kept} />
                if let Some(words) = &*props.notice {
                    <Notice words={words.clone()} {onclose} />
                }
            </div>
        </>
    }
}

/// The way to send, which notes what the lab could not do before the user tried something else: that is past. Should the
/// new thing fail, too, another problem comes.
#[hook]
fn use_trying(send: Send, latest: &Latest) -> (Send, Shared<Option<LabProblem>>) {
    let past = use_state_eq(Shared::<Option<LabProblem>>::default);
    let now = use_mut_ref(|| latest.lab_problem.clone());
    now.replace(latest.lab_problem.clone());
    let tried = past.setter();
    let send = use_callback(send, move |command: Command, send| {
        let in_lab =
            |command: &LabCommand| matches!(command, LabCommand::Act(_) | LabCommand::Open(_));
        if matches!(&command, Command::Meddle(_) | Command::Export(_))
            || matches!(&command, Command::Lab(command) if in_lab(command))
        {
            tried.set(now.borrow().clone());
        }
        send.emit(command);
    });
    (send, (*past).clone())
}

/// What a frame settles: an index becomes a row's number, a topic looked for has been found.
#[hook]
fn use_settling(state: &StateHandle, lens: &LensHandle, latest: &Latest) {
    let dispatch = state.dispatcher();
    let anchor = state.anchor;
    use_effect_with(latest.flow.clone(), move |flow| {
        // Rows are forgotten and indexes shift; a number stays with its row.
        if let vitrine_link::Anchor::Index(index) = anchor
            && flow.first == index
            && let Some(last) = flow.rows.last()
        {
            let there = match flow.newer {
                0 => vitrine_link::Anchor::Newest,
                _ => vitrine_link::Anchor::UpTo(last.number),
            };
            dispatch.dispatch(Action::Anchor(there));
        }
    });
    // The tree opens at the selection's topic: once, when it is known.
    let focus = Focus::new(&state.selection, &latest.detail);
    let (state, lens) = (state.dispatcher(), lens.dispatcher());
    use_effect_with(
        (focus.row, focus.publication, focus.topic),
        move |(.., topic)| {
            if let Some(topic) = topic {
                state.dispatch(Action::Reveal(topic.clone()));
                lens.dispatch(Look::Find(topic.clone()));
            }
        },
    );
}

/// Keeps the address what the state says, and the state what the address says.
#[hook]
fn use_address(state: &StateHandle) {
    let written = address::write(state);
    let (selection, record) = (state.selection.clone(), state.record.clone());
    let lab = state.lab.as_ref().map(|lab| lab.visit);
    let before = use_mut_ref(|| (state.selection.clone(), lab));
    let visited = before.clone();
    use_effect_with(written, move |written| {
        let Some(window) = web_sys::window() else {
            return;
        };
        let now = hash();
        if now == *written {
            return;
        }
        // A step back leads to what was selected before; lesser changes leave no step.
        let address = if written.is_empty() {
            let location = window.location();
            format!(
                "{}{}",
                location.pathname().unwrap_or_default(),
                location.search().unwrap_or_default()
            )
        } else {
            format!("#{written}")
        };
        if let Ok(history) = window.history() {
            // Nor does an address of a recording that is gone: it would lead here again.
            let there = address::read(&now, &State::default());
            let stale = there.has_numbers() && there.claimed != record;
            let now = (selection.clone(), lab);
            let same = before.replace(now.clone()) == now;
            let _ = if same || stale {
                history.replace_state_with_url(&JsValue::NULL, "", Some(&address))
            } else {
                history.push_state_with_url(&JsValue::NULL, "", Some(&address))
            };
        }
    });
    let dispatch = state.dispatcher();
    let current = use_mut_ref(|| State::clone(state));
    *current.borrow_mut() = State::clone(state);
    use_effect_with((), move |()| {
        on_step(move || {
            let here = Rc::new(current.borrow().clone());
            let restore = Action::Restore(Box::new(address::read(&hash(), &here)));
            // The browser has made this step already. Where the address is written another way than it was typed, that
            // is no second one.
            let there = here.reduce(restore.clone());
            let lab = there.lab.as_ref().map(|lab| lab.visit);
            visited.replace((there.selection.clone(), lab));
            dispatch.dispatch(restore);
        })
    });
}

/// Calls `stepped` with each step in the browser's history, until what it gives is called.
fn on_step(stepped: impl FnMut() + 'static) -> impl FnOnce() {
    let stepped = Closure::<dyn FnMut()>::new(stepped);
    if let Some(window) = web_sys::window() {
        let _ =
            window.add_event_listener_with_callback("popstate", stepped.as_ref().unchecked_ref());
    }
    move || {
        if let Some(window) = web_sys::window() {
            let _ = window
                .remove_event_listener_with_callback("popstate", stepped.as_ref().unchecked_ref());
        }
    }
}

fn hash() -> String {
    web_sys::window()
        .and_then(|window| window.location().hash().ok())
        .map(|hash| hash.trim_start_matches('#').to_owned())
        .unwrap_or_default()
}

/// Tells the document its theme and language.
fn dress(theme: Theme, language: &str) {
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.document_element());
    if let Some(root) = root {
        let _ = root.set_attribute("data-theme", theme.key());
        let _ = root.set_attribute("lang", if language == "pt" { "pt-BR" } else { language });
    }
}
