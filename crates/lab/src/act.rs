//! Doing what an [`Action`] says.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_broker::{Broker, Command};
use vitrine_client::{Client, Input, Refused, Ticket};
use vitrine_session::Time;

use crate::link::{Direction, Freight, Parcel};
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
        if self.tracing {
            self.note(Happening::Acted(Box::new(action.clone())));
        }
        // These are steps, or none at all.
        if let Action::Wait(time) = action {
            self.run_for(*time);
            return None;
        }
        if let Action::Pause(time) = action {
            self.pause(*time);
            return None;
        }
        let done = self.do_it(action);
        let ticket = done.unwrap_or_else(|why| {
            self.note(Happening::Idle(why));
            None
        });
        self.settle();
        ticket
    }

    /// Time passes, at most until what comes next. Gives what is left of it.
    pub(crate) fn pause(&mut self, time: Duration) -> Duration {
        let end = self.now + time;
        let next = self.next().map_or(Time::NEVER, |(at, _)| at);
        self.now = end.min(next);
        end.since(self.now)
    }

    /// [`Self::run`] with so many steps at most that no script can keep anybody busy for ever.
    fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        let mut left = crate::road::MOST_MOMENTS;
        while left > 0 && self.next().is_some_and(|(at, _)| at <= end) {
            self.step();
            left -= 1;
        }
        if left > 0 {
            self.now = end;
        }
    }

    fn do_it(&mut self, action: &Action) -> Result<Option<Ticket>, Rc<str>> {
        let now = self.now;
        match action {
            Action::Connect(node) => self.connect(*node)?,
            Action::ConnectAs(node, options) => {
                self.running(*node)?;
                let found = &mut self.nodes[*node];
                if found.link.is_some() {
                    return Err(
                        "it has a connection: what it connects with counts for the next".into(),
                    );
                }
                found.set_options((**options).clone());
                self.connect(*node)?;
            }
            Action::Disconnect(node, reason, expiry) => {
                self.running(*node)?;
                if !self.client(*node).is_active() {
                    return Err("it is not connected".into());
                }
                self.with(*node, |client| client.disconnect(*reason, *expiry, now));
            }
            Action::Publish(node, message) => {
                return self.request(*node, |client| client.publish(message.clone(), now));
            }
            Action::Subscribe(node, filters, identifier) => {
                let filters = filters
                    .iter()
                    .map(|(filter, options)| (&**filter, *options));
                let filters: Vec<_> = filters.collect();
                return self.request(*node, |client| client.subscribe(&filters, *identifier, now));
            }
            Action::Unsubscribe(node, filters) => {
                let filters: Vec<_> = filters.iter().map(|filter| &**filter).collect();
                return self.request(*node, |client| client.unsubscribe(&filters, now));
            }
            Action::Ping(node) => {
                self.connected(*node)?;
                self.with(*node, |client| client.ping(now));
            }
            Action::Authenticate(node) => {
                self.connected(*node)?;
                self.nodes[*node].begin_again(now)?;
                self.settle_client(*node);
            }
            Action::Send(node, bytes) => {
                self.running(*node)?;
                if !self.carry_raw(*node, bytes) {
                    return Err("it has no link to send bytes on".into());
                }
            }
            Action::Cut {
                node,
                client,
                broker,
            } => {
                self.on_pipe(*node, Direction::Up, |_| {})?;
                if let Some(id) = self.reached_link(*node) {
                    self.cut_link(id, *client, *broker);
                }
            }
            Action::CutAt(node, direction, packets, point) => {
                self.on_pipe(*node, *direction, |pipe| {
                    pipe.cut = Some((pipe.arrived + packets, *point));
                })?;
            }
            Action::Hold(node, direction, packets) => {
                self.on_pipe(*node, *direction, |pipe| {
                    pipe.held_from = Some(pipe.arrived + packets);
                })?;
            }
            Action::Release(node, direction) => {
                self.on_pipe(*node, *direction, |pipe| pipe.held_from = None)?;
            }
            Action::Line(node, line) => {
                self.known(*node)?;
                self.nodes[*node].line = *line;
            }
            Action::CrashClient { node, memory } => {
                self.running(*node)?;
                self.crash_client(*node, *memory);
            }
            Action::StartClient(node) => {
                self.known(*node)?;
                if self.nodes[*node].up {
                    return Err("it runs".into());
                }
                self.start_client(*node);
            }
            Action::CrashBroker { flush } => {
                if self.host.broker.is_none() {
                    return Err("the broker is down".into());
                }
                self.crash_broker(*flush);
            }
            Action::StartBroker { stored } => {
                if self.host.broker.is_some() {
                    return Err("the broker runs".into());
                }
                self.start_broker(*stored);
            }
            Action::Drop { node, politely } => {
                self.known(*node)?;
                let client = Rc::clone(&self.nodes[*node].client.options().client_id);
                let session = self.broker().and_then(|broker| broker.session(&client));
                if session.is_none_or(|session| session.connection.is_none()) {
                    return Err("the broker has no connection of it".into());
                }
                self.tell_broker(vitrine_broker::Input::Command(Command::Drop {
                    client: &client,
                    politely: *politely,
                }));
            }
            Action::SetAccess(access) => {
                self.host.config.access = Rc::clone(access);
                if let Some(access) = self.saboteur.new_access(access) {
                    self.tell_broker(vitrine_broker::Input::Command(Command::SetAccess(access)));
                }
            }
            Action::Sleep(time) => self.now = self.now + *time,
            Action::Clock(micros) => self.host.ahead = self.host.ahead.saturating_add(*micros),
            // Done before.
            Action::Wait(_) | Action::Pause(_) => {}
        }
        Ok(None)
    }

    fn known(&self, node: usize) -> Result<(), Rc<str>> {
        let known = self.is_node(node);
        known
            .then_some(())
            .ok_or_else(|| "there is no such client".into())
    }

    fn running(&self, node: usize) -> Result<(), Rc<str>> {
        self.known(node)?;
        let up = self.nodes[node].up;
        up.then_some(()).ok_or_else(|| "its machine is down".into())
    }

    fn connected(&self, node: usize) -> Result<(), Rc<str>> {
        self.running(node)?;
        let connected = self.client(node).is_connected();
        connected
            .then_some(())
            .ok_or_else(|| "it is not connected".into())
    }

    fn connect(&mut self, node: usize) -> Result<(), Rc<str>> {
        self.running(node)?;
        let now = self.now;
        let before = self.nodes[node].link;
        self.with(node, |client| client.connect(now));
        let opened = self.nodes[node].link != before;
        opened
            .then_some(())
            .ok_or_else(|| "it has a connection, or waits for one".into())
    }

    /// Has a client do what gives a number.
    fn request(
        &mut self,
        node: usize,
        what: impl FnOnce(&mut Client) -> Result<Ticket, Refused>,
    ) -> Result<Option<Ticket>, Rc<str>> {
        self.running(node)?;
        let mut done = Err(Refused::NotConnected);
        self.with(node, |client| done = what(client));
        done.map(Some).map_err(|why| why.to_string().into())
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
    ) -> Result<(), Rc<str>> {
        self.known(node)?;
        let link = self.reached_link(node);
        let link = link.and_then(|link| self.links.get_mut(&link));
        let link = link.filter(|link| !link.dead);
        let link = link.ok_or("it has no link, or one that was cut")?;
        what(link.pipe(direction));
        Ok(())
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
        if let Some(id) = found.link.take() {
            self.lose(id, Direction::Down);
            if let Some(link) = self.links.get_mut(&id) {
                link.client_open = false;
            }
        }
        let found = &mut self.nodes[node];
        if memory {
            found.client.handle(Input::Closed, now);
            self.tell_events(node);
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
        self.note(Happening::BrokerCrashed);
        let (now, committed) = (self.now, self.host.committed);
        let ids: Vec<_> = self.links.keys().copied().collect();
        for id in ids {
            self.lose(id, Direction::Up);
            let Some(link) = self.links.get_mut(&id) else {
                continue;
            };
            let latency = self.nodes[link.node].line.down;
            link.broker_open = false;
            link.closing = false;
            link.up.wanted = false;
            if link.dead {
                continue;
            }
            let left =
                |parcel: &Parcel| flush && parcel.after <= committed && parcel.arrives.is_some();
            let parcels = link.down.clear().into_iter();
            let (kept, lost): (VecDeque<_>, VecDeque<_>) = parcels.partition(left);
            link.down.wanted = false;
            let over = kept.iter().any(|parcel| parcel.what == Freight::End);
            for parcel in &kept {
                if let Freight::Packet(bytes) = &parcel.what {
                    link.down.bytes += bytes.len();
                }
            }
            link.down.parcels = kept;
            // A connection that is only wished for is refused.
            if !over {
                link.down.push(Freight::End, 0);
                link.down.depart(u64::MAX, now, latency);
            }
            for parcel in lost {
                self.lost(id, Direction::Down, &parcel, 0);
            }
        }
        self.host.crash();
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
        let mut config = self.host.config.clone();
        // Also of what it does as it starts: it ends Sessions and publishes Wills.
        config.observe = self.mask;
        config.access = self.saboteur.access(&config.access);
        self.note(Happening::BrokerStarted { stored });
        let restored = Broker::restore(config.clone(), self.host.store.clone(), clock);
        // What the broker itself left, it can start from: it is a fault of the broker if not.
        debug_assert!(restored.is_ok(), "{:?}", restored.err());
        self.host.broker = Some(restored.unwrap_or_else(|_| Broker::new(config, clock)));
        self.observed();
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
