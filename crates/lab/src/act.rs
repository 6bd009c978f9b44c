//! Doing what an [`Action`] says.

use alloc::vec::Vec;

use vitrine_broker::Broker;
use vitrine_client::{Client, Input, Ticket};

use crate::link::{Direction, Freight};
use crate::world::World;
use crate::{Action, Happening, Step};

impl World {
    /// Lets time pass and does what a step says. Gives the number of a publication or request, if it was one and
    /// was taken.
    pub fn perform(&mut self, step: &Step) -> Option<Ticket> {
        self.run(step.after);
        self.act(&step.action)
    }

    /// Does something now. Gives the number of a publication or request, if it was one and was taken.
    pub fn act(&mut self, action: &Action) -> Option<Ticket> {
        let ticket = self.do_it(action);
        self.settle();
        ticket
    }

    fn do_it(&mut self, action: &Action) -> Option<Ticket> {
        let now = self.now;
        let mut ticket = None;
        match action {
            Action::Connect(node) => self.with(*node, |client| client.connect(now)),
            Action::Disconnect(node, reason, expiry) => {
                self.with(*node, |client| client.disconnect(*reason, *expiry, now));
            }
            Action::Publish(node, message) => self.with(*node, |client| {
                ticket = client.publish(message.clone(), now).ok();
            }),
            Action::Subscribe(node, filters, identifier) => self.with(*node, |client| {
                let filters = filters
                    .iter()
                    .map(|(filter, options)| (&**filter, *options));
                let filters: Vec<_> = filters.collect();
                ticket = client.subscribe(&filters, *identifier, now).ok();
            }),
            Action::Unsubscribe(node, filters) => self.with(*node, |client| {
                let filters: Vec<_> = filters.iter().map(|filter| &**filter).collect();
                ticket = client.unsubscribe(&filters, now).ok();
            }),
            Action::Cut {
                node,
                client,
                broker,
            } => self.cut(*node, *client, *broker),
            Action::CutAt(node, direction, packets, point) => {
                self.on_pipe(*node, *direction, |pipe| {
                    pipe.cut = Some((pipe.arrived + packets, *point));
                });
            }
            Action::Hold(node, direction, packets) => self.on_pipe(*node, *direction, |pipe| {
                pipe.held_from = Some(pipe.arrived + packets);
            }),
            Action::Release(node, direction) => {
                self.on_pipe(*node, *direction, |pipe| pipe.held_from = None);
            }
            Action::Line(node, line) => {
                if let Some(node) = self.nodes.get_mut(*node) {
                    node.line = *line;
                }
            }
            Action::CrashClient { node, memory } => self.crash_client(*node, *memory),
            Action::StartClient(node) => self.start_client(*node),
            Action::CrashBroker { flush } => self.crash_broker(*flush),
            Action::StartBroker { stored } => self.start_broker(*stored),
            Action::Sleep(time) => self.now = self.now + *time,
            Action::Clock(micros) => self.host.ahead = self.host.ahead.saturating_add(*micros),
        }
        ticket
    }

    /// Does something with a client whose machine runs.
    fn with(&mut self, node: usize, what: impl FnOnce(&mut Client)) {
        if let Some(found) = self.nodes.get_mut(node).filter(|node| node.up) {
            what(&mut found.client);
            self.settle_client(node);
        }
    }

    fn on_pipe(
        &mut self,
        node: usize,
        direction: Direction,
        what: impl FnOnce(&mut crate::link::Pipe),
    ) {
        let link = self.nodes.get(node).and_then(|node| node.link);
        let link = link.and_then(|link| self.links.get_mut(&link));
        if let Some(link) = link.filter(|link| !link.dead) {
            what(link.pipe(direction));
        }
    }

