//! A world and a script, drawn from a seed.

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use vitrine_broker::Config;
use vitrine_client::{BackOff, Message, Options, Will};
use vitrine_packet::{
    Property, PropertyBuf, ProtocolVersion, QoS, ReasonCode, RetainHandling, SubscriptionOptions,
};

use super::people::People;
use crate::script::SECRET;
use crate::{Action, ClientSetup, CutPoint, Direction, Line, Random, Sabotage, Setup, Step};

/// Everything that decides a simulation.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it was drawn from.
    pub seed: u64,
    /// The broker's limits.
    pub config: Config,
    /// How long it takes to make changes durable.
    pub commit: Duration,
    /// How long changes may wait on which nothing rests: see [`crate::World::keep_later`].
    pub later: Duration,
    /// Whether what rests on nothing leaves at once, and how long changes wait then: see [`crate::World::send_early`].
    pub early: Option<Duration>,
    /// The clients.
    pub clients: Vec<(Options, Line)>,
    /// The script.
    pub steps: Vec<Step>,
    /// A fault that must be noticed.
    pub sabotage: Option<Sabotage>,
}

const TOPICS: [&str; 9] = [
    "a",
    "a/b",
    "a/b/c",
    "area/20/light",
    "b",
    "b/",
    "of/ana",
    "of/c0",
    "of/c1/x",
];
const FILTERS: [&str; 16] = [
    "of/#",
    "of/+",
    "#",
    "+",
    "a",
    "a/#",
    "a/+",
    "a/b",
    "+/b",
    "area/+/light",
    "b/#",
    "+/+",
    "$share/g/a/#",
    "$share/g/#",
    "$share/h/a/b",
    "will/+",
];

/// Every fourth seed is about a group of shared subscriptions, whose members' Sessions end while they hold something.
const SHARED: &str = "$share/g/#";

/// The payload of message `n`, padded to some length.
#[must_use]
pub fn payload(n: u64, padding: usize) -> Rc<[u8]> {
    let mut text = format!("{n};").into_bytes();
    text.resize(text.len() + padding, b'.');
    text.into()
}

/// The number in a payload; `None` where there is none.
pub(super) fn number(payload: &[u8]) -> Option<u64> {
    let end = payload.iter().position(|byte| *byte == b';')?;
    core::str::from_utf8(&payload[..end]).ok()?.parse().ok()
}

impl Scenario {
    /// The scenario of a seed.
    #[must_use]
    pub fn draw(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut config = draw_config(&mut random);
        let people = People::draw(&mut random);
        config.access = Rc::clone(&people.accesses[0]);
        if people.proves() {
            config.secret = SECRET;
        }
        let count = 2 + random.index(4);
        let mut clients: Vec<_> = (0..count).map(|at| draw_client(&mut random, at)).collect();
        let shares = seed % 4 == 3;
        if shares {
            for (options, line) in &mut clients {
                options.session_expiry = random.pick(&[0, 4, u32::MAX]);
                options.clean_start = random.one_in(3);
                // What is on its way to a client is lost with its connection.
                line.down = Duration::from_millis(random.below(800));
            }
        }
        for (options, _) in &mut clients {
            people.log_in(&mut random, options);
        }
        let mut draw = Draw {
            random,
            people,
            count,
            shares,
            n: 0,
            held: Vec::new(),
        };
        let length = 20 + draw.random.index(100);
        let mut steps: Vec<_> = (0..count)
            .map(|node| Step {
                after: Duration::ZERO,
                action: Action::Connect(node),
            })
            .collect();
        if shares {
            steps.extend((0..count).map(|node| Step {
                after: Duration::from_millis(500),
                action: subscribe(&mut draw.random, node, false, true),
            }));
        }
        for _ in 0..length {
            steps.push(draw.step(&clients));
        }
        let commit = draw.random.pick(&[0, 0, 5, 60]);
        let commit = Duration::from_millis(commit);
        let later = Duration::from_millis(draw.random.pick(&[0, 100, 100]));
        let early = draw.random.one_in(3).then(|| {
            let wait = draw.random.pick(&[0, 2, 40, 2_000]);
            Duration::from_millis(wait)
        });
        Self {
            seed,
            config,
            commit,
            later,
            early,
            clients,
            steps,
            sabotage: None,
        }
    }

    /// How its world begins. Who has a Client Identifier that another one has is called otherwise.
    #[must_use]
    pub fn setup(&self) -> Setup {
        let mut clients: Vec<ClientSetup> = Vec::new();
        for (at, (options, line)) in self.clients.iter().enumerate() {
            let mut name = Rc::clone(&options.client_id);
            if clients.iter().any(|client| client.name == name) {
                name = format!("n{at}").into();
            }
            clients.push(ClientSetup {
                name,
                options: options.clone(),
                line: *line,
                tls: false,
            });
        }
        Setup {
            config: self.config.clone(),
            commit: self.commit,
            later: self.later,
            early: self.early,
            clients,
            ..Setup::default()
        }
    }
}

