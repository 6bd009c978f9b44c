//! Coming back.

use std::time::Duration;

use vitrine_client::{BackOff, DeadlineReason, Event, Input, Loss, Options, Output};
use vitrine_packet::Property;

use crate::desk::*;

#[test]
fn waits_double_up_to_the_longest() {
    let back_off = BackOff {
        seed: 7,
        ..BackOff::default()
    };
    for failed in 1..200 {
        let whole = Duration::from_secs(1 << (failed - 1).min(6)).min(Duration::from_secs(60));
        let wait = back_off.wait(failed);
        assert!(wait >= whole / 2 && wait <= whole, "{failed}: {wait:?}");
        assert_eq!(wait, back_off.wait(failed));
    }
    let others = (0..100).map(|seed| BackOff { seed, ..back_off }.wait(5));
    let others: std::collections::BTreeSet<_> = others.collect();
    assert!(others.len() > 95, "a thousand clients do not come at once");
}

/// In 5.0 it asks for its Session when it comes back by itself, if that outlives the connection.
#[test]
fn a_lost_connection_is_asked_for_again() {
    let options = Options {
        reconnect: Some(BackOff::default()),
        clean_start: true,
        ..kept("c", V5)
    };
    let mut desk = Desk::connected(options);
    desk.outputs();
    desk.client.handle(Input::Closed, desk.now);
    let events = desk.events();
    let [
        Event::Disconnected {
            why: Loss::Transport,
            retry_at: Some(at),
        },
    ] = events[..]
    else {
        panic!("{events:?}");
    };
    let due = desk.client.next_deadline().unwrap();
    assert_eq!((due.at, due.reason), (at, DeadlineReason::Reconnect));
    desk.pass(at.since(desk.now));
    assert_eq!(desk.outputs(), [Output::Open]);
    // It cannot be opened: the next wait is longer.
    desk.client.handle(Input::Closed, desk.now);
    let again = desk.client.next_deadline().unwrap().at;
    assert!(again.since(desk.now) >= Duration::from_secs(1));
    desk.pass(again.since(desk.now));
    desk.client.handle(Input::Opened, desk.now);
    assert_eq!(
        desk.sent(),
        ["CONNECT c 5.0 keep 0 [SessionExpiryInterval(3600)]"]
    );
    desk.client.disconnect(Default::default(), None, desk.now);
    assert!(!desk.client.is_active() && desk.client.next_deadline().is_none());
}

/// Section 3.2.2.3.2: what the server says of the Session counts, not what was asked for.
#[test]
fn a_session_ends_with_the_connection_where_the_server_says_so() {
    for says in [Some(0), Some(5), None] {
        let mut desk = Desk::opened(kept("c", V5));
        desk.sent();
        let expiry = says.map(Property::SessionExpiryInterval);
        desk.welcome(false, expiry.as_slice());
        desk.publish("t", Q1);
        desk.sent();
        desk.client.handle(Input::Closed, desk.now);
        let kept = usize::from(says != Some(0));
        assert_eq!(desk.client.in_flight().count(), kept, "{says:?}");
        assert_eq!(desk.client.has_session(), kept == 1, "{says:?}");
    }
}

/// Section 3.14.2.2.2: so does what the client says when it leaves.
#[test]
fn a_session_ends_with_the_connection_where_the_client_leaves_so() {
    for says in [Some(0), Some(5), None] {
        let mut desk = Desk::connected(kept("c", V5));
        desk.client.disconnect(Default::default(), says, desk.now);
        assert_eq!(desk.client.has_session(), says != Some(0), "{says:?}");
    }
}

#[test]
fn the_application_need_not_wait() {
    let mut desk = Desk::connected(Options {
        reconnect: Some(BackOff::default()),
        ..named("c", V3)
    });
    desk.client.handle(Input::Closed, desk.now);
    desk.outputs();
    desk.client.connect(desk.now);
    desk.client.connect(desk.now);
    assert_eq!(desk.outputs(), [Output::Open]);
    assert_eq!(
        desk.client.next_deadline().unwrap().reason,
        DeadlineReason::ConnectTimeout
    );
}

/// A clone goes on by itself, to the same.
#[test]
fn a_clone_is_a_snapshot() {
    let mut desk = Desk::connected(kept("c", V5));
    desk.publish("t", Q1);
    let mut copy = Desk {
        client: desk.client.clone(),
        now: desk.now,
    };
    desk.client.handle(Input::Closed, desk.now);
    desk.events();
    assert_eq!(copy.sent(), ["PUBLISH q1 #1 t"]);
    copy.serve(&vitrine_packet::Packet::PubAck(ack(1)));
    assert_eq!(
        (
            copy.client.in_flight().count(),
            desk.client.in_flight().count()
        ),
        (0, 1)
    );
}
