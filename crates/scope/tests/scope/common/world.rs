//! A real broker with clients that speak bytes, watched by a scope.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use vitrine_broker::{
    Access, Broker, Command, Config, ConnectionId, Input, ObservationMask, Output, Peer,
    PersistentState, Time,
};
use vitrine_link::{FlowFrame, FlowView, Frame, View};
use vitrine_packet::{
    Ack, Connect, Disconnect, FiltersBuf, Framer, Packet, PacketId, PacketType, Properties,
    ProtocolVersion, Publish, QoS, ReasonCode, RetainHandling, Subscribe, SubscriptionOptions,
    TopicsBuf, Unsubscribe,
};
use vitrine_scope::{Lens, Limits, Outside, Scope, Tape};

use crate::common::{START, hold_text, row_text};

/// The world. Every input comes a millisecond after the one before.
pub(crate) struct World {
    pub(crate) broker: Broker,
    pub(crate) scope: Scope,
    pub(crate) lens: Lens,
    /// Records what the scope is told.
    pub(crate) tape: Option<Tape>,
    pub(crate) now: u64,
    /// The door by which clients come.
    pub(crate) door: &'static str,
    connections: u64,
    clients: BTreeMap<String, Client>,
    /// What clients answered and the broker has not got yet.
    answers: VecDeque<(ConnectionId, Vec<u8>)>,
}

