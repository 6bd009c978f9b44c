//! Receiving: the other half of the three flows.

use vitrine_client::{Event, Options};
use vitrine_packet::{Packet, Property, ReasonCode};

use crate::desk::*;

fn messages(desk: &mut Desk) -> usize {
    desk.events()
        .iter()
        .filter(|event| matches!(event, Event::Message { .. }))
        .count()
}

/// 3.1.1: [MQTT-4.3.2-2] [MQTT-4.3.3-2]
/// 5.0: [MQTT-4.3.2-4] [MQTT-4.3.3-8] [MQTT-4.3.3-10] [MQTT-4.3.3-11]
#[test]
fn each_flow_is_answered() {
    for version in [V3, V5] {
        let mut desk = Desk::connected(named("c", version));
        desk.serve_message("t", Q0, 0, false, &[]);
        desk.serve_message("t", Q1, 7, false, &[]);
        desk.serve_message("t", Q2, 7, false, &[]);
        desk.serve_message("t", Q2, 7, true, &[]);
        assert_eq!(desk.sent(), ["PUBACK #7", "PUBREC #7", "PUBREC #7"]);
        assert_eq!(
            messages(&mut desk),
            3,
            "the second attempt is the same message"
        );
        desk.serve(&Packet::PubRel(ack(7)));
        desk.serve(&Packet::PubRel(ack(7)));
        let again = if version == V5 {
            "PUBCOMP #7 92"
        } else {
            "PUBCOMP #7"
        };
        assert_eq!(desk.sent(), ["PUBCOMP #7", again]);
        desk.serve_message("t", Q2, 7, false, &[]);
        assert_eq!(messages(&mut desk), 1, "a new one");
    }
}

/// Exactly once also across connections, if the Session lives.
#[test]
fn once_across_connections() {
    for version in [V3, V5] {
        let mut desk = Desk::connected(kept("c", version));
        desk.serve_message("t", Q2, 3, false, &[]);
        desk.sent();
        assert_eq!(messages(&mut desk), 1);
        desk.cut_and_open();
        desk.sent();
        desk.welcome(true, &[]);
        desk.serve_message("t", Q2, 3, true, &[]);
        assert_eq!(desk.sent(), ["PUBREC #3"]);
        assert_eq!(messages(&mut desk), 0);
        desk.serve(&Packet::PubRel(ack(3)));
        assert_eq!(desk.sent(), ["PUBCOMP #3"]);
    }
}

/// 5.0: [MQTT-3.3.4-9]
#[test]
fn more_than_the_receive_maximum() {
    let mut desk = Desk::connected(Options {
        receive_maximum: 2,
        ..kept("c", V5)
    });
    for id in [1, 2, 1, 2] {
        desk.serve_message("t", Q2, id, false, &[]);
    }
    assert_eq!(desk.sent().len(), 4);
    // Another connection begins with the whole of it.
    desk.cut_and_open();
    desk.sent();
    desk.welcome(true, &[]);
    desk.serve(&Packet::PubRel(ack(1)));
    for id in [1, 2] {
        desk.serve_message("t", Q2, id, false, &[]);
    }
    assert!(desk.client.is_connected());
    desk.sent();
    desk.serve_message("t", Q2, 3, false, &[]);
    assert_eq!(desk.sent(), ["DISCONNECT 93 []"]);
}

/// An acknowledgement of nothing: 5.0 servers are told so.
#[test]
fn a_pubrec_for_nothing() {
    for (version, answer) in [(V3, "PUBREL #5"), (V5, "PUBREL #5 92")] {
        let mut desk = Desk::connected(named("c", version));
        desk.serve(&Packet::PubRec(ack(5)));
        assert_eq!(desk.sent(), [answer]);
        desk.serve(&Packet::PubComp(refusal(5, ReasonCode::Success)));
        assert!(desk.client.is_connected());
    }
}

#[test]
fn properties_come_through() {
    let mut desk = Desk::connected(named("c", V5));
    let properties = [
        Property::SubscriptionIdentifier(3),
        Property::UserProperty("b", "1"),
        Property::UserProperty("a", "2"),
        Property::SubscriptionIdentifier(4),
    ];
    desk.serve_message("t", Q0, 0, false, &properties);
    let events = desk.events();
    let [Event::Message { message, .. }] = &events[..] else {
        panic!("{events:?}");
    };
    let came: Vec<_> = message.properties.as_properties().iter().collect();
    assert_eq!(came, properties);
}

#[test]
fn too_large_a_packet_ends_it() {
    let mut desk = Desk::connected(Options {
        max_packet_size: 20,
        ..named("c", V5)
    });
    desk.serve_message("a/topic/that/is/long", Q0, 0, false, &[]);
    assert_eq!(desk.sent(), ["DISCONNECT 95 []"]);
}
