//! A world for the tests: one broker, clients that speak bytes, and a clock that moves when told.

mod describe;
mod random;
mod script;

use std::collections::BTreeMap;
use std::time::Duration;

use vitrine_broker::{
    Broker, Command, Config, ConnectionId, Event, Input, ObservationMask, Output, Peer, Time,
};
use vitrine_packet::{
    Ack, Connect, Disconnect, FiltersBuf, Framer, Packet, PacketId, Properties, Property,
    PropertyBuf, ProtocolVersion, Publish, QoS, ReasonCode, Subscribe, SubscriptionOptions,
    TopicsBuf, Unsubscribe, Will,
};

pub(crate) use describe::describe;
pub(crate) use random::{Random, seeds};
pub(crate) use script::{FILTERS, Script, Step, Transcript, perform};

pub(crate) const V3: ProtocolVersion = ProtocolVersion::V3_1_1;
pub(crate) const V5: ProtocolVersion = ProtocolVersion::V5;
pub(crate) const Q0: QoS = QoS::AtMostOnce;
pub(crate) const Q1: QoS = QoS::AtLeastOnce;
pub(crate) const Q2: QoS = QoS::ExactlyOnce;

/// The broker and the transports to it.
pub(crate) struct World {
    pub(crate) broker: Broker,
    pub(crate) now: Time,
    links: BTreeMap<ConnectionId, Link>,
    opened: u64,
    /// Whether what the broker has for a connection is pulled at once.
    pub(crate) pulling: bool,
    /// The connections whose passwords the broker wants checked.
    pub(crate) asked: Vec<ConnectionId>,
}

/// A transport, seen from the client.
struct Link {
    version: ProtocolVersion,
    framer: Framer,
    /// What came and was not looked at, described.
    inbox: Vec<String>,
    /// The bytes of all packets that came.
    raw: Vec<Vec<u8>>,
    /// Whether the broker closed it.
    closed: bool,
}

/// What a client says in CONNECT.
pub(crate) struct Hello<'a> {
    pub(crate) version: ProtocolVersion,
    pub(crate) client: &'a str,
    pub(crate) clean: bool,
    pub(crate) keep_alive: u16,
    pub(crate) properties: Vec<Property<'a>>,
    pub(crate) will: Option<Testament<'a>>,
    pub(crate) username: Option<&'a str>,
    pub(crate) password: Option<&'a str>,
}

/// A Will for [`Hello`].
pub(crate) struct Testament<'a> {
    pub(crate) topic: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) qos: QoS,
    pub(crate) retain: bool,
    pub(crate) properties: Vec<Property<'a>>,
}

impl<'a> Testament<'a> {
    pub(crate) fn new(topic: &'a str, payload: &'a str) -> Self {
        Self {
            topic,
            payload,
            qos: Q0,
            retain: false,
            properties: vec![],
        }
    }
}

impl<'a> Hello<'a> {
    /// A 3.1.1 client with Clean Session 1.
    pub(crate) fn v3(client: &'a str) -> Self {
        let (properties, will) = (vec![], None);
        Self {
            version: V3,
            client,
            clean: true,
            keep_alive: 0,
            properties,
            will,
            username: None,
            password: None,
        }
    }

    /// A 5.0 client with Clean Start 1.
    pub(crate) fn v5(client: &'a str) -> Self {
        Self {
            version: V5,
            ..Self::v3(client)
        }
    }

    /// With Clean Session (Clean Start) 0; in 5.0 with a Session that waits for an hour.
    pub(crate) fn kept(mut self) -> Self {
        self.clean = false;
        if self.version == V5 {
            self.properties.push(Property::SessionExpiryInterval(3_600));
        }
        self
    }

    pub(crate) fn keep_alive(mut self, seconds: u16) -> Self {
        self.keep_alive = seconds;
        self
    }

    pub(crate) fn with(mut self, property: Property<'a>) -> Self {
        self.properties.push(property);
        self
    }

    /// With a User Name and a password.
    pub(crate) fn user(mut self, name: &'a str, password: &'a str) -> Self {
        (self.username, self.password) = (Some(name), Some(password));
        self
    }

