//! Publishers that are faster than those who receive.

use std::time::Duration;

use vitrine_broker::{Broker, Config, ConnectionId, Input, Output, Peer, Time};
use vitrine_packet::Packet;

use crate::harness::*;

const PUBLISHER: ConnectionId = ConnectionId(1);
const RECEIVER: ConnectionId = ConnectionId(2);
const PAUSE: Duration = Duration::from_millis(10);

/// A broker between a publisher and a receiver who subscribes to `a` with QoS 1.
fn pair(config: Config) -> (Broker, Time) {
    let now = Time::from_secs(1);
    let mut broker = Broker::new(config, now);
    for (connection, name) in [(PUBLISHER, "p"), (RECEIVER, "r")] {
        let peer = Peer::by("lab");
        broker.handle(Input::Opened { connection, peer }, now);
        send(&mut broker, connection, &Hello::v3(name).bytes(), now);
    }
    let subscribe = b"\x82\x06\0\x01\0\x01a\x01";
    send(&mut broker, RECEIVER, subscribe, now);
    pull(&mut broker, RECEIVER, now);
    outputs(&mut broker);
    (broker, now)
}

fn send(broker: &mut Broker, connection: ConnectionId, bytes: &[u8], now: Time) {
    broker.handle(Input::Received { connection, bytes }, now);
}

fn publish(broker: &mut Broker, qos: u16, now: Time) {
    let mut message = message("a", "0123456789");
    if qos > 0 {
        message = message.q1(qos);
    }
    send(broker, PUBLISHER, &message.bytes(V3), now);
}

fn pull(broker: &mut Broker, connection: ConnectionId, now: Time) -> Vec<u8> {
    let mut out = Vec::new();
    broker.poll_transmit(connection, &mut out, usize::MAX, now);
    out
}

fn outputs(broker: &mut Broker) -> Vec<Output> {
    std::iter::from_fn(|| broker.poll_output()).collect()
}

fn throttled(broker: &mut Broker) -> Option<Time> {
    let throttles = outputs(broker)
        .into_iter()
        .filter_map(|output| match output {
            Output::Throttle { connection, until } => {
                assert_eq!(connection, PUBLISHER);
                Some(until)
            }
            _ => None,
        });
    let throttles: Vec<_> = throttles.collect();
    assert!(throttles.len() < 2, "once is enough");
    throttles.first().copied()
}

fn small() -> Config {
    Config {
        max_unsent_bytes: 100,
        ..Config::default()
    }
}

/// The publisher is asked to wait before anything is lost, and for a short time only.
#[test]
fn a_publisher_is_asked_to_wait() {
    let (mut broker, mut now) = pair(small());
    for _ in 0..3 {
        publish(&mut broker, 0, now);
        assert_eq!(throttled(&mut broker), None, "less than a half waits");
    }
    publish(&mut broker, 0, now);
    assert_eq!(throttled(&mut broker), Some(now + PAUSE));
    publish(&mut broker, 0, now);
    assert_eq!(throttled(&mut broker), None, "it was asked");
    assert_eq!(broker.statistics().publish_dropped, 0);
    // What it sends all the same is handled as ever.
    assert_eq!(pull(&mut broker, RECEIVER, now).len(), 5 * 15);
    now = now + PAUSE;
    publish(&mut broker, 0, now);
    assert_eq!(throttled(&mut broker), None, "the receiver caught up");
}

/// Who has stopped to read, or never answers, slows nobody down: what is for it is discarded.
#[test]
fn a_receiver_that_stopped_slows_nobody_down() {
    let (mut broker, mut now) = pair(small());
    let mut asked = 0;
    for _ in 0..500 {
        publish(&mut broker, 0, now);
        asked += usize::from(throttled(&mut broker).is_some());
        now = now + PAUSE;
    }
    // For the first second it could still be slow.
    assert!((80..=101).contains(&asked), "{asked}");
    assert!(broker.statistics().publish_dropped > 480);
    // It reads again, and counts again.
    pull(&mut broker, RECEIVER, now);
    for _ in 0..4 {
        publish(&mut broker, 0, now);
    }
    assert!(throttled(&mut broker).is_some());
}

/// Messages that wait for acknowledgements: while they come.
#[test]
fn a_queue_that_is_half_full() {
    let (mut broker, mut now) = pair(Config {
        max_in_flight: 2,
        max_queued_messages: 10,
        ..Config::default()
    });
    let mut id = 0;
    let mut next = |broker: &mut Broker, now| {
        id += 1;
        publish(broker, id, now);
        pull(broker, RECEIVER, now);
        pull(broker, PUBLISHER, now);
        throttled(broker)
    };
    for _ in 0..7 {
        assert_eq!(next(&mut broker, now), None);
    }
    assert!(next(&mut broker, now).is_some(), "two under way, six wait");
    now = now + Duration::from_secs(2);
    assert_eq!(next(&mut broker, now), None, "it does not answer");
    let ack = bytes(V3, &Packet::PubAck(ack(1)));
    send(&mut broker, RECEIVER, &ack, now);
    assert!(next(&mut broker, now).is_some(), "it does");
    assert_eq!(broker.statistics().publish_dropped, 0);
}

#[test]
fn it_can_be_off() {
    let (mut broker, now) = pair(Config {
        publisher_pause: Duration::ZERO,
        ..small()
    });
    for _ in 0..20 {
        publish(&mut broker, 0, now);
        assert_eq!(throttled(&mut broker), None);
    }
}

/// Together: a host that does as it is asked, and a receiver half as fast as the publisher wants to be.
/// Nothing is lost, and the receiver always has something to read.
#[test]
fn nothing_is_lost_where_the_host_waits() {
    let (mut broker, mut now) = pair(Config {
        max_unsent_bytes: 4_000,
        ..Config::default()
    });
    let (mut waits_until, mut sent, mut received) = (now, 0, 0);
    for _ in 0..10_000 {
        now = now + Duration::from_millis(1);
        if now >= waits_until {
            for _ in 0..20 {
                publish(&mut broker, 0, now);
                sent += 15;
            }
        }
        waits_until = waits_until.max(throttled(&mut broker).unwrap_or(now));
        let mut out = Vec::new();
        received += broker.poll_transmit(RECEIVER, &mut out, 150, now);
    }
    assert_eq!(broker.statistics().publish_dropped, 0);
    let waiting = broker.connection(RECEIVER).unwrap().unsent;
    assert_eq!(sent, received + waiting);
    assert!(received > 9_900 * 150, "{received}");
}
