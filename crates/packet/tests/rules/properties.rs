//! Properties: section 2.2.2 of 5.0.

use super::*;
use vitrine_packet::{Carrier, PacketType, Properties, PropertyKind, PropertyType};

/// Table 2-4 by hand: identifier, type, and where it may stand. C: CONNECT, c: CONNACK, P: PUBLISH,
/// W: Will, a: PUBACK to PUBCOMP, S: SUBSCRIBE, s: SUBACK, U: UNSUBSCRIBE, u: UNSUBACK, D: DISCONNECT,
/// A: AUTH.
const TABLE: [(u8, PropertyType, &str); 27] = [
    (1, PropertyType::Byte, "PW"),
    (2, PropertyType::FourByte, "PW"),
    (3, PropertyType::Text, "PW"),
    (8, PropertyType::Text, "PW"),
    (9, PropertyType::Binary, "PW"),
    (11, PropertyType::Variable, "PS"),
    (17, PropertyType::FourByte, "CcD"),
    (18, PropertyType::Text, "c"),
    (19, PropertyType::TwoByte, "c"),
    (21, PropertyType::Text, "CcA"),
    (22, PropertyType::Binary, "CcA"),
    (23, PropertyType::Byte, "C"),
    (24, PropertyType::FourByte, "W"),
    (25, PropertyType::Byte, "C"),
    (26, PropertyType::Text, "c"),
    (28, PropertyType::Text, "cD"),
    (31, PropertyType::Text, "casuDA"),
    (33, PropertyType::TwoByte, "Cc"),
    (34, PropertyType::TwoByte, "Cc"),
    (35, PropertyType::TwoByte, "P"),
    (36, PropertyType::Byte, "c"),
    (37, PropertyType::Byte, "c"),
    (38, PropertyType::Pair, "CcPWaSsUuDA"),
    (39, PropertyType::FourByte, "Cc"),
    (40, PropertyType::Byte, "c"),
    (41, PropertyType::Byte, "c"),
    (42, PropertyType::Byte, "c"),
];

const CARRIERS: [(char, Carrier); 14] = [
    ('C', Carrier::Packet(PacketType::Connect)),
    ('c', Carrier::Packet(PacketType::ConnAck)),
    ('P', Carrier::Packet(PacketType::Publish)),
    ('W', Carrier::Will),
    ('a', Carrier::Packet(PacketType::PubAck)),
    ('a', Carrier::Packet(PacketType::PubRec)),
    ('a', Carrier::Packet(PacketType::PubRel)),
    ('a', Carrier::Packet(PacketType::PubComp)),
    ('S', Carrier::Packet(PacketType::Subscribe)),
    ('s', Carrier::Packet(PacketType::SubAck)),
    ('U', Carrier::Packet(PacketType::Unsubscribe)),
    ('u', Carrier::Packet(PacketType::UnsubAck)),
    ('D', Carrier::Packet(PacketType::Disconnect)),
    ('A', Carrier::Packet(PacketType::Auth)),
];

/// A property of the table with a value that is valid.
fn property(identifier: u8, value_type: PropertyType) -> Vec<u8> {
    let value: &[u8] = match value_type {
        PropertyType::Byte | PropertyType::Variable => &[1],
        PropertyType::TwoByte => &[0, 1],
        PropertyType::FourByte => &[0, 0, 0, 1],
        PropertyType::Text | PropertyType::Binary => b"\0\x01v",
        PropertyType::Pair => b"\0\x01n\0\x01v",
    };
    [&[identifier], value].concat()
}

#[test]
fn each_stands_where_the_table_says_and_only_there() {
    for (identifier, value_type, places) in TABLE {
        let kind = PropertyKind::from_identifier(identifier.into()).expect("it is in the table");
        assert_eq!(
            (kind.identifier(), kind.value_type()),
            (identifier, value_type)
        );
        for (place, carrier) in CARRIERS {
            let mut bytes = property(identifier, value_type);
            if identifier == 22 {
                bytes.extend(property(21, PropertyType::Text));
            }
            let result = Properties::from_bytes(&bytes, carrier);
            if places.contains(place) {
                let properties =
                    result.unwrap_or_else(|error| panic!("{kind:?} {carrier:?}: {error}"));
                assert_eq!(
                    properties.iter().next().map(|property| property.kind()),
                    Some(kind)
                );
            } else {
                let error = result.expect_err("it may not stand there");
                assert_eq!((error.code(), error.offset), ("property-not-allowed", 0));
                assert_eq!(error.reason_code(), ReasonCode::MalformedPacket);
            }
        }
    }
}

