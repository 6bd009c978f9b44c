//! The names at the head of the lines. Pressing one selects the client; in the lab it opens what can be done to it.

use vitrine_link::{Head, Selection};
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::faults::{Pending, use_faults};
use super::focus::Focus;
use super::layout::{Column, Layout};
use super::names::{broker_of, head_of};
use crate::app::{use_clients, use_page};
use crate::heads::Compact;
use crate::lab::use_lab_now;
use crate::part::{Menu, MenuPlace, beneath};
use crate::sign::{Icon, IconName};
use crate::state::Action;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) layout: Layout,
    pub(super) focus: Focus,
    /// What is in them, in the lab.
    pub(super) heads: Vec<Head>,
    /// Those that the lesson's text speaks of.
    pub(super) pointed: Vec<String>,
    /// What is in each stands below its name.
    pub(super) boxed: bool,
    /// By how much the type is larger than it is on a desk.
    pub(super) scale: f64,
}

/// How wide the box below a head may be, in pixels.
const BOX: f64 = 190.0;
/// What the broker's may take where its neighbours are far.
const ROOMY: f64 = 180.0;

/// So wide is a column that has room for the envelope and the hand side by side, where a menu's button takes the other side.
const BOTH: f64 = 84.0;

/// The heads.
#[component]
pub(super) fn Heads(props: &Props) -> Html {
    let (layout, lab) = (&props.layout, use_lab_now());
    let heads = use_node_ref();
    let template = template(layout);
    {
        let heads = heads.clone();
        use_effect_with(template, move |template| {
            if let Some(heads) = heads.cast::<HtmlElement>() {
                let _ = heads.style().set_property("--columns", template);
            }
        });
    }
    let can_act = lab.as_ref().is_some_and(|lab| lab.can_act);
    let (in_lab, can_act) = (lab.is_some(), can_act);
    let known = |name: &str| head_of(&props.heads, name).cloned();
    let broker = broker_of(&props.heads).cloned();
    let pointed = |name: &str| props.pointed.iter().any(|pointed| pointed == name);
    let boxes = |head: Option<Head>, width: f64| match head {
        Some(head) if props.boxed && width >= 60.0 => html! {
            <Compact {head} width={((width - 8.0) / props.scale).min(BOX)} lines={2} />
        },
        _ => Html::default(),
    };
    // What the broker will forget of a client that is away.
    let due = |name: &str, timer: &str| {
        let facts = &broker.as_ref()?.facts;
        let timer = facts
            .iter()
            .find(|fact| fact.of == name && fact.name == timer);
        timer.and_then(|timer| timer.fires_in)
    };
    let pending = |name: &str| Pending {
        expires: due(name, "SessionExpiry"),
        will: due(name, "WillDelay"),
    };
    let head = |column: &Column| {
        html! {
            <div class="cell" key={column.id}>
                <ClientHead column={column.clone()} focus={props.focus.clone()} head={known(&column.name)} pending={pending(&column.name)}
                    pointed={pointed(&column.name)} {in_lab} {can_act} />
                { boxes(known(&column.name), column.width) }
            </div>
        }
    };
    let (left, right): (Vec<_>, Vec<_>) = layout.columns.iter().partition(|column| column.left);
    html! {
        <div class={classes!("heads", props.boxed.then_some("boxed"))} ref={heads}>
            <span class="edge" />
            { for left.into_iter().map(head) }
            if !layout.columns.iter().any(|column| column.left) { <span /> }
            <div class="cell">
                <BrokerHead head={broker.clone()} pointed={pointed("broker")} {can_act} />
                { boxes(broker.clone(), if layout.columns.len() <= 4 { layout.broker_width.max(ROOMY) } else { layout.broker_width }) }
            </div>
            { for right.into_iter().map(head) }
        </div>
    }
}

/// What a press on a head's button does: opens its menu, or closes it.
#[hook]
fn use_menu(
    button: &NodeRef,
) -> (
    UseStateHandle<Option<MenuPlace>>,
    Callback<MouseEvent>,
    Callback<()>,
) {
    let open = use_state_eq(|| None::<MenuPlace>);
    let onclick = {
        let (open, button) = (open.clone(), button.clone());
        Callback::from(move |_: MouseEvent| {
            let place = button.cast::<Element>().map(|button| beneath(&button));
            open.set(if open.is_none() { place } else { None });
        })
    };
    let onclose = {
        let open = open.setter();
        Callback::from(move |()| open.set(None))
    };
    (open, onclick, onclose)
}

#[derive(PartialEq, Properties)]
struct ClientProps {
    column: Column,
    focus: Focus,
    head: Option<Head>,
    pending: Pending,
    pointed: bool,
    in_lab: bool,
    can_act: bool,
}

