//! One head: who it is, how it is with it, and what it holds, in groups.

use vitrine_link::{Fact, Head, Selection};
use yew::prelude::*;

use super::fact::FactLine;
use super::say::{Group, change, fitting, id};
use crate::app::use_page;
use crate::flow::Focus;
use crate::sign::{Icon, IconName};
use crate::state::Action;
use crate::text::use_texts;

/// Facts of a group that are shown at first, and when all are wanted.
const FEW: usize = 8;
const MANY: usize = 200;

#[derive(PartialEq, Properties)]
pub(super) struct Props {
    pub(super) head: Head,
    pub(super) focus: Focus,
    /// It is nobody's whom one can look into: what is known of it follows from the packets.
    pub(super) live: bool,
}

/// A head.
#[component]
pub(super) fn HeadView(props: &Props) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let open = use_state_eq(|| false);
    let Props { head, focus, .. } = props;
    let broker = head.who == "broker";
    let onclick = {
        let (state, who) = (state.clone(), id(head).to_owned());
        Callback::from(move |_: MouseEvent| {
            state.dispatch(Action::Select(Selection::Client(who.clone())));
            // The memory stays in view: it is what one is reading.
            state.dispatch(Action::Show(crate::state::Tab::Memory));
        })
    };
    let lit = |fact: &Fact| {
        let publication = focus.publication.is_some() && fact.publication == focus.publication;
        let topic = !fact.name.is_empty()
            && focus.topic.as_ref() == Some(&fact.name)
            && fact.kind != "timer";
        let client = !fact.of.is_empty() && focus.client.as_ref() == Some(&fact.of);
        publication || topic || client
    };
    let group = |group: Group| {
        let facts: Vec<&Fact> = head
            .facts
            .iter()
            .filter(|fact| Group::of(fact) == group)
            .collect();
        if facts.is_empty() {
            return Html::default();
        }
        let shown = fitting(&facts, if *open { MANY } else { FEW });
        let more = facts.len() - shown.len();
        let name = texts.get(&format!("memory.group.{}", group.key()));
        let unfold = {
            let open = open.setter();
            Callback::from(move |_: MouseEvent| open.set(true))
        };
        html! {
            <>
                <h3 class="caption">{ name.clone() }</h3>
                <ul aria-label={name} data-testid="facts" data-group={group.key()}>
                    { for shown.into_iter().map(|fact| html! {
                        <FactLine fact={fact.clone()} who={head.who.clone()} lit={lit(fact)} />
                    }) }
                    if more > 0 {
                        <li class="more">
                            if *open {
                                <span class="note">{ texts.count("memory.more", more as u64) }</span>
                            } else {
                                <button type="button" class="link" data-testid="facts-more" onclick={unfold}>
                                    { texts.count("memory.more", more as u64) }
                                </button>
                            }
                        </li>
                    }
                </ul>
            </>
        }
    };
    let changes = ["new", "changed", "gone"].map(|what| {
        let n = head.facts.iter().filter(|fact| fact.change == what).count();
        (what, n)
    });
    let selected = focus.client.as_deref() == Some(id(head))
        || focus.actors.iter().any(|actor| actor == id(head));
    html! {
        <section class={classes!("mind", selected.then_some("lit"), (!head.up).then_some("down"))}
            data-testid="head" data-who={head.who.clone()} data-state={head.state.clone()}>
            <header>
                <h2>
                    if broker {
                        <span class="who"><span class="dot broker" aria-hidden="true" />{ texts.get("word.broker") }</span>
                    } else {
                        <button type="button" class="link who" {onclick}>
                            <span class={classes!("dot", if head.state == "connected" { "on" } else { "off" })} aria-hidden="true" />
                            <span class="name">{ &head.who }</span>
                        </button>
                    }
                </h2>
                <p class="says">
                    { texts.get(&format!("memory.state.{}", head.state)) }
                    if !broker && id(head) != head.who {
                        { " · " }<span>{ texts.fill("memory.id", &[("id", &id(head))]) }</span>
                    }
                    { for head.held.iter().map(|way| html! {
                        <span class="held"><Icon name={IconName::Pause} />{ texts.get(&format!("memory.state.held.{way}")) }</span>
                    }) }
                </p>
                <p class="changes">
                    { for changes.into_iter().filter(|(_, n)| *n > 0).filter_map(|(what, n)| change(what).map(|(sign, word)| html! {
                        <span class={classes!("change", what)} title={texts.get(word)}>
                            <b aria-hidden="true">{ sign }</b>{ n }<span class="unseen">{ texts.get(word) }</span>
                        </span>
                    })) }
                </p>
            </header>
            if head.facts.is_empty() {
                <p class="note">{ texts.get(match (props.live, head.up) {
                    // There is more in it: sessions, retained messages.
                    (true, _) => "client.holds.none",
                    (false, true) => "memory.nothing",
                    (false, false) => "memory.nothing.down",
                }) }</p>
            }
            { for Group::ALL.into_iter().map(group) }
        </section>
    }
}
