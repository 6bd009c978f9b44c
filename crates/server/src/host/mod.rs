//! The event loop: one thread, one broker, all connections.
//!
//! A turn waits for something to happen, reads once from every connection that has bytes, hands them to the broker, and only
//! then writes, once to every connection that got something: a hundred messages to one client are one write. Whatever a socket
//! does not take stays with the broker, which is where the limits are; that is the back-pressure.
//!
//! - `connection`: a socket with its layers. `accept`, `read`, `write`: the parts of a turn. `keep`: what waits for the disk,
//!   `schedule`, until when, and `patience`, for whom. `login`: passwords. `log`: what is told of it, `reached`: and
//!   of limits.
//! - [`Host::run`] is the loop.

mod accept;
mod connection;
mod keep;
mod log;
mod login;
mod patience;
mod reached;
mod read;
mod schedule;
mod write;

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use mio::{Events, Interest, Poll, Token, Waker};
use slab::Slab;
use tracing::{info, warn};
use vitrine_broker::{Broker, Command, ConnectionId, Input, Output, Time};

use crate::clock::Clock;
use crate::doorkeeper::{Doorkeeper, Queue};
use crate::host::connection::{Connection, Stage};
use crate::host::keep::{Batched, Keeping};
use crate::host::reached::Reached;
use crate::keeper::{Keeper, Kept};
use crate::listen::Listener;
use crate::requests::{Asked, Requests};
use crate::watch::{Files, Sources};
use crate::websocket::Origins;

/// Events taken from the system at a time.
const EVENTS: usize = 1_024;
/// The most that is read from a connection in a turn, in bytes.
const READ: usize = 128 << 10;
/// Buffers in which bytes were held that are kept for the next.
const HELD: usize = 64;
/// From one look at the machine's clock to the next: one that is set is noted so late at most.
const LOOK: Duration = Duration::from_secs(10);

/// Another thread has something to say.
const THREADS: Token = Token(usize::MAX);
/// Listeners count down from here.
const LISTENERS: usize = usize::MAX - 1;

/// See the module.
pub(crate) struct Host {
    broker: Broker,
    clock: Clock,
    /// The time of this turn.
    now: Time,
    /// Nothing happened that this turn could be about.
    quiet: bool,
    poll: Poll,
    requests: Requests,
    listeners: Vec<Listener>,
    /// Which pages may connect over WebSocket, where that was set.
    origins: Option<Origins>,
    connections: Slab<Connection>,
    /// Counts connections; the upper half of their numbers.
    opened: u64,
    /// Connections that may have bytes to read.
    reads: VecDeque<usize>,
    /// So many of these waited to be read when nothing could be, as the store failed, and still do. Until they were, no deadline
    /// comes: who said something in time is not too late because nobody listened.
    unheard: usize,
    /// Connections that may be written to.
    writes: Vec<usize>,
    /// Connections that the broker has ended, and when patience with them ends.
    endings: VecDeque<(Time, ConnectionId)>,
    /// Connections that are not read for a moment, and until when.
    pauses: VecDeque<(Time, ConnectionId)>,
    /// Accepting failed for want of something: when to try again.
    accept_again: Option<Time>,
    /// When that was told last.
    accept_told: Option<Time>,
    /// When to look whether the machine's clock was set.
    next_look: Time,
    /// When to stop, whoever is still connected.
    stop_at: Option<Time>,
    /// What is known of a connection that is reported lost to the broker right now.
    detail: Option<String>,
    reached: Reached,
    keeping: Keeping,
    doorkeeper: Doorkeeper,
    /// Connections whose passwords are to be checked.
    logins: Queue,
    sources: Sources,
    buffers: Buffers,
}

/// Memory that all connections share.
struct Buffers {
    read: Box<[u8]>,
    plain: Box<[u8]>,
    write: Vec<u8>,
    /// Some that bytes were held in.
    held: Vec<Vec<u8>>,
}

impl Buffers {
    /// Keeps memory in which bytes were held, if it is not much.
    fn give_back(&mut self, mut held: Vec<u8>) {
        if self.held.len() < HELD && held.capacity() <= write::PULL {
            held.clear();
            self.held.push(held);
        }
    }
}

