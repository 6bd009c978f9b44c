//! A host that sends what rests on nothing before it is kept, and crashes at any point.
//!
//! Whatever leaves is held against what is durable at that moment: so a crash right after it is safe, also those that do not
//! come in this story.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::iter;

use vitrine_broker::{
    Broker, Change, Config, ConnectionId, Input, Output, Peer, PersistentState, SavedDelivery,
    SavedSession, Time,
};
use vitrine_packet::{Framer, Packet, PacketId, SubscriptionOptions};

use crate::harness::*;

const PUBLISHERS: usize = 2;
/// By number: the QoS of their Subscriptions. The last one is often away.
const SUBSCRIBERS: [vitrine_packet::QoS; 3] = [Q2, Q1, Q2];
const CLIENTS: usize = PUBLISHERS + SUBSCRIBERS.len();
const WINDOW: usize = 5;

/// A client, and all it knows.
#[derive(Default)]
struct Client {
    connection: Option<ConnectionId>,
    /// CONNACK came.
    welcome: bool,
    inbox: VecDeque<Vec<u8>>,
    /// Of a publisher: the number of its next message. Even ones have QoS 2.
    next: usize,
    /// Messages by their identifiers, and whether PUBREC came.
    open: BTreeMap<u16, (usize, bool)>,
    latest_id: u16,
    /// Of a subscriber: how often each message came.
    got: BTreeMap<String, usize>,
    /// QoS 2 identifiers that are not released.
    held: BTreeSet<u16>,
    subscribed: bool,
    /// By publisher and QoS: the latest message that came for the first time.
    order: BTreeMap<(usize, bool), usize>,
}

struct Story {
    random: Random,
    broker: Broker,
    clients: Vec<Client>,
    opened: u64,
    /// Connections that have something to be pulled.
    ready: BTreeSet<ConnectionId>,
    /// What is durable.
    kept: PersistentState,
    under_way: Option<Vec<Change>>,
    /// How seldom the host begins to make something durable.
    patience: usize,
    /// What leaves when that is durable.
    held: BTreeMap<ConnectionId, Vec<u8>>,
    /// Messages that left without being durable, and those of which nothing was ever to be kept.
    early: usize,
    passed: usize,
}

fn config() -> Config {
    Config {
        durable: true,
        max_in_flight: 6,
        ..Config::default()
    }
}

fn name(who: usize) -> String {
    match who.checked_sub(PUBLISHERS) {
        None => format!("p{who}"),
        Some(number) => format!("s{number}"),
    }
}

fn payload(publisher: usize, number: usize) -> String {
    format!("{publisher} {number}")
}

#[test]
fn a_crash_at_any_point_loses_nothing() {
    let (mut early, mut passed) = (0, 0);
    for seed in seeds(300) {
        let mut story = Story {
            random: Random::new(seed),
            broker: Broker::new(config(), Time::ZERO),
            clients: iter::repeat_with(Client::default).take(CLIENTS).collect(),
            opened: 0,
            ready: BTreeSet::new(),
            kept: PersistentState::default(),
            under_way: None,
            patience: 1 + seed as usize % 8,
            held: BTreeMap::new(),
            early: 0,
            passed: 0,
        };
        story.settle();
        for _ in 0..400 {
            story.step();
        }
        story.finish();
        (early, passed) = (early + story.early, passed + story.passed);
    }
    eprintln!("{early} left early, {passed} were never kept");
    assert!(early > 0 && passed > 0 || std::env::var("VITRINE_SEED").is_ok());
}

