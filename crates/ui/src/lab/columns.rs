//! The same world at QoS 0, 1 and 2, side by side; on a phone one at a time.

use vitrine_link::FlowFrame;
use yew::prelude::*;

use super::use_lab_now;
use crate::app::Narrow;
use crate::bridge::Shared;
use crate::flow::{Column, Focus, Stage};
use crate::part::QosChoice;
use crate::sign::Qos;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) flow: Shared<FlowFrame>,
    pub(crate) focus: Focus,
    pub(crate) now: f64,
}

/// Three ladders.
#[component]
pub(crate) fn Columns(props: &Props) -> Html {
    let (texts, lab) = (use_texts(), use_lab_now());
    let Narrow(narrow) = use_context().unwrap_or(Narrow(false));
    let chosen = use_state_eq(|| None::<u8>);
    let columns = use_memo((lab.clone(), props.flow.clone()), |(lab, flow)| {
        columns(lab, flow)
    });
    if columns.is_empty() {
        return Html::default();
    }
    let shown = chosen.unwrap_or_else(|| lab.as_ref().and_then(|lab| lab.beside).unwrap_or(0));
    let onchoose = {
        let chosen = chosen.setter();
        Callback::from(move |qos| chosen.set(Some(qos)))
    };
    html! {
        <>
            if narrow {
                <div class="beside-choice"><QosChoice qos={shown} testid="beside-qos" {onchoose} /></div>
            }
            <div class="beside" data-testid="beside">
                { for columns.iter().filter(|(column, _)| !narrow || column.qos == shown).map(|(column, flow)| {
                    let focus = if column.main { props.focus.clone() } else { Focus::default() };
                    html! {
                        <section class="one" key={column.qos} aria-label={texts.fill("qos.name", &[("qos", &column.qos)])}
                            data-testid="beside-column" data-qos={column.qos.to_string()} data-main={column.main.to_string()}>
                            if !narrow {
                                <h3><Qos qos={column.qos} worded={true} /></h3>
                            }
                            <Stage flow={flow.clone()} {focus} now={props.now} empty={None::<Html>} beside={Some(column.clone())} />
                        </section>
                    }
                }) }
            </div>
        </>
    }
}

/// The lab's own ladder and the other two, by their QoS.
fn columns(lab: &super::LabNow, flow: &Shared<FlowFrame>) -> Vec<(Column, Shared<FlowFrame>)> {
    let Some(lab) = &**lab else {
        return Vec::new();
    };
    let Some(qos) = lab.beside else {
        return Vec::new();
    };
    let main = Column {
        qos,
        main: true,
        flying: lab.flying.clone(),
        heads: lab.heads.clone(),
    };
    let mut columns = vec![(main, flow.clone())];
    columns.extend(lab.others.iter().map(|other| {
        let column = Column {
            qos: other.qos,
            main: false,
            flying: other.flying.clone(),
            heads: other.heads.clone(),
        };
        (column, Shared::from(other.flow.clone()))
    }));
    columns.sort_by_key(|(column, _)| column.qos);
    columns
}