impl Host {
    /// A host for `broker`, whose changes are kept in `store`; with `each`, every input's by itself. `files` may be read
    /// again.
    ///
    /// # Errors
    /// When the system does not let it wait for events.
    pub(crate) fn new(
        broker: Broker,
        clock: Clock,
        mut listeners: Vec<Listener>,
        origins: Option<Origins>,
        store: Option<Kept>,
        each: bool,
        files: Files,
    ) -> Result<Self> {
        let poll = Poll::new().context("cannot wait for events")?;
        for (at, listener) in listeners.iter_mut().enumerate() {
            let token = Token(LISTENERS - at);
            poll.registry()
                .register(&mut listener.socket, token, Interest::READABLE)
                .context("cannot wait for events")?;
        }
        let waker = Waker::new(poll.registry(), THREADS).context("cannot wait for events")?;
        let waker = Arc::new(waker);
        let requests = Requests::listen(&waker, files.watch)?;
        let keeping = match store {
            None => Keeping::Nothing,
            Some(store) => {
                let keeper = Keeper::start(store, Arc::clone(&waker))?;
                Keeping::Batched(Box::new(Batched::new(keeper, each)))
            }
        };
        Ok(Self {
            broker,
            keeping,
            doorkeeper: Doorkeeper::start(&waker)?,
            logins: Queue::default(),
            sources: files.sources,
            now: clock.now(),
            quiet: false,
            clock,
            poll,
            requests,
            listeners,
            origins,
            connections: Slab::new(),
            opened: 0,
            reads: VecDeque::new(),
            unheard: 0,
            writes: Vec::new(),
            endings: VecDeque::new(),
            pauses: VecDeque::new(),
            accept_again: None,
            accept_told: None,
            next_look: clock.now() + LOOK,
            stop_at: None,
            detail: None,
            reached: Reached::default(),
            buffers: Buffers {
                read: vec![0; READ].into(),
                plain: vec![0; READ].into(),
                write: Vec::new(),
                held: Vec::new(),
            },
        })
    }

