//! The tabs of the right panel, and a phone's tabs at the bottom.

use yew::prelude::*;

use crate::app::use_page;
use crate::sign::{Icon, IconName};
use crate::state::{Action, Place, Tab};
use crate::text::use_texts;

/// The tabs of the right panel; left and right go from one to the next.
#[component]
pub(crate) fn PanelTabs() -> Html {
    let (state, texts) = (use_page(), use_texts());
    let at = Tab::ALL
        .iter()
        .position(|tab| *tab == state.tab)
        .unwrap_or(0);
    let onkeydown = {
        let state = state.clone();
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowLeft" => at.checked_sub(1),
                "ArrowRight" => Some(at + 1),
                _ => None,
            };
            if let Some(tab) = next.and_then(|next| Tab::ALL.get(next)) {
                state.dispatch(Action::Show(*tab));
            }
        })
    };
    html! {
        <div class="tabs" role="tablist" aria-label={texts.get("tabs.title")} {onkeydown}>
            { for Tab::ALL.into_iter().map(|tab| {
                let on = tab == state.tab;
                let state = state.clone();
                html! {
                    <button type="button" role="tab" aria-selected={on.to_string()} key={tab.key()}
                        tabindex={if on { "0" } else { "-1" }} data-testid={format!("tab-{}", tab.key())}
                        title={texts.get(&format!("tab.{}.long", tab.key()))}
                        onclick={move |_| state.dispatch(Action::Show(tab))}>
                        { texts.get(&format!("tab.{}", tab.key())) }
                    </button>
                }
            }) }
        </div>
    }
}

/// A phone's tabs.
#[component]
pub(crate) fn BottomTabs() -> Html {
    let (state, texts) = (use_page(), use_texts());
    let tabs = [
        ("topics", IconName::Topics, Action::Go(Place::Topics)),
        ("flow", IconName::Ladder, Action::Go(Place::Flow)),
        ("matches", IconName::Match, Action::Show(Tab::Matches)),
        ("clients", IconName::Clients, Action::Show(Tab::Clients)),
        ("selected", IconName::Eye, Action::Show(Tab::Selected)),
        ("packet", IconName::Bytes, Action::Show(Tab::Packet)),
        ("memory", IconName::Memory, Action::Show(Tab::Memory)),
    ];
    let here = match state.place {
        Place::Topics => "topics",
        Place::Flow => "flow",
        Place::Panel => state.tab.key(),
    };
    html! {
        <nav class="bottom-tabs" aria-label={texts.get("tabs.title")}>
            { for tabs.into_iter().map(|(key, icon, action)| {
                let state = state.clone();
                html! {
                    <button type="button" aria-current={(key == here).then_some("page")} {key}
                        data-testid={format!("go-{key}")} onclick={move |_| state.dispatch(action.clone())}>
                        <Icon name={icon} /><span>{ texts.get(&format!("tab.{key}")) }</span>
                    </button>
                }
            }) }
        </nav>
    }
}
