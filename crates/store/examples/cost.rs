//! What keeping costs: processor time for each message that goes from one client to another at QoS 1 or 2,
//! and for each commit, with everything off, with changes collected, with these made a batch, and with the
//! batch committed to a file.
//!
//! ```sh
//! cargo run --release -p vitrine-store --example cost [folder]
//! ```
//!
//! Both clients have Sessions that are kept. The publisher sends so many messages at a time as the batch
//! is to hold; the subscriber acknowledges each group while the next one is accepted, as under load.
#![allow(clippy::print_stdout, clippy::wildcard_enum_match_arm)]

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use vitrine_broker::{Broker, Config, ConnectionId, Input, Output, Peer, Time};
use vitrine_packet::{
    Ack, Connect, FiltersBuf, Framer, Packet, PacketId, Properties, ProtocolVersion, Publish, QoS,
    Subscribe, SubscriptionOptions,
};
use vitrine_store::{Batch, Store};

const V: ProtocolVersion = ProtocolVersion::V3_1_1;
const PUBLISHER: ConnectionId = ConnectionId(1);
const SUBSCRIBER: ConnectionId = ConnectionId(2);
const MESSAGES: usize = 200_000;

#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Until {
    Off,
    Collect,
    Encode,
    Commit,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).map_or_else(env::temp_dir, Into::into);
    let folder = folder.join(format!("vitrine-cost-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    println!(
        "QoS, in a batch, payload: ns a message without keeping | collected | encoded | committed; \
         us a commit (processor | elapsed), bytes a message"
    );
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        for (group, payload) in [(1, 64), (10, 64), (100, 64), (1_000, 64), (100, 1_000)] {
            let messages = MESSAGES.min(group * 2_000);
            let mut line = Vec::new();
            let mut last = Cost::default();
            for until in [Until::Off, Until::Collect, Until::Encode, Until::Commit] {
                let path = folder.join("cost.db");
                last = run(qos, group, payload, messages, until, &path)?;
                line.push(last.processor * 1e3 / messages as f64);
                let _ = fs::remove_file(&path);
            }
            let commits = last.commits.max(1) as f64;
            println!(
                "QoS {} {group:5} {payload:5} B: {:6.0} | {:6.0} | {:6.0} | {:6.0}; {:6.0} | {:6.0}, {:4.0}",
                qos.as_u8(),
                line[0],
                line[1],
                line[2],
                line[3],
                (line[3] - line[2]) * messages as f64 / 1e3 / commits,
                last.committing / commits,
                last.bytes as f64 / messages as f64,
            );
        }
    }
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Times in microseconds.
#[derive(Default)]
struct Cost {
    processor: f64,
    committing: f64,
    commits: u64,
    bytes: usize,
}

