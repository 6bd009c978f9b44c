//! What the two kinds of worker say to a page in the same way.

use serde::Serialize;
use vitrine_link::{Event, VERSION};
use wasm_bindgen::JsValue;

/// The way to a page: takes events as values for a structured clone.
pub(crate) type Send = Box<dyn Fn(JsValue)>;

/// The answer to a page's hello, and whether it is welcome: only what was built together understands each other.
pub(crate) fn greet(version: u32, build: &str, own: &str, record: &str) -> (bool, Event) {
    let (known, build) = (version == VERSION && build == own, own.to_owned());
    let version = VERSION;
    let answer = if known {
        let record = record.to_owned();
        Event::Welcome {
            version,
            build,
            record,
        }
    } else {
        Event::Refused { version, build }
    };
    (known, answer)
}

/// Tells a page something.
pub(crate) fn tell(send: &Send, event: &Event) {
    // Numbers stay numbers: none of ours grows past 2^53.
    if let Ok(value) = event.serialize(&serde_wasm_bindgen::Serializer::new()) {
        send(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_of_the_same_build_is_welcome() {
        for (version, build, welcome) in [
            (VERSION, "a", true),
            (VERSION, "b", false),
            (VERSION + 1, "a", false),
        ] {
            let (known, answer) = greet(version, build, "a", "r");
            assert_eq!(known, welcome);
            assert_eq!(matches!(answer, Event::Welcome { .. }), welcome);
        }
    }
}
