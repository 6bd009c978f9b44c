//! Which nodes contain a text, kept up as nodes come.

use alloc::string::String;
use alloc::vec::Vec;

use crate::tree::{NodeId, Tree};

/// The nodes that a search shows.
#[derive(Default)]
pub(crate) struct Search {
    /// In lower case.
    text: String,
    nodes: Vec<Found>,
}

/// What a search thinks of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Found {
    /// Neither it nor anything below contains the text.
    #[default]
    Nothing,
    /// Something below does.
    Way,
    /// Its own topic does, and with it everything below.
    Hit,
}

impl Search {
    /// Makes this the search for `text` among the first `nodes` nodes of the tree. Upper and lower
    /// case are the same. Costs one comparison per node that is new, or all for a new text.
    pub(crate) fn update(&mut self, text: &str, tree: &Tree, nodes: usize) {
        let text = text.to_lowercase();
        if self.text != text || self.nodes.len() > nodes {
            *self = Self {
                text,
                nodes: Vec::new(),
            };
        }
        if self.text.is_empty() {
            return;
        }
        for index in self.nodes.len()..nodes {
            let id = NodeId(index as u32);
            let hit = tree.node(id).name().to_lowercase().contains(&self.text);
            self.nodes
                .push(if hit { Found::Hit } else { Found::Nothing });
            if hit {
                self.mark_way(tree.node(id).parent, tree);
            }
        }
    }

    /// Whether the node is shown.
    pub(crate) fn shows(&self, id: NodeId) -> bool {
        self.text.is_empty() || self.found(id) != Found::Nothing
    }

    /// Whether the node has to be open so that what was found is seen.
    pub(crate) fn opens(&self, id: NodeId) -> bool {
        self.found(id) == Found::Way
    }

    fn found(&self, id: NodeId) -> Found {
        self.nodes.get(id.index()).copied().unwrap_or_default()
    }

    fn mark_way(&mut self, from: Option<NodeId>, tree: &Tree) {
        let mut next = from;
        while let Some(id) = next {
            let found = &mut self.nodes[id.index()];
            if *found != Found::Nothing {
                return;
            }
            *found = Found::Way;
            next = tree.node(id).parent;
        }
    }
}
