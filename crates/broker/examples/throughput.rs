//! What a message costs inside the broker: bytes in, bytes out, no transport.
//!
//! ```text
//! cargo run --release -p vitrine-broker --example throughput [messages] [part of a row's name, or = and all of it]
//! ```
//!
//! One publisher sends packets of 64 bytes of payload, so many in one piece of bytes; subscribers and
//! publisher answer every acknowledgement that QoS 1 and 2 ask for, and the time for that counts too.
//! Where the system tells it, what counts is the time on a processor, so that others may be busy too.

use std::time::Instant;

use vitrine_broker::{
    Access, Actions, Broker, Config, ConnectionId, Input, ObservationMask, Output, Peer, Rule, Time,
};

/// What is measured in a row.
#[derive(Clone, Copy)]
struct Case {
    subscribers: u64,
    qos: u8,
    /// Packets in one piece of bytes.
    chunk: usize,
    payload: usize,
    /// Different topics that are published to in turn.
    topics: usize,
    /// Further subscriptions, which match nothing.
    others: usize,
    /// Rules, the last of which allows everything; the others fit nothing.
    rules: usize,
    mask: ObservationMask,
    v5: bool,
}

const PLAIN: Case = Case {
    subscribers: 1,
    qos: 0,
    chunk: 50,
    payload: 64,
    topics: 1,
    others: 0,
    rules: 0,
    mask: ObservationMask::NONE,
    v5: false,
};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let messages = arguments
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(500_000);
    let wanted = arguments.next().unwrap_or_default();
    println!(
        "{:<44} {:>9} {:>9}",
        "64-byte payload, 50 packets a piece", "ns/in", "ns/out"
    );
    for qos in 0..=2 {
        let plain = Case { qos, ..PLAIN };
        let many = Case {
            subscribers: 50,
            ..plain
        };
        let one = Case { chunk: 1, ..plain };
        row(&wanted, &format!("1 to 1, QoS {qos}"), messages, plain);
        row(
            &wanted,
            &format!("1 to 1, QoS {qos}, one packet a piece"),
            messages,
            one,
        );
        row(
            &wanted,
            &format!("1 to 1, QoS {qos}, 5.0"),
            messages,
            Case { v5: true, ..plain },
        );
        row(&wanted, &format!("1 to 50, QoS {qos}"), messages / 20, many);
        let all = Case {
            mask: ObservationMask::ALL,
            ..plain
        };
        row(
            &wanted,
            &format!("1 to 1, QoS {qos}, observed"),
            messages / 4,
            all,
        );
        let all = Case {
            mask: ObservationMask::ALL,
            ..many
        };
        row(
            &wanted,
            &format!("1 to 50, QoS {qos}, observed"),
            messages / 80,
            all,
        );
    }
    row(
        &wanted,
        "1 to 1, QoS 0, 4 KiB",
        messages,
        Case {
            payload: 4_096,
            ..PLAIN
        },
    );
    row(
        &wanted,
        "1 to 50, QoS 0, 4 KiB",
        messages / 20,
        Case {
            payload: 4_096,
            subscribers: 50,
            ..PLAIN
        },
    );
    row(
        &wanted,
        "1 to 1, QoS 0, 1,000 topics",
        messages,
        Case {
            topics: 1_000,
            ..PLAIN
        },
    );
    row(
        &wanted,
        "1 to 1, QoS 0, 100,000 topics",
        messages,
        Case {
            topics: 100_000,
            ..PLAIN
        },
    );
    for others in [10, 1_000, 100_000] {
        let case = Case {
            others,
            topics: 5_000,
            ..PLAIN
        };
        row(
            &wanted,
            &format!("1 to 1, QoS 0, 5,000 topics, {others} filters"),
            messages,
            case,
        );
    }
    for rules in [1, 10, 100] {
        for (name, subscribers, topics) in [
            ("1 to 1", 1, 1),
            ("1 to 50", 50, 1),
            ("1 to 1, 5,000 topics", 1, 5_000),
        ] {
            let case = Case {
                subscribers,
                topics,
                rules,
                ..PLAIN
            };
            let name = format!("{name}, QoS 0, {rules} rules");
            row(&wanted, &name, messages / subscribers as usize, case);
        }
    }
}

/// As many rules, of which the last allows everything and the others fit nothing.
fn access(rules: usize) -> Access {
    let mut access = Access::default();
    for number in 0..rules {
        let filter = match number {
            _ if number + 1 == rules => "#".into(),
            _ if number % 2 == 0 => format!("bench/+/of/{number}/#"),
            _ => format!("bench/%c/{number}/#"),
        };
        access.rules.push(Rule {
            name: format!("rules[{number}]").into(),
            allow: true,
            user: None,
            client: None,
            actions: Actions::ALL,
            filter: filter.into(),
        });
    }
    access.default_allow = rules == 0;
    access
}

fn row(wanted: &str, name: &str, messages: usize, case: Case) {
    let is_wanted = match wanted.strip_prefix('=') {
        Some(wanted) => name == wanted,
        None => name.contains(wanted),
    };
    if !is_wanted {
        return;
    }
    let mut best = f64::MAX;
    for _ in 0..5 {
        best = best.min(run(messages, case));
    }
    println!(
        "{name:<44} {best:>9.1} {:>9.1}",
        best / case.subscribers as f64
    );
}

