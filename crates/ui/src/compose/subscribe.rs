//! Subscribing and unsubscribing a client of the lab by hand.

use yew::prelude::*;

use crate::app::use_page;
use crate::bridge::use_lab;
use crate::lab::{script, use_lab_now};
use crate::part::{QosChoice, picked, typed_into};
use crate::sign::{Icon, IconName};
use crate::text::use_texts;

/// The form.
#[component]
pub(super) fn Subscribe() -> Html {
    let (texts, state, lab, door) = (use_texts(), use_page(), use_lab_now(), use_lab());
    let wanted = use_state_eq(|| None::<String>);
    let filter = use_state_eq(|| "area/+/sensor/#".to_owned());
    let qos = use_state_eq(|| 1_u8);
    {
        let wanted = wanted.setter();
        use_effect_with(state.actor.clone(), move |actor| {
            if let Some(actor) = actor {
                wanted.set(Some(actor.clone()));
            }
        });
    }
    let heads = lab
        .as_ref()
        .map(|lab| lab.heads.clone())
        .unwrap_or_default();
    let heads: Vec<_> = heads
        .into_iter()
        .filter(|head| head.who != "broker")
        .collect();
    let client = (*wanted)
        .clone()
        .filter(|wanted| heads.iter().any(|head| head.who == *wanted))
        .or_else(|| {
            let connected = heads.iter().find(|head| head.state == "connected");
            connected
                .or_else(|| heads.first())
                .map(|head| head.who.clone())
        })
        .unwrap_or_default();
    let connected = heads
        .iter()
        .any(|head| head.who == client && head.state == "connected");
    let act = |verb: &'static str| {
        let (door, client) = (door.clone(), client.clone());
        Callback::from(move |_: MouseEvent| door.act(script::verb(&client, verb)))
    };
    let onsubmit = {
        let (door, client, filter, qos) = (door.clone(), client.clone(), filter.clone(), *qos);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            door.act(script::subscribe(&client, filter.trim(), qos));
        })
    };
    let unsubscribe = {
        let (door, client, filter) = (door.clone(), client.clone(), filter.clone());
        Callback::from(move |_: MouseEvent| door.act(script::unsubscribe(&client, filter.trim())))
    };
    let onclient = {
        let wanted = wanted.setter();
        picked(move |client| wanted.set(Some(client)))
    };
    let oninput = typed_into(&filter);
    let onqos = {
        let qos = qos.setter();
        Callback::from(move |chosen| qos.set(chosen))
    };
    html! {
        <form class="compose" {onsubmit}>
            <label class="field client">
                <span>{ texts.get("publish.client") }</span>
                <select onchange={onclient} data-testid="subscribe-client">
                    { for heads.iter().map(|head| html! {
                        <option value={head.who.clone()} selected={head.who == client}>{ &head.who }</option>
                    }) }
                </select>
            </label>
            if connected {
                <button type="button" class="button" data-testid="subscribe-disconnect" onclick={act("disconnect")}>
                    <Icon name={IconName::Stop} /><span>{ texts.get("fault.disconnect") }</span>
                </button>
            } else {
                <button type="button" class="button" data-testid="subscribe-connect" onclick={act("connect")}>
                    <Icon name={IconName::Plug} /><span>{ texts.get("fault.connect") }</span>
                </button>
            }
            <label class="field topic">
                <span>{ texts.get("connect.filter") }</span>
                <input type="text" class="mono" required=true value={(*filter).clone()} {oninput} spellcheck="false"
                    autocapitalize="off" autocomplete="off" data-testid="subscribe-filter" />
            </label>
            <div class="field">
                <span>{ texts.get("word.qos") }</span>
                <QosChoice qos={*qos} testid="subscribe-qos" onchoose={onqos} />
            </div>
            <button type="button" class="button" data-testid="subscribe-drop" onclick={unsubscribe}>
                <span>{ texts.get("subscribe.drop") }</span>
            </button>
            <button type="submit" class="button primary" data-testid="subscribe-send">
                <Icon name={IconName::Match} /><span>{ texts.get("subscribe.send") }</span>
            </button>
        </form>
    }
}
