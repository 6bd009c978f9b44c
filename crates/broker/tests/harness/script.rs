//! Random scripts: mostly valid packets on a few connections, time passing, transports breaking.

use std::collections::BTreeMap;
use std::time::Duration;

use vitrine_broker::{
    Broker, Command, Config, ConnectionId, Input, Observation, ObservationMask, Output, Peer, Time,
};
use vitrine_packet::{Packet, Property, ProtocolVersion, ReasonCode, SubscriptionOptions};

use super::*;

/// A step of a script.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Open(ConnectionId),
    Bytes(ConnectionId, Vec<u8>),
    Close(ConnectionId),
    Pass(Duration),
    Pull(ConnectionId, usize),
    Drop(String, bool),
}

/// A script, and what its run gave.
pub(crate) struct Script {
    pub(crate) steps: Vec<Step>,
}

/// What a run gave.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Transcript {
    pub(crate) bytes: BTreeMap<ConnectionId, Vec<u8>>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) deadlines: Vec<Option<vitrine_broker::Deadline>>,
    pub(crate) observations: Vec<Observation>,
}

impl Transcript {
    /// Panics with the first difference.
    pub(crate) fn assert_same(&self, other: &Self) {
        for (one, two) in self.observations.iter().zip(&other.observations) {
            assert_eq!(one, two);
        }
        for (one, two) in self.deadlines.iter().zip(&other.deadlines) {
            assert_eq!(one, two);
        }
        assert!(self == other, "bytes or outputs differ");
    }
}

const TOPICS: [&str; 6] = ["a", "a/b", "a/b/c", "b", "b/", "$x"];
pub(crate) const FILTERS: [&str; 9] = [
    "a",
    "#",
    "a/#",
    "+",
    "a/+",
    "+/b/#",
    "b/+",
    "$share/g/a/#",
    "$x",
];

impl Script {
    pub(crate) fn random(seed: u64, length: usize) -> Self {
        Self::with_filters(seed, length, &FILTERS)
    }

    /// A script whose clients subscribe to these filters.
    pub(crate) fn with_filters(seed: u64, length: usize, filters: &[&'static str]) -> Self {
        let mut random = Random::new(seed);
        let mut steps = vec![];
        let mut open: Vec<(ConnectionId, ProtocolVersion)> = vec![];
        let mut opened = 0;
        for _ in 0..length {
            if open.len() < 2 || (open.len() < 8 && random.one_in(10)) {
                opened += 1;
                let (connection, version) = (ConnectionId(opened), random.pick(&[V3, V5]));
                open.push((connection, version));
                steps.push(Step::Open(connection));
                if !random.one_in(20) {
                    steps.push(Step::Bytes(connection, hello(&mut random, version)));
                }
                continue;
            }
            let at = random.below(open.len());
            let (connection, version) = open[at];
            match random.below(24) {
                0 => {
                    open.remove(at);
                    steps.push(Step::Close(connection));
                }
                1 => {
                    let time = random.pick(&[1, 100, 1_000, 5_000, 61_000]);
                    steps.push(Step::Pass(Duration::from_millis(time)));
                }
                2..=5 => steps.push(Step::Pull(connection, random.pick(&[1, 10, 100, 10_000]))),
                6 if random.one_in(4) => {
                    let client = format!("c{}", random.below(5));
                    steps.push(Step::Drop(client, random.one_in(2)));
                }
                7 if random.one_in(6) => {
                    let bytes = (0..random.below(12)).map(|_| random.next() as u8).collect();
                    steps.push(Step::Bytes(connection, bytes));
                }
                _ => steps.push(Step::Bytes(
                    connection,
                    packet(&mut random, version, filters),
                )),
            }
        }
        Self { steps }
    }

    /// Runs the script. With `cut` all bytes come in random pieces.
    pub(crate) fn run(&self, config: Config, cut: Option<u64>) -> Transcript {
        let mut broker = Broker::new(config, Time::ZERO);
        broker.observe(ObservationMask::ALL);
        let mut now = Time::ZERO;
        let mut transcript = Transcript::default();
        let mut random = cut.map(Random::new);
        for step in &self.steps {
            perform(&mut broker, step, &mut now, &mut random, &mut transcript);
        }
        transcript
    }
}

/// Does one step, and notes what it gave.
pub(crate) fn perform(
    broker: &mut Broker,
    step: &Step,
    now: &mut Time,
    cut: &mut Option<Random>,
    transcript: &mut Transcript,
) {
    match step {
        Step::Open(connection) => {
            let peer = Peer::by("lab");
            broker.handle(
                Input::Opened {
                    connection: *connection,
                    peer,
                },
                *now,
            );
        }
        Step::Bytes(connection, bytes) => {
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let length = cut
                    .as_mut()
                    .map_or(rest.len(), |random| random.below(rest.len()) + 1);
                let (bytes, after) = rest.split_at(length);
                rest = after;
                broker.handle(
                    Input::Received {
                        connection: *connection,
                        bytes,
                    },
                    *now,
                );
            }
        }
        Step::Close(connection) => broker.handle(
            Input::Closed {
                connection: *connection,
            },
            *now,
        ),
        Step::Pass(time) => {
            let end = *now + *time;
            while let Some(deadline) = broker.next_deadline()
                && deadline.at <= end
            {
                *now = (*now).max(deadline.at);
                broker.handle(Input::Deadline, *now);
                let next = broker.next_deadline();
                assert!(
                    next.is_none_or(|next| next.at > *now),
                    "{next:?} at {now:?}"
                );
            }
            *now = end;
        }
        Step::Pull(connection, limit) => {
            let bytes = transcript.bytes.entry(*connection).or_default();
            broker.poll_transmit(*connection, bytes, *limit, *now);
        }
        Step::Drop(client, politely) => {
            let command = Command::Drop {
                client,
                politely: *politely,
            };
            broker.handle(Input::Command(command), *now);
        }
    }
    transcript
        .outputs
        .extend(std::iter::from_fn(|| broker.poll_output()));
    transcript.deadlines.push(broker.next_deadline());
    transcript
        .observations
        .extend(std::iter::from_fn(|| broker.poll_observation()));
}

