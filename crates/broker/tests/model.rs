//! Random clients against a small model of what they are owed.
//!
//! Clients come, go, break off and come back, with and without their Session; publish, subscribe, and
//! handle what came with delay. The model knows for each publication which sessions it must reach.
//! At the end everyone comes back and reads to the end. Then: QoS 1 arrived at least once and QoS 2
//! exactly once; each publisher's messages of one topic and QoS came in their order; nobody got what no
//! filter of theirs allowed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use vitrine_broker::{Broker, Config, ConnectionId, Input, Output, Peer, Time};
use vitrine_packet::{
    Framer, Packet, PacketId, Property, ProtocolVersion, Publish, QoS, Subscribe,
    SubscriptionOptions, topic,
};

use crate::harness::*;

const CLIENTS: usize = 5;
const TOPICS: [&str; 4] = ["a", "a/b", "b/c", "d"];
const FILTERS: [&str; 6] = ["a", "a/#", "+/b", "#", "+", "b/+"];

/// A publication: its number is its payload.
#[derive(Clone, Debug)]
struct Sent {
    number: usize,
    topic: &'static str,
    qos: QoS,
    id: u16,
    /// PUBREC came.
    received: bool,
}

/// A client: what it knows, and what the model knows of it.
#[derive(Default)]
struct Client {
    version: Option<ProtocolVersion>,
    connection: Option<ConnectionId>,
    inbox: VecDeque<Vec<u8>>,
    framer: Framer,
    // What the client keeps with its Session.
    unacknowledged: Vec<Sent>,
    /// QoS 2 identifiers that came and are not released.
    held: BTreeSet<u16>,
    next_id: u16,
    // What the broker should keep.
    has_session: bool,
    kept: bool,
    filters: BTreeMap<&'static str, QoS>,
    /// Numbers of publications with QoS 1 or 2 that must arrive while the Session lasts.
    owed: BTreeSet<usize>,
    /// How often each may arrive because it was routed, by the QoS of the delivery.
    routed: BTreeMap<usize, (usize, QoS)>,
    arrived: BTreeMap<usize, usize>,
    /// For each publisher, topic and QoS of the delivery the numbers in the order of arrival.
    order: BTreeMap<(usize, &'static str, QoS), Vec<usize>>,
}

struct Model {
    broker: Broker,
    random: Random,
    clients: Vec<Client>,
    opened: u64,
    /// Publisher and topic of each publication.
    publications: Vec<(usize, &'static str)>,
    /// Publications that their publisher sent again at QoS 1, which has no order to keep any more.
    repeated: BTreeSet<usize>,
}

#[test]
fn everyone_gets_what_they_are_owed() {
    for seed in seeds(400) {
        let mut model = Model {
            broker: Broker::new(
                Config {
                    max_in_flight: 4,
                    ..Config::default()
                },
                Time::ZERO,
            ),
            random: Random::new(seed),
            clients: (0..CLIENTS).map(|_| Client::default()).collect(),
            opened: 0,
            publications: vec![],
            repeated: BTreeSet::new(),
        };
        for _ in 0..250 {
            model.step();
        }
        model.finish();
    }
}

impl Model {
    fn step(&mut self) {
        let who = self.random.below(CLIENTS);
        let connected = self.clients[who].connection.is_some();
        match self.random.below(20) {
            0 if connected => self.cut(who),
            1 | 2 if !connected || self.random.one_in(10) => {
                let clean = self.random.one_in(4);
                self.connect(who, clean);
            }
            _ if !connected => {}
            3 | 4 => self.subscribe(who),
            5 => self.unsubscribe(who),
            6..=12 => self.publish(who),
            13..=15 => {
                let limit = self.random.pick(&[1, 20, 10_000]);
                self.pull(who, limit);
            }
            _ => self.read(who),
        }
    }

    fn receive(&mut self, who: usize, bytes: &[u8]) {
        let connection = self.clients[who].connection.unwrap();
        self.broker
            .handle(Input::Received { connection, bytes }, Time::ZERO);
        while let Some(output) = self.broker.poll_output() {
            assert!(!matches!(output, Output::Persist));
            // A transport that the broker closes because of a second CONNECT is the client's own.
        }
    }

    fn send(&mut self, who: usize, packet: &Packet<'_>) {
        let bytes = bytes(self.clients[who].version.unwrap(), packet);
        self.receive(who, &bytes);
    }

    /// The transport breaks: what the client did not read is lost.
    fn cut(&mut self, who: usize) {
        let client = &mut self.clients[who];
        client.inbox.clear();
        client.framer = Framer::default();
        let connection = client.connection.take().unwrap();
        if !client.kept {
            client.end_session();
        }
        self.broker.handle(Input::Closed { connection }, Time::ZERO);
    }

