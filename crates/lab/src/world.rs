//! The world's state, and how it goes on.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_broker::{Broker, Config, ConnectionId, Input, Output, Peer};
use vitrine_client::{Client, Options};
use vitrine_packet::Framer;
use vitrine_session::Time;

use crate::host::Host;
use crate::link::{Direction, Freight, Link};
use crate::node::Node;
use crate::sabotage::{Sabotage, Saboteur};
use crate::{CutPoint, Happening, Line, Trace};

/// More steps than this without time passing: somebody turns in circles.
const MOST_AT_ONCE: u32 = 1_000_000;

/// Clients, links, one broker with its store, and a clock. The same actions at the same times lead to the same
/// world, always; a clone goes on by itself.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) now: Time,
    pub(crate) nodes: Vec<Node>,
    pub(crate) host: Host,
    pub(crate) links: BTreeMap<ConnectionId, Link>,
    pub(crate) opened: u64,
    pub(crate) trace: VecDeque<Trace>,
    pub(crate) tracing: bool,
    pub(crate) saboteur: Saboteur,
    /// Steps taken.
    steps: u64,
}

/// What the next step will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Next {
    /// Changes become durable.
    Commit,
    /// Something arrives on a link.
    Arrival(ConnectionId, Direction),
    /// A deadline of the broker.
    Broker,
    /// A deadline of a client.
    Client(usize),
}

impl World {
    /// A world with a broker and nobody else, at this time. With [`Config::durable`] the broker has a store that
    /// takes `commit` to make changes durable.
    #[must_use]
    pub fn new(config: Config, commit: Duration, now: Time) -> Self {
        Self {
            now,
            nodes: Vec::new(),
            host: Host::new(config, commit, now),
            links: BTreeMap::new(),
            opened: 0,
            trace: VecDeque::new(),
            tracing: false,
            saboteur: Saboteur::default(),
            steps: 0,
        }
    }

    /// Adds a client, which does nothing yet. Gives its number, counted from 0.
    pub fn add(&mut self, options: Options, line: Line) -> usize {
        self.nodes.push(Node {
            client: Client::new(options.clone(), self.now),
            name: options.client_id.clone(),
            options,
            up: true,
            link: None,
            line,
        });
        self.nodes.len() - 1
    }

    /// Records what happens from now on, for [`Self::poll_trace`].
    pub fn observe(&mut self, tracing: bool) {
        self.tracing = tracing;
    }

    /// The oldest thing that happened and was not looked at.
    pub fn poll_trace(&mut self) -> Option<Trace> {
        self.trace.pop_front()
    }

    /// Makes the world do something that no world does, to show that whoever checks it notices.
    pub fn sabotage(&mut self, sabotage: Sabotage) {
        self.saboteur.plan(sabotage);
    }