    /// Serves until it is asked to stop, and all is sent then.
    ///
    /// # Errors
    /// When the system does not let it wait for events any more.
    pub(crate) fn run(&mut self) -> Result<()> {
        self.broker.observe(log::mask());
        for listener in &self.listeners {
            info!("listening on {listener}");
        }
        let mut events = Events::with_capacity(EVENTS);
        loop {
            match self.poll.poll(&mut events, self.patience()) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("cannot wait for events"),
            }
            self.now = self.clock.now();
            self.quiet = events.is_empty();
            for event in &events {
                match event.token() {
                    THREADS => {
                        self.kept();
                        self.authenticated();
                        self.asked();
                    }
                    Token(token) if token > LISTENERS - self.listeners.len() => {
                        self.listeners[LISTENERS - token].ready = true;
                    }
                    Token(at) => self.woken(at, event),
                }
            }
            self.accept();
            self.read();
            self.timers();
            self.write();
            self.log();
            self.reached.tell(&self.broker, self.now);
            let done = self.connections.is_empty() && !self.is_keeping();
            if self.stop_at.is_some_and(|at| at <= self.now || done) {
                return self.close_store();
            }
        }
    }

    /// How long to wait for something to happen at most.
    fn patience(&self) -> Option<Duration> {
        let accepting = self.stop_at.is_none() && self.accept_again.is_none();
        if !self.reads.is_empty() && self.may_read()
            || accepting && self.listeners.iter().any(|listener| listener.ready)
        {
            return Some(Duration::ZERO);
        }
        let times = [
            self.deadline(),
            self.endings.front().map(|(at, _)| *at),
            self.pauses.front().map(|(until, _)| *until),
            self.accept_again,
            self.stop_at,
            self.next_commit(),
            self.reached.next(),
            self.keeps().then_some(self.next_look),
        ];
        let next = times.into_iter().flatten().min()?;
        if next <= self.now {
            return Some(Duration::ZERO);
        }
        // A little late rather than a little early, which would be a turn for nothing.
        Some(next.since(self.clock.now()) + Duration::from_micros(500))
    }

    /// When the broker wants to be woken.
    fn deadline(&self) -> Option<Time> {
        let listens = self.unheard == 0;
        let deadline = self.broker.next_deadline().filter(|_| listens);
        deadline.map(|deadline| deadline.at)
    }

    /// A connection's socket has something new to tell.
    fn woken(&mut self, at: usize, event: &mio::event::Event) {
        let Some(connection) = self.connections.get_mut(at) else {
            return;
        };
        if event.is_writable() && !connection.writable {
            connection.writable = true;
            if !connection.to_write {
                connection.to_write = true;
                self.writes.push(at);
            }
        }
        let ends = event.is_read_closed() || event.is_error();
        connection.ends |= ends;
        if (ends || event.is_readable()) && !connection.to_read {
            connection.to_read = true;
            self.reads.push_back(at);
        }
    }

    /// Does what time asks for.
    fn timers(&mut self) {
        if self.deadline().is_some_and(|at| at <= self.now) {
            self.broker.handle(Input::Deadline, self.now);
        }
        while let Some((at, id)) = self.endings.front().copied()
            && at <= self.now
        {
            self.endings.pop_front();
            if let Some(at) = self.index(id) {
                self.forget(at);
            }
        }
        self.end_pauses();
        if self.accept_again.is_some_and(|at| at <= self.now) {
            self.accept_again = None;
        }
        if self.next_look <= self.now {
            self.next_look = self.now + LOOK;
            self.look_at_clock();
        }
    }

    /// Has it kept if the machine's clock was set.
    fn look_at_clock(&mut self) {
        let Some(jump) = self.clock.look() else {
            return;
        };
        if self.keep_clock() {
            info!(
                "the machine's clock was set {jump}: what the store holds ages by the time that really passes"
            );
        }
    }

    /// Does what whoever runs it asked for.
    fn asked(&mut self) {
        while let Some(asked) = self.requests.next() {
            match asked {
                Asked::Read(parts, why) => self.reload(parts, why),
                Asked::Stop { .. } if self.stop_at.is_some() => {
                    warn!("stopping at once");
                    self.stop_at = Some(self.now);
                }
                Asked::Stop { by, within } => {
                    info!("{by}: stopping; once more, and it stops at once");
                    self.stop_at = Some(self.now + within);
                    self.listeners.clear();
                    self.broker
                        .handle(Input::Command(Command::Shutdown), self.now);
                }
            }
        }
    }

    /// Does what the broker asks for, until it asks for nothing more.
    fn write(&mut self) {
        loop {
            self.outputs();
            self.begin_commit();
            if self.writes.is_empty() {
                return;
            }
            let mut writes = std::mem::take(&mut self.writes);
            for at in writes.drain(..) {
                self.write_to(at);
            }
            if self.writes.is_empty() {
                self.writes = writes;
            }
        }
    }

    fn outputs(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Transmit { connection } => self.queue_write(connection),
                Output::Close { connection, .. } => {
                    if let Some(at) = self.index(connection) {
                        self.connections[at].stage = Stage::Ending;
                        self.endings
                            .push_back((self.now + self.broker.config().linger, connection));
                    }
                    self.queue_write(connection);
                }
                Output::Authenticate { connection } => self.authenticate(connection),
                Output::Throttle { connection, until } => self.pause(connection, until),
                // Changes are looked for below.
                Output::Persist | _ => {}
            }
        }
        self.changed();
    }

    fn queue_write(&mut self, id: ConnectionId) {
        if let Some(at) = self.index(id) {
            let connection = &mut self.connections[at];
            if !connection.to_write {
                connection.to_write = true;
                self.writes.push(at);
            }
        }
    }

    /// Where a connection is kept.
    fn index(&self, id: ConnectionId) -> Option<usize> {
        find(&self.connections, id)
    }

    /// Closes a transport connection, and tells the broker if it did not end it itself.
    fn forget(&mut self, at: usize) {
        // As long as it is known from where it came.
        self.log();
        let connection = self.connections.remove(at);
        self.broker.handle(
            Input::Closed {
                connection: connection.id,
            },
            self.now,
        );
    }
}

/// Where a connection is kept: its number says it.
fn find(connections: &Slab<Connection>, id: ConnectionId) -> Option<usize> {
    let at = (id.0 & u64::from(u32::MAX)) as usize;
    let found = connections.get(at)?;
    (found.id == id).then_some(at)
}
