//! Clients and the broker, with transports between them that a test may cut.

use std::time::Duration;

use vitrine_broker::{Broker, Config, ConnectionId, Peer};
use vitrine_client::{Client, Event, Input, Options, Output, Time};

pub(crate) struct Pair {
    pub(crate) broker: Broker,
    pub(crate) clients: Vec<Client>,
    /// The transport of each client.
    links: Vec<Option<ConnectionId>>,
    pub(crate) events: Vec<Vec<Event>>,
    opened: u64,
    pub(crate) now: Time,
}

impl Pair {
    pub(crate) fn new(config: Config, clients: Vec<Options>) -> Self {
        let now = Time::from_secs(1_000);
        let mut clients: Vec<_> = clients
            .into_iter()
            .map(|options| Client::new(options, now))
            .collect();
        clients.iter_mut().for_each(|client| client.connect(now));
        let mut pair = Self {
            broker: Broker::new(config, now),
            links: vec![None; clients.len()],
            events: vec![vec![]; clients.len()],
            clients,
            opened: 0,
            now,
        };
        pair.run();
        pair
    }

    /// Until nobody has anything to say.
    pub(crate) fn run(&mut self) {
        while (0..self.clients.len()).any(|at| self.client(at)) | self.serve() {}
    }

    /// Does what a client asks for. Says whether there was anything.
    pub(crate) fn client(&mut self, at: usize) -> bool {
        let mut busy = false;
        while let Some(output) = self.clients[at].poll_output() {
            busy = true;
            match output {
                Output::Open => {
                    self.opened += 1;
                    let connection = ConnectionId(self.opened);
                    self.links[at] = Some(connection);
                    let peer = Peer::by("test");
                    self.broker
                        .handle(vitrine_broker::Input::Opened { connection, peer }, self.now);
                    self.clients[at].handle(Input::Opened, self.now);
                }
                Output::Transmit => self.carry(at),
                Output::Close => {
                    self.carry(at);
                    if let Some(connection) = self.links[at].take() {
                        self.broker
                            .handle(vitrine_broker::Input::Closed { connection }, self.now);
                    }
                }
                _ => {}
            }
        }
        self.events[at].extend(std::iter::from_fn(|| self.clients[at].poll_event()));
        busy
    }

    fn carry(&mut self, at: usize) {
        let mut bytes = Vec::new();
        self.clients[at].poll_transmit(&mut bytes, usize::MAX, self.now);
        if let Some(connection) = self.links[at] {
            let input = vitrine_broker::Input::Received {
                connection,
                bytes: &bytes,
            };
            self.broker.handle(input, self.now);
        }
    }

    fn serve(&mut self) -> bool {
        let mut busy = false;
        while let Some(output) = self.broker.poll_output() {
            busy = true;
            let (connection, close) = match output {
                vitrine_broker::Output::Transmit { connection } => (connection, false),
                vitrine_broker::Output::Close { connection, .. } => (connection, true),
                _ => continue,
            };
            let mut bytes = Vec::new();
            self.broker
                .poll_transmit(connection, &mut bytes, usize::MAX, self.now);
            let at = self.links.iter().position(|link| *link == Some(connection));
            if let Some(at) = at {
                self.clients[at].handle(Input::Received(&bytes), self.now);
            }
            if close {
                self.broker
                    .handle(vitrine_broker::Input::Closed { connection }, self.now);
                if let Some(at) = at {
                    self.links[at] = None;
                    self.clients[at].handle(Input::Closed, self.now);
                }
            }
        }
        busy
    }

    /// Breaks a client's transport.
    pub(crate) fn cut(&mut self, at: usize) {
        if let Some(connection) = self.links[at].take() {
            self.broker
                .handle(vitrine_broker::Input::Closed { connection }, self.now);
            self.clients[at].handle(Input::Closed, self.now);
        }
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let clients = self.clients.iter().filter_map(Client::next_deadline);
            let next = clients.map(|deadline| deadline.at);
            let next = next
                .chain(self.broker.next_deadline().map(|deadline| deadline.at))
                .min();
            let Some(next) = next.filter(|next| *next <= end) else {
                break;
            };
            self.now = self.now.max(next);
            self.broker
                .handle(vitrine_broker::Input::Deadline, self.now);
            for client in &mut self.clients {
                client.handle(Input::Deadline, self.now);
            }
            self.run();
        }
        self.now = end;
    }
}
