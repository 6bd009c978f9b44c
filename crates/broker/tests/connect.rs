//! CONNECT and CONNACK.

use std::collections::BTreeSet;
use std::time::Duration;

use vitrine_broker::{CloseReason, Config, Event, Secret};
use vitrine_packet::{Packet, Property, ProtocolVersion, ReasonCode};

use crate::harness::*;

/// 3.1.1: [MQTT-3.1.4-4] [MQTT-3.2.0-1]
/// 5.0: [MQTT-3.1.4-5] [MQTT-3.2.0-1] [MQTT-3.2.2-1]
#[test]
fn an_accepted_client_is_told() {
    let mut world = World::new();
    let three = world.say(&Hello::v3("a"));
    assert_eq!(world.take(three), ["CONNACK 00"]);
    let five = world.say(&Hello::v5("b"));
    let told =
        "CONNACK 00 [ReceiveMaximum(1024), MaximumPacketSize(1048576), TopicAliasMaximum(64)]";
    assert_eq!(world.take(five), [told]);
}

/// MQTT 3.1 clients are served too, as 3.1.1 clients are.
#[test]
fn a_client_of_3_1() {
    let mut world = World::new();
    let version = ProtocolVersion::V3_1;
    let client = world.connect(Hello {
        version,
        ..Hello::v3("old")
    });
    world.subscribe(client, "a", Q1);
    world.publish(client, message("a", "x").q1(3));
    assert_eq!(world.take(client), ["PUBLISH q1 #1 a \"x\"", "PUBACK #3"]);
    let nameless = world.say(&Hello {
        version,
        ..Hello::v3("")
    });
    assert_eq!(world.take(nameless), ["CONNACK 02", "closed"]);
}

/// 3.1.1: [MQTT-3.1.0-1]
/// 5.0: [MQTT-3.1.0-1] [MQTT-3.14.0-1]
#[test]
fn the_first_packet_is_connect() {
    for first in [
        bytes(V3, &Packet::PingReq),
        bytes(V3, &Packet::PubAck(ack(1))),
        bytes(V5, &disconnect(ReasonCode::Success)),
        message("a", "x").bytes(V3),
        b"\x82\x06\0\x01\0\x01a\0".to_vec(),
    ] {
        let mut world = World::new();
        let watcher = world.connect(Hello::v3("w"));
        world.subscribe(watcher, "#", Q0);
        world.observe();
        let connection = world.open();
        world.send_bytes(connection, &first);
        assert_eq!(world.take(connection), ["closed"], "{first:02X?}");
        let (why, reason, statement) = world.ending();
        assert_eq!((why, statement), ("protocol-error", Some("MQTT-3.1.0-1")));
        assert_eq!(reason, Some(ReasonCode::ProtocolError));
        assert!(world.take(watcher).is_empty(), "{first:02X?}");
    }
}

/// 3.1.1: [MQTT-3.1.0-2]
/// 5.0: [MQTT-3.1.0-2] [MQTT-3.2.0-2]
#[test]
fn a_second_connect_is_a_violation() {
    let mut world = World::new();
    world.observe();
    for (hello, answer) in [
        (Hello::v3("a"), &["closed"][..]),
        (Hello::v5("b"), &["DISCONNECT 82", "closed"][..]),
    ] {
        let bytes = hello.bytes();
        let connection = world.connect(hello);
        world.send_bytes(connection, &bytes);
        assert_eq!(world.take(connection), answer);
        assert_eq!(world.ending().2, Some("MQTT-3.1.0-2"));
    }
}

/// 3.1.1: [MQTT-3.1.2-2] [MQTT-3.2.2-4] [MQTT-3.2.2-5]
/// 5.0: [MQTT-3.1.2-2]
#[test]
fn a_version_that_is_not_spoken() {
    let mut world = World::new();
    let mut bytes = Hello::v3("a").bytes();
    bytes[8] = 2;
    let connection = world.open();
    world.send_bytes(connection, &bytes);
    assert_eq!(world.take(connection), ["CONNACK 01", "closed"]);
    assert_eq!(world.raw(connection), [[0x20, 2, 0, 1]]);

    // A bridge of Mosquitto's, which speaks 3.1.1.
    bytes[8] = 0x84;
    let connection = world.open();
    world.send_bytes(connection, &bytes);
    assert_eq!(world.take(connection), ["CONNACK 01", "closed"]);
    assert_eq!(world.raw(connection), [[0x20, 2, 0, 1]]);

    bytes[8] = 6;
    let connection = world.open();
    world.broker.handle(
        vitrine_broker::Input::Received {
            connection,
            bytes: &bytes,
        },
        world.now,
    );
    let mut answer = vec![];
    world
        .broker
        .poll_transmit(connection, &mut answer, 100, world.now);
    assert_eq!(describe(&answer, V5).split(' ').nth(1), Some("84"));
}

