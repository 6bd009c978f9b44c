//! What cannot be written is refused, and nothing of it is.

use vitrine_packet::ProtocolVersion::{V3_1_1, V5};
use vitrine_packet::{
    Ack, Auth, ConnAck, Connect, Disconnect, EncodeError, Packet, PacketId, PacketType, Properties,
    Property, PropertyBuf, Publish, QoS, ReasonCode, SubAck, UnsubAck, encode_ack,
};

const PUBLISH: Publish<'_> = Publish {
    dup: false,
    qos: QoS::AtMostOnce,
    retain: false,
    topic: "a/b",
    packet_id: None,
    properties: Properties::EMPTY,
    payload: b"payload",
};

fn encode(
    packet: Packet<'_>,
    version: vitrine_packet::ProtocolVersion,
) -> Result<Vec<u8>, EncodeError> {
    let mut out = b"before".to_vec();
    match packet.encode(version, &mut out) {
        Ok(()) => Ok(out.split_off(6)),
        Err(error) => {
            assert_eq!(out, b"before");
            Err(error)
        }
    }
}

/// 3.1.1: [MQTT-2.3.1-1]
/// 5.0: [MQTT-2.2.1-4]
#[test]
fn qos_above_0_needs_a_packet_identifier() {
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let publish = Packet::Publish(Publish { qos, ..PUBLISH });
        assert_eq!(encode(publish, V3_1_1), Err(EncodeError::MissingPacketId));
    }
}

/// 3.1.1: [MQTT-2.3.1-5]
/// 5.0: [MQTT-2.2.1-2]
#[test]
fn qos_0_has_no_packet_identifier() {
    let publish = Packet::Publish(Publish {
        packet_id: PacketId::new(9),
        ..PUBLISH
    });
    assert_eq!(
        encode(publish, V3_1_1),
        Ok(b"\x30\x0C\0\x03a/bpayload".to_vec())
    );
}

/// 3.1.1: [MQTT-4.7.3-3]
/// 5.0: [MQTT-4.7.3-3]
#[test]
fn a_text_has_65535_bytes_at_most() {
    let topic = "x".repeat(65_536);
    let publish = Packet::Publish(Publish {
        topic: &topic,
        ..PUBLISH
    });
    assert_eq!(encode(publish, V3_1_1), Err(EncodeError::FieldTooLong));
    assert_eq!(publish.encoded_len(V3_1_1), Err(EncodeError::FieldTooLong));
    let publish = Packet::Publish(Publish {
        topic: &topic[1..],
        ..PUBLISH
    });
    let bytes = encode(publish, V3_1_1).expect("it fits");
    assert_eq!(Packet::decode(&bytes, V3_1_1), Ok(publish));

    let mut connect = Connect {
        version: V5,
        clean_start: true,
        keep_alive: 0,
        properties: Properties::EMPTY,
        client_id: &topic,
        will: None,
        username: None,
        password: None,
    };
    assert_eq!(
        encode(Packet::Connect(connect), V5),
        Err(EncodeError::FieldTooLong)
    );
    connect.client_id = "";
    connect.password = Some(topic.as_bytes());
    assert_eq!(
        encode(Packet::Connect(connect), V5),
        Err(EncodeError::FieldTooLong)
    );

    let mut properties = PropertyBuf::new();
    for property in [
        Property::ReasonString(&topic),
        Property::UserProperty(&topic, ""),
        Property::UserProperty("", &topic),
        Property::CorrelationData(topic.as_bytes()),
    ] {
        assert_eq!(properties.push(property), Err(EncodeError::FieldTooLong));
        assert!(properties.as_properties().is_empty());
    }
}

#[test]
fn a_packet_has_a_limit() {
    let payload = vec![0; 268_435_455 - 4];
    let publish = Publish {
        payload: &payload,
        topic: "abc",
        ..PUBLISH
    };
    assert_eq!(
        publish.encoded_len(V3_1_1),
        Err(EncodeError::PacketTooLarge)
    );
    assert_eq!(
        encode(Packet::Publish(publish), V3_1_1),
        Err(EncodeError::PacketTooLarge)
    );
    let publish = Publish {
        payload: &payload[1..],
        ..publish
    };
    assert_eq!(publish.encoded_len(V3_1_1), Ok(268_435_460));
}

