//! The story of a publication, in sentences that name who does what.

use vitrine_link::{Anchor, FlowFilter, Selection, Story};
use yew::prelude::*;

use super::delivery::DeliveryView;
use super::missed::MissedBy;
use crate::app::use_page;
use crate::part::{Client, IconButton, PayloadText, Topic};
use crate::sign::{Icon, IconName, Qos};
use crate::state::Action;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) story: Story,
    /// The selected row of it, when one is.
    pub(super) row: Option<u64>,
}

/// A story.
#[component]
pub(super) fn StoryView(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let story = &props.story;
    let only = state.filter.publication == Some(story.publication);
    let filter = {
        let (state, publication) = (state.clone(), story.publication);
        Callback::from(move |_| {
            state.dispatch(Action::Filter(FlowFilter {
                publication: (!only).then_some(publication),
                ..state.filter.clone()
            }));
        })
    };
    let at = props.row.or_else(|| story.rows.first().copied());
    let show = {
        let state = state.clone();
        Callback::from(move |_| {
            if let Some(at) = at {
                state.dispatch(Action::Anchor(Anchor::Around(at)));
            }
        })
    };
    let step = |forward: bool| {
        let next = match (props.row, forward) {
            (Some(row), true) => story.rows.iter().copied().find(|number| *number > row),
            (Some(row), false) => story
                .rows
                .iter()
                .copied()
                .rev()
                .find(|number| *number < row),
            (None, true) => story.rows.first().copied(),
            (None, false) => None,
        };
        let state = state.clone();
        let go = Callback::from(move |_: MouseEvent| {
            if let Some(next) = next {
                state.dispatch(Action::Select(Selection::Row(next)));
                state.dispatch(Action::Anchor(Anchor::Around(next)));
            }
        });
        (next.is_none(), go)
    };
    let ((first, back), (last, forth)) = (step(false), step(true));
    let place = props
        .row
        .and_then(|row| story.rows.iter().position(|number| *number == row));
    let sentence = match (story.will, story.publisher.is_empty()) {
        (true, _) => "story.will",
        (false, true) => "story.broker",
        (false, false) => "story.published",
    };
    html! {
        <section class="story" data-testid="story" data-publication={story.publication.to_string()}>
            <header>
                <h3>{ texts.get("story.title") }</h3>
                <span class="ends">
                    <IconButton icon={IconName::Back} label={texts.get("story.back")} testid="story-back" disabled={first} onclick={back} />
                    <span class="place">{ format!("{}/{}", place.map_or_else(|| "–".to_owned(), |at| (at + 1).to_string()), story.rows.len()) }</span>
                    <IconButton icon={IconName::Forward} label={texts.get("story.forward")} testid="story-forward" disabled={last} onclick={forth} />
                </span>
            </header>
            <p class="sentence" data-testid="story-sentence">
                { texts.rich(sentence, |place| match place {
                    "publisher" => html! { <Client id={story.publisher.clone()} /> },
                    "payload" => html! { <b><PayloadText payload={story.payload.clone()} /></b> },
                    "topic" => html! { <Topic name={story.topic.clone()} /> },
                    _ => html! { <Qos qos={story.qos} worded={true} /> },
                }) }
                if story.retain {
                    { " " }<Icon name={IconName::Pin} class="pin" />{ " " }{ texts.get("story.retain") }
                }
            </p>
            if story.deliveries.is_empty() {
                <p class="note" data-testid="story-nobody">{ texts.get("story.nobody") }</p>
            } else {
                <ul class="deliveries">
                    { for story.deliveries.iter().map(|delivery| html! {
                        <DeliveryView delivery={delivery.clone()} published={story.qos} />
                    }) }
                </ul>
            }
            if !story.missed.is_empty() {
                <MissedBy missed={story.missed.clone()} nobody={story.deliveries.is_empty()} />
            }
            if story.deliveries_left_out > 0 {
                <p class="note">{ texts.count("story.more", story.deliveries_left_out.into()) }</p>
            }
            <div class="buttons">
                <button type="button" class="button small" onclick={show} data-testid="story-show">
                    <Icon name={IconName::Ladder} /><span>{ texts.get("story.show") }</span>
                </button>
                <button type="button" class="button small" aria-pressed={only.to_string()} onclick={filter} data-testid="story-only">
                    <Icon name={IconName::Filter} /><span>{ texts.get("story.only") }</span>
                </button>
            </div>
        </section>
    }
}
