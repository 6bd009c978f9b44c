//! The stage with its tools above and its time below.

use vitrine_link::{Detail, FlowFrame};
use yew::prelude::*;

use super::filters::{Filters, Tools};
use super::focus::Focus;
use super::stage::Stage;
use super::timebar::Timebar;
use crate::app::use_page;
use crate::bridge::Shared;
use crate::compose::Drawers;
use crate::lab::{Columns, FirstLesson, LabTimebar, LessonBand, use_lab_now};
use crate::part::Empty;
use crate::sign::IconName;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) flow: Shared<FlowFrame>,
    pub(crate) detail: Shared<Detail>,
    pub(crate) now: f64,
    pub(crate) known: bool,
}

/// The stage.
#[component]
pub(crate) fn Flow(props: &Props) -> Html {
    let (state, texts, lab) = (use_page(), use_texts(), use_lab_now());
    let in_lab = lab.is_some();
    let flow = &props.flow;
    let focus = use_memo(
        (state.selection.clone(), props.detail.clone()),
        |(selection, detail)| Focus::new(selection, detail),
    );
    // In the lab the lines stand there before anything has happened.
    let empty = if !props.known || flow.total > 0 || (in_lab && !state.filtered()) {
        None
    } else if flow.newest > 0 && state.filtered() {
        Some(html! { <Empty icon={IconName::Filter} text="flow.filtered-out" offer={false} /> })
    } else {
        Some(
            html! { <Empty icon={IconName::Ladder} lead={(flow.newest == 0).then_some("flow.lead")} text="flow.empty">
                <FirstLesson />
            </Empty> },
        )
    };
    html! {
        <section class="flow pane" aria-label={texts.get("flow.title")} data-testid="flow"
            data-following={state.following().to_string()}>
            <Tools newest={flow.newest} />
            if state.filtering {
                <Filters lifelines={flow.lifelines.clone()} />
            }
            if flow.lifelines_left_out > 0 {
                <p class="note bounded">{ texts.count("flow.lifelines-left-out", flow.lifelines_left_out.into()) }</p>
            }
            if flow.holds_left_out > 0 {
                <p class="note bounded">{ texts.count("flow.holds-left-out", flow.holds_left_out.into()) }</p>
            }
            <LessonBand />
            if lab.as_ref().is_some_and(|lab| lab.beside.is_some()) {
                <Columns flow={flow.clone()} focus={(*focus).clone()} now={props.now} />
            } else {
                <Stage flow={flow.clone()} focus={(*focus).clone()} now={props.now} {empty} />
            }
            if in_lab {
                <LabTimebar />
            } else {
                <Timebar flow={flow.clone()} />
            }
            <Drawers />
        </section>
    }
}
