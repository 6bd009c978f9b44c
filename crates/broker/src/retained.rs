//! The Retained Messages, in a tree over the levels of their topics (3.1.1 and 5.0, section 3.3.1.3).

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use core::ops::ControlFlow;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use slab::Slab;

use crate::hash;
use crate::message::Message;

const ROOT: usize = 0;

#[derive(Clone, Debug, Default)]
struct Node {
    parent: usize,
    /// In the order of their text, which is the order in which a new subscriber gets the messages.
    children: BTreeMap<Box<str>, usize>,
    message: Option<Rc<Message>>,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct RetainedStore {
    hasher: FixedState,
    nodes: Slab<Node>,
    /// Nodes with a message, by its topic.
    topics: HashTable<usize>,
    bytes: usize,
}

impl RetainedStore {
    pub(crate) fn new(seed: u64) -> Self {
        let mut nodes = Slab::new();
        nodes.insert(Node::default());
        Self {
            hasher: hash::state(seed),
            nodes,
            topics: HashTable::new(),
            bytes: 0,
        }
    }

    /// How many messages there are.
    pub(crate) fn len(&self) -> usize {
        self.topics.len()
    }

    /// How many levels the topics have that differ from all others up to there.
    pub(crate) fn levels(&self) -> usize {
        self.nodes.len()
    }

    /// Bytes of topics, properties and payloads.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The message of a topic.
    pub(crate) fn get(&self, topic: &str) -> Option<&Rc<Message>> {
        self.nodes[self.find(topic)?].message.as_ref()
    }

    /// The message at a node that [`Self::set`] named.
    pub(crate) fn at(&self, node: usize) -> Option<&Rc<Message>> {
        self.nodes.get(node)?.message.as_ref()
    }

    /// Keeps a message as its topic's. Gives its node, and the message that was there before.
    pub(crate) fn set(&mut self, message: Rc<Message>) -> (usize, Option<Rc<Message>>) {
        self.bytes += message.size();
        let found = self.find(&message.topic);
        let node = found.unwrap_or_else(|| self.insert(&message.topic));
        let before = self.nodes[node].message.replace(message);
        self.bytes -= before.as_ref().map_or(0, |before| before.size());
        (node, before)
    }

    /// Removes the message of a topic. Gives its node, which may be used again, and the message.
    pub(crate) fn remove(&mut self, topic: &str) -> Option<(usize, Rc<Message>)> {
        let hash = hash::text(&self.hasher, 0, topic);
        let nodes = &self.nodes;
        let entry = self
            .topics
            .find_entry(hash, |node| is(nodes, *node, topic))
            .ok()?;
        let (found, _) = entry.remove();
        let message = self.nodes[found].message.take()?;
        self.bytes -= message.size();
        self.prune(found, topic);
        Some((found, message))
    }

    /// Calls `visit` with the message of every topic that a valid Topic Filter matches, in the order of
    /// the topics' levels, until it breaks off.
    pub(crate) fn matching(
        &self,
        filter: &str,
        visit: &mut impl FnMut(&Rc<Message>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.walk(ROOT, Some(filter), visit)
    }

    /// `rest` is what is left of the filter; `None` when it has ended.
    fn walk(
        &self,
        node: usize,
        rest: Option<&str>,
        visit: &mut impl FnMut(&Rc<Message>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(Node {
            children, message, ..
        }) = self.nodes.get(node)
        else {
            return ControlFlow::Continue(());
        };
        let Some(rest) = rest else {
            return message.iter().try_for_each(visit);
        };
        let (level, rest) = match rest.split_once('/') {
            Some((level, rest)) => (level, Some(rest)),
            None => (rest, None),
        };
        if level != "+" && level != "#" {
            return match children.get(level) {
                Some(child) => self.walk(*child, rest, visit),
                None => ControlFlow::Continue(()),
            };
        }
        if level == "#" {
            message.iter().try_for_each(&mut *visit)?;
        }
        for (text, child) in children {
            // A filter that begins with a wildcard does not match `$…` [MQTT-4.7.2-1].
            if node == ROOT && text.starts_with('$') {
                continue;
            }
            self.walk(*child, if level == "#" { Some("#") } else { rest }, visit)?;
        }
        ControlFlow::Continue(())
    }

    /// All messages, those of `$` topics too, in the order of the topics' levels.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Rc<Message>> {
        let mut open = alloc::vec![ROOT];
        core::iter::from_fn(move || {
            loop {
                let node = self.nodes.get(open.pop()?)?;
                open.extend(node.children.values().rev());
                if let Some(message) = &node.message {
                    return Some(message);
                }
            }
        })
    }

    fn find(&self, topic: &str) -> Option<usize> {
        let hash = hash::text(&self.hasher, 0, topic);
        self.topics
            .find(hash, |node| is(&self.nodes, *node, topic))
            .copied()
    }

    fn insert(&mut self, topic: &str) -> usize {
        let mut node = ROOT;
        for level in topic.split('/') {
            node = match self.nodes[node].children.get(level) {
                Some(child) => *child,
                None => {
                    let child = self.nodes.insert(Node {
                        parent: node,
                        ..Node::default()
                    });
                    self.nodes[node].children.insert(level.into(), child);
                    child
                }
            };
        }
        let hash = hash::text(&self.hasher, 0, topic);
        let (nodes, hasher) = (&self.nodes, &self.hasher);
        self.topics.insert_unique(hash, node, |node| {
            let topic = nodes[*node]
                .message
                .as_ref()
                .map_or("", |message| &*message.topic);
            hash::text(hasher, 0, topic)
        });
        node
    }

    /// Removes nodes that are left with nothing, from this one upwards.
    fn prune(&mut self, mut node: usize, topic: &str) {
        for level in topic.rsplit('/') {
            let Node {
                parent,
                children,
                message,
            } = &self.nodes[node];
            let parent = *parent;
            if message.is_some() || !children.is_empty() {
                return;
            }
            self.nodes[parent].children.remove(level);
            self.nodes.remove(node);
            node = parent;
        }
    }
}

fn is(nodes: &Slab<Node>, node: usize, topic: &str) -> bool {
    nodes[node]
        .message
        .as_ref()
        .is_some_and(|message| *message.topic == *topic)
}
