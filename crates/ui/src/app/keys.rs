//! The keys that work everywhere on the page.

use vitrine_link::{Anchor, Command, Depth, LabCommand, LabFrame, Selection};
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::{LensHandle, Look, StateHandle};
use crate::bridge::{Latest, Send, Shared};
use crate::lab::{run_or_stop, speed};
use crate::state::{Action, Drawer, Panel, State, Tab};

/// Every key of the page with the text that says what it does: what `?` shows.
pub(crate) const KEYS: [(&[&str], &str); 20] = [
    (&["?"], "key.help"),
    (&["1", "2", "3"], "key.depth"),
    (&["Space"], "key.pause"),
    (&["↑", "↓"], "key.rows"),
    (&["←", "→"], "key.story"),
    (&["PgUp", "PgDn"], "key.page"),
    (&["End"], "key.follow"),
    (&["Enter"], "key.packet"),
    (&["T"], "key.topics"),
    (&["L"], "key.ladder"),
    (&["/"], "key.filter"),
    (&["S", "M", "C", "B", "H"], "key.tabs"),
    (&["P"], "key.publish"),
    (&["N"], "key.connect"),
    (&["A"], "key.settings"),
    (&["E"], "key.carry"),
    (&["["], "key.left"),
    (&["]"], "key.right"),
    (&["F"], "key.present"),
    (&["Esc"], "key.escape"),
];

/// Those of the lab.
pub(crate) const LAB_KEYS: [(&[&str], &str); 7] = [
    (&["PgDn", "PgUp"], "key.lab.step"),
    (&["Space", "→", "←"], "key.lab.present"),
    (&["⇧ →", "⇧ ←"], "key.lab.text"),
    (&["R"], "key.lab.run"),
    (&["U"], "key.lab.undo"),
    (&["O"], "key.lab.open"),
    (&["F"], "key.lab.present-view"),
];

/// Listens to the keyboard for the whole page.
#[hook]
pub(super) fn use_keys(
    state: &StateHandle,
    lens: &LensHandle,
    latest: &Latest,
    send: &Send,
    narrow: bool,
) {
    let lab = latest.lab.clone();
    let now = use_mut_ref(|| (state.clone(), None::<u64>, lab.clone(), narrow));
    let last = latest.flow.rows.last().map(|row| row.number);
    *now.borrow_mut() = (state.clone(), last, lab, narrow);
    let (send, lens) = (send.clone(), lens.dispatcher());
    use_effect_with((), move |()| {
        let pressed = Closure::<dyn FnMut(KeyboardEvent)>::new(move |event: KeyboardEvent| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented()
            {
                return;
            }
            let (state, last, lab, narrow): (_, _, Shared<Option<LabFrame>>, _) =
                now.borrow().clone();
            if event.key() == "Escape" {
                if let Some(action) = escape(&state) {
                    state.dispatch(action);
                }
                blur();
                return;
            }
            if takes_text(&event) {
                return;
            }
            // While the table of keys is open it alone answers.
            let open = state.settings || state.choosing || state.carry;
            if (state.help && event.key() != "?") || open {
                return;
            }
            let shift = event.shift_key();
            if let Some(wanted) = lab
                .as_ref()
                .as_ref()
                .and_then(|lab| of_lab(&event.key(), shift, state.presenting, lab, speed))
            {
                event.prevent_default();
                // A key that stays pressed is one press: nobody could follow.
                if !event.repeat() {
                    state.dispatch(Action::Anchor(Anchor::Newest));
                    send.emit(Command::Lab(Box::new(wanted)));
                }
                return;
            }
            if event.key() == "End" {
                // Asked for: a pointer that happens to be over the rows holds them no longer.
                lens.dispatch(Look::HoldFlow(None));
            }
            match command(&event.key(), &state, last, narrow) {
                Some(Done::Action(action)) => {
                    event.prevent_default();
                    state.dispatch(action);
                }
                Some(Done::Focus(selector)) => {
                    event.prevent_default();
                    focus(selector);
                }
                None => {}
            }
        });
        let document = web_sys::window().and_then(|window| window.document());
        if let Some(document) = &document {
            let _ = document
                .add_event_listener_with_callback("keydown", pressed.as_ref().unchecked_ref());
        }
        move || {
            if let Some(document) = document {
                let _ = document.remove_event_listener_with_callback(
                    "keydown",
                    pressed.as_ref().unchecked_ref(),
                );
            }
        }
    });
}

