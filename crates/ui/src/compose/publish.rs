//! Publishing by hand.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::{TOPICS, TopicNames};
use crate::app::use_clients;
use crate::bridge::use_ask;
use crate::part::QosChoice;
use crate::sign::{Icon, IconName};
use crate::text::use_texts;

/// Who publishes when nobody else is chosen.
const TEACHER: &str = "professor";

/// The form.
#[component]
pub(super) fn Publish() -> Html {
    let (texts, world, ask) = (use_texts(), use_clients(), use_ask());
    let client = use_state_eq(|| TEACHER.to_owned());
    let topic = use_state_eq(|| TOPICS[0].to_owned());
    let payload = use_state_eq(|| "21.5".to_owned());
    let qos = use_state_eq(|| 2_u8);
    let retain = use_state_eq(|| false);
    let busy = use_state_eq(|| false);

    let onsubmit = {
        let (client, topic, payload) = (client.clone(), topic.clone(), payload.clone());
        let (qos, retain, busy) = (*qos, *retain, busy.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let message = Object::new();
            for (key, value) in [
                ("client", JsValue::from_str(&client)),
                ("topic", JsValue::from_str(&topic)),
                ("payload", JsValue::from_str(&payload)),
                ("qos", JsValue::from(qos)),
                ("retain", JsValue::from(retain)),
            ] {
                // A plain object takes any property.
                let _ = Reflect::set(&message, &JsValue::from_str(key), &value);
            }
            busy.set(true);
            let done = busy.clone();
            ask.ask(
                move |world| async move { world.publish(&message).await.map(drop) },
                move |_| done.set(false),
            );
        })
    };
    let typed = |field: &UseStateHandle<String>| {
        let field = field.setter();
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                field.set(input.value());
            }
        })
    };
    let onclient = {
        let client = client.setter();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                client.set(select.value());
            }
        })
    };
    let onretain = {
        let retain = retain.clone();
        Callback::from(move |_| retain.set(!*retain))
    };
    let onqos = {
        let qos = qos.setter();
        Callback::from(move |chosen| qos.set(chosen))
    };
    let teacher = (!world.clients.iter().any(|client| client.id == TEACHER)).then_some(TEACHER);
    let names = teacher
        .into_iter()
        .chain(world.clients.iter().map(|client| client.id.as_str()));
    html! {
        <form class="compose" {onsubmit}>
            <label class="field client">
                <span>{ texts.get("publish.client") }</span>
                <select onchange={onclient} data-testid="publish-client">
                    { for names.map(|name| html! {
                        <option value={name.to_owned()} selected={*client == name}>{ name }</option>
                    }) }
                </select>
            </label>
            <label class="field topic">
                <span>{ texts.get("publish.topic") }</span>
                <input type="text" class="mono" required=true list="topic-names" value={(*topic).clone()} oninput={typed(&topic)}
                    spellcheck="false" autocapitalize="off" autocomplete="off" data-testid="publish-topic" />
                <TopicNames />
            </label>
            <label class="field payload">
                <span>{ texts.get("publish.payload") }</span>
                <input type="text" class="mono" value={(*payload).clone()} oninput={typed(&payload)} spellcheck="false"
                    autocomplete="off" data-testid="publish-payload" />
            </label>
            <div class="field">
                <span>{ texts.get("word.qos") }</span>
                <QosChoice qos={*qos} testid="publish-qos" onchoose={onqos} />
            </div>
            <button type="button" class="button toggle" aria-pressed={retain.to_string()} onclick={onretain}
                data-testid="publish-retain" title={texts.get("sign.retain")}>
                <Icon name={IconName::Pin} /><span>{ texts.get("publish.retain") }</span>
            </button>
            <button type="submit" class="button primary" data-testid="publish-send" aria-busy={busy.to_string()}>
                <Icon name={IconName::Publish} /><span>{ texts.get("publish.send") }</span>
            </button>
        </form>
    }
}