/// The client's side of a connection.
struct Client {
    connection: ConnectionId,
    version: ProtocolVersion,
    framer: Framer,
    /// Whether it answers as the protocol wants.
    answers: bool,
    /// Whether its transport takes nothing from the broker.
    stalled: bool,
    next_id: u16,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Config::default(), Limits::default())
    }

    pub(crate) fn with(config: Config, limits: Limits) -> Self {
        let mut broker = Broker::new(config, Time::from_micros(START));
        broker.observe(ObservationMask::ALL);
        Self {
            broker,
            scope: Scope::new(limits),
            lens: Lens::new(),
            tape: None,
            now: START,
            door: "page",
            connections: 0,
            clients: BTreeMap::new(),
            answers: VecDeque::new(),
        }
    }

    /// A 3.1.1 client with a clean session connects.
    pub(crate) fn join(&mut self, client: &str) {
        self.connect(client, |_| {});
    }

    /// A 3.1.1 client connects that keeps its session.
    pub(crate) fn join_to_stay(&mut self, client: &str) {
        self.connect(client, |connect| connect.clean_start = false);
    }

    /// A client connects with what `change` makes of its CONNECT.
    pub(crate) fn connect(&mut self, client: &str, change: impl FnOnce(&mut Connect<'_>)) {
        let mut connect = Connect {
            version: ProtocolVersion::V3_1_1,
            clean_start: true,
            keep_alive: 60,
            properties: Properties::default(),
            client_id: client,
            will: None,
            username: None,
            password: None,
        };
        change(&mut connect);
        self.open(client, connect.version);
        self.send(client, &Packet::Connect(connect));
    }

    /// A transport connection is opened, and nothing comes on it yet.
    pub(crate) fn open(&mut self, client: &str, version: ProtocolVersion) {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let client_side = Client {
            connection,
            version,
            framer: Framer::new(u32::MAX),
            answers: true,
            stalled: false,
            next_id: 1,
        };
        self.clients.insert(client.into(), client_side);
        self.input(Input::Opened {
            connection,
            peer: Peer::by(self.door),
        });
    }

    /// Whether the client has a connection.
    pub(crate) fn has(&self, client: &str) -> bool {
        self.clients.contains_key(client)
    }

    /// The connection that will be opened next.
    pub(crate) fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.connections + 1)
    }

    /// Something happens outside of the broker.
    pub(crate) fn outside(&mut self, happened: &Outside) {
        self.now += 1_000;
        self.scope.outside(happened, self.now);
    }

    /// The broker and its observations end, and another one takes its place.
    pub(crate) fn restart(&mut self, config: Config, state: PersistentState) {
        let now = Time::from_micros(self.now);
        self.broker = Broker::restore(config, state, now).expect("a broker left it");
        self.clients.clear();
        self.observe();
    }

    /// What the broker wants to have durable is.
    pub(crate) fn commit(&mut self, store: &mut PersistentState) {
        for change in self.broker.take_changes() {
            store.apply(change);
        }
    }

    /// From now on the client takes packets and answers none.
    pub(crate) fn mute(&mut self, client: &str) {
        self.client(client).answers = false;
    }

    /// From now on the client's transport takes nothing from the broker.
    pub(crate) fn stall(&mut self, client: &str) {
        self.client(client).stalled = true;
    }

    pub(crate) fn send(&mut self, client: &str, packet: &Packet<'_>) {
        let mut bytes = Vec::new();
        packet
            .encode(self.client(client).version, &mut bytes)
            .expect("it can be written");
        self.send_bytes(client, &bytes);
    }

    pub(crate) fn send_bytes(&mut self, client: &str, bytes: &[u8]) {
        let connection = self.client(client).connection;
        self.input(Input::Received { connection, bytes });
    }

    pub(crate) fn subscribe(&mut self, client: &str, filter: &str, qos: QoS) {
        self.subscribe_with(client, filter, |options| options.qos = qos);
    }

    pub(crate) fn subscribe_with(
        &mut self,
        client: &str,
        filter: &str,
        change: impl FnOnce(&mut SubscriptionOptions),
    ) {
        let mut options = SubscriptionOptions {
            qos: QoS::ExactlyOnce,
            no_local: false,
            retain_as_published: false,
            retain_handling: RetainHandling::default(),
        };
        change(&mut options);
        let mut filters = FiltersBuf::new();
        filters.push(filter, options).expect("the filter is valid");
        let packet_id = self.next_id(client);
        let (properties, filters) = (Properties::default(), filters.as_filters());
        self.send(
            client,
            &Packet::Subscribe(Subscribe {
                packet_id,
                properties,
                filters,
            }),
        );
    }

    pub(crate) fn unsubscribe(&mut self, client: &str, filter: &str) {
        let mut filters = TopicsBuf::new();
        filters.push(filter).expect("the filter is valid");
        let packet_id = self.next_id(client);
        let (properties, filters) = (Properties::default(), filters.as_topics());
        self.send(
            client,
            &Packet::Unsubscribe(Unsubscribe {
                packet_id,
                properties,
                filters,
            }),
        );
    }

    pub(crate) fn publish(&mut self, client: &str, topic: &str, payload: &str, qos: QoS) {
        self.publish_with(client, topic, payload, |publish| publish.qos = qos);
    }

    pub(crate) fn retain(&mut self, client: &str, topic: &str, payload: &str) {
        self.publish_with(client, topic, payload, |publish| publish.retain = true);
    }

    pub(crate) fn publish_with<'a>(
        &mut self,
        client: &str,
        topic: &'a str,
        payload: &'a str,
        change: impl FnOnce(&mut Publish<'a>),
    ) {
        let mut publish = Publish {
            dup: false,
            qos: QoS::AtMostOnce,
            retain: false,
            topic,
            packet_id: None,
            properties: Properties::default(),
            payload: payload.as_bytes(),
        };
        change(&mut publish);
        if publish.qos != QoS::AtMostOnce && publish.packet_id.is_none() {
            publish.packet_id = Some(self.next_id(client));
        }
        self.send(client, &Packet::Publish(publish));
    }

    /// The broker publishes itself.
    pub(crate) fn publish_own(&mut self, topic: &str, payload: &str) {
        let (payload, qos, retain) = (payload.as_bytes(), QoS::AtMostOnce, true);
        self.input(Input::Command(Command::Publish {
            topic,
            payload,
            qos,
            retain,
        }));
    }

    pub(crate) fn drop_client(&mut self, client: &str, politely: bool) {
        self.input(Input::Command(Command::Drop { client, politely }));
    }

    pub(crate) fn disconnect(&mut self, client: &str) {
        let (reason, properties) = (ReasonCode::Success, Properties::default());
        self.send(
            client,
            &Packet::Disconnect(Disconnect { reason, properties }),
        );
        self.clients.remove(client);
    }

    /// The client's transport breaks.
    pub(crate) fn cut(&mut self, client: &str) {
        let gone = self
            .clients
            .remove(client)
            .expect("the client is connected");
        self.input(Input::Closed {
            connection: gone.connection,
        });
    }

    /// Time passes until something is due, at most `seconds`.
    pub(crate) fn wait(&mut self, seconds: u64) {
        self.now += seconds * 1_000_000;
        self.input(Input::Deadline);
    }

    /// What the page sees of a view; the frame counts as drawn.
    pub(crate) fn look(&mut self, view: View) -> Frame {
        self.lens.look(view);
        let frame = self
            .scope
            .frame(&mut self.lens, self.now)
            .expect("the view was changed");
        self.lens.seen(frame.number);
        frame
    }

    pub(crate) fn flow(&mut self, flow: FlowView) -> FlowFrame {
        let view = View {
            flow: Some(flow),
            ..View::default()
        };
        self.look(view).flow.expect("the flow was asked for")
    }

    /// The whole recording, a line of text per row.
    pub(crate) fn ladder(&mut self) -> Vec<String> {
        self.ladder_from(1)
    }

    /// The recording from a row on.
    pub(crate) fn ladder_from(&mut self, first: u64) -> Vec<String> {
        let frame = self.flow(FlowView {
            rows: 500,
            ..FlowView::default()
        });
        let rows = frame.rows.iter().filter(|row| row.number >= first);
        rows.map(|row| row_text(row, &frame)).collect()
    }

    /// All that was and is held during the recording, a line of text each.
    pub(crate) fn holds(&mut self) -> Vec<String> {
        let frame = self.flow(FlowView {
            rows: 500,
            ..FlowView::default()
        });
        frame
            .holds
            .iter()
            .map(|hold| hold_text(hold, &frame))
            .collect()
    }

    /// The number that the next row will have.
    pub(crate) fn next_row(&mut self) -> u64 {
        self.flow(FlowView::default()).newest + 1
    }

    /// Something happens, and all that follows from it.
    pub(crate) fn input(&mut self, input: Input<'_>) {
        self.handle(input);
        while let Some((connection, bytes)) = self.answers.pop_front() {
            self.handle(Input::Received {
                connection,
                bytes: &bytes,
            });
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        self.now += 1_000;
        let now = Time::from_micros(self.now);
        self.broker.handle(input, now);
        self.observe();
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Transmit { connection } => self.pull(connection),
                Output::Close { connection, .. } => {
                    self.pull(connection);
                    self.clients
                        .retain(|_, client| client.connection != connection);
                    self.broker.handle(Input::Closed { connection }, now);
                    self.observe();
                }
                // The test commits when it likes.
                Output::Persist => {}
                Output::Authenticate { connection } => self.authenticate(connection, now),
                other => panic!("an output that is not known: {other:?}"),
            }
        }
    }

    /// A password is right that is the User Name.
    fn authenticate(&mut self, connection: ConnectionId, now: Time) {
        let asked = self
            .broker
            .credentials(connection)
            .expect("it is asked for");
        let password = asked.password.as_deref();
        let accepted = asked.hash.is_some() && password == Some(asked.username.as_bytes());
        let command = Command::Authenticated {
            connection,
            accepted,
        };
        self.broker.handle(Input::Command(command), now);
        self.observe();
    }

    /// Other rules apply from now on.
    pub(crate) fn set_access(&mut self, access: Access) {
        let access = Rc::new(access);
        self.input(Input::Command(Command::SetAccess(Rc::clone(&access))));
        if let Some(tape) = &mut self.tape {
            tape.access(&access, self.now);
        }
        self.scope.set_access(access);
    }

    fn observe(&mut self) {
        while let Some(observation) = self.broker.poll_observation() {
            self.scope.observe(&observation);
            if let Some(tape) = &mut self.tape {
                tape.note(&observation);
            }
        }
    }

    /// A connection's bytes go to its client, which answers.
    fn pull(&mut self, connection: ConnectionId) {
        if self
            .clients
            .values()
            .any(|c| c.connection == connection && c.stalled)
        {
            return;
        }
        let mut bytes = Vec::new();
        self.broker
            .poll_transmit(connection, &mut bytes, 1 << 20, Time::from_micros(self.now));
        self.observe();
        let found = self
            .clients
            .values_mut()
            .find(|client| client.connection == connection);
        let Some(client) = found else { return };
        let mut answers = Vec::new();
        let mut input = &bytes[..];
        while let Some(packet) = client
            .framer
            .next(&mut input)
            .expect("the broker writes packets")
        {
            let packet = Packet::decode(packet, client.version).expect("they are well-formed");
            if let Some(answer) = answer(&packet).filter(|_| client.answers) {
                answer
                    .encode(client.version, &mut answers)
                    .expect("it can be written");
            }
        }
        if !answers.is_empty() {
            self.answers.push_back((connection, answers));
        }
    }

    fn client(&mut self, client: &str) -> &mut Client {
        self.clients
            .get_mut(client)
            .expect("the client is connected")
    }

    fn next_id(&mut self, client: &str) -> PacketId {
        let client = self.client(client);
        let id = PacketId::new(client.next_id).expect("it is not 0");
        client.next_id += 1;
        id
    }
}

fn answer(packet: &Packet<'_>) -> Option<Packet<'static>> {
    let (kind, packet_id) = match packet {
        Packet::Publish(publish) if publish.qos == QoS::AtLeastOnce => {
            (PacketType::PubAck, publish.packet_id?)
        }
        Packet::Publish(publish) => (PacketType::PubRec, publish.packet_id?),
        Packet::PubRec(ack) => (PacketType::PubRel, ack.packet_id),
        Packet::PubRel(ack) => (PacketType::PubComp, ack.packet_id),
        _ => return None,
    };
    let ack = Ack {
        packet_id,
        reason: ReasonCode::Success,
        properties: Properties::default(),
    };
    Some(match kind {
        PacketType::PubAck => Packet::PubAck(ack),
        PacketType::PubRec => Packet::PubRec(ack),
        PacketType::PubRel => Packet::PubRel(ack),
        _ => Packet::PubComp(ack),
    })
}
