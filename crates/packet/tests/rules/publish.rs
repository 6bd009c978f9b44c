//! PUBLISH: section 3.3.

use super::*;
use vitrine_packet::{PacketId, Publish, QoS};

fn decoded(version: ProtocolVersion, bytes: &[u8]) -> Publish<'_> {
    match accepts(version, bytes) {
        Packet::Publish(publish) => publish,
        other => panic!("{other:?}"),
    }
}

/// 3.1.1: [MQTT-2.3.1-1] [MQTT-2.3.1-5] [MQTT-3.3.2-1]
/// 5.0: [MQTT-3.3.2-1]
#[test]
fn the_parts_in_their_order() {
    let bytes = packet(0x3D, &[b"\0\x03a/b\x01\x02payload"]);
    let publish = decoded(V3_1_1, &bytes);
    assert!(publish.dup && publish.retain);
    assert_eq!(publish.qos, QoS::ExactlyOnce);
    assert_eq!((publish.topic, publish.payload), ("a/b", &b"payload"[..]));
    assert_eq!(publish.packet_id.map(PacketId::get), Some(0x0102));
    // With QoS 0 there is no Packet Identifier: what stands there is payload.
    let bytes = packet(0x30, &[b"\0\x03a/b\x01\x02"]);
    let publish = decoded(V3_1_1, &bytes);
    assert_eq!((publish.packet_id, publish.payload), (None, &[1, 2][..]));
    assert!(!publish.dup && !publish.retain);
    let bytes = packet(0x32, &[b"\0\x01a\0\x07\x02\x01\x01{}"]);
    let publish = decoded(V5, &bytes);
    assert_eq!(publish.properties.payload_format_indicator(), Some(1));
    assert_eq!(
        (publish.packet_id, publish.payload),
        (PacketId::new(7), &b"{}"[..])
    );
}

#[test]
fn a_payload_may_be_empty() {
    assert_eq!(decoded(V3_1_1, b"\x31\x03\0\x01a").payload, b"");
    assert_eq!(decoded(V5, b"\x31\x04\0\x01a\0").payload, b"");
}

/// 3.1.1: [MQTT-3.3.1-4]
/// 5.0: [MQTT-3.3.1-4]
#[test]
fn qos_is_not_3() {
    for first in [0x36, 0x37, 0x3E, 0x3F] {
        let bytes = packet(first, &[b"\0\x01a\0\x01"]);
        malformed(V3_1_1, &bytes, ("publish-qos", 0, "MQTT-3.3.1-4"));
        malformed(V5, &bytes, ("publish-qos", 0, "MQTT-3.3.1-4"));
    }
}

/// 3.1.1: [MQTT-3.3.1-2]
/// 5.0: [MQTT-3.3.1-2]
#[test]
fn dup_is_0_with_qos_0() {
    malformed(
        V3_1_1,
        b"\x38\x03\0\x01a",
        ("dup-on-qos-0", 0, "MQTT-3.3.1-2"),
    );
    malformed(
        V5,
        b"\x39\x04\0\x01a\0",
        ("dup-on-qos-0", 0, "MQTT-3.3.1-2"),
    );
}

/// 3.1.1: [MQTT-2.3.1-1]
/// 5.0: [MQTT-2.2.1-3]
#[test]
fn a_packet_identifier_is_not_0() {
    let refusal = |statement| ("zero-packet-id", 5, statement);
    protocol_error(V3_1_1, b"\x32\x05\0\x01a\0\0", refusal("MQTT-2.3.1-1"));
    protocol_error(V5, b"\x34\x06\0\x01a\0\0\0", refusal("MQTT-2.2.1-3"));
}

/// 3.1.1: [MQTT-3.3.2-2]
/// 5.0: [MQTT-3.3.2-2]
#[test]
fn a_topic_name_has_no_wildcards() {
    for at in 0..20 {
        for wildcard in *b"+#" {
            let mut topic = *b"aaaaaaaaaaaaaaaaaaaa";
            topic[at] = wildcard;
            let refusal = ("wildcard-in-topic", 4 + at as u32, "MQTT-3.3.2-2");
            malformed(V3_1_1, &packet(0x30, &[&[0, 20], &topic]), refusal);
            malformed(V5, &packet(0x30, &[&[0, 20], &topic, &[0]]), refusal);
        }
    }
}

