//! Virtual clients on a real broker.

use vitrine_broker::Config;
use vitrine_client::{BackOff, Message};
use vitrine_packet::{ProtocolVersion, QoS, SubscriptionOptions};

use super::*;

const NOW: Time = Time::from_secs(1_000);

/// A hub and its virtual clients.
struct Tab {
    hub: Hub<Mailbox>,
    virtuals: Virtuals,
    opened: u64,
}

impl Tab {
    fn new() -> Self {
        Self {
            hub: Hub::new(Config::default(), NOW),
            virtuals: Virtuals::default(),
            opened: 0,
        }
    }

    /// Goes on until nothing is to be done.
    fn settle(&mut self, now: Time) {
        let Self {
            hub,
            virtuals,
            opened,
        } = self;
        let mut mint = || {
            *opened += 1;
            ConnectionId(*opened)
        };
        while virtuals.settle(hub, &mut mint, now) {
            hub.flush(now, drop).unwrap();
            hub.credit();
        }
    }

    fn join(&mut self, client_id: &str) -> usize {
        self.join_with(Options {
            client_id: client_id.into(),
            ..Options::default()
        })
    }

    fn join_with(&mut self, options: Options) -> usize {
        let number = self.virtuals.add(options, NOW);
        self.client(number).connect(NOW);
        self.settle(NOW);
        number
    }

    fn client(&mut self, number: usize) -> &mut Client {
        self.virtuals.client(number).unwrap()
    }
}

/// Every QoS, from one virtual client to another, over the hub.
#[test]
fn they_publish_and_receive() {
    let mut tab = Tab::new();
    let (a, b) = (tab.join("a"), tab.join("b"));
    assert!(tab.client(b).is_connected());
    let all = SubscriptionOptions::with_qos(QoS::ExactlyOnce);
    tab.client(b).subscribe(&[("#", all)], None, NOW).unwrap();
    tab.settle(NOW);
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let message = Message::new("t", b"1", qos);
        tab.client(a).publish(message, NOW).unwrap();
        tab.settle(NOW);
        assert_eq!(tab.client(a).in_flight().count(), 0);
        assert_eq!(tab.client(a).releasing().count(), 0);
        assert_eq!(tab.client(b).receiving().count(), 0);
    }
}

/// What is held to the broker is not taken, so a virtual client stops to send at its window.
#[test]
fn who_is_held_stops_at_the_window_and_goes_on_later() {
    let mut tab = Tab::new();
    let a = tab.join("a");
    let id = tab.virtuals.connection(a).unwrap();
    tab.hub.hold(id, true);
    for _ in 0..20 {
        let message = Message::new("t", &[0; 40_000], QoS::AtLeastOnce);
        tab.client(a).publish(message, NOW).unwrap();
        tab.settle(NOW);
    }
    let waits = tab.client(a).queued() + usize::from(tab.client(a).unsent() > 0);
    assert!(waits > 10, "{waits}");
    assert!(tab.client(a).is_connected());
    tab.hub.release(id, true, NOW);
    tab.hub.flush(NOW, drop).unwrap();
    tab.hub.credit();
    tab.settle(NOW);
    assert_eq!(tab.client(a).queued() + tab.client(a).unsent(), 0);
    assert_eq!(tab.client(a).in_flight().count(), 0);
}

/// A crash is silent; with its memory the client sends again what was not acknowledged.
#[test]
fn a_crash_leaves_the_broker_with_a_lost_connection() {
    let mut tab = Tab::new();
    let a = tab.join_with(Options {
        client_id: "a".into(),
        version: ProtocolVersion::V3_1_1,
        clean_start: false,
        ..Options::default()
    });
    tab.virtuals.crash(a, true, &mut tab.hub, NOW);
    tab.settle(NOW);
    assert!(tab.virtuals.client(a).is_none());
    assert_eq!(tab.hub.connection_of("a"), None);
    assert_eq!(tab.virtuals.deadline(), None);
    tab.virtuals.start(a, NOW);
    tab.settle(NOW);
    assert!(tab.hub.connection_of("a").is_some());
}

/// Whoever is cut off comes back by its own timer.
#[test]
fn a_client_that_is_cut_off_comes_back_when_it_said() {
    let mut tab = Tab::new();
    let a = tab.join_with(Options {
        client_id: "a".into(),
        reconnect: Some(BackOff::default()),
        ..Options::default()
    });
    tab.hub.drop_client("a", false, NOW);
    tab.hub.flush(NOW, drop).unwrap();
    tab.settle(NOW);
    assert_eq!(tab.virtuals.connection(a), None);
    let due = tab.virtuals.deadline().unwrap();
    tab.virtuals.wake(due);
    tab.settle(due);
    assert!(tab.client(a).is_connected());
}
