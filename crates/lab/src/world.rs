//! The world's state, and how it goes on.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_broker::{Broker, Command, Config, ConnectionId, Input, ObservationMask};
use vitrine_client::{Client, Options};
use vitrine_session::Time;

use crate::host::Host;
use crate::link::{Direction, Freight, Link, Pipe};
use crate::node::Node;
use crate::sabotage::{Sabotage, Saboteur};
use crate::{Happening, Line, Trace};

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
    /// What the broker is to tell of what it does.
    pub(crate) mask: ObservationMask,
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
            mask: ObservationMask::NONE,
            saboteur: Saboteur::default(),
            steps: 0,
        }
    }

    /// Adds a client, which does nothing yet. It is called by its Client Identifier. Gives its number, counted from 0.
    pub fn add(&mut self, options: Options, line: Line) -> usize {
        let name = options.client_id.clone();
        self.add_named(&name, options, line)
    }

    /// The same for a client that is called otherwise.
    ///
    /// Of one whose Authentication Method is `SCRAM-SHA-256` without data, the world does the exchange, with the user
    /// name and password of the options, which are then not part of the CONNECT.
    pub fn add_named(&mut self, name: &str, options: Options, line: Line) -> usize {
        let number = self.nodes.len();
        let node = Node::new(number, name.into(), options, line, self.now);
        self.nodes.push(node);
        number
    }

    /// Records what happens from now on, for [`Self::poll_trace`].
    pub fn observe(&mut self, tracing: bool) {
        self.tracing = tracing;
    }

    /// Has the broker tell this of what it does, also when it starts again: [`Happening::Observed`], among the others
    /// in their true order. Without it, whoever wants to know asks [`Self::broker_mut`].
    pub fn observe_broker(&mut self, mask: ObservationMask) {
        self.mask = mask;
        if let Some(broker) = &mut self.host.broker {
            broker.observe(mask);
        }
    }

    /// The oldest thing that happened and was not looked at.
    pub fn poll_trace(&mut self) -> Option<Trace> {
        self.trace.pop_front()
    }

    /// Has the host keep changes on which nothing rests (a subscriber's PUBACK or PUBCOMP) with what comes next, or after
    /// this time at most: see [`Broker::changes_press`]. Without it they are kept at once, as all others.
    pub fn keep_later(&mut self, time: Duration) {
        self.host.later = time;
    }

    /// Has the host send at once what rests on nothing that is to be durable, as a QoS 1 PUBLISH that is sent for the first
    /// time: see [`Broker::rests_on`]. It then has one batch of changes under way at a time, and takes the next one after this
    /// time at the earliest, within which acknowledgements may make it needless. Without it changes are taken as they come, and
    /// all that is sent leaves when those before it are durable.
    pub fn send_early(&mut self, time: Option<Duration>) {
        self.host.early = time;
    }

    /// Makes the world do something that no world does, to show that whoever checks it notices.
    pub fn sabotage(&mut self, sabotage: Sabotage) {
        self.saboteur.plan(sabotage);
        let access = self.saboteur.access(&self.host.config.access);
        if access != self.host.config.access {
            self.tell_broker(Input::Command(Command::SetAccess(access)));
        }
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

    /// What a client is called.
    #[must_use]
    pub fn name(&self, node: usize) -> &str {
        &self.nodes[node].name
    }

    /// How a client's link is.
    #[must_use]
    pub fn line(&self, node: usize) -> Line {
        self.nodes[node].line
    }

    /// The transport connection of a client, from the wish for it until it learns that it is gone.
    #[must_use]
    pub fn link(&self, node: usize) -> Option<ConnectionId> {
        self.nodes[node].link
    }

    /// Whose transport connection this is, while anything of it is left.
    #[must_use]
    pub fn node_of(&self, connection: ConnectionId) -> Option<usize> {
        self.links.get(&connection).map(|link| link.node)
    }

    /// Whether the link of a client was cut, and the client has not learnt of it.
    #[must_use]
    pub fn is_cut(&self, node: usize) -> bool {
        let link = self.nodes[node].link.and_then(|link| self.links.get(&link));
        link.is_some_and(|link| link.dead)
    }

    /// From which packet on packets of a client are held in this direction: so many pass before.
    #[must_use]
    pub fn held(&self, node: usize, direction: Direction) -> Option<u64> {
        let pipe = self.pipe(node, direction)?;
        let from = pipe.held_from?;
        Some(from.saturating_sub(pipe.arrived))
    }

    /// The link that is meant when somebody speaks of a client's: the one that it has, or the last that it left and on
    /// which something is still on its way.
    pub(crate) fn reached_link(&self, node: usize) -> Option<ConnectionId> {
        let left = || {
            let mut links = self.links.values().rev();
            let link = links.find(|link| link.node == node && !link.dead);
            link.map(|link| link.id)
        };
        self.nodes.get(node)?.link.or_else(left)
    }

    fn pipe(&self, node: usize, direction: Direction) -> Option<&Pipe> {
        let link = self.reached_link(node)?;
        Some(match direction {
            Direction::Up => &self.links.get(&link)?.up,
            Direction::Down => &self.links.get(&link)?.down,
        })
    }

    /// Batches of changes that are not durable yet: when each will be, and how many changes it has.
    pub fn commits(&self) -> impl Iterator<Item = (Time, usize)> + '_ {
        let batches = self.host.batches.iter();
        batches.map(|(at, changes)| (*at, changes.len()))
    }

    /// What is durable.
    #[must_use]
    pub fn store(&self) -> &vitrine_broker::PersistentState {
        &self.host.store
    }

    /// What the broker judges by.
    #[must_use]
    pub fn access(&self) -> &alloc::rc::Rc<vitrine_broker::Access> {
        &self.host.config.access
    }

    /// What the broker's clock shows.
    #[must_use]
    pub fn broker_clock(&self) -> Time {
        self.host.clock(self.now)
    }

    /// When the world's clock will show what the broker's will show at `at`.
    #[must_use]
    pub fn world_time(&self, at: Time) -> Time {
        self.host.world_time(at)
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
        let pipe = self.pipe(node, direction);
        let parcels = pipe.into_iter().flat_map(|pipe| &pipe.parcels);
        parcels.filter_map(|parcel| match &parcel.what {
            Freight::Packet(bytes) => Some(&**bytes),
            Freight::Open | Freight::End => None,
        })
    }

    /// What comes next, and when. `None`: nothing, until somebody does something.
    #[must_use]
    pub fn next(&self) -> Option<(Time, Next)> {
        let commit = self.host.next().map(|due| (due, Next::Commit));
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
            Next::Commit => self.commit_due(),
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
}
