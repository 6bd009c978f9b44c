//! Asking the page's own clients for something, and saying what went wrong.

use std::future::Future;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::door::{WorldObject, page_world};
use super::reason;
use crate::text::{Texts, use_texts};

/// Says something that the user should know: what, where, and what to do. Nothing takes back what was said before: it
/// went well now.
#[derive(Clone, PartialEq)]
pub(crate) struct Tell(pub(crate) Callback<String>);

/// A way to ask the page's own clients for something.
#[derive(Clone, PartialEq)]
pub(crate) struct Ask {
    texts: Rc<Texts>,
    tell: Option<Tell>,
}

/// A way to ask the page's own clients for something.
#[hook]
pub(crate) fn use_ask() -> Ask {
    Ask {
        texts: use_texts(),
        tell: use_context(),
    }
}

impl Ask {
    /// Asks; when it fails, says so. Then calls `done` with whether it went well.
    pub(crate) fn ask<F>(
        &self,
        what: impl FnOnce(WorldObject) -> F + 'static,
        done: impl FnOnce(bool) + 'static,
    ) where
        F: Future<Output = Result<(), JsValue>>,
    {
        let this = self.clone();
        spawn_local(async move {
            let result = match page_world() {
                Some(world) => what(world).await,
                None => Err(JsValue::from_str("mqtt-missing")),
            };
            if let Some(Tell(tell)) = &this.tell {
                tell.emit(match &result {
                    Ok(()) => String::new(),
                    Err(error) => this.words(error),
                });
            }
            done(result.is_ok());
        });
    }

    /// What went wrong, in a sentence.
    pub(crate) fn words(&self, error: &JsValue) -> String {
        let key = reason(error);
        let words = match self.texts.find(&format!("error.{key}")) {
            Some(words) => words.to_owned(),
            None => self.texts.fill("error.other", &[("reason", &key)]),
        };
        match js_sys::Reflect::get(error, &JsValue::from_str("reason"))
            .ok()
            .and_then(|reason| reason.as_f64())
        {
            Some(code) => format!("{words} (0x{:02X})", code as u8),
            None => words,
        }
    }
}
