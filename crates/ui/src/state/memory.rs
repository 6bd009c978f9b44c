//! What is remembered on this machine: habits, not moments (those are in the address). And in this tab: which nodes of
//! the tree were opened and closed.

use std::collections::BTreeSet;

use vitrine_link::Depth;
use web_sys::Storage;

use super::{State, Theme};

const PREFIX: &str = "vitrine.";

/// The tab's key for the nodes of the tree.
const TOGGLED: &str = "toggled";

/// Bytes of topics remembered at most.
const TOGGLED_BYTES: usize = 64 * 1024;

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
        toggled: toggled(),
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
    // In the lab the lesson chooses it.
    if state.lab.is_none() {
        remember("depth", depth);
    }
    remember("theme", state.theme.key());
    remember("left-folded", flag(state.left_folded));
    remember(
        "right-folded",
        flag(state.right_folded && !state.unfold_later),
    );
    remember("tall", flag(state.tall));
}

fn tab() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// The nodes of the tree that were opened or closed by hand in this tab.
fn toggled() -> BTreeSet<String> {
    let said = tab().and_then(|tab| tab.get_item(&format!("{PREFIX}{TOGGLED}")).ok()?);
    said.map(|said| unlist(&said)).unwrap_or_default()
}

/// Remembers, for as long as this tab is open, the nodes of the tree that were opened or closed by hand.
pub fn keep_toggled(topics: &BTreeSet<String>) {
    if let Some(tab) = tab() {
        let _ = tab.set_item(&format!("{PREFIX}{TOGGLED}"), &list(topics));
    }
}

/// A topic cannot hold the character that stands behind each.
fn list(topics: &BTreeSet<String>) -> String {
    let mut out = String::new();
    for topic in topics {
        if out.len() + topic.len() < TOGGLED_BYTES {
            out.push_str(topic);
            out.push('\0');
        }
    }
    out
}

fn unlist(said: &str) -> BTreeSet<String> {
    let topics = said.strip_suffix('\0').map(|said| said.split('\0'));
    topics.into_iter().flatten().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_come_back_whatever_they_are_called() {
        for topics in [&[][..], &[""], &["", "a b", "é/☃/\n", "\"/{}"]] {
            let topics: BTreeSet<_> = topics.iter().map(|&topic| topic.to_owned()).collect();
            assert_eq!(unlist(&list(&topics)), topics);
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let topics = (0..100).map(|n| format!("{n:01000}")).collect();
        let remembered = list(&topics);
        assert!(remembered.len() <= TOGGLED_BYTES);
        assert_eq!(unlist(&remembered).len(), TOGGLED_BYTES / 1001);
    }
}
