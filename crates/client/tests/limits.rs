//! Everything has an end.

use vitrine_client::{Event, Loss, Options};
use vitrine_packet::SubscriptionOptions;

use crate::desk::*;

/// Answers to a server whose client's transport takes nothing.
#[test]
fn a_transport_that_takes_nothing() {
    let mut desk = Desk::connected(Options {
        max_unsent_control_bytes: 40,
        ..named("c", V5)
    });
    for _ in 0..10 {
        desk.serve_message("t", Q1, 1, false, &[]);
    }
    assert!(desk.client.is_connected());
    desk.serve_message("t", Q1, 1, false, &[]);
    let events = desk.events();
    assert!(
        matches!(
            events.as_slice(),
            [
                ..,
                Event::Disconnected {
                    why: Loss::Stuck,
                    ..
                },
                Event::Message { .. }
            ] | [
                ..,
                Event::Disconnected {
                    why: Loss::Stuck,
                    ..
                }
            ]
        ),
        "{events:?}"
    );
}

/// Messages wait in the queue, not as bytes.
#[test]
fn unsent_bytes_are_bounded() {
    let mut desk = Desk::connected(Options {
        max_unsent_bytes: 100,
        ..named("c", V5)
    });
    for _ in 0..50 {
        desk.publish("topic", Q0);
    }
    assert!(desk.client.unsent() <= 100 + 11 && desk.client.queued() > 30);
    assert_eq!(desk.sent().len(), 50);
}

/// All 65,535 identifiers go round, and those in use are passed over.
///
/// 3.1.1: [MQTT-2.3.1-2] [MQTT-2.3.1-3]
/// 5.0: [MQTT-2.2.1-3] [MQTT-2.2.1-4]
#[test]
fn identifiers_are_never_used_twice() {
    let mut desk = Desk::connected(named("c", V3));
    let options = SubscriptionOptions::default();
    desk.publish("t", Q1);
    desk.client
        .subscribe(&[("a", options)], None, desk.now)
        .unwrap();
    desk.client.unsubscribe(&["a"], desk.now).unwrap();
    desk.sent();
    for n in 0..65_540_u32 {
        desk.publish("t", Q1);
        let sent = desk.sent();
        let id: u16 = sent[0].split([' ', '#']).nth(3).unwrap().parse().unwrap();
        assert!(id > 3, "{n}: {id} is in use");
        desk.serve(&vitrine_packet::Packet::PubAck(ack(id)));
    }
    let ids: Vec<_> = desk.client.requesting().map(|id| id.get()).collect();
    assert_eq!(ids, [2, 3]);
    assert_eq!(desk.client.in_flight().count(), 1);
}
