//! What holds for everything that the broker ever sends, whatever its clients do: random scripts, and each of the
//! broker's packets held against the rules.

use std::collections::BTreeMap;

use vitrine_broker::{Config, ConnectionId, Output};
use vitrine_packet::{Connect, Framer, Packet, Property, QoS, topic};

use super::*;

/// Limits that the scripts reach now and then.
fn config() -> Config {
    Config {
        max_subscriptions: 3,
        ..Config::default()
    }
}

/// What a client's CONNECT asked for.
struct Asked {
    version: ProtocolVersion,
    max_packet_size: usize,
    alias_maximum: u16,
    problem_information: bool,
    response_information: bool,
}

impl From<&Connect<'_>> for Asked {
    fn from(connect: &Connect<'_>) -> Self {
        let properties = connect.properties;
        let size = properties.maximum_packet_size();
        Self {
            version: connect.version,
            max_packet_size: size.map_or(usize::MAX, |size| size as usize),
            alias_maximum: properties.topic_alias_maximum().unwrap_or(0),
            problem_information: properties.request_problem_information() != Some(0),
            response_information: properties.request_response_information() == Some(1),
        }
    }
}

/// The CONNECT of each connection that began with one.
fn connects(script: &Script) -> BTreeMap<ConnectionId, Asked> {
    let mut first = BTreeMap::new();
    let mut spoken = std::collections::BTreeSet::new();
    for step in &script.steps {
        let Step::Bytes(connection, bytes) = step else {
            continue;
        };
        if spoken.insert(*connection)
            && let Ok(Packet::Connect(connect)) = Packet::decode(bytes, V5)
        {
            first.insert(*connection, Asked::from(&connect));
        }
    }
    first
}

/// Holds what the broker sent on one connection against the rules. Says whether it ended with a fault.
fn check(asked: &Asked, bytes: &[u8], met: &mut BTreeMap<&'static str, usize>) -> bool {
    let mut framer = Framer::default();
    framer.set_version(asked.version);
    let mut rest = bytes;
    let mut accepted = false;
    let mut ended = false;
    let mut fault = false;
    let mut aliases: BTreeMap<u16, String> = BTreeMap::new();
    while let Some(bytes) = framer.next(&mut rest).unwrap() {
        let packet =
            Packet::decode(bytes, asked.version).expect("flags, codes and lengths are right");
        let seen = format!("{packet:?}");
        assert!(!ended, "after the end: {seen}");
        assert!(bytes.len() <= asked.max_packet_size, "too large: {seen}");
        *met.entry(packet.packet_type().name()).or_default() += 1;
        let properties = match packet {
            Packet::ConnAck(connack) => {
                assert!(!accepted, "a second CONNACK");
                assert_eq!(bytes[2] & 0xFE, 0, "reserved flags");
                fault = connack.code != 0;
                assert!(!(fault && connack.session_present));
                let information = connack.properties.response_information();
                assert!(
                    information.is_none() || asked.response_information,
                    "{seen}"
                );
                ended = fault;
                accepted = !fault;
                connack.properties
            }
            Packet::Publish(publish) => {
                assert!(accepted, "before CONNACK: {seen}");
                assert_eq!(publish.qos == QoS::AtMostOnce, publish.packet_id.is_none());
                assert!(publish.qos != QoS::AtMostOnce || !publish.dup);
                let alias = publish.properties.topic_alias();
                assert!(alias.is_none_or(|alias| (1..=asked.alias_maximum).contains(&alias)));
                let mut name = publish.topic.to_owned();
                if let Some(alias) = alias {
                    if name.is_empty() {
                        name = aliases.get(&alias).expect("it was told").clone();
                    } else {
                        aliases.insert(alias, name.clone());
                    }
                    *met.entry("alias").or_default() += 1;
                }
                assert!(topic::validate_name(&name).is_ok(), "{seen}");
                publish.properties
            }
            Packet::PubAck(ack)
            | Packet::PubRec(ack)
            | Packet::PubRel(ack)
            | Packet::PubComp(ack) => ack.properties,
            Packet::SubAck(ack) => ack.properties,
            Packet::UnsubAck(ack) => ack.properties,
            Packet::Disconnect(disconnect) => {
                assert_eq!(asked.version, V5);
                assert!(accepted, "DISCONNECT before CONNACK");
                assert_eq!(disconnect.properties.session_expiry_interval(), None);
                ended = true;
                fault = disconnect.reason.is_error();
                disconnect.properties
            }
            Packet::PingResp => Default::default(),
            _ => panic!("a broker does not send {seen}"),
        };
        assert!(accepted || ended, "before CONNACK: {seen}");
        let free = matches!(
            packet,
            Packet::Publish(_) | Packet::ConnAck(_) | Packet::Disconnect(_)
        );
        for property in properties {
            let about = match property {
                Property::ReasonString(_) => "Reason String",
                Property::UserProperty(..) => "User Property",
                _ => continue,
            };
            assert!(
                free || asked.problem_information,
                "{about} not asked for: {seen}"
            );
            let about = match (packet, about) {
                (Packet::PubAck(_), _) => "words in PUBACK",
                (Packet::PubRec(_), _) => "words in PUBREC",
                (Packet::PubRel(_), _) => "words in PUBREL",
                (Packet::PubComp(_), _) => "words in PUBCOMP",
                (Packet::SubAck(_), _) => "words in SUBACK",
                (Packet::UnsubAck(_), _) => "words in UNSUBACK",
                (Packet::Disconnect(_), _) => "words in DISCONNECT",
                (Packet::ConnAck(_), _) => "words in CONNACK",
                (_, about) => about,
            };
            *met.entry(about).or_default() += 1;
        }
    }
    assert_eq!(framer.buffered(), 0);
    fault
}

