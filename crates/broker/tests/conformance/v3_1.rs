//! Clients of MQTT 3.1 (`MQIsdp`), which has no numbered statements: they are served as those of 3.1.1 are.

use std::time::Duration;

use vitrine_packet::{Packet, ProtocolVersion, ReasonCode};

use super::*;

const V3_1: ProtocolVersion = ProtocolVersion::V3_1;

/// Every QoS in both directions, with what is unacknowledged sent again.
#[test]
fn every_qos_and_a_session_that_is_kept() {
    let mut world = World::new();
    let subscriber = world.connect(hello(V3_1, "s").kept());
    world.subscribe(subscriber, "a/+", Q2);
    let publisher = world.connect(hello(V3_1, "p"));
    world.publish(publisher, message("a/0", "0"));
    world.publish(publisher, message("a/1", "1").q1(5));
    world.publish(publisher, message("a/2", "2").q2(6));
    world.send(publisher, Packet::PubRel(ack(6)));
    let answers = ["PUBACK #5", "PUBREC #6", "PUBCOMP #6"];
    assert_eq!(world.take(publisher), answers);
    let got = [
        "PUBLISH a/0 \"0\"",
        "PUBLISH q1 #1 a/1 \"1\"",
        "PUBLISH q2 #2 a/2 \"2\"",
    ];
    assert_eq!(world.take(subscriber), got);
    world.send(subscriber, Packet::PubRec(ack(2)));
    assert_eq!(world.take(subscriber), ["PUBREL #2"]);
    world.cut(subscriber);
    world.publish(publisher, message("a/1", "waits").q1(7));
    let subscriber = world.connect(hello(V3_1, "s").kept());
    assert_eq!(
        world.raw(subscriber)[0],
        [0x20, 2, 0, 0],
        "no Session Present"
    );
    let again = [
        "PUBREL #2",
        "PUBLISH q1 #1 dup a/1 \"1\"",
        "PUBLISH q1 #3 a/1 \"waits\"",
    ];
    assert_eq!(world.take(subscriber), again);
}

/// A client that heard no answer asks again on the same connection, with DUP, as 3.1 lets it.
#[test]
fn requests_that_are_sent_again() {
    let mut world = World::new();
    let client = world.connect(hello(V3_1, "c"));
    for first in [0x82, 0x8A] {
        world.send_bytes(client, &[first, 6, 0, 1, 0, 1, b'a', 1]);
        assert_eq!(world.take(client), ["SUBACK #1 01"]);
    }
    world.publish(client, message("a", "x").q2(9));
    assert_eq!(world.take(client).len(), 2);
    for first in [0x62, 0x6A] {
        world.send_bytes(client, &[first, 2, 0, 9]);
        assert_eq!(world.take(client), ["PUBCOMP #9"]);
    }
    for first in [0xA2, 0xAA] {
        world.send_bytes(client, &[first, 5, 0, 2, 0, 1, b'a']);
        assert_eq!(world.take(client), ["UNSUBACK #2"]);
    }
    // 3.1.1 does not.
    let three = world.connect(hello(V3, "d"));
    world.send_bytes(three, &[0x8A, 6, 0, 1, 0, 1, b'a', 1]);
    assert_eq!(world.take(three), ["closed"]);
}

/// Wills, retained messages, Keep Alive, pings and takeover.
#[test]
fn the_rest_is_as_in_3_1_1() {
    let mut world = World::new();
    let watcher = world.connect(hello(V3_1, "w"));
    world.subscribe(watcher, "will", Q0);
    let will = || Testament {
        retain: true,
        ..Testament::new("will", "gone")
    };
    let silent = world.connect(hello(V3_1, "a").keep_alive(10).will(will()));
    world.send(silent, Packet::PingReq);
    assert_eq!(world.take(silent), ["PINGRESP"]);
    world.pass(Duration::from_secs(15));
    assert_eq!(world.take(silent), ["closed"]);
    assert_eq!(world.take(watcher), ["PUBLISH will \"gone\""]);
    let polite = world.connect(hello(V3_1, "a").will(will()));
    world.send(polite, disconnect(ReasonCode::Success));
    assert!(world.take(watcher).is_empty());
    let late = world.connect(hello(V3_1, "l"));
    world.subscribe(late, "#", Q0);
    assert_eq!(world.take(late), ["PUBLISH retain will \"gone\""]);
    let again = world.connect(hello(V3_1, "l"));
    assert_eq!(world.take(late), ["closed"], "its identifier is taken over");
    assert!(!world.is_closed(again));
    // An empty Client Identifier came with 3.1.1 only.
    let nameless = world.say(&hello(V3_1, ""));
    assert_eq!(world.take(nameless), ["CONNACK 02", "closed"]);
    // `MQTT` with 3, and `MQIsdp` with 4, are neither.
    for (version, at, level) in [(V3, 8, 3), (V3_1, 10, 4)] {
        let mut bytes = hello(version, "x").bytes();
        assert_eq!(bytes[at], version.level());
        bytes[at] = level;
        let client = world.open();
        world.send_bytes(client, &bytes);
        assert_eq!(world.take(client), ["CONNACK 01", "closed"]);
    }
}

/// What a client may announce and leave out in 3.1: user name and password.
#[test]
fn a_connect_that_announces_more_than_it_has() {
    let mut world = World::new();
    let mut bytes = hello(V3_1, "c").bytes();
    bytes[11] |= 0xC0;
    let client = world.open_as(V3_1);
    world.send_bytes(client, &bytes);
    assert_eq!(world.take(client), ["CONNACK 00"]);
}
