//! A menu that a press opens: arrows go from entry to entry, Escape and a press beside it close it.

use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, Node};
use yew::prelude::*;

use crate::sign::{Icon, IconName};

/// An entry.
#[derive(Clone, PartialEq)]
pub(crate) struct Item {
    id: String,
    label: String,
    icon: IconName,
    note: Option<String>,
    parted: bool,
    on: Callback<()>,
}

impl Item {
    /// An entry that does `on`; `id` names it for tests.
    pub(crate) fn new(
        id: impl Into<String>,
        label: String,
        icon: IconName,
        on: Callback<()>,
    ) -> Self {
        Self {
            id: id.into(),
            label,
            icon,
            note: None,
            parted: false,
            on,
        }
    }

    /// With a line below it that says more.
    pub(crate) fn note(mut self, note: String) -> Self {
        self.note = Some(note);
        self
    }

    /// With a line above it that parts it from those before.
    pub(crate) fn parted(mut self) -> Self {
        self.parted = true;
        self
    }
}

/// Where a menu opens: below this point of the window, in pixels.
pub(crate) type Place = (f64, f64);

/// Below the middle of what was pressed.
pub(crate) fn beneath(element: &Element) -> Place {
    let place = element.get_bounding_client_rect();
    let x = place.left() + place.width() / 2.0 - 120.0;
    (x, place.bottom() + 8.0)
}

/// The lower left corner of what was pressed.
pub(crate) fn below(element: &Element) -> Place {
    let place = element.get_bounding_client_rect();
    (place.left(), place.bottom() + 4.0)
}

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) testid: String,
    pub(crate) label: String,
    pub(crate) items: Vec<Item>,
    pub(crate) at: Place,
    pub(crate) onclose: Callback<()>,
}

/// The menu, open.
#[component]
pub(crate) fn Menu(props: &Props) -> Html {
    let menu = use_node_ref();
    {
        // It has its size only now; it stays within the window, and the focus goes back to where it was.
        let (menu, at) = (menu.clone(), props.at);
        use_effect_with((), move |()| {
            let before = document()
                .and_then(|document| document.active_element())
                .and_then(|element| element.dyn_into::<HtmlElement>().ok());
            if let Some(menu) = menu.cast::<HtmlElement>() {
                place(&menu, at);
                focus(&menu, |_, _| 0);
            }
            move || {
                if let Some(before) = before.filter(|before| before.is_connected()) {
                    let _ = before.focus();
                }
            }
        });
    }
    use_outside(&menu, &props.onclose);
    let onkeydown = {
        let (menu, onclose) = (menu.clone(), props.onclose.clone());
        Callback::from(move |event: KeyboardEvent| {
            let Some(menu) = menu.cast::<HtmlElement>() else {
                return;
            };
            match event.key().as_str() {
                "ArrowDown" => focus(&menu, |now, count| (now + 1) % count),
                "ArrowUp" => focus(&menu, |now, count| (now + count - 1) % count),
                "Home" => focus(&menu, |_, _| 0),
                "End" => focus(&menu, |_, count| count - 1),
                "Escape" | "Tab" => onclose.emit(()),
                // The entry's own.
                "Enter" | " " => {
                    event.stop_propagation();
                    return;
                }
                _ => {}
            }
            // No key means anything else while a menu is open.
            event.prevent_default();
            event.stop_propagation();
        })
    };
    html! {
        <div ref={menu} class="menu" role="menu" aria-label={props.label.clone()} data-testid={props.testid.clone()} {onkeydown}
            onclick={|event: MouseEvent| event.stop_propagation()}>
            { for props.items.iter().map(|item| {
                let (on, onclose) = (item.on.clone(), props.onclose.clone());
                let onclick = Callback::from(move |_: MouseEvent| {
                    onclose.emit(());
                    on.emit(());
                });
                html! {
                    <button type="button" role="menuitem" tabindex="-1" key={item.id.clone()}
                        class={classes!(item.parted.then_some("parted"))}
                        data-testid={format!("{}-{}", props.testid, item.id)} {onclick}>
                        <Icon name={item.icon} />
                        <span>{ &item.label }
                            if let Some(note) = &item.note { <small>{ note }</small> }
                        </span>
                    </button>
                }
            }) }
        </div>
    }
}

fn document() -> Option<web_sys::Document> {
    web_sys::window().and_then(|window| window.document())
}