    fn connect(&mut self, who: usize, clean: bool) {
        if self.clients[who].connection.is_some() {
            // The broker learns of the new connection before the end of the old one, as in a take-over.
            let old = self.clients[who].connection.take().unwrap();
            let client = &mut self.clients[who];
            client.inbox.clear();
            client.framer = Framer::default();
            if !client.kept {
                client.end_session();
            }
            self.open(who, clean);
            self.broker
                .handle(Input::Closed { connection: old }, Time::ZERO);
            return;
        }
        self.open(who, clean);
    }

    fn open(&mut self, who: usize, clean: bool) {
        self.opened += 1;
        let version = self.random.pick(&[V3, V5]);
        let name = format!("c{who}");
        let mut hello = Hello {
            version,
            ..Hello::v3(&name)
        };
        if version == V5 {
            hello = hello.with(Property::ReceiveMaximum(self.random.below(6) as u16 + 1));
        }
        // In 5.0 a Session with Clean Start 1 may be kept too.
        let kept = !clean || (version == V5 && self.random.one_in(2));
        if kept {
            hello = hello.kept();
        }
        hello.clean = clean;
        let connection = ConnectionId(self.opened);
        self.broker.handle(
            Input::Opened {
                connection,
                peer: Peer::by("lab"),
            },
            Time::ZERO,
        );
        let client = &mut self.clients[who];
        if clean {
            client.end_session();
        }
        client.connection = Some(connection);
        client.version = Some(version);
        client.kept = kept;
        let present = client.has_session;
        client.has_session = true;
        let bytes = hello.bytes();
        self.receive(who, &bytes);
        self.pull(who, 1);
        let connack = self.clients[who].inbox.pop_front().unwrap();
        let line = describe(&connack, version);
        assert_eq!(line.contains("present"), present, "{line}");
        self.resend(who);
    }

    /// The client sends again what was not acknowledged, in order.
    fn resend(&mut self, who: usize) {
        for sent in self.clients[who].unacknowledged.clone() {
            if sent.received {
                self.send(who, &Packet::PubRel(ack(sent.id)));
                continue;
            }
            if sent.qos == Q1 {
                // The broker cannot know it again: it is routed again.
                self.route(&sent);
                self.repeated.insert(sent.number);
            }
            let payload = sent.number.to_string();
            let again = message(sent.topic, &payload).qos(sent.qos, sent.id).dup();
            let bytes = again.bytes(self.clients[who].version.unwrap());
            self.receive(who, &bytes);
        }
    }

    fn subscribe(&mut self, who: usize) {
        let (filter, qos) = (self.random.pick(&FILTERS), self.random.pick(&[Q0, Q1, Q2]));
        let mut filters = vitrine_packet::FiltersBuf::new();
        filters
            .push(filter, SubscriptionOptions::with_qos(qos))
            .unwrap();
        let properties = vitrine_packet::Properties::EMPTY;
        let (packet_id, filters) = (PacketId::MIN, filters.as_filters());
        self.send(
            who,
            &Packet::Subscribe(Subscribe {
                packet_id,
                properties,
                filters,
            }),
        );
        self.clients[who].filters.insert(filter, qos);
    }

    fn unsubscribe(&mut self, who: usize) {
        let filter = self.random.pick(&FILTERS);
        let mut filters = vitrine_packet::TopicsBuf::new();
        filters.push(filter).unwrap();
        self.send(
            who,
            &Packet::Unsubscribe(vitrine_packet::Unsubscribe {
                packet_id: PacketId::MIN,
                properties: vitrine_packet::Properties::EMPTY,
                filters: filters.as_topics(),
            }),
        );
        self.clients[who].filters.remove(filter);
    }

    fn publish(&mut self, who: usize) {
        let number = self.publications.len();
        let (topic, qos) = (self.random.pick(&TOPICS), self.random.pick(&[Q0, Q1, Q2]));
        self.publications.push((who, topic));
        let client = &mut self.clients[who];
        // The client does not use an identifier twice at a time.
        loop {
            client.next_id = client.next_id % 100 + 1;
            let id = client.next_id;
            if client.unacknowledged.iter().all(|sent| sent.id != id) {
                break;
            }
        }
        let sent = Sent {
            number,
            topic,
            qos,
            id: client.next_id,
            received: false,
        };
        if qos != Q0 {
            client.unacknowledged.push(sent.clone());
        }
        let version = client.version.unwrap();
        self.route(&sent);
        let bytes = message(topic, &number.to_string())
            .qos(qos, sent.id)
            .bytes(version);
        self.receive(who, &bytes);
    }

