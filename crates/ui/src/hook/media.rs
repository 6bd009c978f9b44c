//! What the screen is like.

use wasm_bindgen::prelude::*;
use yew::prelude::*;

/// Whether a media query holds, now and from now on.
#[hook]
pub(crate) fn use_media(query: &'static str) -> bool {
    let list = use_memo(query, |query| {
        web_sys::window().and_then(|window| window.match_media(query).ok().flatten())
    });
    let holds = {
        let list = list.clone();
        use_state_eq(move || list.as_ref().as_ref().is_some_and(|list| list.matches()))
    };
    {
        let holds = holds.clone();
        use_effect_with(query, move |_| {
            let on_change = {
                let list = list.clone();
                Closure::<dyn FnMut()>::new(move || {
                    holds.set(list.as_ref().as_ref().is_some_and(|list| list.matches()));
                })
            };
            if let Some(list) = list.as_ref() {
                list.set_onchange(Some(on_change.as_ref().unchecked_ref()));
            }
            move || {
                if let Some(list) = list.as_ref() {
                    list.set_onchange(None);
                }
                drop(on_change);
            }
        });
    }
    *holds
}