/// Nanoseconds for a message that comes in.
fn run(messages: usize, case: Case) -> f64 {
    let began = Instant::now();
    let now = Time::from_secs(1);
    let mut broker = Broker::new(
        Config {
            access: access(case.rules).into(),
            ..Config::default()
        },
        now,
    );
    broker.observe(case.mask);
    let publisher = ConnectionId(0);
    let mut out = Vec::with_capacity(1 << 20);
    for id in 0..=case.subscribers {
        let connection = ConnectionId(id);
        broker.handle(
            Input::Opened {
                connection,
                peer: Peer::by("bench"),
            },
            now,
        );
        let bytes = connect(&format!("c{id}"), case.v5);
        broker.handle(
            Input::Received {
                connection,
                bytes: &bytes,
            },
            now,
        );
        if connection != publisher {
            let bytes = subscribe("bench/+/t", case.qos, case.v5);
            broker.handle(
                Input::Received {
                    connection,
                    bytes: &bytes,
                },
                now,
            );
        }
        for other in 0..if id == 1 { case.others.min(10_000) } else { 0 } {
            let filter = format!("other/{}/x{other}/+", other % 100);
            let bytes = subscribe(&filter, case.qos, case.v5);
            broker.handle(
                Input::Received {
                    connection,
                    bytes: &bytes,
                },
                now,
            );
        }
        broker.poll_transmit(connection, &mut out, usize::MAX, now);
    }
    while broker.poll_output().is_some() {}
    let payload = vec![1; case.payload];
    let topics = (0..case.topics.max(case.chunk)).map(|n| format!("bench/a{}/t", n % case.topics));
    let packets: Vec<Vec<u8>> = topics
        .enumerate()
        .map(|(n, topic)| publish(&topic, case.qos, (n % 60_000 + 1) as u16, &payload, case.v5))
        .collect();
    let pieces: Vec<Vec<u8>> = packets.chunks(case.chunk).map(<[_]>::concat).collect();
    let mut answers = Vec::new();
    let mut delivered = 0;
    let start = clock(began);
    let mut sent = 0;
    for piece in pieces.iter().cycle() {
        if sent >= messages {
            break;
        }
        sent += case.chunk;
        broker.handle(
            Input::Received {
                connection: publisher,
                bytes: piece,
            },
            now,
        );
        while let Some(output) = broker.poll_output() {
            let Output::Transmit { connection } = output else {
                panic!("{output:?}");
            };
            out.clear();
            broker.poll_transmit(connection, &mut out, 1 << 16, now);
            answers.clear();
            delivered += answer(&out, case.v5, &mut answers);
            if !answers.is_empty() {
                broker.handle(
                    Input::Received {
                        connection,
                        bytes: &answers,
                    },
                    now,
                );
            }
        }
        while broker.poll_observation().is_some() {}
    }
    let nanos = (clock(began) - start) as f64;
    assert_eq!(delivered, sent * case.subscribers as usize);
    nanos / sent as f64
}

/// Nanoseconds that this thread was on a processor; without Linux those since `began`.
fn clock(began: Instant) -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let on_processor = stat.split(' ').next().and_then(|nanos| nanos.parse().ok());
    on_processor.unwrap_or_else(|| began.elapsed().as_nanos() as u64)
}

/// Counts the PUBLISH packets in `bytes` and appends what they and other packets ask for as an answer.
fn answer(bytes: &[u8], v5: bool, answers: &mut Vec<u8>) -> usize {
    let mut at = 0;
    let mut publishes = 0;
    while at < bytes.len() {
        let (first, mut length, mut shift, mut body) = (bytes[at], 0, 0, at + 1);
        loop {
            let byte = bytes[body];
            body += 1;
            length |= usize::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 {
                break;
            }
        }
        match first >> 4 {
            3 => {
                publishes += 1;
                let id = body + 2 + usize::from(u16::from_be_bytes([bytes[body], bytes[body + 1]]));
                match first >> 1 & 3 {
                    0 => {}
                    1 => answers.extend([0x40, 2, bytes[id], bytes[id + 1]]),
                    _ => answers.extend([0x50, 2, bytes[id], bytes[id + 1]]),
                }
            }
            5 => answers.extend([0x62, 2, bytes[body], bytes[body + 1]]),
            6 => answers.extend([0x70, 2, bytes[body], bytes[body + 1]]),
            _ => {}
        }
        at = body + length;
    }
    let _ = v5;
    publishes
}

fn packet(first: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut packet = vec![first];
    let mut length = body.len();
    while length > 127 {
        packet.push(length as u8 | 128);
        length >>= 7;
    }
    packet.push(length as u8);
    packet.extend(body);
    packet
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u16).to_be_bytes()[..], text.as_bytes()].concat()
}

/// No properties, where there may be some.
fn properties(v5: bool) -> &'static [u8] {
    if v5 { &[0] } else { &[] }
}

fn connect(client: &str, v5: bool) -> Vec<u8> {
    let level = if v5 { 5 } else { 4 };
    packet(
        0x10,
        &[
            &text("MQTT"),
            &[level, 2, 0, 0],
            properties(v5),
            &text(client),
        ],
    )
}

fn subscribe(filter: &str, qos: u8, v5: bool) -> Vec<u8> {
    packet(0x82, &[&[0, 1], properties(v5), &text(filter), &[qos]])
}

fn publish(topic: &str, qos: u8, id: u16, payload: &[u8], v5: bool) -> Vec<u8> {
    let id = id.to_be_bytes();
    let id = if qos > 0 { &id[..] } else { &[] };
    packet(
        0x30 | qos << 1,
        &[&text(topic), id, properties(v5), payload],
    )
}
