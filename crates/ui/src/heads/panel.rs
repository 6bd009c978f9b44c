//! All heads, one under the other: the broker first.

use vitrine_link::{FlowFrame, Head, LabFrame};
use yew::prelude::*;

use super::head::HeadView;
use super::live::heads as live;
use crate::app::use_page;
use crate::bridge::Shared;
use crate::flow::Focus;
use crate::part::Empty;
use crate::sign::{IconName, Qos};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) lab: Shared<Option<LabFrame>>,
    pub(crate) flow: Shared<FlowFrame>,
    pub(crate) detail: Shared<vitrine_link::Detail>,
}

/// What is in each head.
#[component]
pub(crate) fn Memory(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let focus = use_memo(
        (state.selection.clone(), props.detail.clone()),
        |(selection, detail)| Focus::new(selection, detail),
    );
    // Nobody looks into heads that are not the lab's: what they hold follows from the packets.
    let known = props.lab.as_ref().filter(|lab| lab.kind != "recording");
    let worlds = match known {
        Some(lab) => worlds(lab),
        None => vec![(None, live(&props.flow))],
    };
    let in_lab = props.lab.is_some();
    if worlds.iter().all(|(_, heads)| heads.is_empty()) {
        return html! { <Empty icon={IconName::Memory} text="memory.empty" offer={!in_lab} /> };
    }
    html! {
        <article class="minds" data-testid="heads" data-live={known.is_none().to_string()}>
            if known.is_none() {
                <p class="note">{ texts.get(if in_lab { "memory.recording" } else { "memory.live" }) }</p>
            }
            { for worlds.iter().map(|(qos, heads)| html! {
                <>
                    if let Some(qos) = qos {
                        <p class="world-qos" data-testid="heads-qos" data-qos={qos.to_string()}><Qos qos={*qos} worded=true /></p>
                    }
                    { for heads.iter().map(|head| html! {
                        <HeadView key={format!("{qos:?} {}", head.who)} head={head.clone()} focus={(*focus).clone()} live={known.is_none()} />
                    }) }
                </>
            }) }
        </article>
    }
}

/// The heads of every world that is shown: of three, side by side, each with its QoS.
fn worlds(lab: &LabFrame) -> Vec<(Option<u8>, Vec<Head>)> {
    let Some(qos) = lab.beside else {
        return vec![(None, lab.heads.clone())];
    };
    let mut worlds = vec![(Some(qos), lab.heads.clone())];
    let others = lab.others.iter();
    worlds.extend(others.map(|other| (Some(other.qos), other.heads.clone())));
    worlds.sort_by_key(|(qos, _)| *qos);
    worlds
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_link::Beside;

    #[test]
    fn three_worlds_stand_in_the_order_of_their_qos() {
        let mut lab = LabFrame::default();
        assert_eq!(worlds(&lab).len(), 1);
        lab.beside = Some(1);
        lab.others = [2, 0]
            .map(|qos| Beside {
                qos,
                ..Beside::default()
            })
            .into();
        let order: Vec<_> = worlds(&lab).iter().map(|(qos, _)| *qos).collect();
        assert_eq!(order, [Some(0), Some(1), Some(2)]);
    }
}