#[test]
fn only_user_property_repeats_and_subscription_identifier_in_publish() {
    for (identifier, value_type, places) in TABLE {
        for (place, carrier) in CARRIERS {
            if !places.contains(place) {
                continue;
            }
            let once = property(identifier, value_type);
            let twice = [&once[..], &once].concat();
            let result = Properties::from_bytes(&twice, carrier);
            if identifier == 38 || identifier == 11 && place == 'P' {
                assert_eq!(result.map(|properties| properties.iter().count()), Ok(2));
            } else {
                let error = result.expect_err("it may stand only once");
                assert_eq!(
                    (error.code(), error.offset),
                    ("duplicate-property", once.len() as u32)
                );
                assert_eq!(error.reason_code(), ReasonCode::ProtocolError);
            }
        }
    }
}

#[test]
fn others_are_unknown() {
    for identifier in 0..0x80 {
        let known = TABLE.iter().any(|row| row.0 == identifier);
        assert_eq!(
            PropertyKind::from_identifier(identifier.into()).is_some(),
            known
        );
        if !known {
            let bytes = [0xE0, 3, 0, 1, identifier];
            malformed(V5, &bytes, ("unknown-property", 4, "MQTT-4.13.1-1"));
        }
    }
    // Identifiers are Variable Byte Integers, though none needs two bytes.
    malformed(
        V5,
        &[0xE0, 4, 0, 2, 0x80, 0x01],
        ("unknown-property", 4, "MQTT-4.13.1-1"),
    );
    let overlong = [0xE0, 9, 0, 7, 0x9F, 0x00, 0, 1, b'a', 0x26, 0];
    malformed(
        V5,
        &overlong,
        ("overlong-variable-byte-integer", 4, "MQTT-1.5.5-1"),
    );
}

/// 5.0: [MQTT-1.5.5-1]
#[test]
fn variable_byte_integers_are_as_short_as_can_be() {
    let kind = "overlong-variable-byte-integer";
    malformed(V5, b"\x30\x05\0\x01a\x80\0", (kind, 5, "MQTT-1.5.5-1"));
    malformed(
        V5,
        b"\x30\x07\0\x01a\x03\x0B\x81\0",
        (kind, 7, "MQTT-1.5.5-1"),
    );
    malformed(
        V5,
        b"\x30\x08\0\x01a\x04\x0B\x81\x80\0",
        (kind, 7, "MQTT-1.5.5-1"),
    );
    let bytes = b"\x30\x09\0\x01a\x05\x0B\xFF\xFF\xFF\x7F";
    let Packet::Publish(publish) = accepts(V5, bytes) else {
        panic!("it is a PUBLISH");
    };
    assert_eq!(
        publish.properties.subscription_identifiers().next(),
        Some(268_435_455)
    );
    let bytes = b"\x30\x0A\0\x01a\x06\x0B\xFF\xFF\xFF\xFF\x01";
    malformed(V5, bytes, ("variable-byte-integer", 10, "MQTT-4.13.1-1"));
}

#[test]
fn bytes_that_are_flags_are_0_or_1() {
    for (identifier, value_type, places) in TABLE {
        if value_type != PropertyType::Byte {
            continue;
        }
        let place = places.chars().next().expect("it may stand somewhere");
        let (_, carrier) = *CARRIERS
            .iter()
            .find(|row| row.0 == place)
            .expect("it is a carrier");
        for value in 0..=u8::MAX {
            let bytes = [identifier, value];
            let result = Properties::from_bytes(&bytes, carrier);
            match result {
                Ok(_) => assert!(value <= 1),
                Err(error) => {
                    assert!(value > 1);
                    assert_eq!((error.code(), error.offset), ("property-value", 1));
                    assert_eq!(error.reason_code(), ReasonCode::ProtocolError);
                }
            }
        }
    }
}

#[test]
fn numbers_that_may_not_be_0() {
    let connect = Carrier::Packet(PacketType::Connect);
    let publish = Carrier::Packet(PacketType::Publish);
    for (bytes, carrier, code) in [
        (&[33, 0, 0][..], connect, "property-value"),
        (&[39, 0, 0, 0, 0], connect, "property-value"),
        (&[11, 0], publish, "property-value"),
        (&[35, 0, 0], publish, "zero-topic-alias"),
    ] {
        let error = Properties::from_bytes(bytes, carrier).expect_err("it is 0");
        assert_eq!((error.code(), error.offset), (code, 1));
    }
    // 0 says something in these.
    for bytes in [&[17, 0, 0, 0, 0][..], &[34, 0, 0]] {
        assert!(Properties::from_bytes(bytes, connect).is_ok());
    }
}

#[test]
fn they_end_where_their_length_says() {
    // The User Property would go on into the payload.
    let bytes = packet(0x30, &[b"\0\x01a\x05\x26\0\x01n\0\x01v"]);
    malformed(V5, &bytes, ("truncated", 10, "MQTT-4.13.1-1"));
    malformed(
        V5,
        &[0xE0, 4, 0, 2, 0x11, 0],
        ("truncated", 5, "MQTT-4.13.1-1"),
    );
}

#[test]
fn every_one_has_a_name() {
    for kind in PropertyKind::ALL {
        assert!(kind.name().starts_with(char::is_uppercase), "{kind:?}");
    }
}