impl Story {
    fn step(&mut self) {
        let who = self.random.below(CLIENTS);
        match self.random.below(100) {
            0..=1 => self.crash(),
            2 if who + 1 == CLIENTS || self.random.one_in(4) => self.cut(who, true),
            2..=6 if who + 1 == CLIENTS && !self.random.one_in(4) => {}
            2..=6 => self.connect(who),
            7..=25 if who < PUBLISHERS => self.publish(who),
            26..=50 => self.read(who),
            51..=80 => self.pull(who),
            81..=90 if self.random.one_in(self.patience) => self.begin(),
            81..=90 => {}
            _ => self.done(),
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        self.broker.handle(input, Time::ZERO);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Transmit { connection } => drop(self.ready.insert(connection)),
                Output::Persist => {}
                _ => panic!("{output:?}"),
            }
        }
    }

    fn send(&mut self, who: usize, bytes: &[u8]) {
        if let Some(connection) = self.clients[who].connection {
            self.handle(Input::Received { connection, bytes });
        }
    }

    fn connect(&mut self, who: usize) {
        if self.clients[who].connection.is_some() {
            return;
        }
        self.opened += 1;
        let connection = ConnectionId(self.opened);
        self.clients[who].connection = Some(connection);
        let peer = Peer::by("lab");
        self.handle(Input::Opened { connection, peer });
        self.send(who, &Hello::v3(&name(who)).kept().bytes());
    }

    /// The transport of a client breaks. What it reads of its inbox before has no effect but on itself.
    fn cut(&mut self, who: usize, broker_learns: bool) {
        let Some(connection) = self.clients[who].connection else {
            return;
        };
        let reads = self.random.below(1 + self.clients[who].inbox.len());
        for _ in 0..reads {
            self.take_in(who);
        }
        let client = &mut self.clients[who];
        client.connection = None;
        client.welcome = false;
        client.inbox.clear();
        self.held.remove(&connection);
        self.ready.remove(&connection);
        if broker_learns {
            self.handle(Input::Closed { connection });
        }
    }

    fn publish(&mut self, who: usize) {
        let client = &mut self.clients[who];
        if !client.welcome || client.open.len() >= WINDOW {
            return;
        }
        // Identifiers are soon used again.
        let id = loop {
            client.latest_id = client.latest_id % (WINDOW as u16 + 1) + 1;
            if !client.open.contains_key(&client.latest_id) {
                break client.latest_id;
            }
        };
        let number = client.next;
        client.next += 1;
        client.open.insert(id, (number, false));
        let bytes = publish_of(who, number, id, false);
        self.send(who, &bytes);
    }

    /// A client takes a packet from its inbox, and answers.
    fn read(&mut self, who: usize) {
        for answer in self.take_in(who) {
            self.send(who, &answer);
        }
    }

    fn take_in(&mut self, who: usize) -> Vec<Vec<u8>> {
        let Some(packet) = self.clients[who].inbox.pop_front() else {
            return vec![];
        };
        let client = &mut self.clients[who];
        let v3 = |packet: Packet<'_>| vec![bytes(V3, &packet)];
        match Packet::decode(&packet, V3).unwrap() {
            Packet::ConnAck(_) => {
                client.welcome = true;
                if who >= PUBLISHERS {
                    let first = !client.subscribed;
                    return first.then(|| subscribe_of(who)).into_iter().collect();
                }
                // All again, in the order of sending.
                let mut open: Vec<_> = client.open.iter().collect();
                open.sort_unstable_by_key(|(_, (number, _))| *number);
                let again = open
                    .into_iter()
                    .map(|(id, (number, received))| match received {
                        true => bytes(V3, &Packet::PubRel(ack(*id))),
                        false => publish_of(who, *number, *id, true),
                    });
                again.collect()
            }
            Packet::SubAck(_) => {
                client.subscribed = true;
                vec![]
            }
            Packet::Publish(publish) => {
                let id = publish.packet_id.unwrap().get();
                let payload = String::from_utf8(publish.payload.to_vec()).unwrap();
                if publish.qos == Q1 || client.held.insert(id) {
                    client.came(payload, publish.qos == Q2);
                }
                v3(match publish.qos {
                    Q2 => Packet::PubRec(ack(id)),
                    _ => Packet::PubAck(ack(id)),
                })
            }
            Packet::PubRel(released) => {
                client.held.remove(&released.packet_id.get());
                v3(Packet::PubComp(ack(released.packet_id.get())))
            }
            Packet::PubRec(received) => {
                let id = received.packet_id.get();
                if let Some((_, received)) = client.open.get_mut(&id) {
                    *received = true;
                }
                v3(Packet::PubRel(ack(id)))
            }
            Packet::PubAck(done) | Packet::PubComp(done) => {
                client.open.remove(&done.packet_id.get());
                vec![]
            }
            packet => panic!("{packet:?}"),
        }
    }

    /// The host sends what a client may have now.
    fn pull(&mut self, who: usize) {
        let Some(connection) = self.clients[who].connection else {
            return;
        };
        let waits =
            self.held.contains_key(&connection) || self.broker.rests_on(connection).is_some();
        if waits || !self.ready.remove(&connection) {
            return;
        }
        let limit = self.random.pick(&[1, 50, usize::MAX]);
        let mut out = vec![];
        self.broker
            .poll_transmit(connection, &mut out, limit, Time::ZERO);
        self.drain();
        self.leave(connection, &out);
    }

    /// The host begins to make durable what changed.
    fn begin(&mut self) {
        if self.under_way.is_some() {
            return;
        }
        self.under_way = Some(self.broker.take_changes());
        for connection in self.ready.clone() {
            if self.broker.rests_on(connection).is_some() {
                self.ready.remove(&connection);
                let mut out = vec![];
                self.broker
                    .poll_transmit(connection, &mut out, usize::MAX, Time::ZERO);
                self.held.insert(connection, out);
            }
        }
        self.drain();
    }

    /// It is durable.
    fn done(&mut self) {
        let Some(changes) = self.under_way.take() else {
            return;
        };
        changes
            .into_iter()
            .for_each(|change| self.kept.apply(change));
        self.broker.changes_kept();
        for (connection, bytes) in std::mem::take(&mut self.held) {
            self.leave(connection, &bytes);
        }
    }

    /// Everything that is not durable is gone. What was being made durable is, or is not.
    fn crash(&mut self) {
        (0..CLIENTS).for_each(|who| self.cut(who, false));
        let under_way = self.under_way.take().unwrap_or_default();
        if self.random.one_in(2) {
            under_way
                .into_iter()
                .for_each(|change| self.kept.apply(change));
        }
        self.held.clear();
        self.ready.clear();
        self.broker = Broker::restore(config(), self.kept.clone(), Time::ZERO).unwrap();
        self.drain();
    }

    /// Bytes leave for a client: what they promise has to be durable.
    fn leave(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let who = (0..CLIENTS).find(|who| self.clients[*who].connection == Some(connection));
        let who = who.expect("the host knows which connections there are");
        let mut framer = Framer::default();
        let mut rest = bytes;
        while let Some(packet) = framer.next(&mut rest).unwrap() {
            let decoded = Packet::decode(packet, V3).unwrap();
            if let Err(why) = self.is_safe(who, &decoded) {
                panic!(
                    "{} got {decoded:?}, but {why}: {:#?}",
                    name(who),
                    self.kept.sessions.get(&*name(who))
                );
            }
            self.clients[who].inbox.push_back(packet.to_vec());
        }
    }

    fn is_safe(&mut self, who: usize, packet: &Packet<'_>) -> Result<(), &'static str> {
        let Some(session) = self.kept.sessions.get(&*name(who)) else {
            return Err("the Session is not kept");
        };
        let is = |safe: bool, why| if safe { Ok(()) } else { Err(why) };
        match packet {
            Packet::ConnAck(_) => Ok(()),
            Packet::SubAck(_) => is(!session.subscriptions.is_empty(), "it is not kept"),
            Packet::Publish(publish) => {
                let durable = session.deliveries.values().any(|delivery| {
                    matches!(delivery, SavedDelivery::Sent(id, saved)
                        if Some(*id) == publish.packet_id && *saved.message.payload == *publish.payload)
                });
                self.early += usize::from(!durable);
                is(durable || publish.qos != Q2, "the identifier is not kept")
            }
            Packet::PubRel(release) => {
                let id = release.packet_id;
                is(is_released(session, id), "PUBREC is not kept")
            }
            Packet::PubComp(done) => {
                let known = session.received.contains_key(&done.packet_id);
                is(!known, "PUBREL is not kept")
            }
            Packet::PubRec(received) => {
                let known = session.received.contains_key(&received.packet_id);
                is(known, "the identifier is not kept")?;
                self.is_delivered(who, received.packet_id)
            }
            Packet::PubAck(done) => self.is_delivered(who, done.packet_id),
            _ => Err("it is not expected"),
        }
    }

    /// Whether everybody has a message, or will after a crash.
    fn is_delivered(&mut self, who: usize, id: PacketId) -> Result<(), &'static str> {
        // Another answer may have come before this one.
        let Some((number, _)) = self.clients[who].open.get(&id.get()) else {
            return Ok(());
        };
        let payload = payload(who, *number);
        let retained = self.kept.retained.get(&*format!("t/{who}"));
        if number % 5 == 0 && retained.is_none() {
            return Err("it is not retained");
        }
        let mut passed = true;
        for subscriber in PUBLISHERS..CLIENTS {
            let session = &self.kept.sessions[&*name(subscriber)];
            let kept = session.deliveries.values().any(|delivery| {
                let (SavedDelivery::Queued(saved) | SavedDelivery::Sent(_, saved)) = delivery
                else {
                    return false;
                };
                *saved.message.payload == *payload.as_bytes()
            });
            passed &= !kept;
            if !kept && !self.clients[subscriber].got.contains_key(&payload) {
                return Err("somebody has not got the message");
            }
        }
        self.passed += usize::from(passed);
        Ok(())
    }

    /// Lets everybody connect, and everything come to rest.
    fn settle(&mut self) {
        for _ in 0..200 {
            for who in 0..CLIENTS {
                self.connect(who);
                (0..20).for_each(|_| self.read(who));
                (0..20).for_each(|_| self.pull(who));
            }
            self.begin();
            self.done();
        }
    }

    fn finish(&mut self) {
        self.settle();
        assert_eq!(self.broker.changes_waiting(), 0);
        for publisher in 0..PUBLISHERS {
            assert!(self.clients[publisher].open.is_empty());
            for number in 0..self.clients[publisher].next {
                let payload = payload(publisher, number);
                for subscriber in PUBLISHERS..CLIENTS {
                    let got = &self.clients[subscriber].got;
                    assert!(got.contains_key(&payload), "{payload}");
                }
            }
        }
        // What was left out of the changes leaves nothing behind.
        for who in 0..CLIENTS {
            let session = &self.kept.sessions[&*name(who)];
            assert!(session.deliveries.is_empty() && session.received.is_empty());
            let info = self.broker.session(&name(who)).unwrap();
            assert_eq!((info.in_flight_out, info.queued), (0, 0));
        }
        assert_eq!(self.broker.counts().retained, self.kept.retained.len());
    }
}

