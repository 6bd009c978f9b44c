//! The choice of a language.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::app::SetLanguage;
use crate::text::{LANGUAGES, use_texts};

/// A list of the languages.
#[component]
pub(crate) fn Language() -> Html {
    let texts = use_texts();
    let set = use_context::<SetLanguage>();
    let onchange = Callback::from(move |event: Event| {
        if let (Some(select), Some(SetLanguage(set))) =
            (event.target_dyn_into::<HtmlSelectElement>(), &set)
        {
            set.emit(select.value());
        }
    });
    html! {
        <label class="language" title={texts.get("language.title")}>
            <select aria-label={texts.get("language.title")} data-testid="language" {onchange}>
                { for LANGUAGES.iter().map(|(language, name)| html! {
                    <option value={*language} lang={*language} selected={*language == texts.language()} title={*name}>
                        { language.to_uppercase() }
                    </option>
                }) }
            </select>
        </label>
    }
}