fn draw_config(random: &mut Random) -> Config {
    let tight = random.one_in(3);
    let pick = |random: &mut Random, small: &[u64], roomy: u64| {
        if tight || random.one_in(4) {
            random.pick(small)
        } else {
            roomy
        }
    };
    Config {
        durable: !random.one_in(3),
        max_in_flight: pick(random, &[1, 2, 5], 1_024) as u16,
        receive_maximum: pick(random, &[1, 2, 5], 1_024) as u16,
        max_queued_messages: pick(random, &[2, 8], 100_000) as usize,
        max_unsent_bytes: pick(random, &[40, 200, 2_000], 4 << 20) as usize,
        topic_alias_maximum: random.pick(&[0, 1, 64]),
        max_retained_messages: pick(random, &[1, 2], 100) as usize,
        max_sessions: pick(random, &[2, 3], 100) as usize,
        max_subscriptions: pick(random, &[1, 3], 100) as usize,
        max_subscriptions_total: pick(random, &[4], 1_000) as usize,
        max_keep_alive: random.pick(&[3, 20, u16::MAX]),
        max_session_expiry: random.pick(&[2, 600, u32::MAX, u32::MAX]),
        route_cache: random.pick(&[0, 1, 16, 1_024]),
        ..Config::default()
    }
}

fn draw_client(random: &mut Random, at: usize) -> (Options, Line) {
    let version = random.pick(&[
        ProtocolVersion::V3_1,
        ProtocolVersion::V3_1_1,
        ProtocolVersion::V3_1_1,
        ProtocolVersion::V5,
        ProtocolVersion::V5,
        ProtocolVersion::V5,
    ]);
    let v5 = version == ProtocolVersion::V5;
    // Sometimes two that share a Client Identifier, and take the Session from each other.
    let name = if at > 0 && random.one_in(12) { 0 } else { at };
    let will = random.one_in(3).then(|| {
        let mut properties = PropertyBuf::new();
        if random.one_in(2) {
            let delay = random.pick(&[1, 3, 900]);
            let pushed = properties.push(Property::WillDelayInterval(delay));
            debug_assert!(pushed.is_ok(), "a number always fits");
        }
        Will {
            topic: format!("will/{at}").into(),
            payload: payload(1_000_000 + at as u64, 0),
            qos: draw_qos(random),
            retain: random.one_in(3),
            properties,
        }
    });
    let options = Options {
        version,
        client_id: format!("c{name}").into(),
        clean_start: random.one_in(4),
        session_expiry: random.pick(&[0, 4, 3_000, u32::MAX, u32::MAX]),
        adopt_session: true,
        keep_alive: random.pick(&[0, 2, 30]),
        will,
        receive_maximum: random.pick(&[1, 2, 10, u16::MAX]),
        topic_alias_maximum: random.pick(&[0, 2, 100]),
        max_packet_size: if v5 && random.one_in(8) { 60 } else { 1 << 20 },
        max_in_flight: random.pick(&[1, 3, 60_000]),
        max_aliases: random.pick(&[0, 1, 16]),
        reconnect: (!random.one_in(4)).then(|| BackOff {
            first: Duration::from_millis(100),
            most: Duration::from_secs(5),
            seed: random.next(),
        }),
        resend_after: random.one_in(4).then_some(Duration::from_secs(4)),
        ..Options::default()
    };
    (options, draw_line(random))
}

fn draw_line(random: &mut Random) -> Line {
    let mut delay = || Duration::from_micros(random.below(30_000) * random.below(2));
    let (up, down) = (delay(), delay());
    Line {
        up,
        down,
        capacity: random.pick(&[1, 100, 64 << 10, 64 << 10]),
        fragment: random.pick(&[0, 0, 1, 7]),
    }
}

fn draw_qos(random: &mut Random) -> QoS {
    random.pick(&[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce])
}

/// What is drawn from, and what the script has come to.
struct Draw {
    random: Random,
    people: People,
    count: usize,
    /// Whether it is about shared subscriptions.
    shares: bool,
    /// The latest message.
    n: u64,
    held: Vec<(usize, Direction)>,
}

impl Draw {
    fn step(&mut self, clients: &[(Options, Line)]) -> Step {
        let after = match self.random.below(20) {
            0..=9 => self.random.below(3_000),
            10..=16 => self.random.below(100_000),
            17..=18 => self.random.below(3_000_000),
            _ => self.random.below(60_000_000),
        };
        let action = self.action(clients);
        Step {
            after: Duration::from_micros(after),
            action,
        }
    }

