//! Who would receive a message now, by which filter, at which QoS, and why that QoS.

use vitrine_link::Receiver;
use yew::prelude::*;

use crate::access::RefusedBy;
use crate::part::{Client, Levels};
use crate::sign::{Icon, IconName, Qos};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) receivers: Vec<Receiver>,
    /// The QoS of the imagined publication.
    pub(crate) qos: u8,
}

/// The list.
#[component]
pub(crate) fn Receivers(props: &Props) -> Html {
    let texts = use_texts();
    if props.receivers.is_empty() {
        return html! { <p class="note" data-testid="no-receivers">{ texts.get("receivers.none") }</p> };
    }
    let receiver = |receiver: &Receiver| {
        let icon = match receiver.outcome.as_str() {
            "now" => IconName::Forward,
            "queued" => IconName::Queue,
            "forbidden" => IconName::Shield,
            _ => IconName::Cross,
        };
        html! {
            <li class={classes!("delivery", receiver.outcome.clone())} key={format!("{} {}", receiver.client, receiver.filter)}
                data-testid="receiver" data-client={receiver.client.clone()} data-filter={receiver.filter.clone()}
                data-qos={receiver.qos.to_string()} data-granted={receiver.granted.to_string()} data-outcome={receiver.outcome.clone()}>
                <div class="to">
                    <Icon name={icon} />
                    <Client id={receiver.client.clone()} />
                    <Qos qos={receiver.qos} worded={true} />
                    <span class="outcome">{ texts.get(&format!("receiver.{}", receiver.outcome)) }</span>
                </div>
                <p class="why">
                    { texts.rich("delivery.why", |place| match place {
                        "filter" => html! { <code>{ &receiver.filter }</code> },
                        "published" => html! { props.qos },
                        "granted" => html! { receiver.granted },
                        _ => html! { <b>{ receiver.qos }</b> },
                    }) }
                </p>
                if let Some(rule) = &receiver.rule {
                    <p class="why">{ texts.get("fact.rule") }{": "}<RefusedBy rule={rule.clone()} /></p>
                }
                if !receiver.also.is_empty() {
                    <p class="why">{ texts.fill("receiver.also", &[("filters", &receiver.also.join(", "))]) }</p>
                }
                <Levels levels={receiver.levels.clone()} />
            </li>
        }
    };
    html! { <ul class="deliveries">{ for props.receivers.iter().map(receiver) }</ul> }
}
