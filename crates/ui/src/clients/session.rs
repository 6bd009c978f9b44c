//! One session: who, by which door, with what subscriptions, and what is under way.

use vitrine_link::{ClientRow, Selection, SubscriptionRow};
use yew::prelude::*;

use crate::app::use_page;
use crate::part::PayloadText;
use crate::sign::{Icon, IconName, Qos};
use crate::state::Action;
use crate::text::{Texts, use_texts};

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) row: ClientRow,
    pub(crate) now: f64,
    /// The selected subscription.
    pub(crate) filter: Option<String>,
    /// It stands alone, in full; else in a list, and can be selected.
    pub(crate) alone: bool,
}

/// A session.
#[component]
pub(crate) fn Session(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let row = &props.row;
    let select = |selection: Selection| {
        let state = state.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            state.dispatch(Action::Select(selection.clone()));
        })
    };
    let status = if row.connected {
        "client.connected"
    } else {
        "client.gone"
    };
    let version = match row.version {
        3 => "3.1",
        4 => "3.1.1",
        _ => "5.0",
    };
    let figure = |key: &'static str, n: u64| {
        html! {
            <div class={classes!("figure", (n == 0).then_some("none"))} title={texts.get(&format!("client.{key}.long"))} data-figure={key}>
                <b>{ texts.whole(n) }</b><span>{ texts.get(&format!("client.{key}")) }</span>
            </div>
        }
    };
    let subscription = |subscription: &SubscriptionRow| {
        let filter = subscription.filter.clone();
        let selection = Selection::Subscription {
            client: row.client.clone(),
            filter: filter.clone(),
        };
        html! {
            <li key={filter.clone()} class={classes!((props.filter.as_ref() == Some(&filter)).then_some("lit"))}>
                <button type="button" class="link subscription" onclick={select(selection)} data-testid="subscription"
                    data-filter={filter.clone()} data-qos={subscription.qos.to_string()}>
                    <Qos qos={subscription.qos} />
                    <code>{ crate::part::breakable(&filter) }</code>
                    <span class="count">{ texts.fill("unit.times", &[("n", &texts.whole(subscription.matched))]) }</span>
                </button>
            </li>
        }
    };
    // Of a session that survived its broker it is not known how its client was connected.
    let connection = [
        texts.fill("client.version", &[("version", &version)]),
        texts.get(&format!("door.{}", row.door)),
        match row.keep_alive {
            0 => texts.get("client.no-keep-alive"),
            seconds => texts.fill(
                "client.keep-alive",
                &[("span", &texts.span(seconds.into()))],
            ),
        },
    ];
    let facts = if row.version == 0 {
        vec![texts.get("client.survived"), session(&texts, row)]
    } else {
        let facts = connection.into_iter().chain([session(&texts, row)]);
        facts.collect()
    };
    let name = html! {
        <>
            <span class={classes!("dot", if row.connected { "on" } else { "off" })} role="img" aria-label={texts.get(status)} title={texts.get(status)} />
            <span class="name">{ &row.client }</span>
        </>
    };
    html! {
        <div class={classes!("session", (!row.connected).then_some("gone"), (!props.alone).then_some("card"))}
            data-testid="client" data-client={row.client.clone()} data-connected={row.connected.to_string()}
            data-queued={row.queued.to_string()} data-in-flight={row.in_flight_out.to_string()} data-version={version}
            data-door={row.door.clone()}>
            <h2>
                if props.alone {
                    { name }
                    <crate::part::Copy text={row.client.clone()} />
                } else {
                    <button type="button" class="link" onclick={select(Selection::Client(row.client.clone()))}>{ name }</button>
                }
            </h2>
            <p class="says">
                { texts.get(status) }
                if props.alone && props.now > 0.0 { { " " }{ texts.age(props.now - row.since) } }
                { for facts.iter().map(|fact| html! { <>{ " · " }<span>{ fact }</span></> }) }
                if let Some(user) = &row.username {
                    { " · " }{ texts.fill("client.user", &[("user", user)]) }
                }
            </p>
            <div class="figures">
                { figure("published", row.published) }
                { figure("delivered", row.delivered) }
                { figure("in-flight", u64::from(row.in_flight_out) + u64::from(row.in_flight_in)) }
                { figure("queued", row.queued.into()) }
            </div>
            if !row.subscriptions.is_empty() {
                <ul class="subscriptions">{ for row.subscriptions.iter().map(subscription) }</ul>
            } else if props.alone {
                <p class="note">{ texts.get("client.no-subscriptions") }</p>
            }
            if let Some(will) = &row.will {
                <p class="will" data-testid="will" title={texts.get("sign.will")}>
                    <Icon name={IconName::Envelope} />
                    <span>{ texts.rich("client.will", |_| html! { <code>{ &will.topic }</code> }) }</span>
                    <span>{ "= " }<PayloadText payload={will.payload.clone()} /></span>
                    <Qos qos={will.qos} />
                    if will.retain { <Icon name={IconName::Pin} class="pin" label={texts.get("sign.retain")} /> }
                    if will.delay > 0 { <span>{ texts.fill("client.will.delay", &[("span", &texts.span(will.delay.into()))]) }</span> }
                </p>
            }
            if props.alone {
                <p class="says">{ texts.fill("client.bytes", &[("in", &texts.bytes(row.bytes_in)), ("out", &texts.bytes(row.bytes_out))]) }</p>
            }
        </div>
    }
}

/// How long the session outlives its connection.
fn session(texts: &Texts, row: &ClientRow) -> String {
    match row.session_expiry {
        0 => texts.get("client.session.ends"),
        u32::MAX => texts.get("client.session.never"),
        seconds => texts.fill(
            "client.session.span",
            &[("span", &texts.span(seconds.into()))],
        ),
    }
}
