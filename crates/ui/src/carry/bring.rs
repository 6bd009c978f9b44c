//! Opening a recording: by a button, or by dropping the file anywhere on the page.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, File, HtmlInputElement};
use yew::prelude::*;

use crate::app::{StateHandle, use_page};
use crate::bridge::{Tell, reason};
use crate::lab::open_recording;
use crate::sign::{Icon, IconName};
use crate::state::Action;
use crate::text::{Texts, use_texts};

/// The largest recording that is read, in MiB.
const MOST: f64 = 256.0;

/// Reads a file and opens it as a recording. What cannot be read is said; what is in it, the worker judges.
fn open(file: File, state: StateHandle, texts: std::rc::Rc<Texts>, tell: Option<Tell>) {
    spawn_local(async move {
        let name = file.name();
        let say = |words: String| {
            if let Some(Tell(tell)) = &tell {
                tell.emit(words);
            }
        };
        if file.size() > MOST * 1024.0 * 1024.0 {
            say(texts.fill("carry.open.large", &[("name", &name), ("most", &MOST)]));
            return;
        }
        match JsFuture::from(file.array_buffer()).await {
            Ok(buffer) => {
                let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
                open_recording(&state, name, bytes);
            }
            Err(error) => say(texts.fill(
                "carry.open.unreadable",
                &[("name", &name), ("reason", &reason(&error))],
            )),
        }
    });
}

/// Opens a file that the user chooses.
#[component]
pub(crate) fn OpenButton() -> Html {
    let (state, texts) = (use_page(), use_texts());
    let tell = use_context::<Tell>();
    let field = use_node_ref();
    let onclick = {
        let field = field.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                field.click();
            }
        })
    };
    let onchange = {
        let texts = texts.clone();
        Callback::from(move |event: Event| {
            let Some(field) = event.target_dyn_into::<HtmlInputElement>() else {
                return;
            };
            if let Some(file) = field.files().and_then(|files| files.get(0)) {
                open(file, state.clone(), texts.clone(), tell.clone());
                state.dispatch(Action::Carry(false));
            }
            // The same file may be chosen again.
            field.set_value("");
        })
    };
    html! {
        <>
            <button type="button" class="button" data-testid="open-recording" {onclick}>
                <Icon name={IconName::Folder} /><span>{ texts.get("carry.open.choose") }</span>
            </button>
            <input ref={field} type="file" class="unseen" tabindex="-1" aria-hidden="true" data-testid="open-file" {onchange} />
        </>
    }
}

/// Takes files that are dropped anywhere on the page.
#[component]
pub(crate) fn Bring() -> Html {
    let (state, texts) = (use_page(), use_texts());
    let tell = use_context::<Tell>();
    let over = use_state_eq(|| false);
    let now = use_mut_ref(|| (texts.clone(), tell.clone(), state.clone()));
    *now.borrow_mut() = (texts.clone(), tell, state);
    {
        let over = over.setter();
        use_effect_with((), move |()| {
            let moved = Closure::<dyn FnMut(DragEvent)>::new(move |event: DragEvent| {
                let files = event
                    .data_transfer()
                    .filter(|data| data.types().iter().any(|kind| kind == "Files"));
                let Some(data) = files else { return };
                // Else the browser would leave the page for the file.
                event.prevent_default();
                match event.type_().as_str() {
                    "dragover" => over.set(true),
                    "drop" => {
                        over.set(false);
                        if let Some(file) = data.files().and_then(|files| files.get(0)) {
                            let (texts, tell, state) = now.borrow().clone();
                            open(file, state.clone(), texts, tell);
                            state.dispatch(Action::Carry(false));
                        }
                    }
                    // It is told for every element that is left; outside of the window there is none to go to.
                    _ if event.related_target().is_none() => over.set(false),
                    _ => {}
                }
            });
            let document = web_sys::window().and_then(|window| window.document());
            let kinds = ["dragover", "dragleave", "drop"];
            if let Some(document) = &document {
                for kind in kinds {
                    let _ = document
                        .add_event_listener_with_callback(kind, moved.as_ref().unchecked_ref());
                }
            }
            move || {
                if let Some(document) = document {
                    for kind in kinds {
                        let _ = document.remove_event_listener_with_callback(
                            kind,
                            moved.as_ref().unchecked_ref(),
                        );
                    }
                }
            }
        });
    }
    if !*over {
        return Html::default();
    }
    html! {
        <div class="dropping" data-testid="dropping" role="status">
            <p><Icon name={IconName::Folder} />{ texts.get("carry.drop") }</p>
        </div>
    }
}
