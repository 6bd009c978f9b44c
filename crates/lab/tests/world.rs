//! The world by itself: faults as they really are.

use std::time::Duration;

use vitrine_broker::Config;
use vitrine_client::{BackOff, Event, Message, Options};
use vitrine_lab::{Action, CutPoint, Direction, Happening, Line, World};
use vitrine_packet::{PacketType, ProtocolVersion, QoS, SubscriptionOptions};
use vitrine_session::Time;

const SECOND: Duration = Duration::from_secs(1);

fn options(client: &str) -> Options {
    Options {
        client_id: client.into(),
        version: ProtocolVersion::V5,
        clean_start: false,
        session_expiry: 3_600,
        reconnect: Some(BackOff::default()),
        ..Options::default()
    }
}

/// A publisher (0) and a subscriber (1) to everything, both connected.
fn two(config: Config) -> World {
    let mut world = World::new(config, Duration::ZERO, Time::from_secs(1));
    for client in ["p", "s"] {
        let node = world.add(options(client), Line::default());
        world.act(&Action::Connect(node));
    }
    world.run(SECOND);
    let all = SubscriptionOptions::with_qos(QoS::ExactlyOnce);
    world.act(&Action::Subscribe(1, vec![("#".into(), all)], None));
    world.run(SECOND);
    world.observe(true);
    world
}

fn publish(world: &mut World, qos: QoS) {
    world.act(&Action::Publish(0, Message::new("t", b"x", qos)));
}

/// Types of the packets that arrived on the publisher's (0) or the subscriber's (1) link, in their order.
fn packets(world: &mut World, node: usize) -> Vec<PacketType> {
    let mut links = vec![];
    let mut packets = vec![];
    while let Some(trace) = world.poll_trace() {
        let bytes = match trace.what {
            Happening::Opened(link, of) if of == node => {
                links.push(link);
                continue;
            }
            Happening::ToBroker(link, bytes)
                if link.0 == node as u64 + 1 || links.contains(&link) =>
            {
                bytes
            }
            Happening::ToClient(_, of, bytes) if of == node => bytes,
            _ => continue,
        };
        packets.push(PacketType::from_bits(bytes[0] >> 4).unwrap());
    }
    packets
}

fn messages(world: &mut World) -> usize {
    let mut count = 0;
    while let Some(trace) = world.poll_trace() {
        count += usize::from(matches!(
            trace.what,
            Happening::Client(1, Event::Message { .. })
        ));
    }
    count
}

/// A link that is cut before the PUBACK arrives: the message comes twice, which is what QoS 1 means.
#[test]
fn a_lost_acknowledgement() {
    let mut world = two(Config::default());
    world.act(&Action::CutAt(0, Direction::Down, 0, CutPoint::Before));
    publish(&mut world, QoS::AtLeastOnce);
    world.run(10 * SECOND);
    assert_eq!(messages(&mut world), 2);
    assert_eq!(world.client(0).in_flight().count(), 0);
}

/// QoS 2, cut at each of its four packets in turn, before, within and after it: never lost, never twice.
#[test]
fn exactly_once_whatever_is_cut() {
    for node in [0, 1] {
        for (direction, packets) in [(Direction::Up, 2), (Direction::Down, 2)] {
            for packet in 0..packets {
                for point in [CutPoint::Before, CutPoint::Within(1), CutPoint::After] {
                    let mut world = two(Config::default());
                    world.act(&Action::CutAt(node, direction, packet, point));
                    publish(&mut world, QoS::ExactlyOnce);
                    world.run(20 * SECOND);
                    assert_eq!(
                        messages(&mut world),
                        1,
                        "{node} {direction:?} {packet} {point:?}"
                    );
                    let left =
                        world.client(0).in_flight().count() + world.client(0).releasing().count();
                    assert_eq!(left + world.client(1).receiving().count(), 0);
                }
            }
        }
    }
}

/// A packet that is held holds those behind it, and nothing is lost.
#[test]
fn holding() {
    let mut world = two(Config::default());
    world.act(&Action::Hold(1, Direction::Down, 1));
    for _ in 0..3 {
        publish(&mut world, QoS::AtLeastOnce);
    }
    world.run(SECOND);
    assert_eq!(messages(&mut world), 1);
    assert_eq!(world.in_flight(1, Direction::Down).count(), 2);
    world.act(&Action::Release(1, Direction::Down));
    world.run(SECOND);
    assert_eq!(messages(&mut world), 2);
}

