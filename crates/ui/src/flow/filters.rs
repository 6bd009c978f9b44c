//! The tools above the ladder: depth, filters, and emptying the record.

use vitrine_link::{Command, Depth, FlowFilter, Lifeline};
use yew::prelude::*;

use super::packets::{Family, family, packet_name};
use crate::app::{use_page, use_send};
use crate::part::{Choice, IconButton, Segment, typed};
use crate::sign::{Icon, IconName};
use crate::state::Action;
use crate::text::use_texts;

#[derive(PartialEq, Properties)]
pub(super) struct ToolsProps {
    pub(super) newest: u64,
}

/// Depth, and what opens the filters.
#[component]
pub(super) fn Tools(props: &ToolsProps) -> Html {
    let (state, texts, send) = (use_page(), use_texts(), use_send());
    let depths = [Depth::Story, Depth::Handshake, Depth::Bytes];
    let key = |depth: Depth| match depth {
        Depth::Story => "story",
        Depth::Handshake => "handshake",
        Depth::Bytes => "bytes",
    };
    let choices = depths
        .into_iter()
        .enumerate()
        .map(|(index, depth)| Choice {
            id: key(depth).to_owned(),
            label: html! { <>{ texts.get(&format!("depth.{}", key(depth))) }<kbd aria-hidden="true">{ index + 1 }</kbd></> },
            title: texts.get(&format!("depth.{}.long", key(depth))),
        })
        .collect::<Vec<_>>();
    let onchoose = {
        let state = state.clone();
        Callback::from(move |id: String| {
            if let Some(depth) = depths.into_iter().find(|depth| key(*depth) == id) {
                state.dispatch(Action::Depth(depth));
            }
        })
    };
    let filtering = {
        let state = state.clone();
        Callback::from(move |_| state.dispatch(Action::Filtering(!state.filtering)))
    };
    html! {
        <div class="tools">
            <h2>{ texts.get("flow.title") }</h2>
            <Segment label={texts.get("depth.title")} testid="depth" {choices}
                chosen={key(state.depth)} {onchoose} />
            <div class="ends">
                <IconButton icon={IconName::Filter} label={texts.get("filter.open")} testid="open-filters"
                    pressed={state.filtering} class={classes!(state.filtered().then_some("active"))} onclick={filtering} />
                <IconButton icon={IconName::Trash} label={texts.get("flow.clear")} testid="clear"
                    disabled={props.newest == 0} onclick={Callback::from(move |_| send.emit(Command::ClearFlow))} />
            </div>
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct FiltersProps {
    pub(super) lifelines: Vec<Lifeline>,
}

const EXAMPLE: &str = "area/10/#";

/// The packet types that are filtered together.
const TYPES: [(&str, Family); 4] = [
    ("publish", Family::Publication),
    ("acks", Family::Acknowledgement),
    ("subscribe", Family::Subscription),
    ("connect", Family::Connection),
];

/// Which rows the ladder shows.
#[component]
pub(super) fn Filters(props: &FiltersProps) -> Html {
    let (state, texts) = (use_page(), use_texts());
    let filter = state.filter.clone();
    let set = {
        let state = state.clone();
        move |filter: FlowFilter| state.dispatch(Action::Filter(filter))
    };
    // A client that was chosen stays in the list though the filter lets no other line through.
    let known = use_mut_ref(Vec::<String>::new);
    let names = {
        let mut known = known.borrow_mut();
        for name in props
            .lifelines
            .iter()
            .map(|line| &line.name)
            .chain(&filter.clients)
        {
            if !known.contains(name) {
                known.push(name.clone());
            }
        }
        known.clone()
    };
    let oninput = {
        let (filter, set) = (filter.clone(), set.clone());
        typed(move |topic| {
            set(FlowFilter {
                topic,
                ..filter.clone()
            });
        })
    };
    let client = |name: &String| {
        let on = filter.clients.contains(name);
        let (filter, set, name) = (filter.clone(), set.clone(), name.clone());
        let label = name.clone();
        html! {
            <button type="button" class="chip" aria-pressed={on.to_string()} key={label.clone()}
                data-testid="filter-client" data-client={label.clone()}
                onclick={move |_| {
                    let mut clients = filter.clients.clone();
                    if on { clients.retain(|client| *client != name); } else { clients.push(name.clone()); }
                    set(FlowFilter { clients, ..filter.clone() });
                }}>{ label }</button>
        }
    };
    let types = |(key, of): &(&'static str, Family)| {
        let types = (1..16).filter(|packet_type| family(*packet_type) == *of);
        let mask = types.clone().fold(0, |mask, bit| mask | 1 << bit);
        let on = filter.types & mask != 0;
        let (filter, set) = (filter.clone(), set.clone());
        let names = types.map(packet_name).collect::<Vec<_>>().join(", ");
        html! {
            <button type="button" class="chip" aria-pressed={on.to_string()} title={names}
                data-testid={format!("filter-{key}")}
                onclick={move |_| set(FlowFilter { types: filter.types ^ mask, ..filter.clone() })}>
                { texts.get(&format!("filter.types.{key}")) }
            </button>
        }
    };
    let pings = {
        let (filter, set) = (filter.clone(), set.clone());
        Callback::from(move |_| {
            set(FlowFilter {
                hide_pings: !filter.hide_pings,
                ..filter.clone()
            })
        })
    };
    let system = {
        let (filter, set) = (filter.clone(), set.clone());
        Callback::from(move |_| {
            set(FlowFilter {
                hide_system: !filter.hide_system,
                ..filter.clone()
            })
        })
    };
    let reset = {
        let (hide_pings, hide_system, set) = (filter.hide_pings, filter.hide_system, set.clone());
        Callback::from(move |_| {
            set(FlowFilter {
                hide_pings,
                hide_system,
                ..FlowFilter::default()
            })
        })
    };
    html! {
        <div class="filters" data-testid="filters">
            <label class="field inline">
                <span>{ texts.get("filter.topic") }</span>
                <input class="mono" type="text" value={filter.topic.clone()} {oninput} spellcheck="false"
                    autocapitalize="off" autocomplete="off" placeholder={EXAMPLE} data-testid="filter-topic" />
            </label>
            <div class="chips" role="group" aria-label={texts.get("filter.types")}>
                { for TYPES.iter().map(types) }
                <button type="button" class="chip" aria-pressed={(!filter.hide_pings).to_string()}
                    data-testid="filter-pings" onclick={pings}>{ texts.get("filter.pings") }</button>
                <button type="button" class="chip" aria-pressed={(!filter.hide_system).to_string()}
                    data-testid="filter-system" onclick={system}>{ texts.get("filter.system") }</button>
            </div>
            if !names.is_empty() {
                <div class="chips" role="group" aria-label={texts.get("filter.clients")}>
                    { for names.iter().map(client) }
                </div>
            }
            if let Some(publication) = filter.publication {
                <p class="note">{ texts.fill("filter.story", &[("n", &publication)]) }</p>
            }
            if state.filtered() {
                <button type="button" class="button small" data-testid="filter-reset" onclick={reset}>
                    <Icon name={IconName::Close} /><span>{ texts.get("filter.reset") }</span>
                </button>
            }
        </div>
    }
}