/// Puts the menu below a point, or above it where there is no room below.
fn place(menu: &HtmlElement, (x, y): Place) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let side =
        |size: Result<JsValue, JsValue>| size.ok().and_then(|size| size.as_f64()).unwrap_or(0.0);
    let (width, height) = (side(window.inner_width()), side(window.inner_height()));
    let own = menu.get_bounding_client_rect();
    let left = x.min(width - own.width() - 8.0).max(8.0);
    let top = y.min(height - own.height() - 8.0).max(8.0);
    let style = menu.style();
    let _ = style.set_property("left", &format!("{left}px"));
    let _ = style.set_property("top", &format!("{top}px"));
}

/// Moves the focus among the entries.
fn focus(menu: &HtmlElement, to: impl Fn(usize, usize) -> usize) {
    let Ok(entries) = menu.query_selector_all("[role=menuitem]") else {
        return;
    };
    let entries: Vec<_> = (0..entries.length())
        .filter_map(|at| entries.get(at)?.dyn_into::<HtmlElement>().ok())
        .collect();
    if entries.is_empty() {
        return;
    }
    let active = document().and_then(|document| document.active_element());
    let now = entries
        .iter()
        .position(|entry| {
            active
                .as_ref()
                .is_some_and(|active| active.is_same_node(Some(entry)))
        })
        .unwrap_or(0);
    if let Some(entry) = entries.get(to(now, entries.len())) {
        let _ = entry.focus();
    }
}

/// Closes it when something beside it is pressed.
#[hook]
fn use_outside(menu: &NodeRef, onclose: &Callback<()>) {
    let (menu, onclose) = (menu.clone(), onclose.clone());
    use_effect_with((), move |()| {
        let pressed = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            let inside = event
                .target()
                .and_then(|target| target.dyn_into::<Node>().ok())
                .is_some_and(|target| menu.get().is_some_and(|menu| menu.contains(Some(&target))));
            // Its own button closes it by itself.
            let own = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok())
                .and_then(|target| {
                    target
                        .closest("[aria-haspopup=menu][aria-expanded=true]")
                        .ok()
                })
                .flatten()
                .is_some();
            if !inside && !own {
                onclose.emit(());
            }
        });
        let document = document();
        if let Some(document) = &document {
            let _ = document.add_event_listener_with_callback_and_bool(
                "pointerdown",
                pressed.as_ref().unchecked_ref(),
                true,
            );
        }
        move || {
            if let Some(document) = document {
                let _ = document.remove_event_listener_with_callback_and_bool(
                    "pointerdown",
                    pressed.as_ref().unchecked_ref(),
                    true,
                );
            }
        }
    });
}

#[derive(PartialEq, Properties)]
pub(crate) struct ButtonProps {
    pub(crate) testid: &'static str,
    pub(crate) icon: IconName,
    pub(crate) label: String,
    pub(crate) title: String,
    pub(crate) items: Vec<Item>,
    #[prop_or_default]
    pub(crate) disabled: bool,
    /// Only the icon is shown; the words are read out.
    #[prop_or_default]
    pub(crate) bare: bool,
}

/// A button that opens a menu.
#[component]
pub(crate) fn MenuButton(props: &ButtonProps) -> Html {
    let open = use_state_eq(|| None::<Place>);
    let button = use_node_ref();
    let onclick = {
        let (open, button) = (open.clone(), button.clone());
        Callback::from(
            move |_: MouseEvent| match (&*open, button.cast::<Element>()) {
                (None, Some(button)) => open.set(Some(below(&button))),
                _ => open.set(None),
            },
        )
    };
    let onclose = {
        let open = open.setter();
        Callback::from(move |()| open.set(None))
    };
    let class = if props.bare { "icon-button" } else { "button" };
    html! {
        <>
            <button ref={button} type="button" {class} aria-haspopup="menu" aria-expanded={open.is_some().to_string()}
                aria-label={props.bare.then(|| props.label.clone())} title={props.title.clone()} disabled={props.disabled}
                data-testid={props.testid} {onclick}>
                <Icon name={props.icon} />
                if !props.bare { <span>{ &props.label }</span> }
            </button>
            if let Some(at) = *open {
                <Menu testid={format!("{}-menu", props.testid)} label={props.label.clone()} items={props.items.clone()} {at} {onclose} />
            }
        </>
    }
}
