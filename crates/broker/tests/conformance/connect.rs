//! CONNECT and CONNACK (sections 3.1 and 3.2).

use std::time::Duration;

use vitrine_packet::{Packet, ReasonCode};

use super::*;

/// Sessions are found by the very same Client Identifier, and by no other that looks like it.
///
/// 3.1.1: [MQTT-3.1.3-2] [MQTT-3.1.2-4] [MQTT-3.2.2-2] [MQTT-3.2.2-3]
/// 5.0: [MQTT-3.1.3-2] [MQTT-3.1.2-5] [MQTT-3.1.2-6] [MQTT-3.2.2-3]
#[test]
fn a_session_belongs_to_its_client_identifier() {
    for version in [V3, V5] {
        let mut world = World::new();
        let ids = ["a", "A", "a ", " a", "\u{E1}", "a\u{301}", "aa"];
        for (number, id) in ids.iter().enumerate() {
            let client = world.say(&hello(version, id).kept());
            assert_eq!(plain(world.take(client)), ["CONNACK 00"], "{id:?} is new");
            world.subscribe(client, &format!("t/{number}"), Q1);
            world.cut(client);
        }
        let publisher = world.connect(hello(version, "p"));
        for number in 0..ids.len() {
            world.publish(publisher, message(&format!("t/{number}"), "x").q1(1));
        }
        for (number, id) in ids.iter().enumerate() {
            let client = world.reconnect(hello(version, id).kept());
            let own = format!("PUBLISH q1 #1 t/{number} \"x\"");
            assert_eq!(world.take(client), [own], "{id:?}");
        }
    }
}

/// What comes behind a CONNECT that is refused changes nothing, in one piece with it or later.
///
/// 3.1.1: [MQTT-3.1.4-5] [MQTT-3.2.2-5] [MQTT-3.2.2-4]
/// 5.0: [MQTT-3.1.4-6] [MQTT-3.1.4-2] [MQTT-3.2.2-7] [MQTT-3.2.2-6] [MQTT-4.13.2-1] [MQTT-3.14.0-1]
#[test]
fn nothing_is_handled_after_a_refusal() {
    for (version, answer) in [(V3, "CONNACK 05"), (V5, "CONNACK 87")] {
        let mut world = World::new();
        let watcher = world.connect(hello(version, "w"));
        world.subscribe(watcher, "#", Q0);
        // A Will that may not be published.
        let refused = hello(version, "c").will(Testament::new("$SYS/x", ""));
        let client = world.open_as(version);
        let bytes = [
            refused.bytes(),
            message("a", "in one piece").bytes(version),
            hello(version, "c").bytes(),
        ];
        world.send_bytes(client, &bytes.concat());
        world.send_bytes(client, &message("a", "later").bytes(version));
        world.send_bytes(client, &hello(version, "c").bytes());
        let raw = world.raw(client);
        assert_eq!(raw.len(), 1, "CONNACK and nothing else: {raw:02X?}");
        assert_eq!(raw[0][2], 0, "no Session Present");
        assert!(describe(&raw[0], version).starts_with(answer), "{raw:02X?}");
        assert!(world.is_closed(client));
        assert!(world.take(watcher).is_empty());
        assert!(world.broker.session("c").is_none());
    }
}

/// 3.1.1: [MQTT-3.1.2-24]
/// 5.0: [MQTT-3.1.2-22] [MQTT-3.2.2-22]
#[test]
fn every_packet_shows_that_a_client_is_there() {
    for version in [V3, V5] {
        let mut world = World::new();
        let client = world.connect(hello(version, "a").keep_alive(10));
        let packets = [
            Packet::PingReq,
            Packet::PubRel(ack(9)),
            Packet::PubAck(ack(9)),
        ];
        for packet in packets {
            world.pass(Duration::from_millis(14_999));
            assert!(!world.is_closed(client));
            world.send(client, packet);
        }
        world.pass(Duration::from_millis(14_999));
        world.publish(client, message("a", ""));
        world.pass(Duration::from_millis(14_999));
        assert!(!world.is_closed(client));
        world.pass(Duration::from_millis(1));
        assert!(world.is_closed(client));
    }
}