    fn action(&mut self, clients: &[(Options, Line)]) -> Action {
        let node = self.random.index(self.count);
        let v5 = clients[node].0.version == ProtocolVersion::V5;
        let random = &mut self.random;
        let direction = if random.one_in(2) {
            Direction::Up
        } else {
            Direction::Down
        };
        match random.below(64) {
            0..=19 => self.publish(node, v5),
            20..=21 if self.shares => self.hold(node, Direction::Down),
            22..=23 if self.shares => self.release(node),
            24..=25 if self.shares => Action::CrashBroker { flush: false },
            26..=27 if self.shares => Action::StartBroker { stored: true },
            28..=35 => subscribe(random, node, v5, self.shares),
            36 => Action::Unsubscribe(node, Vec::from([random.pick(&FILTERS).into()])),
            37..=40 => Action::Connect(node),
            41 => {
                let reason = if v5 && random.one_in(3) {
                    ReasonCode::DisconnectWithWillMessage
                } else {
                    ReasonCode::Success
                };
                let expiry = (v5 && random.one_in(3)).then(|| random.pick(&[0, 2, 5_000]));
                Action::Disconnect(node, reason, expiry)
            }
            42..=44 => {
                let mut notice = || match random.below(6) {
                    0 => None,
                    1 => Some(Duration::from_millis(random.below(3_000))),
                    _ => Some(Duration::ZERO),
                };
                let (client, broker) = (notice(), notice());
                Action::Cut {
                    node,
                    client,
                    broker,
                }
            }
            45..=49 => {
                let point = match random.below(3) {
                    0 => CutPoint::Before,
                    1 => CutPoint::After,
                    _ => CutPoint::Within(random.index(12)),
                };
                Action::CutAt(node, direction, random.below(4), point)
            }
            50..=51 => self.hold(node, direction),
            52..=53 => self.release(node),
            54 => Action::CrashClient {
                node,
                memory: !random.one_in(3),
            },
            55..=56 => Action::StartClient(node),
            57 => Action::CrashBroker {
                flush: random.one_in(2),
            },
            58 => Action::StartBroker {
                stored: !random.one_in(6),
            },
            60..=61 if self.people.has_rules() => {
                Action::SetAccess(random.pick(&self.people.accesses))
            }
            62 if self.people.has_rules() => Action::Authenticate(node),
            63 if self.people.has_rules() => {
                let mut options = clients[node].0.clone();
                self.people.log_in(random, &mut options);
                Action::ConnectAs(node, Box::new(options))
            }
            20..=27 | 60.. => self.publish(node, v5),
            _ if random.one_in(2) => Action::Clock(random.below(40_000_000) as i64 - 20_000_000),
            _ => Action::Sleep(Duration::from_micros(random.below(100_000_000))),
        }
    }

    fn hold(&mut self, node: usize, direction: Direction) -> Action {
        self.held.push((node, direction));
        Action::Hold(node, direction, self.random.below(3))
    }

    fn release(&mut self, node: usize) -> Action {
        match self.held.pop() {
            Some((node, direction)) => Action::Release(node, direction),
            None => Action::Line(node, draw_line(&mut self.random)),
        }
    }

    fn publish(&mut self, node: usize, v5: bool) -> Action {
        let random = &mut self.random;
        self.n += 1;
        let padding = random.pick(&[0, 0, 0, 30, 2_000]);
        let retain = random.one_in(5);
        let mut message = Message {
            retain,
            payload: payload(self.n, padding),
            ..Message::new(random.pick(&TOPICS), b"", draw_qos(random))
        };
        if retain && random.one_in(3) {
            message.payload = (*b"").into();
        }
        if v5 && random.one_in(6) {
            let expiry = random.pick(&[1, 5, 100]);
            let pushed = message
                .properties
                .push(Property::MessageExpiryInterval(expiry));
            debug_assert!(pushed.is_ok(), "a number always fits");
        }
        Action::Publish(node, message)
    }
}

fn subscribe(random: &mut Random, node: usize, v5: bool, shares: bool) -> Action {
    let identifier = (v5 && random.one_in(3)).then(|| 1 + random.below(5) as u32);
    let mut filters: Vec<(Rc<str>, SubscriptionOptions)> = Vec::new();
    for _ in 0..1 + random.index(2) {
        let mut filter = random.pick(&FILTERS);
        let mut qos = draw_qos(random);
        if shares && !random.one_in(4) {
            filter = SHARED;
            qos = qos.max(QoS::AtLeastOnce);
        }
        let mut options = SubscriptionOptions::with_qos(qos);
        if v5 {
            options.no_local = !filter.starts_with("$share") && random.one_in(5);
            options.retain_as_published = random.one_in(3);
            options.retain_handling = random.pick(&[
                RetainHandling::Send,
                RetainHandling::SendIfNew,
                RetainHandling::DoNotSend,
            ]);
        }
        if filters.iter().all(|(before, _)| **before != *filter) {
            filters.push((filter.into(), options));
        }
    }
    Action::Subscribe(node, filters, identifier)
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "seed {}, durable {}, commit {:?}, later {:?}, early {:?}",
            self.seed, self.config.durable, self.commit, self.later, self.early
        )?;
        writeln!(f, "{:?}", self.config)?;
        for (at, (options, line)) in self.clients.iter().enumerate() {
            writeln!(f, "client {at}: {options:?} {line:?}")?;
        }
        for (at, step) in self.steps.iter().enumerate() {
            writeln!(f, "{at:4} after {:?}: {:?}", step.after, step.action)?;
        }
        Ok(())
    }
}