#[test]
fn remaining_lengths_at_their_borders() {
    for (len, bytes) in [
        (127, 1),
        (128, 2),
        (16_383, 2),
        (16_384, 3),
        (2_097_151, 3),
        (2_097_152, 4),
    ] {
        let payload = vec![7; len - 5];
        let publish = Packet::Publish(Publish {
            payload: &payload,
            ..PUBLISH
        });
        let out = encode(publish, V3_1_1).expect("it fits");
        assert_eq!(out.len(), 1 + bytes + len);
        assert_eq!(Packet::decode(&out, V3_1_1), Ok(publish));
    }
}

#[test]
fn a_subscription_identifier_has_a_limit() {
    let mut properties = PropertyBuf::new();
    let too_large = Property::SubscriptionIdentifier(268_435_456);
    assert_eq!(properties.push(too_large), Err(EncodeError::NumberTooLarge));
    let largest = Property::SubscriptionIdentifier(268_435_455);
    assert_eq!(properties.push(largest), Ok(()));
    assert_eq!(
        properties.as_properties().as_bytes(),
        b"\x0B\xFF\xFF\xFF\x7F"
    );
}

#[test]
fn auth_is_of_5_only() {
    let auth = Packet::Auth(Auth {
        reason: ReasonCode::Success,
        properties: Properties::EMPTY,
    });
    assert_eq!(encode(auth, V3_1_1), Err(EncodeError::NotInVersion));
    assert_eq!(encode(auth, V5), Ok(vec![0xF0, 0]));
}

/// A message of a 5.0 client can go to a 3.1.1 client as it is.
#[test]
fn what_3_1_1_has_no_place_for_is_left_out() {
    let mut properties = PropertyBuf::new();
    properties
        .push(Property::UserProperty("a", "b"))
        .expect("it is short");
    let properties = properties.as_properties();
    let id = PacketId::MIN;
    let reason = ReasonCode::QuotaExceeded;
    for (packet, expected) in [
        (
            Packet::Publish(Publish {
                properties,
                ..PUBLISH
            }),
            &b"\x30\x0C\0\x03a/bpayload"[..],
        ),
        (
            Packet::PubRec(Ack {
                packet_id: id,
                reason,
                properties,
            }),
            b"\x50\x02\0\x01",
        ),
        (
            Packet::ConnAck(ConnAck {
                session_present: true,
                code: 0,
                properties,
            }),
            b"\x20\x02\x01\0",
        ),
        (
            Packet::SubAck(SubAck {
                packet_id: id,
                properties,
                codes: &[1],
            }),
            b"\x90\x03\0\x01\x01",
        ),
        (
            Packet::UnsubAck(UnsubAck {
                packet_id: id,
                properties,
                codes: &[0],
            }),
            b"\xB0\x02\0\x01",
        ),
        (
            Packet::Disconnect(Disconnect { reason, properties }),
            b"\xE0\0",
        ),
    ] {
        assert_eq!(encode(packet, V3_1_1).as_deref(), Ok(expected));
        assert_eq!(packet.encoded_len(V3_1_1), Ok(expected.len()));
    }
}

/// 3.1.1: [MQTT-3.6.1-1]
/// 5.0: [MQTT-3.6.1-1]
#[test]
fn plain_acknowledgements() {
    let mut out = Vec::new();
    let id = PacketId::new(0x0102).expect("it is not 0");
    for (packet, first) in [
        (PacketType::PubAck, 0x40),
        (PacketType::PubRec, 0x50),
        (PacketType::PubRel, 0x62),
        (PacketType::PubComp, 0x70),
    ] {
        out.clear();
        encode_ack(packet, id, &mut out);
        assert_eq!(out, [first, 2, 1, 2]);
    }
}

#[test]
fn packet_identifiers_wrap_past_0() {
    assert_eq!(PacketId::MAX.next(), PacketId::MIN);
    assert_eq!(PacketId::MIN.next().get(), 2);
    assert_eq!(PacketId::new(0), None);
}
