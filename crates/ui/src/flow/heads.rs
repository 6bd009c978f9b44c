//! The names at the head of the lines; pressing one selects the client.

use vitrine_link::Selection;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::focus::Focus;
use super::layout::Layout;
use crate::app::use_page;
use crate::sign::{Icon, IconName};
use crate::state::Action;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) layout: Layout,
    pub(super) focus: Focus,
}

/// The heads.
#[component]
pub(super) fn Heads(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let layout = &props.layout;
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
    let head = |column: &super::layout::Column| {
        let (dispatch, name) = (state.clone(), column.name.clone());
        let focus = &props.focus;
        let lit = focus.client.as_ref() == Some(&name) || focus.actors.contains(&name);
        let faded = !lit && (focus.client.is_some() || !focus.actors.is_empty());
        html! {
            <button type="button" key={column.id} data-testid="lifeline" data-client={name.clone()}
                data-connected={column.connected.to_string()} data-will={column.will.to_string()} data-side={if column.left { "left" } else { "right" }}
                class={classes!("head", lit.then_some("lit"), faded.then_some("faded"),
                    (!column.connected).then_some("gone"), (column.width < 30.0).then_some("stepped-back"))}
                title={if column.connected { name.clone() } else { texts.fill("flow.gone", &[("client", &name)]) }}
                onclick={move |_| dispatch.dispatch(Action::Select(Selection::Client(name.clone())))}>
                <span>{ wrapped(&column.name) }</span>
                if column.will && column.width >= 30.0 {
                    <Icon name={IconName::Envelope} label={texts.get("sign.will")} class="armed" />
                }
            </button>
        }
    };
    let (left, right): (Vec<_>, Vec<_>) = layout.columns.iter().partition(|column| column.left);
    html! {
        <div class="heads" ref={heads}>
            <span class="edge" />
            { for left.into_iter().map(head) }
            if !layout.columns.iter().any(|column| column.left) { <span /> }
            <span class="head broker" data-testid="lifeline-broker"><span>{ texts.get("word.broker") }</span></span>
            { for right.into_iter().map(head) }
        </div>
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
