//! The nodes of the topic tree: one for every level of every topic, never removed.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::natural;
use crate::rate::TopicRate;
use crate::tree::topic::Topic;

/// A node, by the order in which nodes were made: a parent comes before its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub(crate) u32);

impl NodeId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One level of the tree.
#[derive(Clone)]
pub(crate) struct Node {
    /// The topic that the node was made for. All nodes made together share it, so a topic of many
    /// levels costs no more text than its own.
    text: Rc<str>,
    /// Where in `text` the last level begins, and where the node's topic ends.
    label: u32,
    end: u32,
    pub(crate) depth: u16,
    pub(crate) parent: Option<NodeId>,
    /// In natural order.
    pub(crate) children: Vec<NodeId>,
    /// Topics among the nodes below.
    pub(crate) topics_below: u32,
    /// Messages to this topic and all below.
    pub(crate) rate_below: TopicRate,
    /// Present once the node carried a message or held a retained one.
    pub(crate) topic: Option<Box<Topic>>,
}

impl Node {
    /// The levels from the top to here, joined by `/`.
    pub(crate) fn name(&self) -> &str {
        &self.text[..self.end as usize]
    }

    /// The last level.
    pub(crate) fn label(&self) -> &str {
        &self.text[self.label as usize..self.end as usize]
    }

    /// Whether it belongs to the broker's own topics.
    pub(crate) fn is_system(&self) -> bool {
        self.text.starts_with('$')
    }
}

/// All nodes, found by their parent and label.
#[derive(Clone)]
pub(crate) struct Nodes {
    nodes: Vec<Node>,
    roots: Vec<NodeId>,
    table: HashTable<NodeId>,
    hasher: FixedState,
}

impl Nodes {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            nodes: Vec::new(),
            roots: Vec::new(),
            table: HashTable::new(),
            hasher: FixedState::with_seed(seed),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn get(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub(crate) fn get_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.index()]
    }

    /// The top level, in natural order.
    pub(crate) fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    /// The node of `topic`, when there is one.
    pub(crate) fn find(&self, topic: &str) -> Option<NodeId> {
        topic
            .split('/')
            .try_fold(None, |parent, label| self.child(parent, label).map(Some))
            .flatten()
    }

    /// The node of `topic`, made when it is new; `None` when that takes more than `limit` nodes.
    pub(crate) fn find_or_make(&mut self, topic: &Rc<str>, limit: usize) -> Option<NodeId> {
        let mut parent = None;
        let mut start = 0;
        let mut making = false;
        for label in topic.split('/') {
            let end = start + label.len();
            let node = match self.child(parent, label) {
                Some(node) => node,
                None => {
                    // The levels still to come are made together or not at all.
                    let missing = || topic[start..].split('/').count();
                    if !making && self.nodes.len() + missing() > limit {
                        return None;
                    }
                    making = true;
                    self.make(topic, start, end, parent)
                }
            };
            parent = Some(node);
            start = end + 1;
        }
        parent
    }

    /// Calls `visit` for the node and everything above it.
    pub(crate) fn climb(&mut self, from: NodeId, mut visit: impl FnMut(&mut Node)) {
        let mut next = Some(from);
        while let Some(id) = next {
            let node = self.get_mut(id);
            visit(node);
            next = node.parent;
        }
    }

    fn child(&self, parent: Option<NodeId>, label: &str) -> Option<NodeId> {
        let hash = self.hash(parent, label);
        let same = |id: &NodeId| {
            let node = self.get(*id);
            node.parent == parent && node.label() == label
        };
        self.table.find(hash, same).copied()
    }

    fn make(&mut self, text: &Rc<str>, label: usize, end: usize, parent: Option<NodeId>) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        let hash = self.hash(parent, &text[label..end]);
        let depth = parent.map_or(0, |p| self.get(p).depth + 1);
        self.nodes.push(Node {
            text: Rc::clone(text),
            label: label as u32,
            end: end as u32,
            depth,
            parent,
            children: Vec::new(),
            topics_below: 0,
            rate_below: TopicRate::default(),
            topic: None,
        });
        let Self {
            nodes,
            table,
            hasher,
            ..
        } = self;
        table.insert_unique(hash, id, |id| {
            let node = &nodes[id.index()];
            hasher.hash_one((node.parent, node.label()))
        });
        self.insert_sorted(parent, id);
        id
    }

    fn insert_sorted(&mut self, parent: Option<NodeId>, id: NodeId) {
        let label = self.get(id).label();
        let siblings = parent.map_or(&self.roots, |p| &self.get(p).children);
        let place = siblings
            .partition_point(|other| natural::compare(self.get(*other).label(), label).is_lt());
        match parent {
            Some(parent) => self.get_mut(parent).children.insert(place, id),
            None => self.roots.insert(place, id),
        }
    }

    fn hash(&self, parent: Option<NodeId>, label: &str) -> u64 {
        self.hasher.hash_one((parent, label))
    }
}
