//! The tree with its filter and search above.

use vitrine_link::{Detail, MatchFrame, TreeFrame};
use yew::prelude::*;

use super::tree::Tree;
use crate::app::use_page;
use crate::bridge::Shared;
use crate::flow::Focus;
use crate::part::{Empty, FilterInput, IconButton, typed};
use crate::sign::IconName;
use crate::state::Action;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) tree: Shared<TreeFrame>,
    pub(crate) matches: Shared<MatchFrame>,
    pub(crate) detail: Shared<Detail>,
    pub(crate) now: f64,
    pub(crate) known: bool,
}

/// The tree.
#[component]
pub(crate) fn Topics(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let searching = use_state_eq(|| !state.search.is_empty());
    let focus = Focus::new(&state.selection, &props.detail);
    let act = |action: Action| {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.dispatch(action.clone()))
    };
    let try_filter = {
        let state = state.clone();
        Callback::from(move |filter| state.dispatch(Action::TryFilter(filter)))
    };
    let search = {
        let state = state.clone();
        typed(move |text| state.dispatch(Action::Search(text)))
    };
    let toggle_search = {
        let (state, searching) = (state.clone(), searching.clone());
        Callback::from(move |_| {
            if *searching {
                state.dispatch(Action::Search(String::new()));
            }
            searching.set(!*searching);
        })
    };
    let tree = &props.tree;
    let filtering = !state.trial.filter.is_empty() && props.matches.check.valid;
    html! {
        <section class="topics pane" aria-label={texts.get("topics.title")} data-testid="topics"
            data-total={tree.total.to_string()} data-matched={tree.matched.to_string()}>
            <div class="tools">
                <h2>{ texts.get("topics.title") }</h2>
                <div class="ends">
                    <IconButton icon={IconName::Search} label={texts.get("topics.search")} testid="open-search"
                        pressed={*searching} onclick={toggle_search} />
                    <IconButton icon={IconName::Lines} label={texts.get("topics.tall")} testid="tall"
                        pressed={state.tall} onclick={act(Action::Tall(!state.tall))} />
                    <IconButton icon={IconName::Dollar} label={texts.get("topics.system")} testid="system"
                        pressed={state.system} onclick={act(Action::System(!state.system))} />
                </div>
            </div>
            <div class="asks">
                if *searching {
                    <input type="search" class="mono" value={state.search.clone()} oninput={search}
                        aria-label={texts.get("topics.search")} placeholder={texts.get("topics.search")}
                        spellcheck="false" autocapitalize="off" data-testid="topic-search" />
                }
                <FilterInput value={state.trial.filter.clone()} check={props.matches.check.clone()}
                    oninput={try_filter} testid="topic-filter" label={texts.get("topics.filter")}
                    words={filtering.then(|| texts.count("topics.matched", tree.matched.into()))} />
            </div>
            if props.known && tree.total == 0 && tree.withheld == 0 {
                if state.search.is_empty() {
                    <Empty icon={IconName::Topics} text="topics.empty" offer={false} />
                } else {
                    <Empty icon={IconName::Search} text="topics.not-found" offer={false} />
                }
            }
            <Tree tree={tree.clone()} {focus} now={props.now} {filtering} />
            if tree.full {
                <p class="note">{ texts.get("topics.full") }</p>
            }
        </section>
    }
}
