//! The choice of a language.

use yew::prelude::*;

use crate::app::SetLanguage;
use crate::part::picked;
use crate::text::{LANGUAGES, use_texts};

/// A list of the languages.
#[component]
pub(crate) fn Language() -> Html {
    let texts = use_texts();
    let set = use_context::<SetLanguage>();
    let onchange = picked(move |language| {
        if let Some(SetLanguage(set)) = &set {
            set.emit(language);
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
