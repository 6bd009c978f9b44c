//! The table of keys and signs.

use yew::prelude::*;

use crate::app::{KEYS, LAB_KEYS, use_page};
use crate::hook::use_modal;
use crate::part::IconButton;
use crate::sign::{Icon, IconName, Qos};
use crate::state::Action;
use crate::text::use_texts;

/// The keys, and what the signs mean.
#[component]
pub(crate) fn Help() -> Html {
    let (state, texts) = (use_page(), use_texts());
    let dialog = use_modal();
    let close = {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.dispatch(Action::Help(false)))
    };
    // The browser's own way to cancel must not close it behind the page's back.
    let cancel = {
        let state = state.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            state.dispatch(Action::Help(false));
        })
    };
    let key = |(keys, what): &(&[&str], &str)| {
        html! {
            <div>
                <dt>{ for keys.iter().map(|key| html! { <kbd>{ *key }</kbd> }) }</dt>
                <dd>{ texts.get(what) }</dd>
            </div>
        }
    };
    let signs = [
        (html! { <Qos qos={0} /> }, "qos.0"),
        (html! { <Qos qos={1} /> }, "qos.1"),
        (html! { <Qos qos={2} /> }, "qos.2"),
        (html! { <Icon name={IconName::Pin} /> }, "sign.retain"),
        (html! { <Icon name={IconName::Redeliver} /> }, "sign.dup"),
        (html! { <Icon name={IconName::Envelope} /> }, "sign.will"),
        (html! { <Icon name={IconName::Cut} /> }, "sign.cut"),
        (html! { <Icon name={IconName::Box} /> }, "sign.hold"),
        (html! { <Icon name={IconName::Hand} /> }, "sign.held"),
        (html! { <Icon name={IconName::Bolt} /> }, "sign.down"),
        (html! { <Icon name={IconName::Fork} /> }, "sign.fork"),
    ];
    html! {
        <dialog ref={dialog} class="veil" aria-label={texts.get("help.title")} data-testid="help-dialog"
            onclick={close.clone()} oncancel={cancel}>
            <section class="dialog" onclick={|event: MouseEvent| event.stop_propagation()}>
                <header>
                    <h2>{ texts.get("help.title") }</h2>
                    <IconButton icon={IconName::Close} label={texts.get("word.close")} testid="help-close"
                        key_name={Some("Esc")} onclick={close} />
                </header>
                <div class="pair">
                    <div>
                        <dl class="keys">{ for KEYS.iter().map(key) }</dl>
                        <h3>{ texts.get("help.lab") }</h3>
                        <dl class="keys">{ for LAB_KEYS.iter().map(key) }</dl>
                    </div>
                    <div>
                        <h3>{ texts.get("help.signs") }</h3>
                        <dl class="signs">
                            { for signs.into_iter().map(|(sign, what)| html! {
                                <div><dt>{ sign }</dt><dd>{ texts.get(what) }</dd></div>
                            }) }
                        </dl>
                        <h3>{ texts.get("help.console") }</h3>
                        <p>{ texts.get("help.console.text") }</p>
                        <pre tabindex="0"><code>{ texts.get("help.console.code") }</code></pre>
                    </div>
                </div>
            </section>
        </dialog>
    }
}
