//! The whole screen, for who presents.

use wasm_bindgen::prelude::*;
use yew::prelude::*;

use crate::app::StateHandle;
use crate::state::Action;

/// Takes the whole screen while the page presents; who leaves that by the browser's own key leaves both.
#[hook]
pub(crate) fn use_full_screen(state: &StateHandle) {
    use_effect_with(state.presenting, move |presenting| {
        let Some(document) = web_sys::window().and_then(|window| window.document()) else {
            return;
        };
        let full = document.fullscreen_element().is_some();
        if *presenting && !full {
            // Where the browser refuses, the stage is large all the same.
            if let Some(root) = document.document_element() {
                let _ = root.request_fullscreen();
            }
        } else if !*presenting && full {
            document.exit_fullscreen();
        }
    });
    let now = use_mut_ref(|| state.clone());
    *now.borrow_mut() = state.clone();
    use_effect_with((), move |()| {
        let changed = Closure::<dyn FnMut()>::new(move || {
            let full = web_sys::window()
                .and_then(|window| window.document())
                .is_some_and(|document| document.fullscreen_element().is_some());
            let state = now.borrow();
            if !full && state.presenting {
                state.dispatch(Action::Present(false));
            }
        });
        let document = web_sys::window().and_then(|window| window.document());
        let listen = |document: &web_sys::Document| {
            document.add_event_listener_with_callback(
                "fullscreenchange",
                changed.as_ref().unchecked_ref(),
            )
        };
        if let Some(document) = &document {
            let _ = listen(document);
        }
        move || {
            if let Some(document) = document {
                let _ = document.remove_event_listener_with_callback(
                    "fullscreenchange",
                    changed.as_ref().unchecked_ref(),
                );
            }
        }
    });
}