    /// Notes who is to get a message that the broker now gets.
    fn route(&mut self, sent: &Sent) {
        for client in &mut self.clients {
            let granted = client.filters.iter();
            let granted = granted.filter(|(filter, _)| topic::matches(filter, sent.topic));
            let Some(granted) = granted.map(|(_, qos)| *qos).max() else {
                continue;
            };
            let qos = granted.min(sent.qos);
            if client.connection.is_none() && qos == Q0 {
                continue;
            }
            let routed = client.routed.entry(sent.number).or_insert((0, qos));
            routed.0 += 1;
            routed.1 = routed.1.max(qos);
            if qos != Q0 {
                client.owed.insert(sent.number);
            }
        }
    }

    fn pull(&mut self, who: usize, limit: usize) {
        let client = &mut self.clients[who];
        let Some(connection) = client.connection else {
            return;
        };
        let mut bytes = vec![];
        self.broker
            .poll_transmit(connection, &mut bytes, limit, Time::ZERO);
        let mut rest = &bytes[..];
        while let Some(packet) = client.framer.next(&mut rest).unwrap() {
            client.inbox.push_back(packet.to_vec());
        }
    }

    /// The client handles the next packet that came.
    fn read(&mut self, who: usize) {
        let client = &mut self.clients[who];
        let Some(bytes) = client.inbox.pop_front() else {
            return;
        };
        match Packet::decode(&bytes, client.version.unwrap()).unwrap() {
            Packet::Publish(publish) => {
                let id = publish.packet_id.map_or(0, PacketId::get);
                let again = publish.qos == Q2 && !client.held.insert(id);
                if !again {
                    client.arrive(&publish, &self.publications);
                }
                match publish.qos {
                    QoS::AtMostOnce => {}
                    QoS::AtLeastOnce => self.send(who, &Packet::PubAck(ack(id))),
                    QoS::ExactlyOnce => self.send(who, &Packet::PubRec(ack(id))),
                }
            }
            Packet::PubRel(release) => {
                let id = release.packet_id.get();
                client.held.remove(&id);
                self.send(who, &Packet::PubComp(ack(id)));
            }
            Packet::PubAck(done) | Packet::PubComp(done) => {
                let id = done.packet_id.get();
                client.unacknowledged.retain(|sent| sent.id != id);
            }
            Packet::PubRec(half) => {
                let id = half.packet_id.get();
                for sent in &mut client.unacknowledged {
                    sent.received |= sent.id == id;
                }
                self.send(who, &Packet::PubRel(ack(id)));
            }
            Packet::SubAck(_) | Packet::UnsubAck(_) => {}
            packet => panic!("{packet:?}"),
        }
    }

    /// Everyone comes back and reads to the end.
    fn finish(&mut self) {
        for who in 0..CLIENTS {
            if self.clients[who].has_session {
                self.connect(who, false);
            }
        }
        for _ in 0..300 {
            for who in 0..CLIENTS {
                self.pull(who, usize::MAX);
                while !self.clients[who].inbox.is_empty() {
                    self.read(who);
                }
            }
        }
        for (who, client) in self.clients.iter().enumerate() {
            for (number, count) in &client.arrived {
                let routed = client.routed.get(number);
                let (times, qos) = routed.unwrap_or_else(|| panic!("c{who} got {number}"));
                assert!(
                    *qos == Q1 || count <= times,
                    "c{who} got {number} {count} times"
                );
            }
            for number in &client.owed {
                assert!(
                    client.arrived.contains_key(number),
                    "c{who} never got {number}"
                );
            }
            for ((publisher, topic, qos), numbers) in &client.order {
                let once = numbers
                    .iter()
                    .filter(|number| !self.repeated.contains(number));
                let sorted = once.is_sorted();
                assert!(
                    sorted,
                    "c{who} got {numbers:?} of c{publisher} on {topic} at {qos:?}"
                );
            }
            if client.has_session {
                let session = self.broker.session(&format!("c{who}")).unwrap();
                assert_eq!(
                    (session.in_flight_out, session.in_flight_in, session.queued),
                    (0, 0, 0)
                );
            }
        }
        assert_eq!(self.broker.counts().queued_bytes, 0);
    }
}

impl Client {
    /// The Session and all that both sides keep with it are gone. Nothing is owed any more.
    fn end_session(&mut self) {
        self.has_session = false;
        self.filters.clear();
        self.owed.clear();
        self.held.clear();
        self.unacknowledged.clear();
    }

    fn arrive(&mut self, publish: &Publish<'_>, publications: &[(usize, &'static str)]) {
        let number: usize = str::from_utf8(publish.payload).unwrap().parse().unwrap();
        let count = self.arrived.entry(number).or_default();
        *count += 1;
        if *count == 1 {
            let (publisher, topic) = publications[number];
            assert_eq!(publish.topic, topic);
            self.order
                .entry((publisher, topic, publish.qos))
                .or_default()
                .push(number);
        }
    }
}
