//! How connections end (sections 3.14, 4.8 of 3.1.1 and 4.13 of 5.0).

use vitrine_broker::Config;
use vitrine_packet::{Packet, ReasonCode};

use super::*;

/// A client that lets answers pile up is too much for now: its connection ends, and no other.
///
/// 3.1.1: [MQTT-4.8.0-2]
#[test]
fn an_error_that_passes_ends_the_connection_it_happened_on() {
    for version in [V3, V5] {
        let mut world = World::with(Config {
            max_unsent_control_bytes: 100,
            ..Config::default()
        });
        let other = world.connect(hello(version, "o"));
        let greedy = world.connect(hello(version, "g").kept());
        world.subscribe(greedy, "a", Q1);
        world.pulling = false;
        for _ in 0..60 {
            world.send(greedy, Packet::PingReq);
        }
        world.pulling = true;
        assert!(world.is_closed(greedy) && !world.is_closed(other));
        world.send(other, Packet::PingReq);
        assert_eq!(world.take(other), ["PINGRESP"]);
        world.publish(other, message("a", "waits").q1(1));
        let greedy = world.reconnect(hello(version, "g").kept());
        assert_eq!(
            world.take(greedy),
            ["PUBLISH q1 #1 a \"waits\""],
            "it may try again"
        );
    }
}

/// Nothing follows a DISCONNECT, to either side, and the connection is closed.
///
/// 3.1.1: [MQTT-4.8.0-1]
/// 5.0: [MQTT-3.14.4-1] [MQTT-3.14.4-2] [MQTT-4.13.2-1] [MQTT-3.14.2-1] [MQTT-3.14.2-2] [MQTT-4.13.1-1]
#[test]
fn nothing_follows_the_end() {
    for version in [V3, V5] {
        let mut world = World::new();
        let client = world.connect(hello(version, "c"));
        world.subscribe(client, "a", Q1);
        let other = world.connect(hello(version, "o"));
        world.pulling = false;
        world.publish(other, message("a", "before").q1(1));
        // A packet that only a server sends.
        world.pulling = true;
        world.send(client, Packet::PingResp);
        world.publish(other, message("a", "after").q1(2));
        world.send(client, Packet::PingReq);
        let mut lines = plain(world.take(client));
        assert_eq!(lines.pop().unwrap(), "closed");
        let (disconnects, rest): (Vec<_>, Vec<_>) = lines
            .into_iter()
            .partition(|line| line.starts_with("DISCONNECT"));
        let told: &[&str] = if version == V5 {
            &["DISCONNECT 82"]
        } else {
            &[]
        };
        assert_eq!(disconnects, told);
        assert!(rest.iter().all(|line| line.contains("before")), "{rest:?}");
        let last = world.raw(client).last().unwrap();
        assert!(version == V3 || last[0] == 0xE0, "DISCONNECT is the last");
    }
}

/// 3.1.1: [MQTT-4.1.0-2]
/// 5.0: [MQTT-4.1.0-1] [MQTT-4.1.0-2] [MQTT-3.1.2-23]
#[test]
fn a_session_lasts_as_long_as_it_should() {
    for version in [V3, V5] {
        let mut world = World::new();
        let client = world.connect(hello(version, "c"));
        world.subscribe(client, "a", Q1);
        world.pass(std::time::Duration::from_secs(10_000_000));
        world.publish(client, message("a", "x"));
        assert_eq!(world.take(client), ["PUBLISH a \"x\""]);
        world.send(client, disconnect(ReasonCode::Success));
        assert!(world.broker.session("c").is_none());
        let kept = world.connect(hello(version, "c").kept());
        world.send(kept, disconnect(ReasonCode::Success));
        world.pass(std::time::Duration::from_secs(3_599));
        assert!(world.broker.session("c").is_some());
        world.pass(std::time::Duration::from_secs(1));
        assert_eq!(world.broker.session("c").is_some(), version == V3);
    }
}

/// Every way to break the protocol ends the connection that it came on, and no other.
///
/// 3.1.1: [MQTT-4.8.0-1] [MQTT-3.1.0-2]
/// 5.0: [MQTT-4.13.1-1] [MQTT-3.1.0-2] [MQTT-4.13.2-1]
#[test]
fn violations_end_their_own_connection() {
    for version in [V3, V5] {
        let again = hello(version, "c").bytes();
        let wrong_ack = bytes(version, &Packet::PubAck(ack(1)));
        let cases: [&[u8]; 6] = [
            &again,
            &wrong_ack,
            &[0xD0, 0],
            &[0x20, 2, 0, 0],
            &[0x90, 3, 0, 1, 0],
            &[0xC0, 1, 0],
        ];
        for packet in cases {
            let mut world = World::new();
            let other = world.connect(hello(version, "o"));
            let client = world.connect(hello(version, "c"));
            world.subscribe(client, "a", Q2);
            // Under way at QoS 2, so that a PUBACK does not fit.
            world.publish(other, message("a", "x").q2(1));
            world.take(client);
            world.send_bytes(client, packet);
            let answers = plain(world.take(client));
            assert_eq!(answers.last().unwrap(), "closed", "{packet:02X?}");
            assert_eq!(answers.len(), if version == V5 { 2 } else { 1 });
            assert!(!world.is_closed(other));
        }
    }
}