#[component]
fn ClientHead(props: &ClientProps) -> Html {
    let (state, texts, clients, faults) = (use_page(), use_texts(), use_clients(), use_faults());
    let button = use_node_ref();
    let (open, onmenu, onclose) = use_menu(&button);
    let (column, focus, name) = (&props.column, &props.focus, &props.column.name);
    let lit = focus.client.as_ref() == Some(name) || focus.actors.contains(name);
    let faded = !lit && (focus.client.is_some() || !focus.actors.is_empty());
    let down = props.head.as_ref().is_some_and(|head| !head.up);
    // In the lab its head tells, live the line itself; that it will be cut is nothing that shows.
    let held = props.head.as_ref().map_or(&column.held, |head| &head.held);
    let held: Vec<_> = held
        .iter()
        .filter(|way| ["up", "down"].contains(&way.as_str()))
        .cloned()
        .collect();
    let connected = column.connected && !down;
    let select = {
        let (state, name) = (state.clone(), name.clone());
        Callback::from(move |_: MouseEvent| {
            state.dispatch(Action::Select(Selection::Client(name.clone())));
        })
    };
    // All clients of the tab's broker come by this machine, whoever wrote them.
    let ours = !props.in_lab
        && (connected || clients.client(name).is_some() || state.virtuals.contains(name));
    let title = match (down, column.connected) {
        (true, _) => texts.fill("flow.down", &[("client", name)]),
        (false, true) => name.clone(),
        (false, false) => texts.fill("flow.gone", &[("client", name)]),
    };
    let items = if props.can_act {
        faults.of_client(name, props.head.as_ref(), props.pending)
    } else {
        faults.of_live(name, connected, &column.held)
    };
    let label = texts.fill("fault.client", &[("client", name)]);
    html! {
        <>
            <button type="button" ref={button.clone()} data-testid="lifeline" data-client={name.clone()}
                data-connected={connected.to_string()} data-will={column.will.to_string()} data-side={if column.left { "left" } else { "right" }}
                data-down={down.to_string()} data-held={held.join(" ")} data-pointed={props.pointed.then_some("true")}
                class={classes!("head", lit.then_some("lit"), faded.then_some("faded"), props.pointed.then_some("pointed"),
                    (!connected).then_some("gone"), down.then_some("down"), (column.width < 30.0).then_some("stepped-back"))}
                aria-haspopup={props.can_act.then_some("menu")} aria-expanded={props.can_act.then(|| open.is_some().to_string())}
                {title} onclick={if props.can_act { onmenu.clone() } else { select }}>
                <span>{ wrapped(name) }</span>
                if column.will && column.width >= 30.0 && (held.is_empty() || !ours || column.width >= BOTH) {
                    <Icon name={IconName::Envelope} label={texts.get("sign.will")} class="armed" />
                }
                if !held.is_empty() && column.width >= 30.0 {
                    <Icon name={IconName::Hand} label={texts.get("sign.held")} class="stopped" />
                } else if down && column.width >= 30.0 {
                    <Icon name={IconName::Bolt} label={texts.get("sign.down")} class="stopped" />
                }
            </button>
            if ours && column.width >= 30.0 {
                <button type="button" class="more" data-testid="lifeline-menu" data-client={name.clone()} aria-haspopup="menu"
                    aria-expanded={open.is_some().to_string()} aria-label={label.clone()} title={label.clone()} onclick={onmenu}>
                    <Icon name={IconName::Chevron} />
                </button>
            }
            if let Some(at) = *open {
                <Menu testid="fault" {label} {items} {at} {onclose} />
            }
        </>
    }
}

#[derive(PartialEq, Properties)]
struct BrokerProps {
    head: Option<Head>,
    pointed: bool,
    can_act: bool,
}

#[component]
fn BrokerHead(props: &BrokerProps) -> Html {
    let (texts, faults) = (use_texts(), use_faults());
    let button = use_node_ref();
    let (open, onclick, onclose) = use_menu(&button);
    let down = props.head.as_ref().is_some_and(|head| !head.up);
    let class = classes!(
        "head",
        "broker",
        props.pointed.then_some("pointed"),
        down.then_some("down")
    );
    let name = html! { <span>{ texts.get("word.broker") }</span> };
    if !props.can_act {
        return html! { <span {class} data-testid="lifeline-broker" data-pointed={props.pointed.then_some("true")}>{ name }</span> };
    }
    let label = texts.get("fault.broker");
    html! {
        <>
            <button type="button" ref={button} {class} data-testid="lifeline-broker" data-down={down.to_string()} data-pointed={props.pointed.then_some("true")}
                aria-haspopup="menu" aria-expanded={open.is_some().to_string()} {onclick}>
                { name }
                if down {
                    <Icon name={IconName::Bolt} label={texts.get("sign.down")} class="stopped" />
                }
            </button>
            if let Some(at) = *open {
                <Menu testid="fault" {label} items={faults.of_broker(props.head.as_ref())} {at} {onclose} />
            }
        </>
    }
}

/// The widths of the heads, as a grid's template.
fn template(layout: &Layout) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let (left, right): (Vec<_>, Vec<_>) = layout.columns.iter().partition(|column| column.left);
    let begin = left
        .first()
        .map_or(layout.gutter, |column| column.x - column.width / 2.0);
    let _ = write!(out, "{begin}px");
    for column in &left {
        let _ = write!(out, " {}px", column.width);
    }
    if left.is_empty() {
        let _ = write!(
            out,
            " {}px",
            layout.broker - layout.broker_width / 2.0 - begin
        );
    }
    let _ = write!(out, " {}px", layout.broker_width);
    for column in &right {
        let _ = write!(out, " {}px", column.width);
    }
    out
}

/// A name that may break where its maker divided it.
fn wrapped(name: &str) -> Html {
    name.split_inclusive(['-', '_', '/', '.', ':'])
        .map(|part| html! { <>{ part.to_owned() }<wbr /></> })
        .collect()
}