    pub(crate) fn will(mut self, will: Testament<'a>) -> Self {
        self.will = Some(will);
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let properties = buf(&self.properties);
        let will_properties = self.will.as_ref().map(|will| buf(&will.properties));
        let will = self
            .will
            .as_ref()
            .zip(will_properties.as_ref())
            .map(|(will, properties)| Will {
                qos: will.qos,
                retain: will.retain,
                properties: properties.as_properties(),
                topic: will.topic,
                payload: will.payload.as_bytes(),
            });
        bytes(
            self.version,
            &Packet::Connect(Connect {
                version: self.version,
                clean_start: self.clean,
                keep_alive: self.keep_alive,
                properties: properties.as_properties(),
                client_id: self.client,
                will,
                username: self.username,
                password: self.password.map(str::as_bytes),
            }),
        )
    }
}

/// A PUBLISH to be sent.
#[derive(Clone)]
pub(crate) struct Message<'a> {
    pub(crate) topic: &'a str,
    pub(crate) payload: &'a [u8],
    pub(crate) qos: QoS,
    pub(crate) id: u16,
    pub(crate) retain: bool,
    pub(crate) dup: bool,
    pub(crate) properties: Vec<Property<'a>>,
}

pub(crate) fn message<'a>(topic: &'a str, payload: &'a str) -> Message<'a> {
    let payload = payload.as_bytes();
    Message {
        topic,
        payload,
        qos: Q0,
        id: 0,
        retain: false,
        dup: false,
        properties: vec![],
    }
}

impl<'a> Message<'a> {
    pub(crate) fn q1(self, id: u16) -> Self {
        Self {
            qos: Q1,
            id,
            ..self
        }
    }

    pub(crate) fn q2(self, id: u16) -> Self {
        Self {
            qos: Q2,
            id,
            ..self
        }
    }

    pub(crate) fn qos(self, qos: QoS, id: u16) -> Self {
        Self {
            qos,
            id: if qos == Q0 { 0 } else { id },
            ..self
        }
    }

    pub(crate) fn retain(self) -> Self {
        Self {
            retain: true,
            ..self
        }
    }

    pub(crate) fn dup(self) -> Self {
        Self { dup: true, ..self }
    }

    pub(crate) fn with(mut self, property: Property<'a>) -> Self {
        self.properties.push(property);
        self
    }

    pub(crate) fn bytes(&self, version: ProtocolVersion) -> Vec<u8> {
        let properties = buf(&self.properties);
        bytes(
            version,
            &Packet::Publish(Publish {
                dup: self.dup,
                qos: self.qos,
                retain: self.retain,
                topic: self.topic,
                packet_id: PacketId::new(self.id),
                properties: properties.as_properties(),
                payload: self.payload,
            }),
        )
    }
}

pub(crate) fn buf(properties: &[Property<'_>]) -> PropertyBuf {
    let mut buf = PropertyBuf::new();
    for property in properties {
        buf.push(*property).unwrap();
    }
    buf
}

pub(crate) fn bytes(version: ProtocolVersion, packet: &Packet<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    packet.encode(version, &mut bytes).unwrap();
    bytes
}

pub(crate) fn ack(id: u16) -> Ack<'static> {
    Ack::success(PacketId::new(id).unwrap())
}

pub(crate) fn ack_with(id: u16, reason: ReasonCode) -> Ack<'static> {
    Ack { reason, ..ack(id) }
}

