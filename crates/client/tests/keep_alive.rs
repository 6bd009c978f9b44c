//! Keep Alive (section 3.1.2.10) and PINGREQ.

use std::time::Duration;

use vitrine_client::{DeadlineReason, Event, Loss, Options, Output};
use vitrine_packet::Packet;

use crate::desk::*;

const SECOND: Duration = Duration::from_secs(1);

/// 3.1.1: [MQTT-3.1.2-23]
/// 5.0: [MQTT-3.1.2-20]
#[test]
fn a_silent_client_says_something() {
    for version in [V3, V5] {
        let mut desk = Desk::connected(Options {
            keep_alive: 10,
            ..named("c", version)
        });
        desk.pass(6 * SECOND);
        desk.publish("t", Q0);
        desk.sent();
        desk.pass(9 * SECOND);
        assert!(desk.sent().is_empty(), "PUBLISH will do");
        desk.pass(SECOND);
        assert_eq!(desk.sent(), ["PINGREQ"]);
        assert_eq!(
            desk.client.next_deadline().unwrap().reason,
            DeadlineReason::PingTimeout
        );
        desk.serve(&Packet::PingResp);
        desk.pass(9 * SECOND);
        assert!(desk.sent().is_empty());
        desk.pass(SECOND);
        assert_eq!(desk.sent(), ["PINGREQ"]);
    }
}

#[test]
fn a_server_that_does_not_answer() {
    let mut desk = Desk::connected(Options {
        keep_alive: 10,
        ..named("c", V5)
    });
    desk.pass(10 * SECOND);
    desk.sent();
    desk.outputs();
    desk.pass(10 * SECOND);
    assert_eq!(desk.outputs(), [Output::Close]);
    let ended = Event::Disconnected {
        why: Loss::PingTimeout,
        retry_at: None,
    };
    assert_eq!(desk.events(), [ended]);
}

#[test]
fn a_server_that_never_welcomes() {
    let mut desk = Desk::opened(named("c", V5));
    assert_eq!(
        desk.client.next_deadline().unwrap().reason,
        DeadlineReason::ConnectTimeout
    );
    desk.pass(10 * SECOND);
    let ended = Event::Disconnected {
        why: Loss::ConnectTimeout,
        retry_at: None,
    };
    assert_eq!(desk.events(), [ended]);
    assert_eq!(desk.outputs().last(), Some(&Output::Close));
}

#[test]
fn without_keep_alive_there_is_silence() {
    let mut desk = Desk::connected(named("c", V5));
    assert!(desk.client.next_deadline().is_none());
    desk.pass(1_000_000 * SECOND);
    assert!(desk.sent().is_empty() && desk.client.is_connected());
}