/// 3.1.1: [MQTT-3.1.2-1] [MQTT-3.1.4-1] [MQTT-3.1.2-3]
/// 5.0: [MQTT-3.1.2-1] [MQTT-3.1.4-1] [MQTT-3.1.2-3]
#[test]
fn a_connect_that_breaks_the_format_gets_no_answer() {
    for version in [V3, V5] {
        let good = Hello {
            version,
            ..Hello::v3("a")
        }
        .bytes();
        // The protocol's name; the reserved flag; a Client Identifier that is too long.
        let client_id = good.len() - 3;
        for (at, with) in [(4, b'X'), (9, good[9] | 1), (client_id + 1, 200)] {
            let mut bytes = good.clone();
            bytes[at] = with;
            let mut world = World::new();
            let connection = world.open();
            world.send_bytes(connection, &bytes);
            assert_eq!(world.take(connection), ["closed"], "byte {at} of {good:?}");
        }
    }
}

/// 3.1.1: [MQTT-3.1.3-5]
/// 5.0: [MQTT-3.1.3-5]
#[test]
fn client_ids_that_must_be_accepted() {
    let mut world = World::new();
    for id in [
        "a",
        "Z",
        "0",
        "abcdefghijklmnopqrstuvw",
        "ABCDEFGHIJKLMNOPQRSTUVW",
        "01234567890",
    ] {
        world.connect(Hello::v3(id));
        assert!(world.broker.session(id).is_some());
        world.connect(Hello::v5(id));
    }
    assert_eq!(world.broker.counts().sessions, 6);
}

/// 3.1.1: [MQTT-3.1.3-6]
/// 5.0: [MQTT-3.1.3-6] [MQTT-3.1.3-7] [MQTT-3.2.2-16]
#[test]
fn a_client_without_an_id_is_given_one() {
    let mut world = World::new();
    let taken = world.connect(Hello::v5("vitrine-0002"));
    let three = world.connect(Hello::v3(""));
    world.subscribe(three, "a", Q0);
    assert!(world.broker.session("vitrine-0001").is_some());
    let five = world.say(&Hello::v5(""));
    let answer = world.take(five).remove(0);
    assert!(
        answer.contains("AssignedClientIdentifier(\"vitrine-0003\")"),
        "{answer}"
    );
    assert!(!world.is_closed(taken));
    // It counts like one of the client's own.
    assert!(world.broker.session("vitrine-0003").is_some());
    world.connect(Hello::v5("vitrine-0003"));
    assert_eq!(world.take(five), ["DISCONNECT 8E", "closed"]);
}

/// Who knows one that was made up cannot tell another, and so take over a stranger's session.
#[test]
fn with_a_secret_ids_that_are_made_up_cannot_be_guessed() {
    let ids = |secret, clients: usize| {
        let mut world = World::with(Config {
            secret: Secret::new([secret; 32]),
            ..Config::default()
        });
        let id = |_| {
            let client = world.say(&Hello::v5(""));
            let answer = world.take(client).remove(0);
            let (_, id) = answer.split_once("AssignedClientIdentifier(\"").unwrap();
            id.split_once('"').unwrap().0.to_owned()
        };
        (0..clients).map(id).collect::<Vec<_>>()
    };
    let (one, other) = (ids(1, 3), ids(2, 3));
    assert_eq!(one, ids(1, 3));
    let endings: BTreeSet<_> = one.iter().chain(&other).map(|id| &id[12..]).collect();
    assert_eq!(endings.len(), 6, "{endings:?}");
    for (at, id) in one.iter().enumerate() {
        assert!(
            id.starts_with(&format!("vitrine-{:04}-", at + 1)) && id.len() == 37,
            "{id}"
        );
    }
}

/// 3.1.1: [MQTT-3.1.3-8] [MQTT-3.1.3-9] [MQTT-3.2.2-4] [MQTT-3.2.2-5]
#[test]
fn an_empty_id_with_clean_session_0_is_refused() {
    let mut world = World::new();
    let connection = world.say(&Hello::v3("").kept());
    assert_eq!(world.take(connection), ["CONNACK 02", "closed"]);
}

