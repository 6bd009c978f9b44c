//! Publishing by hand.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use yew::prelude::*;

use super::{TOPICS, TopicNames};
use crate::app::{use_clients, use_page};
use crate::bridge::{use_ask, use_lab};
use crate::lab::{script, use_lab_now};
use crate::part::{QosChoice, picked, typed_into};
use crate::sign::{Icon, IconName};
use crate::state::Action;
use crate::text::use_texts;
use vitrine_link::Meddle;

/// Who publishes when nobody else is chosen.
const TEACHER: &str = "professor";

/// The form.
#[component]
pub(super) fn Publish() -> Html {
    let (texts, world, ask) = (use_texts(), use_clients(), use_ask());
    let (state, lab, door) = (use_page(), use_lab_now(), use_lab());
    // Who can publish: the lab's clients that are connected first, or the page's own and the teacher.
    let names = match &*lab {
        Some(lab) => {
            let mut heads: Vec<_> = lab
                .heads
                .iter()
                .filter(|head| head.who != "broker")
                .collect();
            heads.sort_by_key(|head| head.state != "connected");
            heads.into_iter().map(|head| head.who.clone()).collect()
        }
        None => {
            let known = world.clients.iter().map(|client| client.id.clone());
            let mut names: Vec<String> = known.chain(state.virtuals.iter().cloned()).collect();
            if !names.iter().any(|name| name == TEACHER) {
                names.insert(0, TEACHER.to_owned());
            }
            names
        }
    };
    let wanted = use_state_eq(|| None::<String>);
    {
        let wanted = wanted.setter();
        use_effect_with((state.actor.clone(), state.composed), move |(actor, _)| {
            if let Some(actor) = actor {
                wanted.set(Some(actor.clone()));
            }
        });
    }
    let usual = if lab.is_some() {
        names.first().cloned()
    } else {
        Some(TEACHER.to_owned())
    };
    let client = (*wanted)
        .clone()
        .filter(|wanted| names.contains(wanted))
        .or(usual)
        .unwrap_or_default();
    let in_lab = lab.is_some();
    let is_virtual = state.virtuals.contains(&client);
    let topic = use_state_eq(|| TOPICS[0].to_owned());
    let payload = use_state_eq(|| "21.5".to_owned());
    let qos = use_state_eq(|| state.publish_qos);
    let retain = use_state_eq(|| false);
    let busy = use_state_eq(|| false);

    let onsubmit = {
        let (client, topic, payload) = (client.clone(), topic.clone(), payload.clone());
        let (qos, retain, busy) = (*qos, *retain, busy.setter());
        let state = state.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            state.dispatch(Action::Published(qos));
            if in_lab || is_virtual {
                let line = script::publish(&client, topic.trim(), &payload, qos, retain);
                if in_lab {
                    door.act(line);
                } else {
                    door.meddle(Meddle::Virtual(line));
                }
                return;
            }
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
    let onclient = {
        let wanted = wanted.setter();
        picked(move |client| wanted.set(Some(client)))
    };
    let onretain = {
        let retain = retain.clone();
        Callback::from(move |_| retain.set(!*retain))
    };
    let onqos = {
        let qos = qos.setter();
        Callback::from(move |chosen| qos.set(chosen))
    };
    html! {
        <form class="compose" {onsubmit}>
            <label class="field client">
                <span>{ texts.get("publish.client") }</span>
                <select ~value={client.clone()} onchange={onclient} data-testid="publish-client">
                    { for names.iter().map(|name| html! {
                        <option value={name.clone()} selected={client == *name}>{ name }</option>
                    }) }
                </select>
            </label>
            <label class="field topic">
                <span>{ texts.get("publish.topic") }</span>
                <input type="text" class="mono" required=true list="topic-names" value={(*topic).clone()} oninput={typed_into(&topic)}
                    spellcheck="false" autocapitalize="off" autocomplete="off" data-testid="publish-topic" />
                <TopicNames />
            </label>
            <label class="field payload">
                <span>{ texts.get("publish.payload") }</span>
                <input type="text" class="mono" value={(*payload).clone()} oninput={typed_into(&payload)} spellcheck="false"
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