/// What a key asks of the lab. The keys of a presenter's clicker are PageDown and PageUp.
fn of_lab(
    key: &str,
    shift: bool,
    presenting: bool,
    lab: &LabFrame,
    speed: fn() -> f64,
) -> Option<LabCommand> {
    Some(match key {
        "PageDown" => LabCommand::Step,
        "PageUp" => LabCommand::Back,
        "ArrowRight" if shift => LabCommand::Next,
        "ArrowLeft" if shift => LabCommand::Previous,
        "ArrowRight" | " " if presenting => LabCommand::Step,
        "ArrowLeft" if presenting => LabCommand::Back,
        " " | "r" => run_or_stop(lab, speed),
        "u" if lab.can_undo => LabCommand::Undo,
        _ => return None,
    })
}

enum Done {
    Action(Action),
    Focus(&'static str),
}

fn command(key: &str, state: &State, last: Option<u64>, narrow: bool) -> Option<Done> {
    let drawer = |drawer| Action::Drawer((!state.shows(drawer, narrow)).then_some(drawer));
    Some(Done::Action(match key {
        "?" => Action::Help(!state.help),
        "a" => Action::Settings(true),
        "e" => Action::Carry(true),
        "o" => Action::Choosing(true),
        "1" => Action::Depth(Depth::Story),
        "2" => Action::Depth(Depth::Handshake),
        "3" => Action::Depth(Depth::Bytes),
        " " => Action::Anchor(pause(state, last)),
        "End" => Action::Anchor(Anchor::Newest),
        "s" => Action::Show(Tab::Selected),
        "m" => Action::Show(Tab::Matches),
        "c" => Action::Show(Tab::Clients),
        "b" => Action::Show(Tab::Packet),
        "h" => Action::Show(Tab::Memory),
        "p" => drawer(Drawer::Publish),
        "n" => drawer(Drawer::Connect),
        "[" => Action::Fold(Panel::Left),
        "]" => Action::Fold(Panel::Right),
        "f" => Action::Present(!state.presenting),
        "t" => return Some(Done::Focus("[role=tree]")),
        "l" => return Some(Done::Focus("[data-testid=ladder-rows]")),
        "/" => return Some(Done::Focus("[data-testid=topic-filter]")),
        _ => return None,
    }))
}

/// The anchor that pauses a following ladder, or lets a paused one follow.
pub(crate) fn pause(state: &State, last: Option<u64>) -> Anchor {
    match (state.anchor, last) {
        (Anchor::Newest, Some(last)) => Anchor::UpTo(last),
        (Anchor::Newest, None) => Anchor::UpTo(0),
        _ => Anchor::Newest,
    }
}

/// What Escape leaves: the innermost thing that is open.
fn escape(state: &State) -> Option<Action> {
    if state.help {
        Some(Action::Help(false))
    } else if state.settings {
        Some(Action::Settings(false))
    } else if state.carry {
        Some(Action::Carry(false))
    } else if state.choosing {
        Some(Action::Choosing(false))
    } else if state.drawer.is_some() {
        Some(Action::Drawer(None))
    } else if state.presenting {
        Some(Action::Present(false))
    } else if state.selection != Selection::None {
        Some(Action::Select(Selection::None))
    } else {
        None
    }
}

/// Whether the key belongs to where the focus is: a field, or a button for Space and Enter.
fn takes_text(event: &KeyboardEvent) -> bool {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return false;
    };
    let tag = target.tag_name().to_ascii_lowercase();
    let kind = target.get_attribute("type").unwrap_or_default();
    takes(&tag, &kind, &event.key())
}

