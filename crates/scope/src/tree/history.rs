//! One bound for what all topics remember together.

use alloc::collections::VecDeque;

use crate::tree::nodes::{NodeId, Nodes};
use crate::tree::topic::Message;

/// The order in which messages were remembered, over all topics. When they take too much memory the
/// oldest go first, except a topic's last message, which is what the tree shows.
#[derive(Clone)]
pub(crate) struct History {
    /// The node, and the publication remembered there. A message that its topic has dropped since
    /// still stands here until the next sweep.
    order: VecDeque<(NodeId, u64)>,
    messages: usize,
    bytes: usize,
    limit: usize,
    per_topic: usize,
}

impl History {
    /// `limit` bytes for all topics, `per_topic` messages (at least 1) for each.
    pub(crate) fn new(limit: usize, per_topic: usize) -> Self {
        Self {
            order: VecDeque::new(),
            messages: 0,
            bytes: 0,
            limit,
            per_topic: per_topic.max(1),
        }
    }

    /// Remembers a message of the topic at `id`.
    pub(crate) fn push(&mut self, nodes: &mut Nodes, id: NodeId, message: Message) {
        let Some(topic) = &mut nodes.get_mut(id).topic else {
            return;
        };
        self.order.push_back((id, message.publication));
        self.messages += 1;
        self.bytes += message.payload.kept();
        topic.messages.push_back(message);
        if topic.messages.len() > self.per_topic
            && let Some(dropped) = topic.messages.pop_front()
        {
            self.count_out(&dropped);
        }
        self.shrink(nodes);
        self.sweep(nodes);
    }

    fn shrink(&mut self, nodes: &mut Nodes) {
        // Where last messages alone are over the limit, looking for more to drop would be in vain.
        let mut kept = 0;
        while self.bytes > self.limit && kept < 8 {
            let Some((id, publication)) = self.order.pop_front() else {
                return;
            };
            let Some(topic) = &mut nodes.get_mut(id).topic else {
                continue;
            };
            if topic
                .messages
                .front()
                .is_none_or(|oldest| oldest.publication != publication)
            {
                continue;
            }
            if topic.messages.len() == 1 {
                // The last message stays, and is asked again after all others.
                self.order.push_back((id, publication));
                kept += 1;
            } else if let Some(dropped) = topic.messages.pop_front() {
                self.count_out(&dropped);
            }
        }
    }

    /// Forgets the entries of messages that are gone, when they are the larger part.
    fn sweep(&mut self, nodes: &Nodes) {
        if self.order.len() < 64 || self.order.len() < 2 * self.messages {
            return;
        }
        self.order.retain(|(id, publication)| {
            let oldest = nodes
                .get(*id)
                .topic
                .as_ref()
                .and_then(|topic| topic.messages.front());
            oldest.is_some_and(|oldest| oldest.publication <= *publication)
        });
    }

    fn count_out(&mut self, message: &Message) {
        self.messages -= 1;
        self.bytes -= message.payload.kept();
    }
}