    /// The world's time.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// Steps taken so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// How many clients there are.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.nodes.len()
    }

    /// A client.
    #[must_use]
    pub fn client(&self, node: usize) -> &Client {
        &self.nodes[node].client
    }

    /// Whether a client's machine runs.
    #[must_use]
    pub fn is_up(&self, node: usize) -> bool {
        self.nodes[node].up
    }

    /// The broker, while it runs.
    #[must_use]
    pub fn broker(&self) -> Option<&Broker> {
        self.host.broker.as_ref()
    }

    /// The same for whoever observes it, or wants to give it a command.
    pub fn broker_mut(&mut self) -> Option<&mut Broker> {
        self.host.broker.as_mut()
    }

    /// Packets on their way between a client and the broker, in this direction, the next first.
    pub fn in_flight(&self, node: usize, direction: Direction) -> impl Iterator<Item = &[u8]> {
        let link = self.nodes[node].link.and_then(|link| self.links.get(&link));
        let pipe = link.map(|link| match direction {
            Direction::Up => &link.up,
            Direction::Down => &link.down,
        });
        let parcels = pipe.into_iter().flat_map(|pipe| &pipe.parcels);
        parcels.filter_map(|parcel| match &parcel.what {
            Freight::Packet(bytes) => Some(&**bytes),
            Freight::Open | Freight::End => None,
        })
    }

    /// What comes next, and when. `None`: nothing, until somebody does something.
    #[must_use]
    pub fn next(&self) -> Option<(Time, Next)> {
        let commit = self
            .host
            .batches
            .front()
            .map(|(due, _)| (*due, Next::Commit));
        let arrivals = self.links.values().flat_map(|link| {
            let up = link
                .up
                .next()
                .map(|at| (at, Next::Arrival(link.id, Direction::Up)));
            let down = link
                .down
                .next()
                .map(|at| (at, Next::Arrival(link.id, Direction::Down)));
            up.into_iter().chain(down)
        });
        let broker = self.host.broker.as_ref().and_then(Broker::next_deadline);
        let broker = broker.map(|deadline| (self.host.world_time(deadline.at), Next::Broker));
        let clients = self.nodes.iter().enumerate().filter(|(_, node)| node.up);
        let clients = clients.filter_map(|(at, node)| {
            let deadline = node.client.next_deadline()?;
            Some((deadline.at, Next::Client(at)))
        });
        let all = commit
            .into_iter()
            .chain(arrivals)
            .chain(broker)
            .chain(clients);
        let (at, next) = all.min()?;
        Some((at.max(self.now), next))
    }

    /// Takes one step: what comes next happens, and time is what it is then. Says what it was.
    pub fn step(&mut self) -> Option<Next> {
        let (at, next) = self.next()?;
        self.now = at;
        self.steps += 1;
        match next {
            Next::Commit => self.commit(),
            Next::Arrival(link, direction) => self.arrive(link, direction),
            Next::Broker => {
                self.note(Happening::BrokerDeadline);
                self.tell_broker(Input::Deadline);
            }
            Next::Client(node) => {
                let now = self.now;
                self.nodes[node]
                    .client
                    .handle(vitrine_client::Input::Deadline, now);
                self.settle_client(node);
            }
        }
        Some(next)
    }

    /// Takes all steps that fall into so much time, and lets it pass.
    ///
    /// # Panics
    /// When a million steps take no time.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        let (mut before, mut steps) = (self.now, 0);
        while self.next().is_some_and(|(at, _)| at <= end) {
            self.step();
            steps = if self.now == before { steps + 1 } else { 0 };
            assert!(steps < MOST_AT_ONCE, "the world turns in circles");
            before = self.now;
        }
        self.now = end;
    }

    pub(crate) fn note(&mut self, what: Happening) {
        if self.tracing {
            let (at, clock) = (self.now, self.host.clock(self.now));
            let broker_at = clock.max(self.host.latest);
            self.trace.push_back(Trace {
                at,
                broker_at,
                what,
            });
        }
    }

    fn commit(&mut self) {
        self.host.commit();
        self.note(Happening::Committed(self.host.committed));
        self.depart();
    }

    /// Lets everything leave that may.
    fn depart(&mut self) {
        let (now, committed) = (self.now, self.host.committed);
        for link in self.links.values_mut() {
            let line = &self.nodes[link.node].line;
            link.up.depart(u64::MAX, now, line.up);
            link.down.depart(committed, now, line.down);
        }
    }

    /// The next parcel of a link arrives.
    fn arrive(&mut self, id: ConnectionId, direction: Direction) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let node = link.node;
        let pipe = link.pipe(direction);
        let number = pipe.arrived;
        let cut = pipe
            .cut
            .filter(|(at, _)| *at == number)
            .map(|(_, point)| point);
        let is_packet = matches!(pipe.parcels.front(), Some(parcel) if matches!(parcel.what, Freight::Packet(_)));
        let mine = self.nodes[node].link == Some(id);
        if is_packet && mine && cut == Some(CutPoint::Before) {
            return self.cut(node, Some(Duration::ZERO), Some(Duration::ZERO));
        }
        let Some(freight) = pipe.pop() else {
            return;
        };
        let mut part = None;
        if let (Some(CutPoint::Within(bytes)), Freight::Packet(packet)) = (cut, &freight) {
            part = Some(bytes.min(packet.len() - 1));
        }
        match direction {
            Direction::Up => self.arrive_at_broker(id, freight, part),
            Direction::Down => self.arrive_at_client(id, freight, part),
        }
        if is_packet && cut.is_some() && self.nodes[node].link == Some(id) {
            self.cut(node, Some(Duration::ZERO), Some(Duration::ZERO));
        }
        self.settle_client(node);
        self.settle();
    }

    fn arrive_at_broker(&mut self, id: ConnectionId, freight: Freight, part: Option<usize>) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let node = link.node;
        match freight {
            Freight::Open => {
                if self.host.broker.is_none() {
                    link.down.push(Freight::End, 0);
                    return self.depart();
                }
                link.broker_open = true;
                link.down.push(Freight::Open, 0);
                let name = Rc::clone(&self.nodes[node].name);
                self.note(Happening::Opened(id, node));
                let peer = Peer {
                    name,
                    ..Peer::by("lab")
                };
                self.tell_broker(Input::Opened {
                    connection: id,
                    peer,
                });
                self.depart();
            }
            Freight::Packet(packet) => {
                if !link.broker_open {
                    return;
                }
                let whole = part.is_none();
                let bytes = &packet[..part.unwrap_or(packet.len())];
                let fragment = self.nodes[node].line.fragment;
                if whole {
                    self.note(Happening::ToBroker(id, Rc::clone(&packet)));
                }
                for bytes in fragments(bytes, fragment) {
                    self.tell_broker(Input::Received {
                        connection: id,
                        bytes,
                    });
                }
            }
            Freight::End => {
                if core::mem::take(&mut link.broker_open) {
                    self.note(Happening::Gone(id));
                    self.tell_broker(Input::Closed { connection: id });
                }
                if let Some(link) = self.links.get_mut(&id) {
                    link.closing = false;
                }
            }
        }
    }

    fn arrive_at_client(&mut self, id: ConnectionId, freight: Freight, part: Option<usize>) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let node = link.node;
        if !link.client_open || self.nodes[node].link != Some(id) {
            return;
        }
        let now = self.now;
        match freight {
            Freight::Open => self.nodes[node]
                .client
                .handle(vitrine_client::Input::Opened, now),
            Freight::Packet(packet) => {
                let whole = part.is_none();
                let bytes = &packet[..part.unwrap_or(packet.len())];
                let fragment = self.nodes[node].line.fragment;
                if whole {
                    self.note(Happening::ToClient(id, node, Rc::clone(&packet)));
                }
                for bytes in fragments(bytes, fragment) {
                    self.nodes[node]
                        .client
                        .handle(vitrine_client::Input::Received(bytes), now);
                }
            }
            Freight::End => {
                link.client_open = false;
                self.nodes[node].link = None;
                self.nodes[node]
                    .client
                    .handle(vitrine_client::Input::Closed, now);
            }
        }
    }

    pub(crate) fn tell_broker(&mut self, input: Input<'_>) {
        let clock = self.host.told(self.now);
        if let Some(broker) = &mut self.host.broker {
            broker.handle(input, clock);
        }
        self.settle();
    }

    /// Does what the broker asks for, until it asks for nothing more that can be done now.
    pub(crate) fn settle(&mut self) {
        loop {
            self.drain_broker();
            let ready = self.links.values().find(|link| {
                let room = link.down.bytes < self.nodes[link.node].line.capacity;
                link.broker_open && (link.closing || link.down.wanted) && (room || link.dead)
            });
            let Some(id) = ready.map(|link| link.id) else {
                break;
            };
            self.pull(id);
        }
        self.depart();
        // Room on a link lets in what its client has.
        let waiting = self
            .links
            .values()
            .filter(|link| link.up.wanted)
            .map(|link| link.node);
        for node in waiting.collect::<Vec<_>>() {
            self.push_up(node);
        }
        self.links.retain(|_, link| !link.is_over());
    }

    fn drain_broker(&mut self) {
        loop {
            let Some(broker) = &mut self.host.broker else {
                return;
            };
            match broker.poll_output() {
                None => return,
                Some(Output::Persist) => {
                    self.host.take(self.now);
                    self.note(Happening::Taken(self.host.taken));
                    if self.host.commit.is_zero() {
                        self.commit();
                    }
                }
                Some(Output::Transmit { connection }) => {
                    if let Some(link) = self.links.get_mut(&connection) {
                        link.down.wanted = true;
                    }
                }
                Some(Output::Close { connection, reason }) => {
                    if let Some(link) = self.links.get_mut(&connection) {
                        link.closing = true;
                        self.note(Happening::Ended(connection, reason));
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Pulls what the broker has for a connection, as far as there is room.
    fn pull(&mut self, id: ConnectionId) {
        let clock = self.host.told(self.now);
        let (Some(link), Some(broker)) = (self.links.get_mut(&id), &mut self.host.broker) else {
            return;
        };
        let room = self.nodes[link.node]
            .line
            .capacity
            .saturating_sub(link.down.bytes);
        let mut bytes = Vec::new();
        let count = broker.poll_transmit(id, &mut bytes, room, clock);
        link.down.wanted = false;
        let after = if self.saboteur.releases_early() {
            0
        } else {
            self.host.taken
        };
        let dead = link.dead;
        let over = link.closing && (count == 0 || broker.connection(id).is_none());
        let node = link.node;
        let mut framer = Framer::default();
        let mut rest = &bytes[..];
        while let Ok(Some(packet)) = framer.next(&mut rest) {
            let version = self.nodes[node].options.version;
            for packet in self.saboteur.carry(packet.into(), version) {
                self.note(Happening::FromBroker(id, Rc::clone(&packet)));
                if let Some(link) = self.links.get_mut(&id).filter(|_| !dead) {
                    link.down.push(Freight::Packet(packet), after);
                }
            }
        }
        if over {
            // All is on its way: the transport ends behind it.
            if let Some(link) = self.links.get_mut(&id) {
                link.broker_open = false;
                link.closing = false;
                if !dead {
                    link.down.push(Freight::End, after);
                }
            }
            if let Some(broker) = &mut self.host.broker {
                broker.handle(Input::Closed { connection: id }, clock);
            }
        }
    }

    /// Does what a client asks for.
    pub(crate) fn settle_client(&mut self, node: usize) {
        if !self.nodes[node].up {
            return;
        }
        while let Some(output) = self.nodes[node].client.poll_output() {
            match output {
                vitrine_client::Output::Open => {
                    self.opened += 1;
                    let id = ConnectionId(self.opened);
                    let mut link = Link::new(id, node);
                    link.up.push(Freight::Open, 0);
                    self.links.insert(id, link);
                    self.nodes[node].link = Some(id);
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
        while let Some(event) = self.nodes[node].client.poll_event() {
            self.note(Happening::Client(node, event));
        }
        self.depart();
    }

    /// Puts what a client has on its link, as far as there is room.
    fn push_up(&mut self, node: usize) {
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
            carry(link, &bytes);
        }
        while let Some(event) = self.nodes[node].client.poll_event() {
            self.note(Happening::Client(node, event));
        }
        self.depart();
    }

    /// A client closes its transport: what it still has goes first.
    fn close_client(&mut self, node: usize) {
        let now = self.now;
        let Some(id) = self.nodes[node].link.take() else {
            return;
        };
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let mut bytes = Vec::new();
        self.nodes[node]
            .client
            .poll_transmit(&mut bytes, usize::MAX, now);
        carry(link, &bytes);
        link.client_open = false;
        link.down.clear();
        if !link.dead {
            link.up.push(Freight::End, 0);
        }
    }

    /// Breaks a client's link.
    pub(crate) fn cut(&mut self, node: usize, client: Option<Duration>, broker: Option<Duration>) {
        let Some(id) = self.nodes[node].link else {
            return;
        };
        let now = self.now;
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        if link.dead {
            return;
        }
        link.dead = true;
        for (direction, notice) in [(Direction::Down, client), (Direction::Up, broker)] {
            let pipe = link.pipe(direction);
            pipe.clear();
            pipe.held_from = None;
            pipe.cut = None;
            if let Some(notice) = notice {
                pipe.push(Freight::End, 0);
                pipe.latest = now + notice;
                pipe.depart(u64::MAX, now, notice);
            }
        }
        if !link.broker_open {
            link.up.clear();
        }
        self.note(Happening::Cut(id, node));
    }
}

/// Puts whole packets on the way to the broker.
fn carry(link: &mut Link, bytes: &[u8]) {
    let mut framer = Framer::default();
    let mut rest = bytes;
    while let Ok(Some(packet)) = framer.next(&mut rest) {
        if !link.dead {
            link.up.push(Freight::Packet(packet.into()), 0);
        }
    }
}

/// The pieces that a transport makes of bytes: of `size` bytes each, or one of all where that is 0.
fn fragments(bytes: &[u8], size: usize) -> impl Iterator<Item = &[u8]> {
    let size = if size == 0 { bytes.len().max(1) } else { size };
    bytes.chunks(size)
}
