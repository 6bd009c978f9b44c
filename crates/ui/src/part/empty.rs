//! An empty view: what will appear here, and the button that makes it happen.

use yew::prelude::*;

use crate::app::use_clients;
use crate::chrome::StartWorld;
use crate::sign::{Icon, IconName};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) icon: IconName,
    /// The key of what will appear.
    pub(crate) text: &'static str,
    /// The key of a sentence in large type before it: what the page is.
    #[prop_or_default]
    pub(crate) lead: Option<&'static str>,
    /// Whether starting the course's world would fill the view.
    #[prop_or(true)]
    pub(crate) offer: bool,
    #[prop_or_default]
    pub(crate) children: Children,
}

/// An empty view.
#[component]
pub(crate) fn Empty(props: &Props) -> Html {
    let (texts, world) = (use_texts(), use_clients());
    html! {
        <div class="empty" data-testid="empty">
            <Icon name={props.icon} class="large" />
            if let Some(lead) = props.lead {
                <p class="lead">{ texts.get(lead) }</p>
            }
            <p>{ texts.get(props.text) }</p>
            if props.offer && !world.running {
                <StartWorld testid="empty-start" />
            }
            { for props.children.iter() }
        </div>
    }
}
