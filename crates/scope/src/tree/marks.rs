//! Which topics match a Topic Filter, kept up as topics come.

use alloc::string::String;
use alloc::vec::Vec;

use vitrine_packet::topic;

use crate::limits::ANSWERED_TOPICS;
use crate::tree::{NodeId, Tree};

/// The topics that match one filter.
#[derive(Default)]
pub(crate) struct Marks {
    filter: String,
    /// The filter is valid; else nothing matches.
    valid: bool,
    /// How many of the tree's topics have been looked at.
    seen: usize,
    matched: u32,
    /// By node: does it match, and how many below do. Shorter than the tree where nothing matched.
    nodes: Vec<Mark>,
    /// The first names, for that many matches: they change with these only.
    names: Vec<String>,
    names_for: u32,
}

#[derive(Clone, Copy, Default)]
struct Mark {
    matched: bool,
    below: u32,
}

impl Marks {
    /// Makes the marks those of `filter` in the tree as it is now. An empty or invalid filter marks
    /// nothing. Costs one comparison per topic that is new, or one per topic for a new filter.
    pub(crate) fn update(&mut self, filter: &str, tree: &Tree) {
        if self.filter != filter {
            let valid = topic::validate_filter(filter).is_ok();
            *self = Self {
                filter: filter.into(),
                valid,
                ..Self::default()
            };
        }
        if !self.valid {
            return;
        }
        let compared = topic::strip_share(filter);
        for id in &tree.topics()[self.seen..] {
            if topic::matches(compared, tree.node(*id).name()) {
                self.mark(*id, tree);
            }
        }
        self.seen = tree.topics().len();
    }

    /// How many topics match.
    pub(crate) fn matched(&self) -> u32 {
        self.matched
    }

    /// Whether this very topic matches.
    pub(crate) fn matches(&self, id: NodeId) -> bool {
        self.nodes.get(id.index()).is_some_and(|mark| mark.matched)
    }

    /// How many topics below match.
    pub(crate) fn matched_below(&self, id: NodeId) -> u32 {
        self.nodes.get(id.index()).map_or(0, |mark| mark.below)
    }

    /// The first topics that match, in the tree's order; at most [`ANSWERED_TOPICS`].
    pub(crate) fn names(&mut self, tree: &Tree) -> &[String] {
        if self.names_for != self.matched {
            self.names = self.find_names(tree);
            self.names_for = self.matched;
        }
        &self.names
    }

    fn find_names(&self, tree: &Tree) -> Vec<String> {
        let mut names = Vec::new();
        let mut pending: Vec<NodeId> = tree.roots().iter().rev().copied().collect();
        while let Some(id) = pending.pop() {
            if names.len() == ANSWERED_TOPICS {
                break;
            }
            if self.matches(id) {
                names.push(tree.node(id).name().into());
            }
            if self.matched_below(id) > 0 {
                pending.extend(tree.node(id).children.iter().rev());
            }
        }
        names
    }

    fn mark(&mut self, id: NodeId, tree: &Tree) {
        if self.nodes.len() <= id.index() {
            self.nodes.resize(tree.len(), Mark::default());
        }
        self.matched += 1;
        self.nodes[id.index()].matched = true;
        let mut next = tree.node(id).parent;
        while let Some(above) = next {
            self.nodes[above.index()].below += 1;
            next = tree.node(above).parent;
        }
    }
}
