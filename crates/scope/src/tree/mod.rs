//! The topic tree: every topic that carried a message or holds a retained one.
//!
//! **Invariant:** nodes are only ever added, and so are topics among them. What a page keeps about
//! the tree (which nodes match a filter, which contain a text) is therefore extended by what is new
//! and never computed twice.

mod frame;
mod history;
mod marks;
mod nodes;
mod rows;
mod search;
mod topic;

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::rc::Rc;
use alloc::vec::Vec;

pub(crate) use frame::{TreeLens, row};
use history::History;
pub(crate) use marks::Marks;
use nodes::Nodes;
pub(crate) use nodes::{Node, NodeId};
pub(crate) use topic::{Message, Retained};

use crate::limits::Limits;

/// The tree.
#[derive(Clone)]
pub(crate) struct Tree {
    nodes: Nodes,
    /// The nodes that are topics, in the order in which they became that.
    topics: Vec<NodeId>,
    /// How many of them are the broker's own.
    system_topics: usize,
    retained: usize,
    history: History,
    full: bool,
    max_topics: usize,
    max_nodes: usize,
}

impl Tree {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            nodes: Nodes::new(limits.seed),
            topics: Vec::new(),
            system_topics: 0,
            retained: 0,
            history: History::new(limits.history_bytes, limits.history),
            full: false,
            max_topics: limits.topics,
            max_nodes: limits.nodes,
        }
    }

    /// A message was published to `name`.
    pub(crate) fn publish(&mut self, name: &Rc<str>, message: Message) {
        let Some(id) = self.enter(name) else { return };
        let at = message.at;
        self.nodes.climb(id, |node| node.rate_below.add(at));
        if let Some(topic) = &mut self.nodes.get_mut(id).topic {
            topic.count += 1;
            topic.rate.add(at);
        }
        self.history.push(&mut self.nodes, id, message);
    }

    /// `name` retains a message from now on.
    pub(crate) fn retain(&mut self, name: &Rc<str>, retained: Retained) {
        let Some(id) = self.enter(name) else { return };
        let node = self.nodes.get_mut(id);
        let counts = !node.is_system();
        if let Some(topic) = &mut node.topic
            && topic.retained.replace(retained).is_none()
            && counts
        {
            self.retained += 1;
        }
    }

    /// `name` retains nothing any more.
    pub(crate) fn release(&mut self, name: &str) {
        let Some(id) = self.nodes.find(name) else {
            return;
        };
        let node = self.nodes.get_mut(id);
        let counts = !node.is_system();
        if let Some(topic) = &mut node.topic
            && topic.retained.take().is_some()
            && counts
        {
            self.retained -= 1;
        }
    }

    /// Nothing is retained any more but by these.
    pub(crate) fn release_all_but(&mut self, kept: &BTreeSet<&str>) {
        let topics = self.topics.iter().map(|id| self.nodes.get(*id));
        let gone = topics.filter(|node| {
            let retained = node.topic.as_ref().is_some_and(|it| it.retained.is_some());
            retained && !kept.contains(node.name())
        });
        let gone: Vec<Rc<str>> = gone.map(|node| node.name().into()).collect();
        for name in gone {
            self.release(&name);
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<NodeId> {
        self.nodes.find(name)
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        self.nodes.get(id)
    }

    /// Nodes so far. Tells whether the tree has grown.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The top level, in natural order.
    pub(crate) fn roots(&self) -> &[NodeId] {
        self.nodes.roots()
    }

    /// Topics in the order in which they came.
    pub(crate) fn topics(&self) -> &[NodeId] {
        &self.topics
    }

    /// Topics that do not begin with `$`.
    pub(crate) fn ordinary_topics(&self) -> usize {
        self.topics.len() - self.system_topics
    }

    /// Retained Messages of topics that do not begin with `$`.
    pub(crate) fn retained(&self) -> usize {
        self.retained
    }

    /// Whether a topic was left out.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// The node of a topic, which it becomes if it is none yet; `None` when a limit is reached.
    fn enter(&mut self, name: &Rc<str>) -> Option<NodeId> {
        if self.topics.len() >= self.max_topics {
            let known = self
                .nodes
                .find(name)
                .filter(|id| self.nodes.get(*id).topic.is_some());
            self.full |= known.is_none();
            return known;
        }
        let Some(id) = self.nodes.find_or_make(name, self.max_nodes) else {
            self.full = true;
            return None;
        };
        let node = self.nodes.get_mut(id);
        if node.topic.is_none() {
            node.topic = Some(Box::default());
            let (parent, system) = (node.parent, node.is_system());
            self.topics.push(id);
            self.system_topics += usize::from(system);
            if let Some(parent) = parent {
                self.nodes.climb(parent, |node| node.topics_below += 1);
            }
        }
        Some(id)
    }
}
