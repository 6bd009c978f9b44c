//! SUBSCRIBE and SUBACK: sections 3.8 and 3.9.

use super::*;
use vitrine_packet::{QoS, RetainHandling, Subscribe, SubscriptionOptions};

fn decoded(version: ProtocolVersion, bytes: &[u8]) -> Subscribe<'_> {
    match accepts(version, bytes) {
        Packet::Subscribe(subscribe) => subscribe,
        other => panic!("{other:?}"),
    }
}

#[test]
fn filters_and_their_qos() {
    let bytes = packet(0x82, &[b"\0\x0A\0\x03a/+\x01\0\x01#\x02\0\x01b\x00"]);
    let filters: Vec<_> = decoded(V3_1_1, &bytes).filters.iter().collect();
    assert_eq!(
        filters,
        [
            ("a/+", SubscriptionOptions::with_qos(QoS::AtLeastOnce)),
            ("#", SubscriptionOptions::with_qos(QoS::ExactlyOnce)),
            ("b", SubscriptionOptions::with_qos(QoS::AtMostOnce)),
        ]
    );
}

#[test]
fn options_of_5() {
    let bytes = packet(0x82, &[b"\0\x0A\x02\x0B\x07\0\x01a\x2E"]);
    let subscribe = decoded(V5, &bytes);
    assert_eq!(
        subscribe
            .properties
            .subscription_identifiers()
            .collect::<Vec<_>>(),
        [7]
    );
    let expected = SubscriptionOptions {
        qos: QoS::ExactlyOnce,
        no_local: true,
        retain_as_published: true,
        retain_handling: RetainHandling::DoNotSend,
    };
    assert_eq!(
        subscribe.filters.iter().collect::<Vec<_>>(),
        [("a", expected)]
    );
}

/// 3.1.1: [MQTT-3.8.3-3]
/// 5.0: [MQTT-3.8.3-2]
#[test]
fn there_is_a_filter() {
    protocol_error(
        V3_1_1,
        &[0x82, 2, 0, 1],
        ("empty-payload", 4, "MQTT-3.8.3-3"),
    );
    protocol_error(
        V5,
        &[0x82, 3, 0, 1, 0],
        ("empty-payload", 5, "MQTT-3.8.3-2"),
    );
}

/// Before 5.0 there is only the QoS.
///
/// 3.1.1: [MQTT-3.8.3-4]
/// 5.0: [MQTT-3.8.3-5]
#[test]
fn option_bytes() {
    for byte in 0..=u8::MAX {
        let old = packet(0x82, &[b"\0\x01\0\x01a", &[byte]]);
        match byte {
            0..=2 => drop(decoded(V3_1_1, &old)),
            3 => protocol_error(V3_1_1, &old, ("requested-qos", 7, "MQTT-3.8.3-4")),
            _ => {
                let refusal = ("reserved-subscription-options", 7, "MQTT-3.8.3-4");
                malformed(V3_1_1, &old, refusal);
            }
        }
        let new = packet(0x82, &[b"\0\x01\0\0\x01a", &[byte]]);
        if byte & 0xC0 != 0 {
            malformed(
                V5,
                &new,
                ("reserved-subscription-options", 8, "MQTT-3.8.3-5"),
            );
        } else if byte & 3 == 3 {
            protocol_error(V5, &new, ("requested-qos", 8, "MQTT-4.13.1-1"));
        } else if byte & 0x30 == 0x30 {
            protocol_error(V5, &new, ("retain-handling", 8, "MQTT-4.13.1-1"));
        } else {
            let subscribe = decoded(V5, &new);
            let (_, options) = subscribe.filters.iter().next().expect("there is one");
            assert_eq!(options.as_u8(), byte);
        }
    }
}

/// Before 5.0, `$share` means nothing.
///
/// 5.0: [MQTT-3.8.3-4]
#[test]
fn no_local_is_not_for_shared_subscriptions() {
    let bytes = packet(0x82, &[b"\0\x01\0\0\x0A$share/g/a\x04"]);
    protocol_error(V5, &bytes, ("no-local-on-shared", 17, "MQTT-3.8.3-4"));
    decoded(V5, &packet(0x82, &[b"\0\x01\0\0\x0A$share/g/a\x00"]));
}