pub(crate) fn disconnect(reason: ReasonCode) -> Packet<'static> {
    Packet::Disconnect(Disconnect {
        reason,
        properties: Properties::EMPTY,
    })
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        let now = Time::from_secs(1_000);
        let broker = Broker::new(config, now);
        Self {
            broker,
            now,
            links: BTreeMap::new(),
            opened: 0,
            pulling: true,
            asked: vec![],
        }
    }

    /// Opens a transport and sends nothing.
    pub(crate) fn open(&mut self) -> ConnectionId {
        self.opened += 1;
        let connection = ConnectionId(self.opened);
        let link = Link {
            version: V3,
            framer: Framer::default(),
            inbox: vec![],
            raw: vec![],
            closed: false,
        };
        self.links.insert(connection, link);
        self.handle(Input::Opened {
            connection,
            peer: Peer::by("lab"),
        });
        connection
    }

    /// Opens a transport whose client speaks this version, and sends nothing.
    pub(crate) fn open_as(&mut self, version: ProtocolVersion) -> ConnectionId {
        let connection = self.open();
        self.links.get_mut(&connection).unwrap().version = version;
        connection
    }

    /// Opens a transport and sends CONNECT. The answer is left to be looked at.
    pub(crate) fn say(&mut self, hello: &Hello<'_>) -> ConnectionId {
        let connection = self.open_as(hello.version);
        self.send_bytes(connection, &hello.bytes());
        connection
    }

    /// Connects a client, which must work.
    pub(crate) fn connect(&mut self, hello: Hello<'_>) -> ConnectionId {
        let connection = self.say(&hello);
        let answers = self.take(connection);
        assert!(
            answers
                .first()
                .is_some_and(|first| first.starts_with("CONNACK 00")),
            "{answers:?}"
        );
        let inbox = &mut self.links.get_mut(&connection).unwrap().inbox;
        inbox.splice(0..0, answers.into_iter().skip(1));
        connection
    }

    /// Connects a client that must find its Session.
    pub(crate) fn reconnect(&mut self, hello: Hello<'_>) -> ConnectionId {
        let connection = self.say(&hello);
        let answers = self.take(connection);
        let resumed = answers
            .first()
            .is_some_and(|first| first.starts_with("CONNACK 00 present"));
        assert!(resumed, "{answers:?}");
        let inbox = &mut self.links.get_mut(&connection).unwrap().inbox;
        inbox.splice(0..0, answers.into_iter().skip(1));
        connection
    }

    pub(crate) fn version(&self, connection: ConnectionId) -> ProtocolVersion {
        self.links[&connection].version
    }

    pub(crate) fn send(&mut self, connection: ConnectionId, packet: Packet<'_>) {
        let bytes = bytes(self.version(connection), &packet);
        self.send_bytes(connection, &bytes);
    }

    pub(crate) fn send_bytes(&mut self, connection: ConnectionId, bytes: &[u8]) {
        self.handle(Input::Received { connection, bytes });
    }

    pub(crate) fn publish(&mut self, connection: ConnectionId, message: Message<'_>) {
        let bytes = message.bytes(self.version(connection));
        self.send_bytes(connection, &bytes);
    }

    /// Subscribes and looks at the SUBACK, which must come first.
    pub(crate) fn subscribe(&mut self, connection: ConnectionId, filter: &str, qos: QoS) {
        self.subscribe_with(connection, filter, SubscriptionOptions::with_qos(qos), &[]);
    }

    pub(crate) fn subscribe_with(
        &mut self,
        connection: ConnectionId,
        filter: &str,
        options: SubscriptionOptions,
        properties: &[Property<'_>],
    ) {
        self.send_subscribe(connection, &[(filter, options)], properties);
        let inbox = &mut self.links.get_mut(&connection).unwrap().inbox;
        assert_eq!(
            inbox.remove(0),
            format!("SUBACK #1 {:02X}", options.qos.as_u8())
        );
    }

    pub(crate) fn send_subscribe(
        &mut self,
        connection: ConnectionId,
        filters: &[(&str, SubscriptionOptions)],
        properties: &[Property<'_>],
    ) {
        let mut list = FiltersBuf::new();
        for (filter, options) in filters {
            list.push(filter, *options).unwrap();
        }
        let properties = buf(properties);
        self.send(
            connection,
            Packet::Subscribe(Subscribe {
                packet_id: PacketId::MIN,
                properties: properties.as_properties(),
                filters: list.as_filters(),
            }),
        );
    }

    pub(crate) fn send_unsubscribe(&mut self, connection: ConnectionId, filters: &[&str]) {
        let mut list = TopicsBuf::new();
        for filter in filters {
            list.push(filter).unwrap();
        }
        let packet_id = PacketId::MIN;
        let (properties, filters) = (Properties::EMPTY, list.as_topics());
        self.send(
            connection,
            Packet::Unsubscribe(Unsubscribe {
                packet_id,
                properties,
                filters,
            }),
        );
    }

    /// The transport of a connection breaks.
    pub(crate) fn cut(&mut self, connection: ConnectionId) {
        self.handle(Input::Closed { connection });
    }

    pub(crate) fn command(&mut self, command: Command<'_>) {
        self.handle(Input::Command(command));
    }

    /// Lets time pass, handling every deadline at its time.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(deadline) = self.broker.next_deadline()
            && deadline.at <= end
        {
            self.now = self.now.max(deadline.at);
            self.handle(Input::Deadline);
        }
        self.now = end;
    }

    pub(crate) fn handle(&mut self, input: Input<'_>) {
        self.broker.handle(input, self.now);
        self.drain();
    }

    /// Does what the broker asks for.
    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Transmit { connection } if self.pulling => {
                    self.pull(connection, usize::MAX);
                }
                Output::Authenticate { connection } => self.asked.push(connection),
                Output::Close { connection, .. } => {
                    self.pull(connection, usize::MAX);
                    self.links.get_mut(&connection).unwrap().closed = true;
                    self.broker.handle(Input::Closed { connection }, self.now);
                }
                _ => {}
            }
        }
    }

    /// Pulls packets of together at most `limit` bytes for a connection.
    pub(crate) fn pull(&mut self, connection: ConnectionId, limit: usize) {
        let mut bytes = Vec::new();
        let count = self
            .broker
            .poll_transmit(connection, &mut bytes, limit, self.now);
        assert_eq!(count, bytes.len());
        let link = self.links.get_mut(&connection).unwrap();
        let mut rest = &bytes[..];
        while let Some(packet) = link.framer.next(&mut rest).unwrap() {
            link.raw.push(packet.to_vec());
            link.inbox.push(describe(packet, link.version));
        }
        assert_eq!(link.framer.buffered(), 0, "packets are pulled whole");
    }

    /// What came on a connection since the last look; `closed` when the broker closed it.
    pub(crate) fn take(&mut self, connection: ConnectionId) -> Vec<String> {
        let link = self.links.get_mut(&connection).unwrap();
        let mut inbox = std::mem::take(&mut link.inbox);
        if link.closed {
            inbox.push("closed".into());
        }
        inbox
    }

    /// The bytes of the packets that came on a connection, all of them.
    pub(crate) fn raw(&self, connection: ConnectionId) -> &[Vec<u8>] {
        &self.links[&connection].raw
    }

    /// The Reason String of the last packet that came on a connection; empty where it has none.
    pub(crate) fn reason_string(&self, connection: ConnectionId) -> String {
        let link = &self.links[&connection];
        let packet = Packet::decode(link.raw.last().unwrap(), link.version).unwrap();
        let properties = match packet {
            Packet::ConnAck(ack) => ack.properties,
            Packet::PubAck(ack) | Packet::PubRec(ack) => ack.properties,
            Packet::PubRel(ack) | Packet::PubComp(ack) => ack.properties,
            Packet::SubAck(ack) => ack.properties,
            Packet::UnsubAck(ack) => ack.properties,
            Packet::Disconnect(disconnect) => disconnect.properties,
            _ => Properties::EMPTY,
        };
        properties.reason_string().unwrap_or_default().into()
    }

    pub(crate) fn is_closed(&self, connection: ConnectionId) -> bool {
        self.links[&connection].closed
    }

    /// Observes everything from now on.
    pub(crate) fn observe(&mut self) {
        self.broker.observe(ObservationMask::ALL);
        while self.broker.poll_observation().is_some() {}
    }

    /// What was observed since the last look.
    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.broker.poll_observation())
            .map(|seen| seen.event)
            .collect()
    }

    /// The end of the last connection that was observed to end.
    pub(crate) fn ending(&mut self) -> (&'static str, Option<ReasonCode>, Option<&'static str>) {
        let endings = self.events().into_iter().filter_map(|event| match event {
            Event::Closed {
                why,
                reason,
                statement,
                ..
            } => Some((why.code(), reason, statement)),
            _ => None,
        });
        endings.last().expect("a connection ended")
    }
}
