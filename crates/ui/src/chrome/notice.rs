//! What went wrong with something the user asked for, and what became of the recording.

use yew::prelude::*;

use crate::app::use_page;
use crate::bridge::Role;
use crate::part::IconButton;
use crate::sign::{Icon, IconName};
use crate::state::{Action, News};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) words: String,
    /// Nothing went wrong: it is good to know.
    #[prop_or_default]
    pub(crate) calm: bool,
    /// Which notice it is, for tests.
    #[prop_or("problem")]
    pub(crate) kind: &'static str,
    pub(crate) onclose: Callback<MouseEvent>,
}

/// A line that stays until it is closed.
#[component]
pub(crate) fn Notice(props: &Props) -> Html {
    let texts = use_texts();
    html! {
        <div class={classes!("notice", props.calm.then_some("calm"))} data-testid="notice" data-kind={props.kind}
            role={if props.calm { "status" } else { "alert" }}>
            <Icon name={if props.calm { IconName::Live } else { IconName::Warning }} />
            <span>{ &props.words }</span>
            <IconButton icon={IconName::Close} label={texts.get("word.close")} testid="notice-close"
                onclick={props.onclose.clone()} />
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct RecordProps {
    pub(crate) role: Role,
    /// What must survive does.
    pub(crate) kept: bool,
}

/// What became of the recording that the page showed, or that its address named.
#[component]
pub(crate) fn RecordNews(props: &RecordProps) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let Some(news) = state.news else {
        return Html::default();
    };
    let (kind, words) = match (news, props.role) {
        (News::AddressGone, _) => ("address-gone", texts.get("news.address-gone")),
        (News::HostGone, role) => {
            let who = match role {
                Role::Host => "here",
                Role::Guest => "elsewhere",
            };
            let what = if props.kept { "kept" } else { "lost" };
            let who = texts.get(&format!("news.host-gone.{who}"));
            let what = texts.get(&format!("news.host-gone.{what}"));
            ("host-gone", format!("{who} {what}"))
        }
    };
    let onclose = Callback::from(move |_: MouseEvent| state.dispatch(Action::ReadNews));
    html! {
        <Notice {words} {kind} {onclose} calm={news == News::AddressGone || props.kept} />
    }
}