/// 3.1.1: [MQTT-3.1.3-9]
/// 5.0: [MQTT-3.1.3-8] [MQTT-3.2.2-7] [MQTT-3.2.2-8]
#[test]
fn an_id_that_is_too_long_is_refused() {
    let mut world = World::with(Config {
        max_client_id: 30,
        ..Config::default()
    });
    let long = "x".repeat(31);
    let five = world.say(&Hello::v5(&long));
    assert_eq!(world.take(five), ["CONNACK 85", "closed"]);
    let said = world.reason_string(five);
    assert_eq!(said, "the Client Identifier is too long");
    let three = world.say(&Hello::v3(&long));
    assert_eq!(world.take(three), ["CONNACK 02", "closed"]);
    world.connect(Hello::v3(&long[..30]));
}

/// 5.0: [MQTT-3.2.2-19] [MQTT-3.1.2-24]
#[test]
fn a_refusal_is_cut_to_the_size_that_the_client_takes() {
    let mut world = World::with(Config {
        max_client_id: 30,
        ..Config::default()
    });
    let long = "x".repeat(31);
    let connection = world.say(&Hello::v5(&long).with(Property::MaximumPacketSize(10)));
    assert_eq!(world.take(connection), ["CONNACK 85", "closed"]);
    let connection = world.say(&Hello::v5(&long).with(Property::MaximumPacketSize(4)));
    assert_eq!(world.take(connection), ["closed"]);
}

/// 3.1.1: [MQTT-3.1.4-5]
#[test]
fn nothing_is_handled_after_a_refusal() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s"));
    world.subscribe(subscriber, "#", Q0);
    let connection = world.open();
    let mut bytes = Hello::v3("").kept().bytes();
    bytes.extend(message("a", "no").bytes(V3));
    world.send_bytes(connection, &bytes);
    world.send_bytes(connection, &message("a", "no").bytes(V3));
    assert!(world.take(subscriber).is_empty());
}

/// 5.0: [MQTT-4.12.0-1] [MQTT-4.12.0-6]
#[test]
fn an_unknown_authentication_method_is_refused() {
    let mut world = World::new();
    let connection = world.say(&Hello::v5("a").with(Property::AuthenticationMethod("NONE")));
    let answers = world.take(connection);
    assert!(answers[0].starts_with("CONNACK 8C"), "{answers:?}");
    assert_eq!(answers[1], "closed");
}

/// A connection that sends no CONNECT, or half of one, is closed after a while.
#[test]
fn connect_must_come_in_time() {
    let mut world = World::new();
    world.observe();
    let silent = world.open();
    let slow = world.open();
    world.send_bytes(slow, &Hello::v3("a").bytes()[..5]);
    let quick = world.connect(Hello::v3("b"));
    world.pass(Duration::from_millis(9_999));
    assert!(!world.is_closed(silent) && !world.is_closed(slow));
    world.pass(Duration::from_millis(1));
    assert!(world.is_closed(silent) && world.is_closed(slow) && !world.is_closed(quick));
    let timeouts = world.events().into_iter().filter(|event| {
        matches!(
            event,
            Event::Closed {
                why: CloseReason::ConnectTimeout,
                ..
            }
        )
    });
    assert_eq!(timeouts.count(), 2);
}

/// 3.1.1: [MQTT-3.12.4-1]
/// 5.0: [MQTT-3.12.4-1]
#[test]
fn a_ping_is_answered() {
    let mut world = World::new();
    for hello in [Hello::v3("a"), Hello::v5("b")] {
        let client = world.connect(hello);
        world.send(client, Packet::PingReq);
        assert_eq!(world.take(client), ["PINGRESP"]);
    }
}

/// 3.1.1: [MQTT-3.1.2-6]
#[test]
fn disconnect_closes_the_connection() {
    let mut world = World::new();
    world.observe();
    for hello in [Hello::v3("a"), Hello::v5("b")] {
        let client = world.connect(hello);
        world.send(client, disconnect(ReasonCode::Success));
        assert_eq!(world.take(client), ["closed"]);
        assert_eq!(world.ending().0, "client-disconnect");
    }
    assert_eq!(world.broker.counts().sessions, 0);
}

/// 5.0: [MQTT-4.13.1-1] (section 3.14.2.2.2)
#[test]
fn disconnect_cannot_prolong_a_session_that_ends_with_the_connection() {
    let mut world = World::new();
    let client = world.connect(Hello::v5("a"));
    let properties = buf(&[Property::SessionExpiryInterval(5)]);
    world.send(
        client,
        Packet::Disconnect(vitrine_packet::Disconnect {
            reason: ReasonCode::Success,
            properties: properties.as_properties(),
        }),
    );
    assert_eq!(world.take(client), ["DISCONNECT 82", "closed"]);
}