/// What the broker sends does not keep a silent client alive, and Keep Alive 0 asks for nothing.
///
/// 3.1.1: [MQTT-3.1.2-24]
/// 5.0: [MQTT-3.1.2-22]
#[test]
fn listening_is_not_enough() {
    for version in [V3, V5] {
        let mut world = World::new();
        let quiet = world.connect(hello(version, "q").keep_alive(10));
        world.subscribe(quiet, "a", Q0);
        let free = world.connect(hello(version, "f"));
        for _ in 0..3 {
            world.pass(Duration::from_secs(5));
            world.publish(free, message("a", ""));
        }
        assert!(world.is_closed(quiet));
        world.pass(Duration::from_secs(1_000_000));
        assert!(!world.is_closed(free));
    }
}

/// 3.1.1: [MQTT-3.1.2-8] [MQTT-3.1.2-10] [MQTT-3.1.2-12] [MQTT-3.1.2-16] [MQTT-3.1.2-17] [MQTT-3.14.4-3]
/// 5.0: [MQTT-3.1.2-7] [MQTT-3.1.2-8] [MQTT-3.1.2-10] [MQTT-3.1.2-14] [MQTT-3.1.2-15] [MQTT-3.14.4-3]
#[test]
fn wills_at_each_qos_retained_or_not() {
    for version in [V3, V5] {
        for qos in [Q0, Q1, Q2] {
            for retain in [false, true] {
                let mut world = World::new();
                let watcher = world.connect(hello(version, "w"));
                world.subscribe(watcher, "will", Q2);
                let will = || Testament {
                    qos,
                    retain,
                    ..Testament::new("will", "gone")
                };
                let polite = world.connect(hello(version, "a").will(will()));
                world.send(polite, disconnect(ReasonCode::Success));
                let none = world.connect(hello(version, "b"));
                world.cut(none);
                assert!(world.take(watcher).is_empty());
                let lost = world.connect(hello(version, "a").will(will()));
                world.cut(lost);
                let got = world.take(watcher);
                let expected = match qos.as_u8() {
                    0 => "PUBLISH will \"gone\"".to_owned(),
                    qos => format!("PUBLISH q{qos} #1 will \"gone\""),
                };
                assert_eq!(got, [expected], "with RETAIN 0: the subscription stood");
                let late = world.connect(hello(version, "l"));
                world.subscribe(late, "will", Q0);
                let kept: &[&str] = if retain {
                    &["PUBLISH retain will \"gone\""]
                } else {
                    &[]
                };
                assert_eq!(world.take(late), kept);
            }
        }
    }
}

/// 3.1.1: [MQTT-3.1.2-7]
#[test]
fn retained_messages_outlive_every_session() {
    for version in [V3, V5] {
        let mut world = World::new();
        let publisher = world.connect(hello(version, "p"));
        world.publish(publisher, message("a", "kept").retain());
        world.send(publisher, disconnect(ReasonCode::Success));
        assert_eq!(world.broker.counts().sessions, 0);
        world.pass(Duration::from_secs(1_000_000));
        let late = world.connect(hello(version, "s"));
        world.subscribe(late, "a", Q0);
        assert_eq!(world.take(late), ["PUBLISH retain a \"kept\""]);
    }
}

/// A client that takes over from itself, with a Session that is kept and with a clean one.
///
/// 3.1.1: [MQTT-3.1.4-2] [MQTT-3.1.4-3] [MQTT-3.1.2-6] [MQTT-3.2.2-1]
/// 5.0: [MQTT-3.1.4-3] [MQTT-3.1.4-4] [MQTT-3.1.2-4] [MQTT-3.2.2-2] [MQTT-4.13.2-1]
#[test]
fn a_client_takes_over_from_itself() {
    for (version, farewell) in [
        (V3, &["closed"][..]),
        (V5, &["DISCONNECT 8E", "closed"][..]),
    ] {
        let mut world = World::new();
        let first = world.connect(hello(version, "a").kept());
        world.subscribe(first, "t", Q1);
        let second = world.reconnect(hello(version, "a").kept());
        assert_eq!(plain(world.take(first)), farewell);
        let other = world.connect(hello(version, "o"));
        world.publish(other, message("t", "x"));
        assert_eq!(world.take(second), ["PUBLISH t \"x\""], "it goes on");
        let third = world.say(&hello(version, "a"));
        assert_eq!(plain(world.take(second)), farewell);
        assert_eq!(plain(world.take(third)), ["CONNACK 00"], "not present");
        world.publish(other, message("t", "y"));
        assert!(world.take(third).is_empty(), "it begins anew");
        assert!(!world.is_closed(third) && !world.is_closed(other));
    }
}
