//! What is on screen: how many rows fit, where they begin, what must not move.

use std::rc::Rc;

use vitrine_link::{Anchor, ClientsView, FlowView, MatchView, TreeView, View};
use yew::prelude::*;

use crate::state::{OPEN_DEPTH, Place, State, Tab};

/// What is on screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lens {
    /// First row and number of rows of the tree.
    pub(crate) tree: (u32, u32),
    /// The pointer is over the tree.
    pub(crate) tree_held: bool,
    /// The topic to scroll to.
    pub(crate) find: String,
    /// Rows of the ladder that fit.
    pub(crate) flow: u32,
    /// The pointer is over the ladder's rows: the last row that was on screen when it came.
    pub(crate) flow_held: Option<u64>,
    /// First row and number of rows of the client table.
    pub(crate) clients: (u32, u32),
}

/// What changed on screen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Look {
    Tree(u32, u32),
    HoldTree(bool),
    Find(String),
    Flow(u32),
    HoldFlow(Option<u64>),
    Clients(u32, u32),
}

pub(crate) type LensHandle = UseReducerHandle<Lens>;

impl Reducible for Lens {
    type Action = Look;

    fn reduce(self: Rc<Self>, look: Look) -> Rc<Self> {
        let mut next = (*self).clone();
        match look {
            Look::Tree(first, rows) => next.tree = (first, rows),
            Look::HoldTree(held) => next.tree_held = held,
            Look::Find(topic) => next.find = topic,
            Look::Flow(rows) => next.flow = rows,
            Look::HoldFlow(held) => next.flow_held = held,
            Look::Clients(first, rows) => next.clients = (first, rows),
        }
        if next == *self { self } else { Rc::new(next) }
    }
}

impl Lens {
    /// What the worker is to answer.
    pub(crate) fn view(&self, state: &State, narrow: bool) -> View {
        let here = |place| !narrow || state.place == place;
        let open = |folded: bool| narrow || !(folded || state.presenting);
        let tree_shown = here(Place::Topics) && open(state.topics_folded());
        let panel_shown = here(Place::Panel) && open(state.right_folded);
        let anchor = match (state.anchor, self.flow_held) {
            (Anchor::Newest, Some(number)) => Anchor::UpTo(number),
            (anchor, _) => anchor,
        };
        View {
            tree: (tree_shown && self.tree.1 > 0).then(|| TreeView {
                open_depth: OPEN_DEPTH,
                toggled: state.toggled.iter().cloned().collect(),
                first: self.tree.0,
                rows: self.tree.1,
                hold: self.tree_held,
                search: state.search.clone(),
                highlight: state.trial.filter.clone(),
                system: state.system,
                find: self.find.clone(),
            }),
            flow: (here(Place::Flow) && self.flow > 0).then(|| FlowView {
                anchor,
                rows: self.flow,
                filter: state.filter.clone(),
                depth: state.depth,
            }),
            // The tree's own filter box tells what is wrong with a filter too.
            matches: (tree_shown || panel_shown).then(|| MatchView {
                topic: if panel_shown && state.tab == Tab::Matches {
                    state.trial.topic.clone()
                } else {
                    String::new()
                },
                ..state.trial.clone()
            }),
            clients: (panel_shown && state.tab == Tab::Clients && self.clients.1 > 0).then_some(
                ClientsView {
                    first: self.clients.0,
                    rows: self.clients.1,
                },
            ),
            selection: state.selection.clone(),
        }
    }
}
