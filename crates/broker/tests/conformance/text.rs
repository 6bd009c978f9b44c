//! Strings (section 1.5).

use vitrine_packet::{
    Connect, Disconnect, FiltersBuf, Packet, PacketId, Properties, Property, PropertyBuf,
    ProtocolVersion, Subscribe, SubscriptionOptions, TopicsBuf, Unsubscribe, Will,
};

use super::*;

fn will<'a>(topic: &'a str, properties: Properties<'a>) -> Will<'a> {
    Will {
        qos: Q0,
        retain: false,
        properties,
        topic,
        payload: b"",
    }
}

fn subscribe(
    version: ProtocolVersion,
    properties: Properties<'_>,
    filters: &FiltersBuf,
) -> Vec<u8> {
    let subscribe = Subscribe {
        packet_id: PacketId::MIN,
        properties,
        filters: filters.as_filters(),
    };
    bytes(version, &Packet::Subscribe(subscribe))
}

/// Packets of a client with one string in each that reads `~`, and whether they are a CONNECT.
fn strings(version: ProtocolVersion) -> Vec<(Vec<u8>, bool)> {
    let packet_id = PacketId::MIN;
    let none = Properties::EMPTY;
    let mut filters = FiltersBuf::new();
    filters
        .push("~", SubscriptionOptions::with_qos(Q0))
        .unwrap();
    let mut topics = TopicsBuf::new();
    topics.push("~").unwrap();
    fn connect<'a>(
        version: ProtocolVersion,
        client_id: &'a str,
        will: Option<Will<'a>>,
        username: Option<&'a str>,
    ) -> Packet<'a> {
        Packet::Connect(Connect {
            version,
            clean_start: true,
            keep_alive: 0,
            properties: Properties::EMPTY,
            client_id,
            will,
            username,
            password: None,
        })
    }
    let unsubscribe = Unsubscribe {
        packet_id,
        properties: none,
        filters: topics.as_topics(),
    };
    let mut list = vec![
        (bytes(version, &connect(version, "~", None, None)), true),
        (
            bytes(version, &connect(version, "c", Some(will("~", none)), None)),
            true,
        ),
        (
            bytes(version, &connect(version, "c", None, Some("~"))),
            true,
        ),
        (message("~", "").bytes(version), false),
        (subscribe(version, none, &filters), false),
        (bytes(version, &Packet::Unsubscribe(unsubscribe)), false),
    ];
    if version == V5 {
        let one = |property| buf(&[property]);
        let of_publish = [
            Property::UserProperty("~", "v"),
            Property::UserProperty("k", "~"),
            Property::ContentType("~"),
            Property::ResponseTopic("~"),
        ];
        for property in of_publish {
            list.push((message("a", "").with(property).bytes(version), false));
            let properties: PropertyBuf = one(property);
            let will = will("w", properties.as_properties());
            list.push((
                bytes(version, &connect(version, "c", Some(will), None)),
                true,
            ));
        }
        for property in &of_publish[..2] {
            let properties = one(*property);
            let mut plain = FiltersBuf::new();
            plain.push("a", SubscriptionOptions::with_qos(Q0)).unwrap();
            list.push((
                subscribe(version, properties.as_properties(), &plain),
                false,
            ));
        }
        for property in [Property::ReasonString("~"), of_publish[0], of_publish[1]] {
            let properties = one(property);
            let disconnect = Disconnect {
                reason: Default::default(),
                properties: properties.as_properties(),
            };
            list.push((bytes(version, &Packet::Disconnect(disconnect)), false));
        }
    }
    list
}

/// Wherever a string stands, what is no text in it ends the connection, and nothing else is done with the packet.
///
/// 3.1.1: [MQTT-1.5.3-1] [MQTT-1.5.3-2] [MQTT-4.7.3-2] [MQTT-3.3.2-1] [MQTT-3.1.4-1]
/// 5.0: [MQTT-1.5.4-1] [MQTT-1.5.4-2] [MQTT-1.5.7-1] [MQTT-4.7.3-2] [MQTT-3.3.2-1] [MQTT-3.3.2-13] [MQTT-3.3.2-19]
/// 5.0: [MQTT-3.1.4-1]
#[test]
fn no_text_ends_the_connection() {
    for version in [V3, V5] {
        for (good, is_connect) in strings(version) {
            let at: Vec<_> = (0..good.len()).filter(|at| good[*at] == b'~').collect();
            let [at] = at[..] else { panic!("{good:02X?}") };
            for bad in [0xFF, 0x00, 0x80] {
                let mut world = World::new();
                let watcher = world.connect(hello(V3, "w"));
                world.subscribe(watcher, "#", Q0);
                let client = if is_connect {
                    world.open_as(version)
                } else {
                    world.connect(hello(version, "c"))
                };
                let mut packet = good.clone();
                packet[at] = bad;
                world.send_bytes(client, &packet);
                let answers = world.take(client);
                assert_eq!(
                    answers.last().unwrap(),
                    "closed",
                    "{packet:02X?}: {answers:?}"
                );
                let answered = version == V5 && !is_connect;
                assert_eq!(answers.len(), if answered { 2 } else { 1 }, "{answers:?}");
                assert!(
                    !answered || answers[0].starts_with("DISCONNECT 8"),
                    "{answers:?}"
                );
                assert!(world.take(watcher).is_empty());
                // The same packet with any other character is welcome.
                let client = if is_connect {
                    world.open_as(version)
                } else {
                    world.connect(hello(version, "d"))
                };
                packet[at] = b'b';
                world.send_bytes(client, &packet);
                let raw = world.raw(client);
                let refused =
                    raw.iter().any(|answer| answer[0] == 0xE0) || (is_connect && raw[0][3] != 0);
                assert!(!refused, "{packet:02X?}: {raw:02X?}");
            }
        }
    }
}

/// A byte order mark is a character like any other: it is matched, and it is passed on.
///
/// 3.1.1: [MQTT-1.5.3-3] [MQTT-4.7.3-4]
/// 5.0: [MQTT-1.5.4-3] [MQTT-4.7.3-4]
#[test]
fn a_byte_order_mark_is_passed_on() {
    const MARKED: &str = "\u{FEFF}a/\u{FEFF}";
    for version in [V3, V5] {
        let mut world = World::new();
        let with = world.connect(hello(version, "\u{FEFF}s"));
        world.subscribe(with, "\u{FEFF}a/+", Q0);
        let without = world.connect(hello(version, "s"));
        world.subscribe(without, "a/+", Q0);
        world.publish(without, message(MARKED, ""));
        assert_eq!(world.take(with), [format!("PUBLISH {MARKED} \"\"")]);
        let sent = world.raw(with).last().unwrap();
        assert_eq!(sent[2..12], *b"\x00\x08\xEF\xBB\xBFa/\xEF\xBB\xBF");
        assert!(world.take(without).is_empty());
        assert_eq!(world.broker.counts().sessions, 2, "two Client Identifiers");
    }
}

/// Topics as long as a string can be are as good as others.
///
/// 3.1.1: [MQTT-4.7.3-3]
/// 5.0: [MQTT-4.7.3-3]
#[test]
fn the_longest_topic() {
    let longest = "x".repeat(65_535);
    for version in [V3, V5] {
        let mut world = World::new();
        let client = world.connect(hello(version, "c"));
        world.subscribe(client, &longest, Q0);
        world.publish(client, message(&longest, ""));
        assert_eq!(world.take(client), [format!("PUBLISH {longest} \"\"")]);
    }
}
