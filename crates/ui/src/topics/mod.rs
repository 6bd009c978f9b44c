//! stub
use yew::prelude::*;
use crate::bridge::Shared;
use vitrine_link::*;
#[derive(PartialEq, Properties)]
pub(crate) struct Props { pub(crate) tree: Shared<TreeFrame>, pub(crate) matches: Shared<MatchFrame>, pub(crate) detail: Shared<Detail>, pub(crate) now: f64, pub(crate) known: bool }
#[component]
pub(crate) fn Topics(_p: &Props) -> Html { html!{} }
