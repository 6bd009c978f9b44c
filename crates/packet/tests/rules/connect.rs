//! CONNECT: section 3.1.

use super::*;
use vitrine_packet::{Connect, QoS, Will};

/// A CONNECT of 3.1.1 with these flags and this payload.
fn connect(flags: u8, payload: &[u8]) -> Vec<u8> {
    packet(0x10, &[b"\0\x04MQTT\x04", &[flags, 0, 10], payload])
}

/// A CONNECT of 5.0 with these flags, properties and this payload.
fn connect5(flags: u8, properties: &[u8], payload: &[u8]) -> Vec<u8> {
    let len = [properties.len() as u8];
    packet(
        0x10,
        &[
            b"\0\x04MQTT\x05",
            &[flags, 0, 10],
            &len,
            properties,
            payload,
        ],
    )
}

fn decoded(bytes: &[u8]) -> Connect<'_> {
    match accepts(V5, bytes) {
        Packet::Connect(connect) => connect,
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_of_3_1_1() {
    // [MQTT-3.1.3-1]: Client Identifier, Will Topic, Will Message, User Name, Password.
    let bytes = connect(0xEE, b"\0\x01c\0\x03w/t\0\x02\xFF\x00\0\x01u\0\x03p\0w");
    let connect = decoded(&bytes);
    assert_eq!(connect.version, V3_1_1);
    assert!(connect.clean_start);
    assert_eq!(connect.keep_alive, 10);
    assert_eq!(connect.client_id, "c");
    let will = connect.will.expect("there is a Will");
    assert_eq!((will.qos, will.retain), (QoS::AtLeastOnce, true));
    assert_eq!((will.topic, will.payload), ("w/t", &b"\xFF\x00"[..]));
    assert_eq!(connect.username, Some("u"));
    assert_eq!(connect.password, Some(&b"p\0w"[..]));
}

/// 5.0: [MQTT-3.1.3-1] [MQTT-3.1.3-3] [MQTT-3.1.2-9] [MQTT-3.1.2-17] [MQTT-3.1.2-19]
#[test]
fn all_of_5() {
    let bytes = connect5(
        0xF6,
        b"\x11\0\0\0\x3C\x21\0\x14",
        b"\0\x01c\x05\x18\0\0\0\x09\0\x01w\0\0\0\x01u\0\x01p",
    );
    let connect = decoded(&bytes);
    assert_eq!(connect.version, V5);
    assert_eq!(connect.properties.session_expiry_interval(), Some(60));
    assert_eq!(connect.properties.receive_maximum(), Some(20));
    let Some(Will {
        qos,
        retain,
        properties,
        topic,
        payload,
    }) = connect.will
    else {
        panic!("there is a Will");
    };
    assert_eq!(
        (qos, retain, topic, payload),
        (QoS::ExactlyOnce, true, "w", &b""[..])
    );
    assert_eq!(properties.will_delay_interval(), Some(9));
    assert_eq!(
        (connect.username, connect.password),
        (Some("u"), Some(&b"p"[..]))
    );
}

#[test]
fn version_3_1_is_called_mqisdp() {
    let bytes = packet(0x10, &[b"\0\x06MQIsdp\x03\x02\0\0\0\x01c"]);
    assert_eq!(decoded(&bytes).version, V3_1);
    // A 3.1 client may announce what it then leaves out.
    let bytes = packet(0x10, &[b"\0\x06MQIsdp\x03\xC2\0\0\0\x01c"]);
    assert_eq!(
        (decoded(&bytes).username, decoded(&bytes).password),
        (None, None)
    );
}

/// 3.1.1: [MQTT-3.1.2-1]
/// 5.0: [MQTT-3.1.2-1]
#[test]
fn the_protocol_name_is_mqtt() {
    let reason = ReasonCode::UnsupportedProtocolVersion;
    for name in [
        &b"\0\x04MqTT"[..],
        b"\0\x04MQTX",
        b"\0\x00",
        b"\0\x05MQTT\x04",
    ] {
        let bytes = packet(0x10, &[name, b"\x04\x02\0\0\0\x01c"]);
        refuses(V3_1_1, &bytes, ("protocol-name", 2, "MQTT-3.1.2-1"), reason);
    }
}

/// 3.1.1: [MQTT-3.1.2-2]
/// 5.0: [MQTT-3.1.2-2]
#[test]
fn the_protocol_level_goes_with_the_name() {
    let reason = ReasonCode::UnsupportedProtocolVersion;
    for level in [0, 1, 2, 3, 6, 0x84, 0xFF] {
        let bytes = packet(0x10, &[b"\0\x04MQTT", &[level], b"\x02\0\0\0\x01c"]);
        refuses(
            V3_1_1,
            &bytes,
            ("protocol-version", 8, "MQTT-3.1.2-2"),
            reason,
        );
    }
    let bytes = packet(0x10, &[b"\0\x06MQIsdp\x04\x02\0\0\0\x01c"]);
    refuses(V5, &bytes, ("protocol-version", 10, "MQTT-3.1.2-2"), reason);
}

/// 3.1.1: [MQTT-3.1.2-3]
/// 5.0: [MQTT-3.1.2-3]
#[test]
fn the_reserved_flag_is_0() {
    let refusal = ("reserved-connect-flag", 9, "MQTT-3.1.2-3");
    malformed(V3_1_1, &connect(0x03, b"\0\x01c"), refusal);
    malformed(V5, &connect5(0x03, b"", b"\0\x01c"), refusal);
}

/// 3.1.1: [MQTT-3.1.2-14]
/// 5.0: [MQTT-3.1.2-12]
#[test]
fn will_qos_is_not_3() {
    let payload = b"\0\x01c\0\x01w\0\0";
    malformed(
        V3_1_1,
        &connect(0x1E, payload),
        ("will-qos", 9, "MQTT-3.1.2-14"),
    );
    malformed(
        V5,
        &connect5(0x1E, b"", b"\0\x01c\0\0\x01w\0\0"),
        ("will-qos", 9, "MQTT-3.1.2-12"),
    );
}

/// 3.1.1: [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15]
/// 5.0: [MQTT-3.1.2-11] [MQTT-3.1.2-13]
#[test]
fn without_a_will_its_flags_are_0() {
    let kind = "will-qos-without-will";
    malformed(
        V3_1_1,
        &connect(0x0A, b"\0\x01c"),
        (kind, 9, "MQTT-3.1.2-13"),
    );
    malformed(
        V5,
        &connect5(0x12, b"", b"\0\x01c"),
        (kind, 9, "MQTT-3.1.2-11"),
    );
    let kind = "will-retain-without-will";
    malformed(
        V3_1_1,
        &connect(0x22, b"\0\x01c"),
        (kind, 9, "MQTT-3.1.2-15"),
    );
    malformed(
        V5,
        &connect5(0x22, b"", b"\0\x01c"),
        (kind, 9, "MQTT-3.1.2-13"),
    );
}

/// 3.1.1: [MQTT-3.1.2-9]
/// 5.0: [MQTT-3.1.2-9]
#[test]
fn with_the_will_flag_a_will_follows() {
    malformed(
        V3_1_1,
        &connect(0x06, b"\0\x01c"),
        ("truncated", 15, "MQTT-3.1.4-1"),
    );
    malformed(
        V3_1_1,
        &connect(0x06, b"\0\x01c\0\x01w"),
        ("truncated", 18, "MQTT-3.1.4-1"),
    );
    malformed(
        V5,
        &connect5(0x06, b"", b"\0\x01c\0"),
        ("truncated", 17, "MQTT-3.1.4-1"),
    );
}

/// 3.1.1: [MQTT-3.1.2-18] [MQTT-3.1.2-19] [MQTT-3.1.2-20] [MQTT-3.1.2-21]
/// 5.0: [MQTT-3.1.2-16] [MQTT-3.1.2-17] [MQTT-3.1.2-18] [MQTT-3.1.2-19]
#[test]
fn user_name_and_password_follow_if_and_only_if_announced() {
    let statement = "MQTT-3.1.4-1";
    malformed(
        V3_1_1,
        &connect(0x02, b"\0\x01c\0\x01u"),
        ("trailing-bytes", 15, statement),
    );
    malformed(
        V3_1_1,
        &connect(0x82, b"\0\x01c"),
        ("truncated", 15, statement),
    );
    malformed(
        V3_1_1,
        &connect(0xC2, b"\0\x01c\0\x01u"),
        ("truncated", 18, statement),
    );
    malformed(
        V5,
        &connect5(0x82, b"", b"\0\x01c\0\x01u\0\x01p"),
        ("trailing-bytes", 19, statement),
    );
    malformed(
        V5,
        &connect5(0x42, b"", b"\0\x01c"),
        ("truncated", 16, statement),
    );
}

/// 5.0 lifts it.
///
/// 3.1.1: [MQTT-3.1.2-22]
#[test]
fn no_password_without_user_name_before_5() {
    let refusal = ("password-without-user-name", 9, "MQTT-3.1.2-22");
    malformed(V3_1_1, &connect(0x42, b"\0\x01c\0\x01p"), refusal);
    let bytes = connect5(0x42, b"", b"\0\x01c\0\x01p");
    assert_eq!(decoded(&bytes).password, Some(&b"p"[..]));
}

/// 3.1.1: [MQTT-3.1.3-3]
#[test]
fn a_client_identifier_is_there() {
    malformed(
        V3_1_1,
        &connect(0x02, b""),
        ("truncated", 12, "MQTT-3.1.4-1"),
    );
    // Empty is there: whether it may be is for the server to say.
    assert_eq!(decoded(&connect(0x02, b"\0\0")).client_id, "");
    assert_eq!(decoded(&connect(0x00, b"\0\0")).client_id, "");
}

/// 3.1.1: [MQTT-3.1.3-4] [MQTT-3.1.3-10] [MQTT-3.1.3-11]
#[test]
fn text_in_the_payload_is_utf_8() {
    let refusal = |at| ("invalid-utf-8", at, "MQTT-1.5.3-1");
    malformed(V3_1_1, &connect(0x02, b"\0\x01\xFF"), refusal(14));
    malformed(V3_1_1, &connect(0x06, b"\0\0\0\x01\xFF\0\0"), refusal(16));
    malformed(V3_1_1, &connect(0x82, b"\0\0\0\x01\xFF"), refusal(16));
}

/// 5.0: [MQTT-3.1.3-4] [MQTT-3.1.3-11] [MQTT-3.1.3-12]
#[test]
fn text_in_the_payload_is_utf_8_in_5() {
    let refusal = |at| ("invalid-utf-8", at, "MQTT-1.5.4-1");
    malformed(V5, &connect5(0x02, b"", b"\0\x01\xFF"), refusal(15));
    malformed(
        V5,
        &connect5(0x06, b"", b"\0\0\0\0\x01\xFF\0\0"),
        refusal(18),
    );
    malformed(V5, &connect5(0x82, b"", b"\0\0\0\x01\xFF"), refusal(17));
}

/// 3.1.1: [MQTT-4.7.1-1] [MQTT-4.7.3-1]
/// 5.0: [MQTT-4.7.0-1]
#[test]
fn a_will_topic_is_a_topic_name() {
    let kind = "wildcard-in-topic";
    malformed(
        V3_1_1,
        &connect(0x06, b"\0\0\0\x03a/#\0\0"),
        (kind, 18, "MQTT-4.7.1-1"),
    );
    malformed(
        V5,
        &connect5(0x06, b"", b"\0\0\0\0\x03+/a\0\0"),
        (kind, 18, "MQTT-4.7.0-1"),
    );
    malformed(
        V3_1_1,
        &connect(0x06, b"\0\0\0\0\0\0"),
        ("empty", 16, "MQTT-4.7.3-1"),
    );
}

/// 3.1.1: [MQTT-3.1.4-1]
/// 5.0: [MQTT-3.1.4-1]
#[test]
fn what_is_cut_short_is_refused() {
    for bytes in [
        connect(0xEE, b"\0\x01c\0\x01w\0\x01p\0\x01u\0\x01p"),
        connect5(
            0xF6,
            b"\x21\0\x01",
            b"\0\x01c\0\0\x01w\0\x01p\0\x01u\0\x01p",
        ),
    ] {
        for len in 0..bytes.len() - 2 {
            let mut short = bytes[..2 + len].to_vec();
            short[1] = len as u8;
            let error = Packet::decode(&short, V5).expect_err("it is too short");
            assert_eq!(error.code(), "truncated", "{len}");
        }
    }
}

#[test]
fn connect_ignores_the_version_it_is_read_with() {
    let bytes = connect(0x02, b"\0\x01c");
    for version in [V3_1, V3_1_1, V5] {
        assert_eq!(
            Packet::decode(&bytes, version),
            Packet::decode(&bytes, V3_1_1)
        );
    }
}
