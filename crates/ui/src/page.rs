//! The page's shape: a head, three columns, and on a phone one of them with tabs at the bottom.

use yew::prelude::*;

use crate::app::{Narrow, use_page};
use crate::bridge::{Latest, Line};
use crate::carry::{Bring, Carry};
use crate::chrome::{Banner, BottomTabs, Help, Topbar};
use crate::flow::Flow;
use crate::lab::{Lessons, use_lab_now};
use crate::selected::Panel;
use crate::settings::Settings;
use crate::state::Place;
use crate::topics::Topics;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) latest: Latest,
    pub(crate) line: Line,
}

/// The page.
#[component]
pub(crate) fn Page(props: &Props) -> Html {
    let (state, texts) = (use_page(), crate::text::use_texts());
    let Narrow(narrow) = use_context().unwrap_or(Narrow(false));
    let latest = &props.latest;
    let in_lab = use_lab_now().is_some();
    let shown = |place, folded: bool| {
        if narrow {
            state.place == place
        } else {
            !folded && !state.presenting
        }
    };
    let left = shown(Place::Topics, state.topics_folded());
    let right = shown(Place::Panel, state.right_folded);
    let stage = !narrow || state.place == Place::Flow;
    html! {
        <div class={classes!("page", state.presenting.then_some("presenting"), in_lab.then_some("in-lab-page"))} data-testid="page"
            data-lab={in_lab.to_string()}>
            <Topbar totals={latest.totals} known={latest.known} line={props.line.clone()} />
            <Banner line={props.line.clone()} />
            <main class={classes!(
                "columns", (!left).then_some("no-left"), (!right).then_some("no-right"),
                narrow.then_some("narrow"),
            )}>
                if state.presenting && in_lab {
                    // The head is not there: who listens still hears where they are.
                    <h1 class="unseen">{ texts.get("brand.name") }</h1>
                }
                if left {
                    <Topics tree={latest.tree.clone()} matches={latest.matches.clone()}
                        detail={latest.detail.clone()} now={latest.now} known={latest.known} />
                }
                if stage {
                    <Flow flow={latest.flow.clone()} detail={latest.detail.clone()}
                        now={latest.now} known={latest.known} />
                }
                if right {
                    <Panel latest={latest.clone()} />
                }
            </main>
            if narrow {
                <BottomTabs />
            }
            if state.help {
                <Help />
            }
            if state.carry {
                <Carry latest={latest.clone()} />
            }
            <Bring />
            if state.choosing {
                <Lessons />
            }
            if state.settings {
                <Settings storage={latest.storage.clone()} access={latest.access.clone()} />
            }
        </div>
    }
}