fn hello(random: &mut Random, version: ProtocolVersion) -> Vec<u8> {
    let client = format!("c{}", random.below(5));
    let client = if random.one_in(15) { "" } else { &client };
    let mut hello = Hello {
        version,
        ..Hello::v3(client)
    };
    hello.clean = random.one_in(3);
    hello.keep_alive = random.pick(&[0, 0, 2, 60]);
    if random.one_in(2) {
        let mut will = Testament::new(random.pick(&TOPICS), "will");
        will.qos = random.pick(&[Q0, Q1, Q2]);
        will.retain = random.one_in(2);
        if version == V5 {
            will.properties = vec![Property::WillDelayInterval(random.below(3) as u32)];
        }
        hello.will = Some(will);
    }
    if version == V5 {
        for property in [
            Property::SessionExpiryInterval(random.pick(&[0, 3, 60, u32::MAX])),
            Property::ReceiveMaximum(random.pick(&[1, 2, 10])),
            Property::MaximumPacketSize(random.pick(&[30, 200])),
            Property::TopicAliasMaximum(random.pick(&[1, 9])),
            Property::RequestProblemInformation(random.pick(&[0, 1])),
            Property::RequestResponseInformation(random.pick(&[0, 1])),
        ] {
            if random.one_in(2) {
                hello.properties.push(property);
            }
        }
    }
    hello.bytes()
}

fn packet(random: &mut Random, version: ProtocolVersion, list: &[&'static str]) -> Vec<u8> {
    let id = random.below(6) as u16 + 1;
    let v5 = version == V5;
    let reason = random.pick(&[
        ReasonCode::Success,
        ReasonCode::Success,
        ReasonCode::NotAuthorized,
    ]);
    let reason = if v5 { reason } else { ReasonCode::Success };
    match random.below(16) {
        0..=5 => {
            let payload = "x".repeat(random.pick(&[0, 1, 5, 100, 2_000]));
            let topic = random.pick(&TOPICS);
            let mut message = message(topic, &payload).qos(random.pick(&[Q0, Q1, Q2]), id);
            message.retain = random.one_in(4);
            message.dup = message.qos != Q0 && random.one_in(3);
            if v5 && random.one_in(3) {
                message
                    .properties
                    .push(Property::MessageExpiryInterval(random.below(4) as u32 + 1));
            }
            if v5 && random.one_in(3) {
                message
                    .properties
                    .push(Property::TopicAlias(random.below(3) as u16 + 1));
                if random.one_in(3) {
                    message.topic = "";
                }
            }
            if v5 && random.one_in(4) {
                message.properties.push(Property::UserProperty("k", "v"));
            }
            message.bytes(version)
        }
        6 | 7 => bytes(version, &Packet::PubAck(ack_with(id, reason))),
        8 | 9 => bytes(version, &Packet::PubRec(ack_with(id, reason))),
        10 => bytes(version, &Packet::PubRel(ack(id))),
        11 => bytes(version, &Packet::PubComp(ack(id))),
        12 | 13 => {
            let mut filters = FiltersBuf::new();
            for _ in 0..=random.below(2) {
                let filter = random.pick(list);
                let mut options = SubscriptionOptions::with_qos(random.pick(&[Q0, Q1, Q2]));
                if v5 {
                    options.no_local = random.one_in(4) && !filter.starts_with("$share");
                    options.retain_as_published = random.one_in(4);
                }
                filters.push(filter, options).unwrap();
            }
            let identifier = Property::SubscriptionIdentifier(random.below(3) as u32 + 1);
            let properties = if v5 && random.one_in(3) {
                vec![identifier]
            } else {
                vec![]
            };
            let properties = buf(&properties);
            bytes(
                version,
                &Packet::Subscribe(Subscribe {
                    packet_id: PacketId::MIN,
                    properties: properties.as_properties(),
                    filters: filters.as_filters(),
                }),
            )
        }
        14 => {
            let mut filters = TopicsBuf::new();
            filters.push(random.pick(list)).unwrap();
            bytes(
                version,
                &Packet::Unsubscribe(Unsubscribe {
                    packet_id: PacketId::MIN,
                    properties: Properties::EMPTY,
                    filters: filters.as_topics(),
                }),
            )
        }
        _ if random.one_in(6) => bytes(version, &disconnect(ReasonCode::Success)),
        _ => bytes(version, &Packet::PingReq),
    }
}
