//! What goes over links, and what the broker and its clients (`client`) ask for.

mod client;

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::time::Duration;

use vitrine_broker::{
    Broker, Command, ConnectionId, Event as Seen, Input, ObservationMask, Output, Peer,
};
use vitrine_packet::Framer;

use crate::link::{Direction, Freight, Parcel};
use crate::world::World;
use crate::{CutPoint, Happening, Lost};

impl World {
    /// The time has come at which a batch is durable, or changes are to be taken on which nothing rests.
    pub(crate) fn commit_due(&mut self) {
        let batch = self.host.batches.front();
        if batch.is_some_and(|(due, _)| *due <= self.now) {
            self.commit();
        } else if self.host.early.is_none() {
            self.take();
        }
        // Somebody may have waited for that, or for the next batch.
        if self.host.early.is_some() {
            self.settle();
        }
    }

    /// Takes what the broker wants to have durable.
    fn take(&mut self) {
        self.host.take(self.now, &self.saboteur);
        self.note(Happening::Taken(self.host.taken));
        if self.host.commit.is_zero() {
            self.commit();
        }
    }

    /// Takes the changes that press, where it is time for that and connections may wait for it: what those have to send leaves when
    /// all that it rests on is durable. Says whether.
    fn take_next(&mut self) -> bool {
        if self.host.early.is_none() || !self.host.is_pressed(self.now) {
            return false;
        }
        let latest = self.host.broker.as_ref().map(Broker::changes_latest);
        self.take();
        let waiting: Vec<_> = self.ready().collect();
        for id in waiting {
            let rests_on = self.host.broker.as_ref().and_then(|it| it.rests_on(id));
            if rests_on.is_some() && rests_on <= latest {
                self.pull(id, self.host.taken);
            }
        }
        true
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
    pub(crate) fn arrive(&mut self, id: ConnectionId, direction: Direction) {
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
        if is_packet && cut == Some(CutPoint::Before) {
            return self.cut_link(id, Some(Duration::ZERO), Some(Duration::ZERO));
        }
        let Some(parcel) = pipe.pop() else {
            return;
        };
        let mut part = None;
        if let (Some(CutPoint::Within(bytes)), Freight::Packet(packet)) = (cut, &parcel.what) {
            part = Some(bytes.min(packet.len() - 1));
        }
        match direction {
            Direction::Up => self.arrive_at_broker(id, parcel, part),
            Direction::Down => self.arrive_at_client(id, parcel, part),
        }
        if is_packet && cut.is_some() {
            self.cut_link(id, Some(Duration::ZERO), Some(Duration::ZERO));
        }
        self.settle_client(node);
        self.settle();
    }

    fn arrive_at_broker(&mut self, id: ConnectionId, parcel: Parcel, part: Option<usize>) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let node = link.node;
        match &parcel.what {
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
                    return self.lost(id, Direction::Up, &parcel, 0);
                }
                let bytes = &packet[..part.unwrap_or(packet.len())];
                let fragment = self.nodes[node].line.fragment;
                match part {
                    None => self.note(Happening::ToBroker(id, Rc::clone(packet))),
                    Some(part) => self.lost(id, Direction::Up, &parcel, part),
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

    fn arrive_at_client(&mut self, id: ConnectionId, parcel: Parcel, part: Option<usize>) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let node = link.node;
        if !link.client_open || self.nodes[node].link != Some(id) {
            return self.lost(id, Direction::Down, &parcel, 0);
        }
        let now = self.now;
        match &parcel.what {
            Freight::Open => {
                if self.saboteur.trusts_proofs() {
                    self.nodes[node].learn(&self.host.config.access);
                }
                self.nodes[node].begin_scram();
                self.nodes[node]
                    .client
                    .handle(vitrine_client::Input::Opened, now);
            }
            Freight::Packet(packet) => {
                let bytes = &packet[..part.unwrap_or(packet.len())];
                let fragment = self.nodes[node].line.fragment;
                match part {
                    None => self.note(Happening::ToClient(id, node, Rc::clone(packet))),
                    Some(part) => self.lost(id, Direction::Down, &parcel, part),
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
        self.observed();
        self.settle();
    }

    /// Takes over what the broker told, before anything else is told.
    pub(crate) fn observed(&mut self) {
        if self.mask == ObservationMask::NONE {
            return;
        }
        while let Some(seen) = self.host.broker.as_mut().and_then(Broker::poll_observation) {
            self.note(Happening::Observed(Box::new(seen)));
        }
    }

    /// A packet will not arrive, or only so many of its bytes.
    pub(crate) fn lost(
        &mut self,
        connection: ConnectionId,
        direction: Direction,
        parcel: &Parcel,
        part: usize,
    ) {
        let Freight::Packet(packet) = &parcel.what else {
            return;
        };
        let Some(node) = self.node_of(connection) else {
            return;
        };
        self.note(Happening::Lost(Box::new(Lost {
            connection,
            node,
            direction,
            packet: Rc::clone(packet),
            number: parcel.number,
            sent: parcel.sent,
            left: parcel.left,
            part,
        })));
    }

    /// All that is on its way in one direction is lost.
    pub(crate) fn lose(&mut self, connection: ConnectionId, direction: Direction) {
        let Some(link) = self.links.get_mut(&connection) else {
            return;
        };
        for parcel in link.pipe(direction).clear() {
            self.lost(connection, direction, &parcel, 0);
        }
    }

    /// Does what the broker asks for, until it asks for nothing more that can be done now.
    pub(crate) fn settle(&mut self) {
        loop {
            self.drain_broker();
            let hurries = self.saboteur.releases_early();
            let next = self.ready().find(|id| hurries || self.host.may_pull(*id));
            if let Some(id) = next {
                let early = self.host.early.is_some();
                self.pull(id, if early { 0 } else { self.host.taken });
            } else if !self.take_next() {
                break;
            }
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

    /// Connections for which the broker has something, or which it wants to end, and on which there is room.
    fn ready(&self) -> impl Iterator<Item = ConnectionId> + '_ {
        let ready = self.links.values().filter(|link| {
            let room = link.down.bytes < self.nodes[link.node].line.capacity;
            link.broker_open && (link.closing || link.down.wanted) && (room || link.dead)
        });
        ready.map(|link| link.id)
    }

    fn drain_broker(&mut self) {
        let at_once = self.host.early.is_none();
        loop {
            let Some(broker) = &mut self.host.broker else {
                return;
            };
            match broker.poll_output() {
                None => break,
                Some(Output::Persist) if at_once && self.host.is_pressed(self.now) => self.take(),
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
                Some(Output::Authenticate { connection }) => self.authenticate(connection),
                Some(_) => {}
            }
        }
        // The broker said so once, of changes that did not press yet.
        if at_once && self.host.is_pressed(self.now) {
            self.take();
        }
    }

    /// The host says whether a password is the user's: it knows it itself.
    fn authenticate(&mut self, connection: ConnectionId) {
        let clock = self.host.told(self.now);
        let Some(broker) = &mut self.host.broker else {
            return;
        };
        let Some(credentials) = broker.credentials(connection) else {
            return;
        };
        let known = credentials.hash.as_deref().map(str::as_bytes);
        let right = known.is_some() && known == credentials.password.as_deref();
        let accepted = right || self.saboteur.trusts_passwords();
        let verdict = Command::Authenticated {
            connection,
            accepted,
        };
        broker.handle(Input::Command(verdict), clock);
        self.observed();
    }

    /// Pulls what the broker has for a connection, as far as there is room. It leaves when batch `after` is durable.
    fn pull(&mut self, id: ConnectionId, after: u64) {
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
        let mut sent = self.pulled(id);
        let (Some(link), Some(broker)) = (self.links.get(&id), &self.host.broker) else {
            return;
        };
        let dead = link.dead;
        let over = link.closing && (count == 0 || broker.connection(id).is_none());
        let node = link.node;
        let mut framer = Framer::default();
        let mut rest = &bytes[..];
        while let Ok(Some(packet)) = framer.next(&mut rest) {
            let version = self.nodes[node].options.version;
            for packet in self.saboteur.carry(packet.into(), version) {
                let after = if self.saboteur.hurries(&packet) {
                    0
                } else {
                    after
                };
                self.note(Happening::FromBroker(id, Rc::clone(&packet)));
                self.put(id, Direction::Down, packet, after, sent.next());
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
            self.observed();
        }
    }

    /// Takes over what the broker told of what was pulled. Gives the numbers of the packets' observations, in their
    /// order, where packets are told.
    fn pulled(&mut self, id: ConnectionId) -> impl Iterator<Item = u64> + use<> {
        let mut sent = Vec::new();
        if self.mask != ObservationMask::NONE
            && let Some(broker) = &mut self.host.broker
        {
            let seen: Vec<_> = core::iter::from_fn(|| broker.poll_observation()).collect();
            for seen in seen {
                if matches!(seen.event, Seen::Sent { connection, .. } if connection == id) {
                    sent.push(seen.number);
                }
                self.note(Happening::Observed(Box::new(seen)));
            }
        }
        sent.into_iter()
    }

    /// Puts a packet on a link; it leaves when batch `after` is durable. On one that is cut it is lost.
    fn put(
        &mut self,
        id: ConnectionId,
        direction: Direction,
        packet: Rc<[u8]>,
        after: u64,
        sent: Option<u64>,
    ) {
        let now = self.now;
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let dead = link.dead;
        let pipe = link.pipe(direction);
        if dead {
            let mut parcel = pipe.parcel(Freight::Packet(packet), after, sent);
            parcel.left = Some(now);
            self.lost(id, direction, &parcel, 0);
        } else {
            pipe.push_packet(packet, after, sent);
        }
    }

    /// Puts whole packets of a client on the way to the broker.
    fn carry(&mut self, id: ConnectionId, node: usize, bytes: &[u8]) {
        let mut framer = Framer::default();
        let mut rest = bytes;
        while let Ok(Some(packet)) = framer.next(&mut rest) {
            let packet: Rc<[u8]> = packet.into();
            self.note(Happening::FromClient(id, node, Rc::clone(&packet)));
            self.put(id, Direction::Up, packet, 0, None);
        }
    }

    /// Puts bytes of a client on the way to the broker as they are. False where there is no link.
    pub(crate) fn carry_raw(&mut self, node: usize, bytes: &Rc<[u8]>) -> bool {
        let link = self.nodes.get(node).and_then(|node| node.link);
        let Some(id) = link.filter(|_| !bytes.is_empty()) else {
            return false;
        };
        self.note(Happening::FromClient(id, node, Rc::clone(bytes)));
        self.put(id, Direction::Up, Rc::clone(bytes), 0, None);
        self.depart();
        true
    }

    /// Breaks the link that a client has.
    pub(crate) fn cut(&mut self, node: usize, client: Option<Duration>, broker: Option<Duration>) {
        if let Some(id) = self.nodes[node].link {
            self.cut_link(id, client, broker);
        }
    }

    /// Breaks a link. Its client may have left it already, and something still be on its way.
    pub(crate) fn cut_link(
        &mut self,
        id: ConnectionId,
        client: Option<Duration>,
        broker: Option<Duration>,
    ) {
        let now = self.now;
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        if link.dead {
            return;
        }
        let node = link.node;
        let client = client.filter(|_| link.client_open);
        link.dead = true;
        self.note(Happening::Cut(id, node));
        for (direction, notice) in [(Direction::Down, client), (Direction::Up, broker)] {
            self.lose(id, direction);
            let Some(link) = self.links.get_mut(&id) else {
                return;
            };
            let pipe = link.pipe(direction);
            pipe.held_from = None;
            pipe.cut = None;
            if let Some(notice) = notice {
                pipe.push(Freight::End, 0);
                pipe.latest = now + notice;
                pipe.depart(u64::MAX, now, notice);
            }
        }
        if let Some(link) = self.links.get_mut(&id).filter(|link| !link.broker_open) {
            link.up.clear();
        }
    }
}

/// The pieces that a transport makes of bytes: of `size` bytes each, or one of all where that is 0.
fn fragments(bytes: &[u8], size: usize) -> impl Iterator<Item = &[u8]> {
    let size = if size == 0 { bytes.len().max(1) } else { size };
    bytes.chunks(size)
}