/// 3.1.1: [MQTT-3.2.0-1] [MQTT-2.2.2-1] [MQTT-2.3.1-5] [MQTT-3.3.1-2] [MQTT-3.3.2-2] [MQTT-3.9.3-2] [MQTT-3.2.2-4]
/// 3.1.1: [MQTT-3.2.2-5] [MQTT-4.7.1-1]
/// 5.0: [MQTT-3.2.0-1] [MQTT-3.2.0-2] [MQTT-3.2.2-1] [MQTT-3.2.2-6] [MQTT-3.2.2-7] [MQTT-3.2.2-8] [MQTT-3.14.0-1]
/// 5.0: [MQTT-2.1.3-1] [MQTT-2.2.1-2] [MQTT-2.2.2-1] [MQTT-1.5.5-1] [MQTT-3.3.1-2] [MQTT-3.3.2-2] [MQTT-4.7.0-1]
/// 5.0: [MQTT-3.1.2-24] [MQTT-3.1.2-26] [MQTT-3.1.2-27] [MQTT-3.1.2-28] [MQTT-3.1.2-29] [MQTT-3.3.2-8] [MQTT-3.3.2-11]
/// 5.0: [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1] [MQTT-3.9.3-2] [MQTT-3.11.3-2] [MQTT-3.14.2-1]
/// 5.0: [MQTT-3.14.2-2] [MQTT-3.14.4-1] [MQTT-3.14.4-2] [MQTT-4.13.2-1]
/// 5.0: [MQTT-3.2.2-19] [MQTT-3.2.2-20] [MQTT-3.4.2-2] [MQTT-3.4.2-3] [MQTT-3.5.2-2] [MQTT-3.5.2-3] [MQTT-3.6.2-2]
/// 5.0: [MQTT-3.6.2-3] [MQTT-3.7.2-2] [MQTT-3.7.2-3] [MQTT-3.9.2-1] [MQTT-3.9.2-2] [MQTT-3.11.2-1] [MQTT-3.11.2-2]
/// 5.0: [MQTT-3.14.2-3] [MQTT-3.14.2-4]
#[test]
fn every_packet_of_the_broker_keeps_the_rules() {
    let mut met = BTreeMap::new();
    let mut faults = 0;
    for seed in seeds(300) {
        let mut script = Script::random(seed, 250);
        let opened = connects(&script);
        script
            .steps
            .extend(opened.keys().map(|at| Step::Pull(*at, usize::MAX)));
        let transcript = script.run(config(), None);
        for (connection, asked) in &opened {
            let none = vec![];
            let bytes = transcript.bytes.get(connection).unwrap_or(&none);
            if check(asked, bytes, &mut met) {
                faults += 1;
                let closes = transcript.outputs.iter().any(
                    |output| matches!(output, Output::Close { connection: at, .. } if at == connection),
                );
                assert!(closes, "a fault without a close on {connection:?}");
            }
        }
    }
    // The scripts are worth something only where they meet all of it.
    for what in [
        "CONNACK",
        "PUBLISH",
        "PUBACK",
        "PUBREC",
        "PUBREL",
        "PUBCOMP",
        "SUBACK",
        "UNSUBACK",
        "PINGRESP",
        "DISCONNECT",
        "alias",
        "User Property",
        "words in PUBACK",
        "words in PUBREC",
        "words in PUBREL",
        "words in PUBCOMP",
        "words in SUBACK",
        "words in UNSUBACK",
        "words in DISCONNECT",
    ] {
        assert!(
            met.get(what).is_some_and(|count| *count > 20),
            "{what}: {met:?}"
        );
    }
    assert!(faults > 100, "{faults}");
}
