//! What clients ask for: links, and what goes over them.

use alloc::vec::Vec;

use vitrine_broker::ConnectionId;
use vitrine_client::Event;

use crate::Happening;
use crate::link::{Direction, Freight, Link};
use crate::node::Node;
use crate::world::World;

impl World {
    /// Does what a client asks for.
    pub(crate) fn settle_client(&mut self, node: usize) {
        if !self.nodes[node].up {
            return;
        }
        loop {
            while let Some(output) = self.nodes[node].client.poll_output() {
                self.do_for_client(node, output);
            }
            // An answer to a challenge is more to do.
            if !self.tell_events(node) {
                break;
            }
        }
        self.depart();
    }

    fn do_for_client(&mut self, node: usize, output: vitrine_client::Output) {
        match output {
            vitrine_client::Output::Open => {
                self.opened += 1;
                let id = ConnectionId(self.opened);
                let mut link = Link::new(id, node);
                link.up.push(Freight::Open, 0);
                self.links.insert(id, link);
                self.nodes[node].link = Some(id);
                self.note(Happening::Opening(id, node));
            }
            vitrine_client::Output::Transmit => {
                let link = self.nodes[node]
                    .link
                    .and_then(|link| self.links.get_mut(&link));
                if let Some(link) = link {
                    link.up.wanted = true;
                }
                self.push_up(node);
            }
            vitrine_client::Output::Close => self.close_client(node),
            _ => {}
        }
    }

    /// Takes over what a client tells its application, which answers challenges. Whether it answered one.
    pub(crate) fn tell_events(&mut self, node: usize) -> bool {
        let now = self.now;
        let mut answered = false;
        while let Some(event) = self.nodes[node].client.poll_event() {
            if let Event::Auth { reason, data } = &event {
                answered |= self.nodes[node].prove(*reason, data, now);
            }
            self.note(Happening::Client(node, event));
        }
        answered
    }

    /// Puts what a client has on its link, as far as there is room.
    pub(super) fn push_up(&mut self, node: usize) {
        let Some(id) = self.nodes[node].link else {
            return;
        };
        let now = self.now;
        loop {
            let Node { client, line, .. } = &mut self.nodes[node];
            let Some(link) = self.links.get_mut(&id) else {
                return;
            };
            let room = line.capacity.saturating_sub(link.up.bytes);
            if room == 0 && !link.dead {
                return;
            }
            let mut bytes = Vec::new();
            if client.poll_transmit(&mut bytes, room, now) == 0 {
                link.up.wanted = false;
                break;
            }
            self.carry(id, node, &bytes);
        }
        self.tell_events(node);
        self.depart();
    }

    /// A client closes its transport: what it still has goes first.
    fn close_client(&mut self, node: usize) {
        let now = self.now;
        let Some(id) = self.nodes[node].link.take() else {
            return;
        };
        let mut bytes = Vec::new();
        self.nodes[node]
            .client
            .poll_transmit(&mut bytes, usize::MAX, now);
        self.carry(id, node, &bytes);
        // What comes is not listened to any more.
        self.lose(id, Direction::Down);
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        link.client_open = false;
        if !link.dead {
            link.up.push(Freight::End, 0);
        }
    }
}