/// 3.1.1: [MQTT-4.7.3-1]
/// 5.0: [MQTT-4.7.3-1]
#[test]
fn a_topic_name_is_not_empty() {
    malformed(V3_1_1, b"\x30\x02\0\0", ("empty", 4, "MQTT-4.7.3-1"));
    let kind = "empty-topic-without-alias";
    protocol_error(V5, b"\x30\x03\0\0\0", (kind, 4, "MQTT-4.13.1-1"));
    assert_eq!(
        decoded(V5, b"\x30\x06\0\0\x03\x23\0\x01")
            .properties
            .topic_alias(),
        Some(1)
    );
}

/// 5.0: [MQTT-3.3.2-8]
#[test]
fn a_topic_alias_is_not_0() {
    let refusal = ("zero-topic-alias", 7, "MQTT-3.3.2-8");
    refuses(
        V5,
        b"\x30\x07\0\x01a\x03\x23\0\0",
        refusal,
        ReasonCode::TopicAliasInvalid,
    );
}

/// 5.0: [MQTT-3.3.2-13] [MQTT-3.3.2-14]
#[test]
fn a_response_topic_is_a_topic_name() {
    let publish = |topic: &[u8]| {
        let len = [0, topic.len() as u8];
        packet(
            0x30,
            &[b"\0\x01a", &[3 + topic.len() as u8, 0x08], &len, topic],
        )
    };
    let kind = "wildcard-in-topic";
    protocol_error(V5, &publish(b"b/+"), (kind, 11, "MQTT-3.3.2-14"));
    protocol_error(V5, &publish(b"#"), (kind, 9, "MQTT-3.3.2-14"));
    protocol_error(V5, &publish(b""), ("empty", 9, "MQTT-4.7.3-1"));
    malformed(V5, &publish(b"\xFF"), ("invalid-utf-8", 9, "MQTT-1.5.4-1"));
    let bytes = publish(b"b/c");
    assert_eq!(decoded(V5, &bytes).properties.response_topic(), Some("b/c"));
}

/// 5.0: [MQTT-3.3.2-19]
#[test]
fn a_content_type_is_utf_8() {
    let bytes = packet(0x30, &[b"\0\x01a\x04\x03\0\x01\xFF"]);
    malformed(V5, &bytes, ("invalid-utf-8", 9, "MQTT-1.5.4-1"));
}

/// 5.0: [MQTT-3.3.2-18]
#[test]
fn what_may_repeat_keeps_its_order() {
    let bytes = packet(
        0x30,
        &[b"\0\x01a\x12\x26\0\x01b\0\x01c\x0B\x07\x26\0\x01a\0\x01d\x0B\x02"],
    );
    let publish = decoded(V5, &bytes);
    assert_eq!(
        publish.properties.user_properties().collect::<Vec<_>>(),
        [("b", "c"), ("a", "d")]
    );
    assert_eq!(
        publish
            .properties
            .subscription_identifiers()
            .collect::<Vec<_>>(),
        [7, 2]
    );
}

#[test]
fn what_is_cut_short_is_refused() {
    malformed(V3_1_1, b"\x30\x00", ("truncated", 2, "MQTT-4.8.0-1"));
    malformed(V3_1_1, b"\x30\x01\0", ("truncated", 2, "MQTT-4.8.0-1"));
    malformed(V3_1_1, b"\x30\x03\0\x02a", ("truncated", 4, "MQTT-4.8.0-1"));
    malformed(
        V3_1_1,
        b"\x32\x04\0\x01a\0",
        ("truncated", 5, "MQTT-4.8.0-1"),
    );
    malformed(V5, b"\x30\x03\0\x01a", ("truncated", 5, "MQTT-4.13.1-1"));
    malformed(
        V5,
        b"\x30\x04\0\x01a\x03",
        ("truncated", 6, "MQTT-4.13.1-1"),
    );
}
