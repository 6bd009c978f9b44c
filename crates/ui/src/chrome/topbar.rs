//! The head: the name, the course's world, the figures, and how the page is to look.

use vitrine_link::Totals;
use yew::prelude::*;

use super::language::Language;
use super::totals::TotalsLine;
use super::world::WorldControls;
use crate::app::{Narrow, use_page};
use crate::bridge::{Line, LineState, Role};
use crate::carry::ShareButton;
use crate::lab::{WayIn, use_lab_now};
use crate::part::IconButton;
use crate::sign::IconName;
use crate::state::{Action, Drawer, Panel, Theme};
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) totals: Totals,
    pub(crate) known: bool,
    pub(crate) line: Line,
}

/// The head of the page.
#[component]
pub(crate) fn Topbar(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let Narrow(narrow) = use_context().unwrap_or(Narrow(false));
    let act = |action: Action| {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.dispatch(action.clone()))
    };
    let (in_lab, lab) = (state.lab.is_some(), use_lab_now());
    let can_act = lab.as_ref().is_none_or(|lab| lab.can_act);
    let open = |drawer: Drawer| state.shows(drawer, narrow);
    let drawer = |drawer: Drawer| act(Action::Drawer((!open(drawer)).then_some(drawer)));
    let theme_icon = match state.theme {
        Theme::Auto => IconName::Halves,
        Theme::Light => IconName::Sun,
        Theme::Dark => IconName::Moon,
    };
    html! {
        <header class="topbar">
            <h1 class="brand" title={texts.get("brand.meaning")}>
                <svg viewBox="0 0 28 28" aria-hidden="true">
                    <path class="case" d="M4 9l10-6 10 6v13.500H4zM4 9h20M14 3v6" />
                    <circle class="piece" cx="14" cy="16" r="3.500" />
                </svg>
                <span>{ texts.get("brand.name") }</span>
                if props.line.role == Role::Guest && props.line.state == LineState::Ready {
                    <small class="role" title={texts.get("role.guest.long")} data-testid="role">
                        { texts.get("role.guest") }
                    </small>
                }
            </h1>
            if in_lab {
                <WayIn />
            } else {
                <WorldControls />
            }
            <div class="make">
                if !in_lab {
                    <WayIn />
                }
                if can_act {
                <button type="button" class="button" data-testid="open-publish"
                    aria-expanded={open(Drawer::Publish).to_string()}
                    title={texts.get("publish.title")} onclick={drawer(Drawer::Publish)}>
                    <crate::sign::Icon name={IconName::Publish} /><span>{ texts.get("publish.open") }</span>
                </button>
                <button type="button" class="button" data-testid="open-connect"
                    aria-expanded={open(Drawer::Connect).to_string()}
                    title={texts.get("connect.title")} onclick={drawer(Drawer::Connect)}>
                    <crate::sign::Icon name={IconName::Plug} /><span>{ texts.get("connect.open") }</span>
                </button>
                }
            </div>
            if in_lab {
                <span class="totals" />
            } else {
                <TotalsLine totals={props.totals} known={props.known} />
            }
            <div class="look">
                if !narrow {
                    <IconButton icon={IconName::FoldLeft} label={texts.get("fold.left")} testid="fold-left"
                        pressed={!state.topics_folded()} key_name={Some("[")} onclick={act(Action::Fold(Panel::Left))} />
                    <IconButton icon={IconName::FoldRight} label={texts.get("fold.right")} testid="fold-right"
                        pressed={!state.right_folded} key_name={Some("]")} onclick={act(Action::Fold(Panel::Right))} />
                    <IconButton icon={IconName::Stage} label={texts.get("present")} testid="present"
                        pressed={state.presenting} key_name={Some("F")} onclick={act(Action::Present(!state.presenting))} />
                }
                <ShareButton />
                <IconButton icon={IconName::Shield} label={texts.get("settings.title")} testid="settings"
                    key_name={Some("A")} onclick={act(Action::Settings(true))} />
                <Language />
                <IconButton icon={theme_icon} testid="theme" onclick={act(Action::Theme(state.theme.next()))}
                    label={texts.get(match state.theme {
                        Theme::Auto => "theme.auto",
                        Theme::Light => "theme.light",
                        Theme::Dark => "theme.dark",
                    })} />
                <button type="button" class="icon-button" data-testid="help" aria-label={texts.get("help.title")}
                    title={texts.get("help.title")} onclick={act(Action::Help(true))}>{ "?" }</button>
            </div>
        </header>
    }
}
