//! The rows that a tree has with what is open in it: the tree flattened.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use vitrine_link::TreeView;

use crate::tree::search::Search;
use crate::tree::{NodeId, Tree};

/// A row that is shown.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) id: NodeId,
    /// Whether its children are shown.
    pub(crate) open: bool,
}

/// Which nodes are open, and which are shown at all.
pub(crate) struct Shape<'a> {
    tree: &'a Tree,
    search: &'a Search,
    /// Nodes from this number on are not there yet.
    nodes: usize,
    open_depth: u16,
    toggled: BTreeSet<NodeId>,
    /// The nodes above the one that the page wants to find.
    way: BTreeSet<NodeId>,
    system: bool,
}

impl<'a> Shape<'a> {
    /// The shape of the first `nodes` nodes of `tree`, as `view` wants it.
    pub(crate) fn new(view: &TreeView, tree: &'a Tree, search: &'a Search, nodes: usize) -> Self {
        let known = |name: &str| tree.find(name).filter(|id| id.index() < nodes);
        let toggled = view.toggled.iter().filter_map(|name| known(name)).collect();
        let mut way = BTreeSet::new();
        if !view.find.is_empty() {
            let mut next = known(&view.find).and_then(|id| tree.node(id).parent);
            while let Some(id) = next {
                way.insert(id);
                next = tree.node(id).parent;
            }
        }
        let (open_depth, system) = (view.open_depth, view.system);
        Self {
            tree,
            search,
            nodes,
            open_depth,
            toggled,
            way,
            system,
        }
    }

    /// Whether the node's children are shown.
    fn is_open(&self, id: NodeId) -> bool {
        let node = self.tree.node(id);
        let by_depth = node.depth < self.open_depth;
        let wanted = by_depth != self.toggled.contains(&id);
        !node.children.is_empty() && (wanted || self.way.contains(&id) || self.search.opens(id))
    }

    /// All rows, from the top.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        // A stack of our own: a topic may have thousands of levels.
        let mut pending = Vec::new();
        self.push_shown(self.tree.roots(), &mut pending);
        pending.retain(|id| self.system || !self.tree.node(*id).is_system());
        while let Some(id) = pending.pop() {
            let open = self.is_open(id);
            rows.push(Row { id, open });
            if open {
                self.push_shown(&self.tree.node(id).children, &mut pending);
            }
        }
        rows
    }

    fn push_shown(&self, siblings: &[NodeId], pending: &mut Vec<NodeId>) {
        pending.extend(siblings.iter().rev().filter(|id| self.shows(**id)));
    }

    fn shows(&self, id: NodeId) -> bool {
        id.index() < self.nodes && self.search.shows(id)
    }
}