    fn crash_client(&mut self, node: usize, memory: bool) {
        if !self.is_node(node) || !self.nodes[node].up {
            return;
        }
        let notice = self.nodes[node].line.up;
        self.cut(node, None, Some(notice));
        let now = self.now;
        let Some(found) = self.nodes.get_mut(node) else {
            return;
        };
        found.up = false;
        if let Some(id) = found.link.take()
            && let Some(link) = self.links.get_mut(&id)
        {
            link.client_open = false;
            link.down.clear();
        }
        if memory {
            found.client.handle(Input::Closed, now);
            while let Some(event) = self.nodes[node].client.poll_event() {
                self.note(Happening::Client(node, event));
            }
        } else {
            found.client = Client::new(found.options.clone(), now);
        }
        while self.nodes[node].client.poll_output().is_some() {}
        self.note(Happening::ClientCrashed { node, memory });
    }

    fn start_client(&mut self, node: usize) {
        if !self.is_node(node) || self.nodes[node].up {
            return;
        }
        self.nodes[node].up = true;
        self.note(Happening::ClientStarted(node));
        let now = self.now;
        self.with(node, |client| client.connect(now));
    }

    fn is_node(&self, node: usize) -> bool {
        node < self.nodes.len()
    }

    fn crash_broker(&mut self, flush: bool) {
        if self.host.broker.is_none() {
            return;
        }
        let (now, committed) = (self.now, self.host.committed);
        for link in self.links.values_mut() {
            let latency = self.nodes[link.node].line.down;
            link.broker_open = false;
            link.closing = false;
            link.up.clear();
            link.up.wanted = false;
            if link.dead {
                continue;
            }
            let left = |parcel: &crate::link::Parcel| {
                flush && parcel.after <= committed && parcel.arrives.is_some()
            };
            let kept: Vec<_> = link.down.parcels.drain(..).filter(left).collect();
            link.down.bytes = 0;
            link.down.wanted = false;
            let over = kept.iter().any(|parcel| parcel.what == Freight::End);
            for parcel in kept {
                if let Freight::Packet(bytes) = &parcel.what {
                    link.down.bytes += bytes.len();
                }
                link.down.parcels.push_back(parcel);
            }
            // A connection that is only wished for is refused.
            if !over {
                link.down.push(Freight::End, 0);
                link.down.depart(u64::MAX, now, latency);
            }
        }
        self.host.crash();
        self.note(Happening::BrokerCrashed);
    }

    fn start_broker(&mut self, stored: bool) {
        if self.host.broker.is_some() {
            return;
        }
        if !stored {
            self.host.store = Default::default();
        }
        self.saboteur.spoil(&mut self.host.store);
        let clock = self.host.clock(self.now);
        self.host.latest = clock;
        let config = self.host.config.clone();
        self.note(Happening::BrokerStarted { stored });
        let restored = Broker::restore(config.clone(), self.host.store.clone(), clock);
        // What the broker itself left, it can start from: it is a fault of the broker if not.
        debug_assert!(restored.is_ok(), "{:?}", restored.err());
        self.host.broker = Some(restored.unwrap_or_else(|_| Broker::new(config, clock)));
    }

    /// Whatever is held goes on, whatever is planned is forgotten, whoever is down starts (the broker with its
    /// store), and clocks are right again: what a script's end needs to see what is left.
    pub fn heal(&mut self) {
        for link in self.links.values_mut() {
            for direction in [Direction::Up, Direction::Down] {
                let pipe = link.pipe(direction);
                pipe.held_from = None;
                pipe.cut = None;
                // Who was never to learn that the link is gone learns it now.
                if link.dead && link.pipe(direction).parcels.is_empty() {
                    let now = self.now;
                    link.pipe(direction).push(Freight::End, 0);
                    link.pipe(direction)
                        .depart(u64::MAX, now, Default::default());
                }
            }
        }
        self.host.ahead = self.host.ahead.max(0);
        if self.host.broker.is_none() {
            self.act(&Action::StartBroker { stored: true });
        }
        for node in 0..self.nodes.len() {
            self.act(&Action::StartClient(node));
        }
    }
}
