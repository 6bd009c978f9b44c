//! One subscriber's part of a story: what became of it, why it came, and why at this QoS.

use vitrine_link::{Delivery, Outcome};
use yew::prelude::*;

use crate::access::RefusedBy;
use crate::part::{Client, Levels};
use crate::sign::{Icon, IconName, Qos};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) delivery: Delivery,
    /// The QoS it was published with.
    pub(super) published: u8,
}

/// A delivery.
#[component]
pub(super) fn DeliveryView(props: &Props) -> Html {
    let texts = use_texts();
    let Props {
        delivery,
        published,
    } = props;
    let (key, icon) = match delivery.outcome {
        Outcome::Queued => ("queued", IconName::Queue),
        Outcome::Sent => ("sent", IconName::Forward),
        Outcome::InFlight => ("in-flight", IconName::Pulse),
        Outcome::Acknowledged => ("acknowledged", IconName::Check),
        Outcome::Discarded => ("discarded", IconName::Trash),
    };
    // What its receiver refused has arrived.
    let words = match delivery.why.as_deref() {
        Some(why) if delivery.sent && why != "refused" => "outcome.not-again",
        _ => &format!("outcome.{key}"),
    };
    html! {
        <li class={classes!("delivery", key)} data-testid="delivery" data-client={delivery.client.clone()}
            data-filter={delivery.filter.clone()} data-qos={delivery.qos.to_string()} data-outcome={key}>
            <div class="to">
                <Icon name={icon} />
                <Client id={delivery.client.clone()} />
                <Qos qos={delivery.qos} worded={true} />
            </div>
            <p>
                { texts.get(words) }
                if let Some(why) = &delivery.why {
                    { " " }{ texts.get(&format!("discarded.{why}.long")) }
                }
            </p>
            if let Some(rule) = &delivery.rule {
                <p class="why">{ texts.get("fact.rule") }{": "}<RefusedBy rule={rule.clone()} /></p>
            }
            if delivery.retained {
                <p>{ texts.get("delivery.retained") }</p>
            }
            <p class="why">
                { texts.rich("delivery.why", |place| match place {
                    "filter" => html! { <code>{ &delivery.filter }</code> },
                    "published" => html! { published },
                    "granted" => html! { delivery.granted },
                    _ => html! { <b>{ delivery.qos }</b> },
                }) }
            </p>
            <Levels levels={delivery.levels.clone()} />
        </li>
    }
}
