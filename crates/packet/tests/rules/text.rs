//! UTF-8 Encoded Strings: sections 1.5.3 (3.1.1) and 1.5.4 (5.0).

use super::*;
use vitrine_packet::{Property, Publish};

/// A PUBLISH with this Topic Name.
fn publish(topic: &[u8], v5: bool) -> Vec<u8> {
    let len = [0, topic.len() as u8];
    let properties: &[u8] = if v5 { &[0] } else { &[] };
    packet(0x30, &[&len, topic, properties])
}

/// 3.1.1: [MQTT-1.5.3-1]
/// 5.0: [MQTT-1.5.4-1]
#[test]
fn text_is_utf_8_without_surrogates() {
    let bad: [(&[u8], u32); 8] = [
        (b"ab\xFFcd", 2),
        (b"a\xC3", 1),
        // U+D800 and U+DFFF, as if they were characters.
        (b"\xED\xA0\x80", 0),
        (b"abcdefghijk\xED\xBF\xBF", 11),
        // `/` in two bytes, and in three.
        (b"\xC0\xAF", 0),
        (b"a\xE0\x80\xAF", 1),
        // Above U+10FFFF.
        (b"\xF4\x90\x80\x80", 0),
        (b"12345678\x80", 8),
    ];
    for (text, at) in bad {
        malformed(
            V3_1_1,
            &publish(text, false),
            ("invalid-utf-8", 4 + at, "MQTT-1.5.3-1"),
        );
        malformed(
            V5,
            &publish(text, true),
            ("invalid-utf-8", 4 + at, "MQTT-1.5.4-1"),
        );
    }
}

/// 3.1.1: [MQTT-1.5.3-2] [MQTT-4.7.3-2]
/// 5.0: [MQTT-1.5.4-2] [MQTT-4.7.3-2]
#[test]
fn text_has_no_u_0000() {
    for at in 0..20 {
        let mut text = *b"aaaaaaaaaaaaaaaaaaaa";
        text[at] = 0;
        let offset = 4 + at as u32;
        malformed(
            V3_1_1,
            &publish(&text, false),
            ("nul", offset, "MQTT-4.7.3-2"),
        );
        malformed(V5, &publish(&text, true), ("nul", offset, "MQTT-4.7.3-2"));
    }
    let connect = |level| {
        let properties: &[u8] = if level == 5 { &[0] } else { &[] };
        packet(
            0x10,
            &[b"\0\x04MQTT", &[level, 2, 0, 0], properties, b"\0\x03a\0c"],
        )
    };
    malformed(V3_1_1, &connect(4), ("nul-character", 15, "MQTT-1.5.3-2"));
    malformed(V5, &connect(5), ("nul-character", 16, "MQTT-1.5.4-2"));
}

/// 3.1.1: [MQTT-1.5.3-3]
/// 5.0: [MQTT-1.5.4-3]
#[test]
fn a_byte_order_mark_is_a_character() {
    for v5 in [false, true] {
        let bytes = publish(b"\xEF\xBB\xBFa\xEF\xBB\xBF", v5);
        let Packet::Publish(Publish { topic, .. }) = accepts(if v5 { V5 } else { V3_1_1 }, &bytes)
        else {
            panic!("it is a PUBLISH");
        };
        assert_eq!(topic, "\u{FEFF}a\u{FEFF}");
    }
}

/// 5.0: [MQTT-1.5.7-1]
#[test]
fn both_halves_of_a_pair_are_text() {
    let puback = |pair: &[u8]| packet(0x40, &[&[0, 1, 0, 1 + pair.len() as u8, 0x26], pair]);
    let bytes = puback(b"\0\x01a\0\x02\xC3\xBC");
    let Packet::PubAck(ack) = accepts(V5, &bytes) else {
        panic!("it is a PUBACK");
    };
    assert_eq!(
        ack.properties.iter().collect::<Vec<_>>(),
        [Property::UserProperty("a", "\u{FC}")]
    );
    let statement = "MQTT-1.5.4-1";
    malformed(
        V5,
        &puback(b"\0\x01\xFF\0\x01b"),
        ("invalid-utf-8", 9, statement),
    );
    malformed(
        V5,
        &puback(b"\0\x01a\0\x01\xFF"),
        ("invalid-utf-8", 12, statement),
    );
    malformed(
        V5,
        &puback(b"\0\x01a\0\x02b\0"),
        ("nul-character", 13, "MQTT-1.5.4-2"),
    );
}

#[test]
fn any_other_control_character_is_let_through() {
    accepts(V3_1_1, &publish(b"\x01\x1F\x7F\xC2\x85\xEF\xBF\xBF", false));
}
