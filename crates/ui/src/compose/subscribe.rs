//! Subscribing and unsubscribing by hand: a client of the lab, or one of the page's own.

use yew::prelude::*;

use crate::app::{use_clients, use_page};
use crate::bridge::{World, use_ask, use_lab};
use crate::lab::{LabNow, script, use_lab_now};
use crate::part::{QosChoice, picked, typed_into};
use crate::sign::{Icon, IconName};
use crate::text::use_texts;
use vitrine_link::Meddle;

/// Who can subscribe.
struct Who {
    name: String,
    /// `None` for a virtual client at the broker in the tab: its script is elsewhere, and does not say.
    connected: Option<bool>,
    /// It is a real client of this page's, and not one that the lab's script moves.
    real: bool,
}

fn everybody(lab: &LabNow, world: &World, virtuals: &[String]) -> Vec<Who> {
    if let Some(lab) = &**lab {
        let heads = lab.heads.iter().filter(|head| head.who != "broker");
        return heads
            .map(|head| Who {
                name: head.who.clone(),
                connected: Some(head.state == "connected"),
                real: false,
            })
            .collect();
    }
    let own = world.clients.iter().map(|client| Who {
        name: client.id.clone(),
        connected: Some(client.state == "connected"),
        real: true,
    });
    let virtuals = virtuals.iter().map(|name| Who {
        name: name.clone(),
        connected: None,
        real: false,
    });
    own.chain(virtuals).collect()
}

/// The form.
#[component]
pub(super) fn Subscribe() -> Html {
    let (texts, state, lab, door) = (use_texts(), use_page(), use_lab_now(), use_lab());
    let (world, ask) = (use_clients(), use_ask());
    let wanted = use_state_eq(|| None::<String>);
    let filter = use_state_eq(|| "area/+/sensor/#".to_owned());
    let qos = use_state_eq(|| 1_u8);
    {
        let wanted = wanted.setter();
        use_effect_with((state.actor.clone(), state.composed), move |(actor, _)| {
            if let Some(actor) = actor {
                wanted.set(Some(actor.clone()));
            }
        });
    }
    let everybody = everybody(&lab, &world, &state.virtuals);
    // Whoever was chosen and is gone is nobody: not somebody else unasked.
    let chosen = match &*wanted {
        Some(wanted) => everybody.iter().find(|who| who.name == *wanted),
        None => everybody
            .iter()
            .find(|who| who.connected != Some(false))
            .or_else(|| everybody.first()),
    };
    let nobody = chosen.is_none();
    let (client, connected, real) = chosen.map_or((String::new(), None, false), |who| {
        (who.name.clone(), who.connected, who.real)
    });
    let in_lab = lab.is_some();
    // What the lab's script tells its clients, those that have joined the broker in the tab too.
    let tell = move |line: String| {
        if in_lab {
            door.act(line);
        } else {
            door.meddle(Meddle::Virtual(line));
        }
    };
    let act = |verb: &'static str| {
        let (tell, ask, client) = (tell.clone(), ask.clone(), client.clone());
        Callback::from(move |_: MouseEvent| {
            if !real {
                return tell(script::verb(&client, verb));
            }
            let client = client.clone();
            ask.ask(
                move |world| async move {
                    match verb {
                        "disconnect" => world.disconnect(&client).await,
                        _ => world.reconnect(&client).await,
                    }
                    .map(drop)
                },
                |_| {},
            );
        })
    };
    let onsubmit = {
        let (tell, ask) = (tell.clone(), ask.clone());
        let (client, filter, qos) = (client.clone(), filter.clone(), *qos);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let filter = filter.trim().to_owned();
            if !real {
                return tell(script::subscribe(&client, &filter, qos));
            }
            let client = client.clone();
            ask.ask(
                move |world| async move { world.subscribe(&client, &filter, qos).await.map(drop) },
                |_| {},
            );
        })
    };
    let unsubscribe = {
        let (tell, ask) = (tell.clone(), ask.clone());
        let (client, filter) = (client.clone(), filter.clone());
        Callback::from(move |_: MouseEvent| {
            let filter = filter.trim().to_owned();
            if !real {
                return tell(script::unsubscribe(&client, &filter));
            }
            let client = client.clone();
            ask.ask(
                move |world| async move { world.unsubscribe(&client, &filter).await.map(drop) },
                |_| {},
            );
        })
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
                // The property too: the attributes alone count for nothing once somebody has picked by hand.
                <select ~value={client.clone()} onchange={onclient} data-testid="subscribe-client">
                    if nobody {
                        <option value="" selected=true disabled=true hidden=true />
                    }
                    { for everybody.iter().map(|who| html! {
                        <option value={who.name.clone()} selected={who.name == client}>{ &who.name }</option>
                    }) }
                </select>
            </label>
            if connected != Some(true) {
                <button type="button" class="button" disabled={nobody} data-testid="subscribe-connect" onclick={act("connect")}>
                    <Icon name={IconName::Plug} /><span>{ texts.get("fault.connect") }</span>
                </button>
            }
            if connected != Some(false) && !nobody {
                <button type="button" class="button" data-testid="subscribe-disconnect" onclick={act("disconnect")}>
                    <Icon name={IconName::Stop} /><span>{ texts.get("fault.disconnect") }</span>
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
            <button type="button" class="button" disabled={nobody} data-testid="subscribe-drop" onclick={unsubscribe}>
                <span>{ texts.get("subscribe.drop") }</span>
            </button>
            <button type="submit" class="button primary" disabled={nobody} data-testid="subscribe-send">
                <Icon name={IconName::Match} /><span>{ texts.get("subscribe.send") }</span>
            </button>
        </form>
    }
}
