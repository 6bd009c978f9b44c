//! One node of the tree.

use vitrine_link::{Selection, TreeRow};
use yew::prelude::*;

use crate::app::use_page;
use crate::part::{PayloadText, payload_words};
use crate::sign::{Icon, IconName, Qos};
use crate::state::Action;
use crate::text::use_texts;

/// The styles know indents up to this depth; deeper nodes stand below each other.
const DEEPEST: u16 = 14;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) row: TreeRow,
    /// Its index from the top of the tree.
    pub(super) index: u32,
    /// Seconds since its last message.
    pub(super) age: Option<u64>,
    /// The selection is about it.
    pub(super) lit: bool,
    /// The keyboard stands on it.
    pub(super) at: bool,
    pub(super) filtering: bool,
    pub(super) tall: bool,
}

/// A node.
#[component]
pub(super) fn Node(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let row = &props.row;
    let select = {
        let (state, topic) = (state.clone(), row.topic.clone());
        Callback::from(move |_: MouseEvent| {
            state.dispatch(Action::Select(Selection::Topic(topic.clone())))
        })
    };
    let toggle = {
        let topic = row.topic.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            state.dispatch(Action::Toggle(topic.clone()));
        })
    };
    let label = if row.label.is_empty() {
        html! { <i class="nothing">{ texts.get("level.empty") }</i> }
    } else {
        html! { { &row.label } }
    };
    let last = row.last.as_ref();
    let closed = row.children > 0 && !row.open;
    let matched_inside = props.filtering && closed && row.matched_below > 0;
    let age = props.age.map(|age| texts.age(age as f64 * 1000.0));
    let pin = row.retained.as_ref().map(|retained| {
        let words = texts.fill("topics.retained", &[("payload", &payload_words(&texts, &retained.payload))]);
        html! {
            <Icon name={IconName::Pin} label={words} class={classes!("pin", (!retained.is_last).then_some("older"))} />
        }
    });
    let facts = last.map(|last| {
        let publisher = if last.publisher.is_empty() { texts.get("word.broker") } else { last.publisher.clone() };
        html! {
            <>
                <span class="count" title={texts.get("topics.count")}>{ texts.fill("unit.times", &[("n", &texts.whole(row.count))]) }</span>
                <span class="rate">{ texts.rate(row.rate) }</span>
                <span class="age">{ age.clone().unwrap_or_default() }</span>
                <span class="publisher" title={texts.get("topics.publisher")}>{ publisher }</span>
            </>
        }
    });
    let below = (row.children > 0 && last.is_none()).then(|| {
        let rate = texts.rate(row.rate_below);
        html! {
            <>
                <span class="below">{ texts.count("topics.below", row.topics_below.into()) }</span>
                <span class="rate">{ rate }</span>
            </>
        }
    });
    let title = last.map_or_else(
        || row.topic.clone(),
        |last| {
            texts.fill(
                "topics.row",
                &[
                    ("topic", &row.topic),
                    ("payload", &payload_words(&texts, &last.payload)),
                    ("publisher", &last.publisher),
                    ("age", &age.clone().unwrap_or_default()),
                    ("n", &texts.whole(row.count)),
                ],
            )
        },
    );
    html! {
        <div id={format!("node-{}", props.index)} role="treeitem" {title} onclick={select}
            aria-level={(row.depth + 1).to_string()} aria-selected={props.lit.to_string()}
            aria-expanded={(row.children > 0).then(|| row.open.to_string())}
            class={classes!("node", format!("depth-{}", row.depth.min(DEEPEST)), props.lit.then_some("lit"),
                props.at.then_some("at"), (row.matched && props.filtering).then_some("matched"),
                (props.filtering && !row.matched && !matched_inside && row.matched_below == 0).then_some("unmatched"))}
            data-testid="topic" data-topic={row.topic.clone()} data-count={row.count.to_string()}
            data-payload={last.and_then(|last| last.payload.text.clone())}
            data-qos={last.map(|last| last.qos.to_string())} data-publisher={last.map(|last| last.publisher.clone())}
            data-retained={row.retained.is_some().to_string()} data-matched={row.matched.to_string()}
            data-open={row.open.to_string()} data-children={row.children.to_string()}
            data-rate={format!("{:.2}", row.rate)}>
            <div class="line">
                if row.children > 0 {
                    <button type="button" class="twist" tabindex="-1" onclick={toggle}
                        aria-label={texts.get(if row.open { "topics.close" } else { "topics.open" })}>
                        <Icon name={IconName::Chevron} />
                    </button>
                } else {
                    <span class="twist" />
                }
                <span class="last-level">{ label }</span>
                if matched_inside {
                    <span class="inside" title={texts.count("topics.matched", row.matched_below.into())}>{ row.matched_below }</span>
                }
                if let Some(last) = last {
                    <PayloadText payload={last.payload.clone()} />
                    <span class="slot">{ pin }</span>
                    <Qos qos={last.qos} />
                } else if row.retained.is_some() {
                    <span class="slot">{ pin }</span>
                }
                if !props.tall {
                    <span class="facts">{ facts.clone() }{ below.clone() }</span>
                }
            </div>
            if props.tall {
                <div class="facts under">{ facts }{ below }</div>
            }
        </div>
    }
}
