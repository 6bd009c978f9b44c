//! Together with the broker.

use std::time::Duration;

use vitrine_broker::Config;
use vitrine_client::{BackOff, Event, Message, Options};
use vitrine_packet::{ProtocolVersion, QoS, SubscriptionOptions};

use crate::desk::{V3, V5, kept, named};
use crate::pair::Pair;

/// Numbers that were received at a QoS, in their order.
fn numbers(events: &[Event], qos: QoS) -> Vec<u32> {
    let messages = events.iter().filter_map(|event| match event {
        Event::Message { message, .. } if message.qos == qos => Some(message),
        _ => None,
    });
    let numbers = messages.map(|message| String::from_utf8_lossy(&message.payload).parse());
    numbers.map(Result::unwrap).collect()
}

/// A broker with tight limits, so that windows and aliases are used.
fn config() -> Config {
    Config {
        receive_maximum: 3,
        topic_alias_maximum: 2,
        max_in_flight: 4,
        ..Config::default()
    }
}

fn two(version: ProtocolVersion) -> Pair {
    let reconnect = Some(BackOff::default());
    let tight = Options {
        reconnect,
        receive_maximum: 5,
        topic_alias_maximum: 3,
        max_in_flight: 6,
        ..kept("s", version)
    };
    let publisher = Options {
        client_id: "p".into(),
        ..tight.clone()
    };
    let mut pair = Pair::new(config(), vec![tight, publisher]);
    let all = SubscriptionOptions::with_qos(QoS::ExactlyOnce);
    pair.clients[0]
        .subscribe(&[("#", all)], None, pair.now)
        .unwrap();
    pair.run();
    assert!(matches!(
        pair.events[0][..],
        [Event::Connected { .. }, Event::Subscribed { .. }]
    ));
    pair
}

/// Connections break again and again, in the middle of everything: QoS 2 comes exactly once, QoS 1 at least
/// once, both in the order of sending.
#[test]
fn connections_that_break_all_the_time() {
    for version in [V3, V5] {
        let mut pair = two(version);
        for n in 0..600_u32 {
            let qos = QoS::from_bits((n % 3) as u8).unwrap();
            let topic = ["one/topic", "another", "x"][n as usize / 3 % 3];
            let message = Message::new(topic, n.to_string().as_bytes(), qos);
            pair.clients[1].publish(message, pair.now).unwrap();
            // Half a turn, so that a cut falls somewhere in between.
            pair.client((n % 2) as usize);
            if n % 7 == 3 {
                pair.cut((n % 2) as usize);
            } else if n % 5 == 0 {
                pair.run();
            }
            pair.pass(Duration::from_millis(300));
        }
        pair.pass(Duration::from_secs(200));
        let expected = |residue| {
            (0..600)
                .filter(move |n| n % 3 == residue)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            numbers(&pair.events[0], QoS::ExactlyOnce),
            expected(2),
            "{version:?}"
        );
        let mut once = numbers(&pair.events[0], QoS::AtLeastOnce);
        // What comes again comes later; the first of each are in order.
        let mut seen = std::collections::BTreeSet::new();
        once.retain(|n| seen.insert(*n));
        assert_eq!(once, expected(1), "{version:?}");
        let client = &pair.clients[1];
        assert_eq!(
            client.in_flight().count() + client.releasing().count() + client.queued(),
            0
        );
        assert_eq!(pair.clients[0].receiving().count(), 0);
    }
}

#[test]
fn a_quiet_client_is_not_closed() {
    for version in [V3, V5] {
        let options = Options {
            keep_alive: 5,
            ..named("c", version)
        };
        let mut pair = Pair::new(
            Config {
                max_keep_alive: 3,
                ..Config::default()
            },
            vec![options],
        );
        pair.pass(Duration::from_secs(1_000));
        assert!(pair.clients[0].is_connected());
        assert_eq!(pair.events[0].len(), 1, "{:?}", pair.events[0]);
    }
}

#[test]
fn a_name_of_the_brokers_choice() {
    let mut pair = Pair::new(Config::default(), vec![named("", V5)]);
    let name = pair.clients[0].options().client_id.clone();
    assert!(!name.is_empty() && pair.broker.session(&name).is_some());
    pair.clients[0].disconnect(Default::default(), None, pair.now);
    pair.run();
    assert_eq!(pair.broker.counts().sessions, 0);
}