impl Client {
    /// A message came, and was not known by its identifier.
    fn came(&mut self, payload: String, exactly_once: bool) {
        let (publisher, number) = payload.split_once(' ').unwrap();
        let (publisher, number) = (publisher.parse().unwrap(), number.parse().unwrap());
        let count = self.got.entry(payload).or_default();
        *count += 1;
        assert!(
            *count == 1 || !exactly_once,
            "{publisher} {number} came again"
        );
        if *count == 1 {
            let before = self
                .order
                .insert((publisher, number % 2 == 0), number)
                .unwrap_or(0);
            assert!(before <= number, "{number} after {before}");
        }
    }
}

fn is_released(session: &SavedSession, id: PacketId) -> bool {
    let released = |delivery: &SavedDelivery| matches!(delivery, SavedDelivery::Released { packet_id, .. } if *packet_id == id);
    session.deliveries.values().any(released)
}

fn publish_of(who: usize, number: usize, id: u16, dup: bool) -> Vec<u8> {
    let (topic, payload) = (format!("t/{who}"), payload(who, number));
    let mut message =
        message(&topic, &payload).qos(if number.is_multiple_of(2) { Q2 } else { Q1 }, id);
    message.dup = dup;
    message.retain = number.is_multiple_of(5);
    message.bytes(V3)
}

fn subscribe_of(who: usize) -> Vec<u8> {
    let mut filters = vitrine_packet::FiltersBuf::new();
    let qos = SUBSCRIBERS[who - PUBLISHERS];
    filters
        .push("#", SubscriptionOptions::with_qos(qos))
        .unwrap();
    let subscribe = vitrine_packet::Subscribe {
        packet_id: PacketId::MIN,
        properties: vitrine_packet::Properties::EMPTY,
        filters: filters.as_filters(),
    };
    bytes(V3, &Packet::Subscribe(subscribe))
}
