//! The broker's state, and the way in and out of it.

use alloc::collections::VecDeque;
use alloc::rc::Rc;

use slab::Slab;
use vitrine_packet::PropertyBuf;

use crate::access::Rules;
use crate::collected::Collected;
use crate::connection::Connection;
use crate::encodings::Encodings;
use crate::hash::{self, Map};
use crate::limits::Refusals;
use crate::observer::Observer;
use crate::retained::RetainedStore;
use crate::router::Router;
use crate::session::Session;
use crate::sys::Sys;
use crate::timers::Timers;
use crate::{
    ClientId, Config, ConnectionId, Deadline, Input, Observation, ObservationMask, Output,
    Statistics, Time,
};

/// More levels than this are not allowed, whatever the configuration says: some searches go down a level
/// with each call of themselves, and the stack of a WebAssembly module is small.
const MAX_TOPIC_LEVELS: usize = 1_024;

/// An MQTT broker as a state machine.
///
/// The host tells it what happens ([`Self::handle`]), then does what it asks for until it asks for
/// nothing more ([`Self::poll_output`]), pulls bytes for the connections that can take them
/// ([`Self::poll_transmit`]), and wakes it when a deadline has come ([`Self::next_deadline`]). The same
/// inputs at the same times give the same bytes, outputs and observations.
///
/// A clone is a snapshot: both go on independently.
#[derive(Clone, Debug)]
pub struct Broker {
    pub(crate) config: Config,
    /// [`Config::access`], quick to ask.
    pub(crate) access: Rules,
    pub(crate) connections: Slab<Connection>,
    pub(crate) connection_ids: Map<ConnectionId, usize>,
    /// How many of the connections are above [`Config::max_connections`].
    pub(crate) surplus: usize,
    pub(crate) sessions: Slab<Session>,
    pub(crate) clients: Map<ClientId, usize>,
    pub(crate) router: Router,
    pub(crate) retained: RetainedStore,
    pub(crate) timers: Timers,
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) observer: Observer,
    pub(crate) refusals: Refusals,
    pub(crate) statistics: Statistics,
    pub(crate) sys: Sys,
    /// The latest publication's number.
    pub(crate) publications: u64,
    /// The latest Client Identifier's number that was made up.
    pub(crate) assigned: u64,
    /// When it was made.
    pub(crate) started: Time,
    /// How many enhanced authentications began.
    pub(crate) exchanges: u64,
    /// What all sessions' messages are charged that wait or are under way.
    pub(crate) queued_bytes: usize,
    /// What all outboxes hold.
    pub(crate) unsent_bytes: usize,
    /// Bytes of packets that came in part.
    pub(crate) partial_bytes: usize,
    /// QoS 2 messages of all clients that are not released.
    pub(crate) unreleased: usize,
    /// What all Wills cost.
    pub(crate) will_bytes: usize,
    /// Sessions that outlive their connection.
    pub(crate) kept_sessions: usize,
    /// Changes that were not taken.
    pub(crate) changes: Collected,
    pub(crate) scratch: Scratch,
}

/// Memory that is used again and again; empty between inputs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) properties: PropertyBuf,
    pub(crate) encodings: Encodings,
}

impl Broker {
    /// A broker without sessions.
    #[must_use]
    pub fn new(mut config: Config, now: Time) -> Self {
        config.max_topic_levels = config.max_topic_levels.min(MAX_TOPIC_LEVELS);
        Self {
            connections: Slab::new(),
            connection_ids: Map::with_hasher(hash::state(config.seed)),
            surplus: 0,
            sessions: Slab::new(),
            clients: Map::with_hasher(hash::state(config.seed)),
            router: Router::new(config.seed, config.route_cache),
            retained: RetainedStore::new(config.seed),
            timers: Timers::default(),
            outputs: VecDeque::new(),
            observer: Observer::new(config.observe, config.max_observations, now),
            refusals: Refusals::default(),
            statistics: Statistics::default(),
            sys: Sys::new(config.seed, now),
            publications: 0,
            assigned: 0,
            started: now,
            exchanges: 0,
            queued_bytes: 0,
            unsent_bytes: 0,
            partial_bytes: 0,
            unreleased: 0,
            will_bytes: 0,
            kept_sessions: 0,
            changes: Collected::default(),
            scratch: Scratch::default(),
            access: Rules::new(Rc::clone(&config.access), config.seed),
            config,
        }
    }

    /// Takes in something that happened. Afterwards drain [`Self::poll_output`].
    pub fn handle(&mut self, input: Input<'_>, now: Time) {
        self.observer.cause += 1;
        self.advance(now);
        if self.observer.now >= self.sys.next_sample {
            self.sample_load();
        }
        match input {
            Input::Opened { connection, peer } => self.opened(connection, peer),
            Input::Received { connection, bytes } => self.received(connection, bytes),
            Input::Closed { connection } => self.transport_closed(connection),
            Input::Deadline => self.deadlines(),
            Input::Command(command) => self.command(command),
        }
    }

    /// What the host is asked to do next; `None` when nothing more.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Self::handle`] with [`Input::Deadline`], if ever. May change with every call to
    /// the broker.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Deadline> {
        self.timers.next()
    }

    /// Says which observations are made from now on. Until then it is those of [`Config::observe`].
    pub fn observe(&mut self, mask: ObservationMask) {
        self.observer.set_mask(mask);
    }

    /// The oldest observation that was not polled yet.
    pub fn poll_observation(&mut self) -> Option<Observation> {
        self.observer.poll()
    }

    /// The number of the latest input, which observations name as their cause.
    #[must_use]
    pub fn inputs(&self) -> u64 {
        self.observer.cause
    }

    /// The limits and choices it was made with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The latest time that the broker was told.
    pub(crate) fn now(&self) -> Time {
        self.observer.now
    }

    pub(crate) fn advance(&mut self, now: Time) {
        self.observer.now = self.observer.now.max(now);
    }
}
