//! What is remembered on this machine: habits, not moments (those are in the address).

use vitrine_link::Depth;
use web_sys::Storage;

use super::{State, Theme};

const PREFIX: &str = "vitrine.";

fn storage() -> Option<Storage> {
    // Refused where the user blocks storage: then nothing is remembered, and nothing breaks.
    web_sys::window()?.local_storage().ok()?
}

/// What was remembered under `key`.
#[must_use]
pub fn recall(key: &str) -> Option<String> {
    storage()?.get_item(&format!("{PREFIX}{key}")).ok()?
}

/// Remembers `value` under `key`.
pub fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full store forgets; that is no reason to stop.
        let _ = storage.set_item(&format!("{PREFIX}{key}"), value);
    }
}

/// The default state with the remembered habits.
#[must_use]
pub fn habits() -> State {
    let is = |key: &str| recall(key).as_deref() == Some("1");
    State {
        depth: match recall("depth").as_deref() {
            Some("story") => Depth::Story,
            Some("bytes") => Depth::Bytes,
            _ => Depth::Handshake,
        },
        theme: match recall("theme").as_deref() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::Auto,
        },
        left_folded: is("left-folded"),
        right_folded: is("right-folded"),
        tall: is("tall"),
        ..State::default()
    }
}

/// Remembers the habits in `state`.
pub fn keep(state: &State) {
    let flag = |on: bool| if on { "1" } else { "0" };
    let depth = match state.depth {
        Depth::Story => "story",
        Depth::Handshake => "handshake",
        Depth::Bytes => "bytes",
    };
    remember("depth", depth);
    remember("theme", state.theme.key());
    remember("left-folded", flag(state.left_folded));
    remember("right-folded", flag(state.right_folded));
    remember("tall", flag(state.tall));
}
