//! A client, and a test that plays its server.

use std::time::Duration;

use vitrine_client::{Client, Event, Input, Message, Options, Output, Ticket, Time};
use vitrine_packet::{
    Ack, ConnAck, Disconnect, Framer, Packet, PacketId, Property, PropertyBuf, ProtocolVersion,
    Publish, QoS, ReasonCode,
};

pub(crate) const V3: ProtocolVersion = ProtocolVersion::V3_1_1;
pub(crate) const V5: ProtocolVersion = ProtocolVersion::V5;
pub(crate) const Q0: QoS = QoS::AtMostOnce;
pub(crate) const Q1: QoS = QoS::AtLeastOnce;
pub(crate) const Q2: QoS = QoS::ExactlyOnce;

pub(crate) struct Desk {
    pub(crate) client: Client,
    pub(crate) now: Time,
}

impl Desk {
    /// A client that wished for a connection and got a transport.
    pub(crate) fn opened(options: Options) -> Self {
        let now = Time::from_secs(1_000);
        let mut client = Client::new(options, now);
        client.connect(now);
        assert_eq!(client.poll_output(), Some(Output::Open));
        client.handle(Input::Opened, now);
        Self { client, now }
    }

    /// A client that was welcomed.
    pub(crate) fn connected(options: Options) -> Self {
        let mut desk = Self::opened(options);
        desk.sent();
        desk.welcome(false, &[]);
        desk.events();
        desk
    }

    pub(crate) fn version(&self) -> ProtocolVersion {
        self.client.options().version
    }

    /// CONNACK that accepts.
    pub(crate) fn welcome(&mut self, session_present: bool, properties: &[Property<'_>]) {
        let properties = buf(properties);
        self.serve(&Packet::ConnAck(ConnAck {
            session_present,
            code: 0,
            properties: properties.as_properties(),
        }));
    }

    pub(crate) fn serve(&mut self, packet: &Packet<'_>) {
        let mut bytes = Vec::new();
        packet.encode(self.version(), &mut bytes).unwrap();
        self.client.handle(Input::Received(&bytes), self.now);
    }

    pub(crate) fn serve_message(
        &mut self,
        topic: &str,
        qos: QoS,
        id: u16,
        dup: bool,
        properties: &[Property<'_>],
    ) {
        let properties = buf(properties);
        self.serve(&Packet::Publish(Publish {
            dup,
            qos,
            retain: false,
            topic,
            packet_id: PacketId::new(id),
            properties: properties.as_properties(),
            payload: b"x",
        }));
    }

    pub(crate) fn publish(&mut self, topic: &str, qos: QoS) -> Ticket {
        self.client
            .publish(Message::new(topic, b"x", qos), self.now)
            .unwrap()
    }

    /// The packets that the client wants to send, as text.
    pub(crate) fn sent(&mut self) -> Vec<String> {
        let mut bytes = Vec::new();
        while self.client.poll_transmit(&mut bytes, usize::MAX, self.now) > 0 {}
        lines(&bytes, self.version())
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.client.poll_event()).collect()
    }

    pub(crate) fn outputs(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.client.poll_output()).collect()
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        self.client.handle(Input::Deadline, self.now);
    }

    /// The transport breaks; the next one opens.
    pub(crate) fn cut_and_open(&mut self) {
        self.client.handle(Input::Closed, self.now);
        self.client.connect(self.now);
        self.client.handle(Input::Opened, self.now);
        self.outputs();
    }
}

pub(crate) fn buf(properties: &[Property<'_>]) -> PropertyBuf {
    let mut list = PropertyBuf::new();
    properties
        .iter()
        .for_each(|property| list.push(*property).unwrap());
    list
}

pub(crate) fn ack(id: u16) -> Ack<'static> {
    Ack::success(PacketId::new(id).unwrap())
}

pub(crate) fn refusal(id: u16, reason: ReasonCode) -> Ack<'static> {
    Ack { reason, ..ack(id) }
}

pub(crate) fn named(client: &str, version: ProtocolVersion) -> Options {
    Options {
        version,
        client_id: client.into(),
        keep_alive: 0,
        ..Options::default()
    }
}

/// A client whose Session outlives its connections.
pub(crate) fn kept(client: &str, version: ProtocolVersion) -> Options {
    Options {
        clean_start: false,
        session_expiry: 3_600,
        ..named(client, version)
    }
}

/// Packets from a client as text, with what is not at its plainest.
pub(crate) fn lines(mut bytes: &[u8], version: ProtocolVersion) -> Vec<String> {
    let mut framer = Framer::default();
    let mut lines = Vec::new();
    while let Some(packet) = framer.next(&mut bytes).unwrap() {
        lines.push(line(
            &Packet::decode(packet, version).expect("valid packets"),
        ));
    }
    assert_eq!(framer.buffered(), 0, "packets are pulled whole");
    lines
}

fn line(packet: &Packet<'_>) -> String {
    let ack = |name: &str, ack: &Ack<'_>| match ack.reason {
        ReasonCode::Success => format!("{name} #{}", ack.packet_id),
        reason => format!("{name} #{} {:02X}", ack.packet_id, reason.as_u8()),
    };
    match packet {
        Packet::Connect(connect) => format!(
            "CONNECT {} {}{} keep {} {:?}",
            connect.client_id,
            connect.version.name(),
            if connect.clean_start { " clean" } else { "" },
            connect.keep_alive,
            connect.properties
        ),
        Packet::Publish(publish) => {
            let id = publish
                .packet_id
                .map_or(String::new(), |id| format!(" #{id}"));
            let dup = if publish.dup { " dup" } else { "" };
            let alias = publish.properties.topic_alias();
            let alias = alias.map_or(String::new(), |alias| format!(" @{alias}"));
            format!(
                "PUBLISH q{}{id}{dup} {}{alias}",
                publish.qos.as_u8(),
                publish.topic
            )
        }
        Packet::PubAck(puback) => ack("PUBACK", puback),
        Packet::PubRec(pubrec) => ack("PUBREC", pubrec),
        Packet::PubRel(pubrel) => ack("PUBREL", pubrel),
        Packet::PubComp(pubcomp) => ack("PUBCOMP", pubcomp),
        Packet::Subscribe(subscribe) => {
            format!(
                "SUBSCRIBE #{} {:?}",
                subscribe.packet_id,
                subscribe.filters.iter().map(|(f, _)| f).collect::<Vec<_>>()
            )
        }
        Packet::Unsubscribe(unsubscribe) => {
            format!(
                "UNSUBSCRIBE #{} {:?}",
                unsubscribe.packet_id, unsubscribe.filters
            )
        }
        Packet::PingReq => "PINGREQ".into(),
        Packet::Disconnect(Disconnect { reason, properties }) => {
            format!("DISCONNECT {:02X} {properties:?}", reason.as_u8())
        }
        Packet::Auth(auth) => format!("AUTH {:02X} {:?}", auth.reason.as_u8(), auth.properties),
        _ => panic!("a client never sends {packet:?}"),
    }
}