/// Whether a key belongs to an element of this name and, of inputs, type. A presenter's clicker steps wherever nobody
/// writes lines: also when a speed was chosen last, and the focus is still there.
fn takes(tag: &str, kind: &str, key: &str) -> bool {
    let clicks = matches!(key, "PageDown" | "PageUp");
    match tag {
        "input" => {
            let types = !matches!(kind, "checkbox" | "radio" | "range");
            types && !clicks || matches!(key, " " | "End")
        }
        "textarea" => true,
        "select" => !clicks,
        "button" | "summary" | "a" => key == " ",
        _ => false,
    }
}

/// Puts the keyboard on the first element that `selector` finds.
pub(crate) fn focus(selector: &str) {
    if let Some(element) = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector(selector).ok().flatten())
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
    {
        let _ = element.focus();
    }
}

fn blur() {
    if let Some(element) = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.active_element())
        .filter(|element| element.tag_name().eq_ignore_ascii_case("input"))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
    {
        let _ = element.blur();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Place;

    fn asked(key: &str, shift: bool, presenting: bool) -> Option<LabCommand> {
        of_lab(key, shift, presenting, &LabFrame::default(), || 4.0)
    }

    #[test]
    fn a_clicker_steps_on_and_back() {
        for presenting in [false, true] {
            assert_eq!(asked("PageDown", false, presenting), Some(LabCommand::Step));
            assert_eq!(asked("PageUp", false, presenting), Some(LabCommand::Back));
            assert_eq!(
                asked("ArrowRight", true, presenting),
                Some(LabCommand::Next)
            );
            assert_eq!(
                asked("ArrowLeft", true, presenting),
                Some(LabCommand::Previous)
            );
        }
        assert_eq!(asked(" ", false, true), Some(LabCommand::Step));
        assert_eq!(asked("ArrowRight", false, true), Some(LabCommand::Step));
        assert_eq!(asked("ArrowLeft", false, true), Some(LabCommand::Back));
    }

    #[test]
    fn a_clicker_steps_wherever_nobody_writes() {
        for key in ["PageDown", "PageUp"] {
            for (tag, kind) in [("select", ""), ("input", "search"), ("input", "range")] {
                assert!(!takes(tag, kind, key), "{tag} {kind} {key}");
            }
            assert!(takes("textarea", "", key));
        }
        for (tag, kind, key) in [
            ("select", "", "ArrowDown"),
            ("input", "search", "r"),
            ("input", "range", " "),
            ("button", "", " "),
        ] {
            assert!(takes(tag, kind, key), "{tag} {kind} {key}");
        }
        assert!(!takes("input", "range", "r") && !takes("button", "", "r"));
    }

    #[test]
    fn the_key_of_a_form_opens_it_and_closes_it_where_it_is_seen() {
        let mut state = State {
            drawer: Some(Drawer::Publish),
            ..State::default()
        };
        let pressed = |key, state: &State, narrow| match command(key, state, None, narrow) {
            Some(Done::Action(Action::Drawer(drawer))) => drawer,
            _ => panic!("{key}"),
        };
        for narrow in [false, true] {
            assert_eq!(pressed("p", &state, narrow), None);
            assert_eq!(pressed("n", &state, narrow), Some(Drawer::Connect));
        }
        // Open in the flow, which a narrow screen does not show now.
        state.place = Place::Topics;
        assert_eq!(pressed("p", &state, false), None);
        assert_eq!(pressed("p", &state, true), Some(Drawer::Publish));
    }

    #[test]
    fn outside_of_the_presenters_view_arrows_belong_to_the_ladder() {
        assert_eq!(asked("ArrowRight", false, false), None);
        assert_eq!(
            asked(" ", false, false),
            Some(LabCommand::Run { speed: 4.0 })
        );
        assert_eq!(asked("u", false, false), None);
    }
}
