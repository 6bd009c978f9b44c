//! What fields and lists say as somebody uses them.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Tells what a field holds, at every change of it.
pub(crate) fn typed(tell: impl Fn(String) + 'static) -> Callback<InputEvent> {
    Callback::from(move |event: InputEvent| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            tell(input.value());
        }
    })
}

/// Keeps what a field holds.
pub(crate) fn typed_into(field: &UseStateHandle<String>) -> Callback<InputEvent> {
    let field = field.setter();
    typed(move |text| field.set(text))
}

/// Tells which entry of a list is picked, by its value.
pub(crate) fn picked(tell: impl Fn(String) + 'static) -> Callback<Event> {
    Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
            tell(select.value());
        }
    })
}