/// A side that does not read: bytes pile up on the link, then in the broker, within its limits.
#[test]
fn stalling() {
    let mut world = two(Config {
        max_unsent_bytes: 300,
        ..Config::default()
    });
    world.act(&Action::Line(
        1,
        Line {
            capacity: 100,
            ..Line::default()
        },
    ));
    world.act(&Action::Hold(1, Direction::Down, 0));
    for _ in 0..100 {
        publish(&mut world, QoS::AtLeastOnce);
    }
    world.run(SECOND);
    let on_link: usize = world.in_flight(1, Direction::Down).map(<[u8]>::len).sum();
    assert!(on_link <= 100 + 10, "{on_link}");
    let session = world.broker().unwrap().session("s").unwrap();
    assert!(session.queued > 20, "{session:?}");
    world.act(&Action::Release(1, Direction::Down));
    world.run(2 * SECOND);
    assert_eq!(messages(&mut world), 100);
}

/// With its store the broker goes on where it was; nothing that was acknowledged is lost.
#[test]
fn a_broker_with_its_store() {
    let mut world = two(Config {
        durable: true,
        ..Config::default()
    });
    world.act(&Action::Cut {
        node: 1,
        client: Some(Duration::ZERO),
        broker: Some(Duration::ZERO),
    });
    publish(&mut world, QoS::AtLeastOnce);
    world.run(Duration::from_millis(50));
    world.act(&Action::CrashBroker { flush: false });
    assert!(world.broker().is_none());
    world.run(SECOND);
    world.act(&Action::StartBroker { stored: true });
    world.run(20 * SECOND);
    assert_eq!(messages(&mut world), 1);
    world.act(&Action::CrashBroker { flush: false });
    world.act(&Action::StartBroker { stored: false });
    world.run(20 * SECOND);
    let session = world.broker().unwrap().session("s").unwrap();
    assert!(session.subscriptions.is_empty(), "it began from nothing");
}

/// A client that crashes: with its memory it goes on; without it knows nothing.
#[test]
fn a_client_that_crashes() {
    for memory in [true, false] {
        let mut world = two(Config::default());
        world.act(&Action::Hold(0, Direction::Down, 0));
        publish(&mut world, QoS::AtLeastOnce);
        world.run(Duration::from_millis(50));
        world.act(&Action::CrashClient { node: 0, memory });
        assert!(!world.is_up(0));
        world.run(SECOND);
        world.act(&Action::StartClient(0));
        world.run(SECOND);
        assert_eq!(messages(&mut world), if memory { 2 } else { 1 });
    }
}

/// A link that is gone without anybody being told: only silence tells.
#[test]
fn a_half_open_link() {
    let mut world = two(Config {
        max_keep_alive: 10,
        ..Config::default()
    });
    world.act(&Action::Cut {
        node: 1,
        client: None,
        broker: None,
    });
    world.run(SECOND);
    assert!(world.client(1).is_connected());
    assert!(
        world
            .broker()
            .unwrap()
            .session("s")
            .unwrap()
            .connection
            .is_some()
    );
    publish(&mut world, QoS::AtLeastOnce);
    world.run(60 * SECOND);
    assert!(world.client(1).is_connected());
    assert_eq!(messages(&mut world), 1);
}

/// All that happened, and will within half a minute.
fn future(mut world: World) -> Vec<(Time, Happening)> {
    world.run(30 * SECOND);
    let traces = std::iter::from_fn(|| world.poll_trace());
    traces.map(|trace| (trace.at, trace.what)).collect()
}

/// A clone is a snapshot: going on from it leads to the same, step by step; acting otherwise makes a fork.
#[test]
fn snapshots_and_forks() {
    let mut world = two(Config::default());
    publish(&mut world, QoS::ExactlyOnce);
    let mut snapshots = vec![world.clone()];
    let mut steps = vec![];
    for _ in 0..8 {
        steps.push(world.step());
        snapshots.push(world.clone());
    }
    for (at, snapshot) in snapshots.iter().enumerate() {
        let mut again = snapshot.clone();
        let rest: Vec<_> = (at..8).map(|_| again.step()).collect();
        assert_eq!(rest, steps[at..]);
        assert_eq!(future(again), future(world.clone()));
    }
    let mut fork = snapshots[2].clone();
    fork.act(&Action::Cut {
        node: 0,
        client: Some(Duration::ZERO),
        broker: Some(Duration::ZERO),
    });
    fork.run(20 * SECOND);
    assert_eq!(messages(&mut fork), 1);
    assert!(packets(&mut world, 1).contains(&PacketType::Publish));
}
