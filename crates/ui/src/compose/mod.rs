//! stub
use yew::prelude::*;
#[component]
pub(crate) fn Drawers() -> Html { html!{} }
