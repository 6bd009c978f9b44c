//! The list of lessons and their files, as they lie beside the page.

use std::collections::BTreeMap;

use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::text::Texts;

const FOLDER: &str = "./web/lessons";

/// A lesson in the list.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Entry {
    /// Its place in the course, from 1; 0 for the world without a text.
    pub(crate) number: u32,
    /// The name of its file, without the ending.
    pub(crate) name: String,
    title: BTreeMap<String, String>,
    #[serde(default)]
    summary: BTreeMap<String, String>,
}

impl Entry {
    /// What it is called, in the page's language.
    pub(crate) fn title(&self, texts: &Texts) -> String {
        say(&self.title, texts).unwrap_or_else(|| self.name.clone())
    }

    /// What it is about, in a line.
    pub(crate) fn summary(&self, texts: &Texts) -> String {
        say(&self.summary, texts).unwrap_or_default()
    }
}

fn say(said: &BTreeMap<String, String>, texts: &Texts) -> Option<String> {
    said.get(texts.language())
        .or_else(|| said.get("en"))
        .cloned()
}

#[derive(Deserialize)]
struct List {
    lessons: Vec<Entry>,
}

/// Fetches the list.
///
/// # Errors
///
/// What the browser said when it could not be fetched or read.
pub(crate) async fn list() -> Result<Vec<Entry>, JsValue> {
    let json = JsFuture::from(get(&format!("{FOLDER}/index.json")).await?.json()?).await?;
    let list: List = serde_wasm_bindgen::from_value(json)?;
    Ok(list.lessons)
}

/// Fetches a lesson's file.
///
/// # Errors
///
/// What the browser said when it could not be fetched; a name that is no file's name is not asked for.
pub(crate) async fn file(name: &str) -> Result<String, JsValue> {
    if !is_name(name) {
        return Err(JsValue::from_str(name));
    }
    let text = get(&format!("{FOLDER}/{name}.toml")).await?.text()?;
    let text = JsFuture::from(text).await?.as_string();
    text.ok_or_else(|| JsValue::from_str(name))
}

async fn get(address: &str) -> Result<web_sys::Response, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: web_sys::Response = JsFuture::from(window.fetch_with_str(address))
        .await?
        .dyn_into()?;
    if response.ok() {
        Ok(response)
    } else {
        Err(JsValue::from_str(&format!(
            "{address}: {}",
            response.status()
        )))
    }
}

/// An address may name anything: what could leave the folder is no lesson.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 100
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn a_name_stays_in_the_folder() {
        assert!(is_name("06-qos-1-lost"));
        for name in ["", "..", "../index", "a/b", "a.toml", "a%2fb", "ä"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
