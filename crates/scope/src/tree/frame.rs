//! The part of the tree that a page has on screen.

use alloc::vec::Vec;

use vitrine_link::{TreeFrame, TreeRow, TreeView};

use crate::limits::ANSWERED_ROWS;
use crate::tree::rows::{Row, Shape};
use crate::tree::search::Search;
use crate::tree::{Marks, NodeId, Tree};

/// What is kept of the tree for one page: the rows with what that page has open.
#[derive(Default)]
pub(crate) struct TreeLens {
    marks: Marks,
    /// The search among the nodes that are shown.
    search: Search,
    /// The search among all nodes, while some are kept back.
    coming: Search,
    rows: Vec<Row>,
    /// What `rows` were computed for.
    view: Option<TreeView>,
    nodes: usize,
    /// How many nodes the tree had when the page asked to hold it.
    held: Option<usize>,
    withheld: u32,
    withheld_for: usize,
}

impl TreeLens {
    /// The answer to `view` at `now` (microseconds).
    pub(crate) fn frame(&mut self, view: &TreeView, tree: &Tree, now: u64) -> TreeFrame {
        self.marks.update(&view.highlight, tree);
        self.update_rows(view, tree);
        let count = (view.rows as usize).min(ANSWERED_ROWS);
        let first = (view.first as usize).min(self.rows.len().saturating_sub(count));
        let shown = self.rows.iter().skip(first).take(count);
        TreeFrame {
            total: self.rows.len() as u32,
            first: first as u32,
            rows: shown
                .map(|r| row(tree, r.id, &self.marks, r.open, now))
                .collect(),
            withheld: self.withheld,
            matched: self.marks.matched(),
            full: tree.is_full(),
            found: self.found(view, tree),
        }
    }

    /// Which topics match the highlighted filter.
    pub(crate) fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Whether the node's children are shown.
    pub(crate) fn is_open(&self, id: NodeId) -> bool {
        self.rows.iter().any(|row| row.id == id && row.open)
    }

    fn update_rows(&mut self, view: &TreeView, tree: &Tree) {
        let reshaped = !self
            .view
            .as_ref()
            .is_some_and(|known| same_shape(known, view));
        self.held = match (view.hold, self.held) {
            (false, _) => None,
            (true, Some(nodes)) => Some(nodes),
            // What the page saw when the pointer came is what it holds.
            (true, None) => Some(if self.view.is_some() {
                self.nodes
            } else {
                tree.len()
            }),
        };
        let nodes = self.held.unwrap_or(tree.len());
        if reshaped || nodes != self.nodes {
            self.search.update(&view.search, tree, nodes);
            self.rows = Shape::new(view, tree, &self.search, nodes).rows();
            self.nodes = nodes;
            self.view = Some(view.clone());
        }
        if self.held.is_none() {
            self.withheld = 0;
            self.withheld_for = 0;
        } else if reshaped || self.withheld_for != tree.len() {
            self.coming.update(&view.search, tree, tree.len());
            let all = Shape::new(view, tree, &self.coming, tree.len())
                .rows()
                .len();
            self.withheld = all.saturating_sub(self.rows.len()) as u32;
            self.withheld_for = tree.len();
        }
    }

    fn found(&self, view: &TreeView, tree: &Tree) -> Option<u32> {
        if view.find.is_empty() {
            return None;
        }
        let id = tree.find(&view.find)?;
        self.rows
            .iter()
            .position(|row| row.id == id)
            .map(|index| index as u32)
    }
}

/// One node as the page is told it.
pub(crate) fn row(tree: &Tree, id: NodeId, marks: &Marks, open: bool, now: u64) -> TreeRow {
    let node = tree.node(id);
    let topic = node.topic.as_ref();
    TreeRow {
        topic: node.name().into(),
        label: node.label().into(),
        depth: node.depth,
        children: node.children.len() as u32,
        open,
        topics_below: node.topics_below,
        matched: marks.matches(id),
        matched_below: marks.matched_below(id),
        last: topic.and_then(|topic| topic.last()).map(|last| last.tell()),
        retained: topic.and_then(|topic| topic.tell_retained()),
        count: topic.map_or(0, |topic| topic.count),
        rate: topic.map_or(0.0, |topic| topic.rate.per_second(now)),
        rate_below: node.rate_below.per_second(now),
    }
}

/// Whether two views have the same rows.
fn same_shape(a: &TreeView, b: &TreeView) -> bool {
    a.open_depth == b.open_depth
        && a.toggled == b.toggled
        && a.search == b.search
        && a.system == b.system
        && a.find == b.find
}
