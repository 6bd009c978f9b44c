//! What looking costs: an observation taken in, a frame told.
//!
//! `cargo bench -p vitrine-scope` prints the mean over many of each.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Instant;

use vitrine_broker::{ConnectionId, Event, Observation, PublicationId, Time};
use vitrine_link::{ClientsView, FlowFilter, FlowView, MatchView, TreeView, View};
use vitrine_packet::{
    Ack, Packet, PacketId, Properties, ProtocolVersion, Publish, QoS, ReasonCode,
};
use vitrine_scope::{Lens, Limits, Reel, Scope, Tape, TapeLimits};

const SUBSCRIBERS: u64 = 5;

fn main() {
    println!("observations (one publisher, {SUBSCRIBERS} subscribers, 8 topics):");
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce] {
        let observations = publications(200_000, 8, qos);
        let mut scope = Scope::new(Limits::default());
        let start = Instant::now();
        for observation in &observations {
            scope.observe(observation);
        }
        report(&format!("{qos:?}"), start, observations.len());
        black_box(&scope);
    }

    let mut scope = Scope::new(Limits::default());
    let observations = publications(20_000, 20_000, QoS::AtMostOnce);
    let start = Instant::now();
    for observation in &observations {
        scope.observe(observation);
    }
    report("20,000 new topics", start, observations.len());

    println!("a copy, and the first change to it (10,000 rows, 8 topics):");
    let mut scope = Scope::new(Limits {
        rows: 10_000,
        ..Limits::default()
    });
    for observation in &publications(2_000, 8, QoS::AtLeastOnce) {
        scope.observe(observation);
    }
    let last = publications(1, 8, QoS::AtLeastOnce);
    let last = last.last().expect("there are some");
    let start = Instant::now();
    let mut copies = vec![scope; 1];
    for _ in 0..999 {
        copies.push(copies[copies.len() - 1].clone());
        let newest = copies.len() - 1;
        copies[newest].observe(last);
    }
    report("copy", start, 999);
    black_box(copies);

    println!("a recording, for each of its entries:");
    let observations = publications(10_000, 8, QoS::AtLeastOnce);
    let mut tape = Tape::new(TapeLimits::default());
    let start = Instant::now();
    for observation in &observations {
        tape.note(observation);
    }
    report("taken", start, observations.len());
    let start = Instant::now();
    let file = tape.write(0);
    report("written", start, observations.len());
    let start = Instant::now();
    let reel = Reel::read(&file).expect("it was written so");
    report("read", start, observations.len());
    let start = Instant::now();
    let capture = tape.pcapng();
    report("as a capture", start, observations.len());
    let count = observations.len();
    let (file, capture) = (file.len() / count, capture.len() / count);
    println!("  {count} entries; bytes for each: file {file}, capture {capture}");
    black_box(reel);

    let mut scope = Scope::new(Limits::default());
    for observation in &publications(20_000, 20_000, QoS::AtMostOnce) {
        scope.observe(observation);
    }
    println!("frames (20,000 topics, 100,000 rows recorded):");
    let tree = TreeView {
        open_depth: 9,
        rows: 50,
        first: 9_000,
        ..TreeView::default()
    };
    let flow = FlowView {
        rows: 50,
        ..FlowView::default()
    };
    let marked = TreeView {
        highlight: "area/+/sensor/#".into(),
        ..tree.clone()
    };
    let filter = FlowFilter {
        topic: "area/1/#".into(),
        ..FlowFilter::default()
    };
    let filtered = FlowView {
        filter,
        ..flow.clone()
    };
    let tried = MatchView {
        filter: "area/+/sensor/1/#".into(),
        ..MatchView::default()
    };
    let look = |tree, flow| View {
        tree,
        flow,
        ..View::default()
    };
    for (name, view) in [
        ("totals only", View::default()),
        ("tree", look(Some(tree), None)),
        ("tree with marks", look(Some(marked), None)),
        ("flow", look(None, Some(flow))),
        ("flow by topic", look(None, Some(filtered))),
        (
            "matches",
            View {
                matches: Some(tried),
                ..View::default()
            },
        ),
        (
            "clients",
            View {
                clients: Some(ClientsView { first: 0, rows: 50 }),
                ..View::default()
            },
        ),
    ] {
        frames(name, &mut scope, &view);
    }
}