/// Before 5.0 such filters are as good as others.
///
/// 5.0: [MQTT-4.8.2-1] [MQTT-4.8.2-2]
#[test]
fn shared_filters_are_complete() {
    let subscribe = |filter: &[u8], v5: bool| {
        let properties: &[u8] = if v5 { &[0] } else { &[] };
        packet(
            0x82,
            &[&[0, 1], properties, &[0, filter.len() as u8], filter, &[0]],
        )
    };
    for (filter, code, at, statement) in [
        (&b"$share//a"[..], "share-name", 7, "MQTT-4.8.2-1"),
        (b"$share/a+b/c", "share-name", 8, "MQTT-4.8.2-1"),
        (b"$share/g", "share-filter", 8, "MQTT-4.8.2-2"),
        (b"$share/g/", "share-filter", 9, "MQTT-4.8.2-2"),
        (b"$share/g/a#", "hash-not-alone", 10, "MQTT-4.7.1-1"),
    ] {
        malformed(V5, &subscribe(filter, true), (code, 7 + at, statement));
    }
    decoded(V3_1_1, &subscribe(b"$share//a", false));
    decoded(V3_1_1, &subscribe(b"$share/g", false));
}

/// 3.1.1: [MQTT-3.8.3-1] [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.3-1] [MQTT-4.7.3-2]
#[test]
fn filters_are_valid() {
    let second = |filter: &[u8]| {
        packet(
            0x82,
            &[b"\0\x01\0\x01a\x00", &[0, filter.len() as u8], filter, &[0]],
        )
    };
    malformed(
        V3_1_1,
        &second(b"a/#/b"),
        ("hash-not-last", 12, "MQTT-4.7.1-2"),
    );
    malformed(
        V3_1_1,
        &second(b"a#"),
        ("hash-not-alone", 11, "MQTT-4.7.1-2"),
    );
    malformed(
        V3_1_1,
        &second(b"a/b+"),
        ("plus-not-alone", 13, "MQTT-4.7.1-3"),
    );
    malformed(V3_1_1, &second(b""), ("empty", 10, "MQTT-4.7.3-1"));
    malformed(V3_1_1, &second(b"a\0"), ("nul", 11, "MQTT-4.7.3-2"));
    malformed(
        V3_1_1,
        &second(b"\xFF"),
        ("invalid-utf-8", 10, "MQTT-1.5.3-1"),
    );
}

/// 3.1.1: [MQTT-2.3.1-1]
/// 5.0: [MQTT-2.2.1-3]
#[test]
fn a_packet_identifier_is_not_0() {
    protocol_error(
        V3_1_1,
        b"\x82\x06\0\0\0\x01a\0",
        ("zero-packet-id", 2, "MQTT-2.3.1-1"),
    );
    protocol_error(
        V5,
        b"\x82\x07\0\0\0\0\x01a\0",
        ("zero-packet-id", 2, "MQTT-2.2.1-3"),
    );
}

#[test]
fn a_filter_without_options_is_cut_short() {
    malformed(
        V3_1_1,
        b"\x82\x05\0\x01\0\x01a",
        ("truncated", 7, "MQTT-4.8.0-1"),
    );
}

/// A code for each filter.
///
/// 3.1.1: [MQTT-3.9.3-2] [MQTT-3.8.4-5]
/// 5.0: [MQTT-3.9.3-2] [MQTT-3.8.4-6]
#[test]
fn suback_codes() {
    for code in 0..=u8::MAX {
        let old = [0x90, 3, 0, 1, code];
        if matches!(code, 0..=2 | 0x80) {
            accepts(V3_1_1, &old);
        } else {
            protocol_error(V3_1_1, &old, ("reason-code", 4, "MQTT-3.9.3-2"));
        }
        let new = [0x90, 4, 0, 1, 0, code];
        let allowed = [
            0, 1, 2, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2,
        ];
        if allowed.contains(&code) {
            accepts(V5, &new);
        } else {
            protocol_error(V5, &new, ("reason-code", 5, "MQTT-3.9.3-2"));
        }
    }
    protocol_error(
        V3_1_1,
        &[0x90, 2, 0, 1],
        ("empty-payload", 4, "MQTT-3.8.4-5"),
    );
    protocol_error(
        V5,
        &[0x90, 3, 0, 1, 0],
        ("empty-payload", 5, "MQTT-3.8.4-6"),
    );
    protocol_error(
        V3_1_1,
        &[0x90, 3, 0, 0, 0],
        ("zero-packet-id", 2, "MQTT-2.3.1-7"),
    );
    protocol_error(
        V5,
        &[0x90, 4, 0, 0, 0, 0],
        ("zero-packet-id", 2, "MQTT-2.2.1-6"),
    );
}