fn run(
    qos: QoS,
    group: usize,
    payload: usize,
    messages: usize,
    until: Until,
    path: &Path,
) -> Result<Cost, Box<dyn Error>> {
    let (mut store, _) = Store::open(path)?;
    let config = Config {
        durable: until > Until::Off,
        max_in_flight: 2_048,
        receive_maximum: 2_048,
        ..Config::default()
    };
    let mut broker = Broker::new(config, Time::ZERO);
    let mut cost = Cost::default();
    for (connection, name) in [(PUBLISHER, "publisher"), (SUBSCRIBER, "subscriber")] {
        let peer = Peer::by("bench");
        broker.handle(Input::Opened { connection, peer }, Time::ZERO);
        let connect = Connect {
            version: V,
            clean_start: false,
            keep_alive: 0,
            client_id: name,
            will: None,
            username: None,
            password: None,
            properties: Properties::EMPTY,
        };
        receive(&mut broker, connection, &[Packet::Connect(connect)]);
    }
    let mut filters = FiltersBuf::new();
    filters.push(
        "sensors/one/temperature",
        SubscriptionOptions::with_qos(qos),
    )?;
    let subscribe = Subscribe {
        packet_id: PacketId::MIN,
        properties: Properties::EMPTY,
        filters: filters.as_filters(),
    };
    receive(&mut broker, SUBSCRIBER, &[Packet::Subscribe(subscribe)]);
    turn(&mut broker, &mut store, until, &mut cost)?;

    let payload = vec![b'x'; payload];
    let mut id = PacketId::MIN;
    let (mut said_publisher, mut said_subscriber) = (Vec::new(), Vec::new());
    let before = processor_time();
    let started = Instant::now();
    for _ in 0..messages / group {
        let mut bytes = std::mem::take(&mut said_publisher);
        for _ in 0..group {
            let publish = Publish {
                dup: false,
                qos,
                retain: false,
                topic: "sensors/one/temperature",
                packet_id: Some(id),
                properties: Properties::EMPTY,
                payload: &payload,
            };
            publish.encode(V, &mut bytes)?;
            id = id.next();
        }
        send(&mut broker, PUBLISHER, &bytes);
        send(
            &mut broker,
            SUBSCRIBER,
            &std::mem::take(&mut said_subscriber),
        );
        let sent = turn(&mut broker, &mut store, until, &mut cost)?;
        said_publisher = answers(&sent[0])?;
        said_subscriber = answers(&sent[1])?;
    }
    let elapsed = started.elapsed().as_secs_f64() * 1e6;
    cost.processor = match (before, processor_time()) {
        (Some(before), Some(after)) => (after - before) as f64 / 1e3,
        _ => elapsed,
    };
    Ok(cost)
}

/// Does what the broker asks for: keeps first, then pulls.
fn turn(
    broker: &mut Broker,
    store: &mut Store,
    until: Until,
    cost: &mut Cost,
) -> Result<[Vec<u8>; 2], Box<dyn Error>> {
    let mut sent = [Vec::new(), Vec::new()];
    while let Some(output) = broker.poll_output() {
        match output {
            Output::Persist => {
                let changes = broker.take_changes();
                if until < Until::Encode {
                    continue;
                }
                let batch = Batch::from_changes(changes);
                cost.bytes += batch.as_bytes().len();
                if until == Until::Commit {
                    let started = Instant::now();
                    store.commit(&batch)?;
                    cost.committing += started.elapsed().as_secs_f64() * 1e6;
                    cost.commits += 1;
                }
            }
            Output::Transmit { connection } => {
                let out = &mut sent[usize::from(connection == SUBSCRIBER)];
                while broker.poll_transmit(connection, out, usize::MAX, Time::ZERO) > 0 {}
            }
            _ => {}
        }
    }
    Ok(sent)
}

/// What a client says to what it got.
fn answers(mut bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut framer = Framer::default();
    let mut out = Vec::new();
    while let Some(packet) = framer.next(&mut bytes)? {
        let answer = match Packet::decode(packet, V)? {
            Packet::Publish(publish) => match publish.packet_id {
                Some(id) if publish.qos == QoS::AtLeastOnce => Packet::PubAck(Ack::success(id)),
                Some(id) => Packet::PubRec(Ack::success(id)),
                None => continue,
            },
            Packet::PubRec(ack) => Packet::PubRel(Ack::success(ack.packet_id)),
            Packet::PubRel(ack) => Packet::PubComp(Ack::success(ack.packet_id)),
            _ => continue,
        };
        answer.encode(V, &mut out)?;
    }
    Ok(out)
}

fn receive(broker: &mut Broker, connection: ConnectionId, packets: &[Packet<'_>]) {
    let mut bytes = Vec::new();
    for packet in packets {
        packet.encode(V, &mut bytes).expect("it is short");
    }
    send(broker, connection, &bytes);
}

fn send(broker: &mut Broker, connection: ConnectionId, bytes: &[u8]) {
    // As much as a host reads at a time.
    for bytes in bytes.chunks(64 << 10) {
        broker.handle(Input::Received { connection, bytes }, Time::ZERO);
    }
}

/// Nanoseconds that this thread has run, where the system says.
fn processor_time() -> Option<u64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}