/// The first frame of a view, and those that follow while messages come.
fn frames(name: &str, scope: &mut Scope, view: &View) {
    let mut lens = Lens::new();
    lens.look(view.clone());
    let mut number = 0;
    let mut now = 2_000_000_000;
    let mut frame = |scope: &Scope, lens: &mut Lens, now: u64| {
        number += 1;
        black_box(scope.frame(lens, now));
        lens.seen(number);
    };
    let start = Instant::now();
    frame(scope, &mut lens, now);
    report(&format!("{name}, first"), start, 1);
    let more = publications(1_000, 8, QoS::AtMostOnce);
    let mut spent = std::time::Duration::ZERO;
    for observation in &more {
        scope.observe(observation);
        now += 1;
        let start = Instant::now();
        frame(scope, &mut lens, now);
        spent += start.elapsed();
    }
    let each = spent.as_nanos() as f64 / more.len() as f64;
    println!("  {:<28} {each:>12.0} ns", format!("{name}, next"));
}

fn report(name: &str, start: Instant, count: usize) {
    let each = start.elapsed().as_nanos() as f64 / count as f64;
    println!("  {name:<28} {each:>12.0} ns");
}

/// What a broker tells of `count` publications to `topics` topics in turn.
fn publications(count: u64, topics: u64, qos: QoS) -> Vec<Observation> {
    let mut observations = Vec::new();
    let mut tell = |input: u64, event| {
        let (number, at) = (
            observations.len() as u64 + 1,
            Time::from_micros(input * 100),
        );
        observations.push(Observation {
            number,
            cause: input,
            at,
            event,
        });
    };
    for client in 0..=SUBSCRIBERS {
        tell(0, connected(client));
    }
    let names: Vec<Rc<str>> = (0..topics)
        .map(|n| format!("area/{}/sensor/{}/temperatura", n % 50, n / 50).into())
        .collect();
    let filter: Rc<str> = "area/#".into();
    for number in 1..=count {
        let publication = PublicationId(number);
        let topic = &names[(number % topics) as usize];
        let packet = publish(topic, qos);
        let ack = ack();
        let received = |bytes: &Rc<[u8]>, from| Event::Received {
            connection: ConnectionId(from),
            bytes: Rc::clone(bytes),
            version: ProtocolVersion::V3_1_1,
            publication: Some(publication),
        };
        let sent = |bytes: &Rc<[u8]>, to| Event::Sent {
            connection: ConnectionId(to),
            bytes: Rc::clone(bytes),
            version: ProtocolVersion::V3_1_1,
            publication: Some(publication),
        };
        let input = number * 10;
        tell(input, received(&packet, 0));
        tell(input, published(publication, topic, qos));
        for to in 1..=SUBSCRIBERS {
            tell(input, matched(publication, to, &filter, qos));
        }
        for to in 1..=SUBSCRIBERS {
            tell(input, sent(&packet, to));
        }
        if qos != QoS::AtMostOnce {
            tell(input, sent(&ack, 0));
            for from in 1..=SUBSCRIBERS {
                tell(input + from, received(&ack, from));
                let client = name(from).as_str().into();
                tell(
                    input + from,
                    Event::Acknowledged {
                        client,
                        publication,
                    },
                );
            }
        }
    }
    observations
}

fn name(client: u64) -> String {
    format!("client-{client}")
}

fn connected(client: u64) -> Event {
    Event::Connected {
        connection: ConnectionId(client),
        client: name(client).as_str().into(),
        version: ProtocolVersion::V3_1_1,
        clean_start: true,
        resumed: false,
        keep_alive: 60,
        session_expiry: 0,
        username: None,
        will: None,
    }
}

fn published(publication: PublicationId, topic: &Rc<str>, qos: QoS) -> Event {
    Event::Published {
        publication,
        publisher: Some(name(0).as_str().into()),
        topic: Rc::clone(topic),
        payload: b"21.4"[..].into(),
        qos,
        retain: false,
        will: false,
    }
}

fn matched(publication: PublicationId, client: u64, filter: &Rc<str>, qos: QoS) -> Event {
    Event::Matched {
        publication,
        client: name(client).as_str().into(),
        filter: Rc::clone(filter),
        granted: qos,
        qos,
        retained: false,
        queued: false,
    }
}

fn publish(topic: &str, qos: QoS) -> Rc<[u8]> {
    let mut bytes = Vec::new();
    let publish = Publish {
        dup: false,
        qos,
        retain: false,
        topic,
        packet_id: (qos != QoS::AtMostOnce).then_some(PacketId::MIN),
        properties: Properties::default(),
        payload: b"21.4",
    };
    publish
        .encode(ProtocolVersion::V3_1_1, &mut bytes)
        .expect("it can be written");
    bytes.into()
}

fn ack() -> Rc<[u8]> {
    let mut bytes = Vec::new();
    let (packet_id, reason, properties) =
        (PacketId::MIN, ReasonCode::Success, Properties::default());
    let ack = Packet::PubAck(Ack {
        packet_id,
        reason,
        properties,
    });
    ack.encode(ProtocolVersion::V3_1_1, &mut bytes)
        .expect("it can be written");
    bytes.into()
}
