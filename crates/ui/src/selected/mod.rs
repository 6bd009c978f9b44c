//! stub
use yew::prelude::*;
use crate::bridge::Latest;
#[derive(PartialEq, Properties)]
pub(crate) struct Props { pub(crate) latest: Latest }
#[component]
pub(crate) fn Panel(_p: &Props) -> Html { html!{} }
