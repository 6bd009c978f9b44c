//! Which language, and its texts.

use std::collections::BTreeMap;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{LANGUAGES, Texts};
use crate::state::memory;

/// The language: asked for in the address (`?lang=`), remembered, the browser's, or English.
pub(crate) fn wanted() -> String {
    let window = web_sys::window();
    let asked = window
        .as_ref()
        .and_then(|window| window.location().search().ok())
        .and_then(|search| {
            search
                .trim_start_matches('?')
                .split('&')
                .find_map(|part| part.strip_prefix("lang=").map(str::to_owned))
        });
    let browser = window
        .map(|window| window.navigator().languages())
        .into_iter()
        .flat_map(|languages| {
            languages
                .iter()
                .filter_map(|tag| tag.as_string())
                .collect::<Vec<_>>()
        });
    asked
        .into_iter()
        .chain(memory::recall("language"))
        .chain(browser)
        .find_map(|tag| known(&tag))
        .unwrap_or_else(|| "en".to_owned())
}

/// Has the address ask for `language`, where it asks for another one: else it would undo the choice with the next visit.
pub(crate) fn address_asks(language: &str) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let location = window.location();
    let (Ok(path), Ok(search), Ok(hash)) =
        (location.pathname(), location.search(), location.hash())
    else {
        return;
    };
    let asking = asking(&search, language).filter(|asking| *asking != search);
    if let (Some(search), Ok(history)) = (asking, window.history()) {
        let address = format!("{path}{search}{hash}");
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// What stands between `?` and `#`, with `language` in the place of the one that it asks for; `None` where it asks for
/// none.
fn asking(search: &str, language: &str) -> Option<String> {
    let parts = search.trim_start_matches('?').split('&');
    let mut asks = false;
    let parts: Vec<_> = parts
        .map(|part| {
            if part.starts_with("lang=") {
                asks = true;
                format!("lang={language}")
            } else {
                part.to_owned()
            }
        })
        .collect();
    asks.then(|| format!("?{}", parts.join("&")))
}

/// The language of ours that serves a tag such as `pt-BR`.
fn known(tag: &str) -> Option<String> {
    let primary = tag.split('-').next()?.to_ascii_lowercase();
    LANGUAGES
        .iter()
        .any(|(language, _)| *language == primary)
        .then_some(primary)
}

/// Fetches the texts of `language`.
///
/// # Errors
///
/// What the browser said when they could not be fetched or read.
pub(crate) async fn load(language: &str) -> Result<Texts, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let address = format!("./web/locales/{language}.json");
    let response: web_sys::Response = JsFuture::from(window.fetch_with_str(&address))
        .await?
        .dyn_into()?;
    if !response.ok() {
        return Err(JsValue::from_str(&format!(
            "{address}: {}",
            response.status()
        )));
    }
    let entries: BTreeMap<String, String> =
        serde_wasm_bindgen::from_value(JsFuture::from(response.json()?).await?)?;
    Ok(Texts::new(language, entries))
}

#[cfg(test)]
mod tests {
    use super::{asking, known};

    #[test]
    fn an_address_asks_for_the_language_that_was_chosen_last() {
        assert_eq!(asking("?lang=pt", "es").as_deref(), Some("?lang=es"));
        assert_eq!(
            asking("?a=1&lang=pt&b=", "en").as_deref(),
            Some("?a=1&lang=en&b=")
        );
        assert_eq!(asking("", "en"), None);
        assert_eq!(asking("?langue=pt", "en"), None);
    }

    #[test]
    fn a_region_is_served_by_its_language() {
        assert_eq!(known("pt-BR").as_deref(), Some("pt"));
        assert_eq!(known("ES").as_deref(), Some("es"));
        assert_eq!(known("de-DE"), None);
        assert_eq!(known(""), None);
    }
}
