//! Where one publishes and connects clients, under the ladder.

mod connect;
mod publish;
mod subscribe;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::app::use_page;
use crate::part::IconButton;
use crate::sign::IconName;
use crate::state::{Action, Drawer};
use crate::text::use_texts;

/// What is open under the ladder.
#[component]
pub(crate) fn Drawers() -> Html {
    let (state, texts) = (use_page(), use_texts());
    let in_lab = crate::lab::use_lab_now().is_some();
    let section = use_node_ref();
    {
        // Who opened it wants to type: the first field takes the focus.
        let section = section.clone();
        use_effect_with((state.drawer, state.composed), move |(drawer, _)| {
            let field = drawer
                .and_then(|_| section.cast::<Element>())
                .and_then(|section| section.query_selector("input").ok().flatten())
                .and_then(|field| field.dyn_into::<HtmlElement>().ok());
            if let Some(field) = field {
                let _ = field.focus();
            }
        });
    }
    let Some(drawer) = state.drawer else {
        return Html::default();
    };
    let close = Callback::from(move |_: MouseEvent| state.dispatch(Action::Drawer(None)));
    let (title, body) = match drawer {
        Drawer::Publish => ("publish.title", html! { <publish::Publish /> }),
        Drawer::Connect if in_lab => ("subscribe.title", html! { <subscribe::Subscribe /> }),
        Drawer::Connect => ("connect.title", html! { <connect::Connect /> }),
        Drawer::Subscribe => ("subscribe.more", html! { <subscribe::Subscribe /> }),
    };
    html! {
        <section ref={section} class="drawer" aria-label={texts.get(title)} data-testid="drawer">
            <header>
                <h3>{ texts.get(title) }</h3>
                <IconButton icon={IconName::Close} label={texts.get("word.close")} testid="drawer-close"
                    key_name={Some("Esc")} onclick={close} />
            </header>
            { body }
        </section>
    }
}

/// The course's topics, to choose from.
pub(crate) const TOPICS: [&str; 8] = [
    "area/10/sensor/5000/temperatura",
    "area/10/sensor/5000/umidade",
    "area/10/sensor/5001/temperatura",
    "area/10/sensor/5001/umidade",
    "area/20/sensor/4000/temperatura",
    "area/20/sensor/4000/umidade",
    "area/20/sensor/4001/temperatura",
    "area/20/sensor/4001/umidade",
];

/// The list that fields for topics offer.
#[component]
pub(crate) fn TopicNames() -> Html {
    html! {
        <datalist id="topic-names">
            { for TOPICS.iter().map(|topic| html! { <option value={*topic} /> }) }
        </datalist>
    }
}
