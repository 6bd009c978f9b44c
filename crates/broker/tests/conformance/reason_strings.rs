//! Reason Strings: in each packet that can have one, as long as the client wants it and can take it.

use vitrine_broker::{Config, ConnectionId};
use vitrine_packet::{Packet, Properties, Property, SubscriptionOptions};

use super::*;

/// What makes the broker answer with a Reason String, and in which packet.
type Cause = (&'static str, fn(&mut World, ConnectionId));

const CAUSES: &[Cause] = &[
    ("PUBACK #1 87", |world, client| {
        world.publish(client, message("$x", "").q1(1));
    }),
    ("PUBREC #1 87", |world, client| {
        world.publish(client, message("$x", "").q2(1));
    }),
    ("PUBREL #1 92", |world, client| {
        world.send(client, Packet::PubRec(ack(1)));
    }),
    ("PUBCOMP #1 92", |world, client| {
        world.send(client, Packet::PubRel(ack(1)));
    }),
    ("SUBACK #1 8F", |world, client| {
        let options = SubscriptionOptions::with_qos(Q0);
        world.send_subscribe(client, &[("a/b/c/d", options)], &[]);
    }),
    ("UNSUBACK #1 11", |world, client| {
        world.send_unsubscribe(client, &["a"]);
    }),
    ("DISCONNECT 81", |world, client| {
        world.send_bytes(client, &[0x36, 0]);
    }),
    ("DISCONNECT 82", |world, client| {
        world.send(client, Packet::PingResp);
    }),
];

/// The answer to a cause: its line, its size, and its Reason String.
fn answer(cause: &Cause, properties: &[Property<'_>]) -> (String, usize, Option<String>) {
    let mut world = World::with(Config {
        max_topic_levels: 3,
        ..Config::default()
    });
    let mut hello = hello(V5, "c");
    hello.properties = properties.to_vec();
    let client = world.connect(hello);
    (cause.1)(&mut world, client);
    told(&mut world, client)
}

fn told(world: &mut World, client: ConnectionId) -> (String, usize, Option<String>) {
    let raw = world.raw(client).last().unwrap();
    let properties = match Packet::decode(raw, V5).unwrap() {
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            ack.properties
        }
        Packet::SubAck(ack) => ack.properties,
        Packet::UnsubAck(ack) => ack.properties,
        Packet::Disconnect(disconnect) => disconnect.properties,
        Packet::ConnAck(connack) => connack.properties,
        _ => Properties::EMPTY,
    };
    assert_eq!(properties.user_properties().count(), 0);
    let text = properties.reason_string().map(str::to_owned);
    let size = raw.len();
    let lines = plain(world.take(client));
    let line = lines.into_iter().rev().find(|line| line != "closed");
    (line.unwrap(), size, text)
}

/// At the very size that the client takes it is there, with one byte less it is not, and nothing else changes.
///
/// 5.0: [MQTT-3.4.2-2] [MQTT-3.4.2-3] [MQTT-3.5.2-2] [MQTT-3.5.2-3] [MQTT-3.6.2-2] [MQTT-3.6.2-3] [MQTT-3.7.2-2]
/// 5.0: [MQTT-3.7.2-3] [MQTT-3.9.2-1] [MQTT-3.9.2-2] [MQTT-3.11.2-1] [MQTT-3.11.2-2] [MQTT-3.14.2-3] [MQTT-3.14.2-4]
/// 5.0: [MQTT-3.1.2-24] [MQTT-3.1.2-29]
#[test]
fn a_reason_string_is_there_where_it_fits() {
    for cause in CAUSES {
        let (line, size, text) = answer(cause, &[]);
        assert_eq!(line, cause.0);
        let text = text.unwrap_or_else(|| panic!("{line}: no Reason String"));
        assert!(text.len() > 5, "{line}: {text:?}");
        let limit = Property::MaximumPacketSize(size as u32);
        assert_eq!(
            answer(cause, &[limit]),
            (line.clone(), size, Some(text.clone()))
        );
        let limit = Property::MaximumPacketSize(size as u32 - 1);
        let (small, less, none) = answer(cause, &[limit]);
        assert_eq!((&small, none), (&line, None));
        assert!(less < size);
        let quiet = Property::RequestProblemInformation(0);
        let (same, _, unasked) = answer(cause, &[quiet]);
        let free = line.starts_with("DISCONNECT");
        assert_eq!((same, unasked), (line, free.then_some(text)));
    }
}

/// 5.0: [MQTT-3.2.2-19] [MQTT-3.2.2-20] [MQTT-3.1.2-24]
#[test]
fn in_connack_too() {
    let long = "x".repeat(31);
    let ask = |properties: &[Property<'_>]| {
        let mut world = World::with(Config {
            max_client_id: 30,
            ..Config::default()
        });
        let mut hello = hello(V5, &long);
        hello.properties = properties.to_vec();
        let client = world.say(&hello);
        told(&mut world, client)
    };
    let (line, size, text) = ask(&[]);
    assert_eq!(line, "CONNACK 85");
    assert!(text.is_some());
    let limit = |size| [Property::MaximumPacketSize(size)];
    assert_eq!(ask(&limit(size as u32)), (line.clone(), size, text.clone()));
    assert_eq!(ask(&limit(size as u32 - 1)), (line.clone(), 5, None));
    let quiet = [Property::RequestProblemInformation(0)];
    assert_eq!(ask(&quiet), (line, size, text), "it may always have one");
}
