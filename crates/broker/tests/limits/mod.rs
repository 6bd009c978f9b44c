//! Each limit, reached and passed by one.

mod table;

use std::time::Duration;

use vitrine_broker::{Broker, Config, DiscardReason, Event, Limit, Time, WillDrop};
use vitrine_packet::SubscriptionOptions;

use crate::harness::*;

fn world(set: impl FnOnce(&mut Config)) -> World {
    let mut config = Config::default();
    set(&mut config);
    World::with(config)
}

fn discarded(world: &mut World) -> Vec<DiscardReason> {
    let discarded = world.events().into_iter().filter_map(|event| match event {
        Event::Discarded { why, .. } => Some(why),
        _ => None,
    });
    discarded.collect()
}

#[test]
fn connections() {
    let mut world = world(|config| config.max_connections = 2);
    let first = world.connect(Hello::v3("a"));
    world.connect(Hello::v3("b"));
    for (hello, answer) in [
        (Hello::v3("c"), "CONNACK 03"),
        (Hello::v5("c"), "CONNACK 97"),
    ] {
        let third = world.say(&hello);
        assert_eq!(world.take(third), [answer, "closed"]);
    }
    world.cut(first);
    world.connect(Hello::v3("c"));
    assert_eq!(world.broker.limit(Limit::Connections).used, Some(2));
    world.broker.verify().unwrap();
}

/// Those that are only there to be told take no place from others, say something soon, and are not many.
#[test]
fn connections_far_too_many() {
    let mut world = world(|config| config.max_connections = 1);
    let first = world.connect(Hello::v5("a"));
    let more: Vec<_> = (0..70).map(|_| world.open()).collect();
    let (waiting, closed) = more.split_at(64);
    for connection in closed {
        assert_eq!(world.take(*connection), ["closed"]);
    }
    assert_eq!(world.take(waiting[0]), [""; 0]);
    world.broker.verify().unwrap();
    world.cut(first);
    let second = world.connect(Hello::v5("b"));
    world.pass(Config::default().linger);
    assert_eq!(
        world.take(waiting[63]),
        ["closed"],
        "before connect_timeout"
    );
    world.publish(second, message("t", "x").q1(1));
    assert_eq!(world.take(second).len(), 1, "nobody else is disturbed");
    assert_eq!(world.broker.limit(Limit::ConnectTimeout).refused, 0);
    let third = world.say(&Hello::v5("c"));
    assert_eq!(world.take(third), ["CONNACK 97", "closed"]);
    world.broker.verify().unwrap();
}

/// Where none may linger they are told all the same.
#[test]
fn connections_too_many_without_linger() {
    let mut world = world(|config| {
        config.max_connections = 1;
        config.linger = Duration::ZERO;
    });
    world.connect(Hello::v5("a"));
    let hello = Hello::v5("b");
    let told = world.open_as(hello.version);
    let silent = world.open();
    world.pass(Duration::from_secs(9));
    world.send_bytes(told, &hello.bytes());
    assert_eq!(world.take(told), ["CONNACK 97", "closed"]);
    assert_eq!(world.take(silent), [""; 0]);
    world.pass(Duration::from_secs(1));
    assert_eq!(world.take(silent), ["closed"]);
    world.broker.verify().unwrap();
}

#[test]
fn sessions() {
    let mut world = world(|config| config.max_sessions = 2);
    for name in ["a", "b"] {
        let kept = world.connect(Hello::v3(name).kept());
        world.cut(kept);
    }
    let three = world.say(&Hello::v3("c").kept());
    assert_eq!(world.take(three), ["CONNACK 03", "closed"]);
    let five = world.say(&Hello::v5("c").kept());
    assert_eq!(world.take(five), ["CONNACK 97", "closed"]);
    // Those whose session ends with the connection are limited by the connections.
    let brief = world.connect(Hello::v3("c"));
    world.connect(Hello::v5("d"));
    world.cut(brief);
    // One who comes back, and one who makes room by that.
    world.reconnect(Hello::v3("a").kept());
    world.connect(Hello::v3("b"));
    let five = world.connect(Hello::v5("c").kept());
    // And one who gives up what it asked for.
    let none = vitrine_packet::Property::SessionExpiryInterval(0);
    let properties = buf(&[none]);
    let reason = vitrine_packet::ReasonCode::Success;
    world.send(
        five,
        vitrine_packet::Packet::Disconnect(vitrine_packet::Disconnect {
            reason,
            properties: properties.as_properties(),
        }),
    );
    world.connect(Hello::v5("e").kept());
}

/// Who is refused a Session that is kept stays connected with the one that ends with the connection.
#[test]
fn a_session_too_many_leaves_the_connection_before_it() {
    let mut world = world(|config| config.max_sessions = 1);
    let kept = world.connect(Hello::v5("a").kept());
    let brief = world.connect(Hello::v5("b").will(Testament::new("w", "gone")));
    world.subscribe(brief, "t", Q0);
    let again = world.say(&Hello::v5("b").kept());
    assert_eq!(world.take(again), ["CONNACK 97", "closed"]);
    world.publish(kept, message("t", "x"));
    assert_eq!(world.take(brief).len(), 1);
    // One that is kept already may begin anew, over its own connection.
    let anew = world.connect(Hello {
        clean: true,
        ..Hello::v5("a").kept()
    });
    assert!(world.take(kept)[0].starts_with("DISCONNECT 8E"));
    world.cut(anew);
    assert_eq!(world.broker.counts().sessions, 2);
}

#[test]
fn queued_messages() {
    let mut world = world(|config| config.max_queued_messages = 3);
    let subscriber = world.connect(Hello::v3("s").kept());
    world.subscribe(subscriber, "a", Q1);
    world.cut(subscriber);
    let publisher = world.connect(Hello::v3("p"));
    world.observe();
    for n in 1..=5_u16 {
        world.publish(publisher, message("a", &n.to_string()).q1(n));
    }
    assert_eq!(discarded(&mut world), [DiscardReason::QueueFull; 2]);
    assert_eq!(
        world.take(publisher).len(),
        5,
        "the publisher is answered all the same"
    );
    let subscriber = world.reconnect(Hello::v3("s").kept());
    let kept: Vec<_> = world
        .take(subscriber)
        .into_iter()
        .map(|line| line.pop_last())
        .collect();
    assert_eq!(kept, ["\"1\"", "\"2\"", "\"3\""], "the oldest stay");
}

trait PopLast {
    fn pop_last(&self) -> String;
}

impl PopLast for String {
    fn pop_last(&self) -> String {
        self.rsplit(' ').next().unwrap_or_default().into()
    }
}

#[test]
fn queued_bytes() {
    for total in [false, true] {
        let mut world = world(|config| {
            if total {
                // One of several may have a half of all.
                config.max_queued_bytes_total = 6 * 74;
            } else {
                config.max_queued_bytes = 3 * 74;
            }
        });
        let subscriber = world.connect(Hello::v3("s").kept());
        world.subscribe(subscriber, "a", Q1);
        world.cut(subscriber);
        let publisher = world.connect(Hello::v3("p"));
        world.observe();
        // A byte of topic, nine of payload, and 64 for the message.
        for n in 1..=4_u16 {
            world.publish(publisher, message("a", "123456789").q1(n));
        }
        assert_eq!(discarded(&mut world), [DiscardReason::QueueFull]);
        assert_eq!(world.broker.counts().queued_bytes, 3 * 74);
        let subscriber = world.connect(Hello::v3("s"));
        assert!(world.take(subscriber).is_empty());
        assert_eq!(world.broker.counts().queued_bytes, 0);
    }
}

#[test]
fn retained_messages() {
    let mut world = world(|config| config.max_retained_messages = 2);
    let five = world.connect(Hello::v5("p"));
    world.subscribe(five, "#", Q0);
    for (n, topic) in ["a", "b", "c", "a"].into_iter().enumerate() {
        world.publish(five, message(topic, "x").q1(n as u16 + 1).retain());
    }
    let answers = world.take(five);
    let refused: Vec<_> = answers
        .iter()
        .filter(|line| line.starts_with("PUBACK"))
        .collect();
    assert_eq!(
        refused,
        ["PUBACK #1", "PUBACK #2", "PUBACK #3 97", "PUBACK #4"]
    );
    assert_eq!(answers.len(), 7, "what is refused is not delivered");
    world.publish(five, message("b", "").q1(5).retain());
    world.publish(five, message("c", "x").q1(6).retain());
    assert_eq!(world.broker.counts().retained, 2);
}

#[test]
fn retained_bytes() {
    let mut world = world(|config| config.max_retained_bytes = 20);
    let client = world.connect(Hello::v5("p"));
    world.publish(client, message("a", "123456789").q1(1).retain());
    world.publish(client, message("b", "123456789").q1(2).retain());
    world.publish(client, message("b", "1234567890").q1(3).retain());
    world.publish(client, message("b", "12345678").q1(4).retain());
    let answers = [
        "PUBACK #1 10",
        "PUBACK #2 10",
        "PUBACK #3 97",
        "PUBACK #4 10",
    ];
    assert_eq!(world.take(client), answers);
    assert_eq!(world.broker.counts().retained_bytes, 19);
}

#[test]
fn subscriptions() {
    let options = SubscriptionOptions::with_qos(Q0);
    for total in [false, true] {
        let mut world = world(|config| {
            let limit = if total {
                &mut config.max_subscriptions_total
            } else {
                &mut config.max_subscriptions
            };
            *limit = 2;
        });
        let five = world.connect(Hello::v5("s"));
        let filters = [
            ("a", options),
            ("b", options),
            ("c", options),
            ("a", options),
        ];
        world.send_subscribe(five, &filters, &[]);
        assert_eq!(world.take(five), ["SUBACK #1 00 00 97 00"]);
        if total {
            let three = world.connect(Hello::v3("t"));
            world.send_subscribe(three, &[("x", options)], &[]);
            assert_eq!(world.take(three), ["SUBACK #1 80"]);
        }
    }
}

#[test]
fn topic_levels() {
    let mut world = world(|config| config.max_topic_levels = 3);
    let client = world.connect(Hello::v5("s"));
    let options = SubscriptionOptions::with_qos(Q0);
    world.send_subscribe(client, &[("a/b/#", options), ("a/b/c/#", options)], &[]);
    assert_eq!(world.take(client), ["SUBACK #1 00 8F"]);
    world.publish(client, message("a/b/c", "").q1(1));
    world.publish(client, message("a/b/c/d", "").q1(2));
    assert_eq!(
        world.take(client),
        ["PUBLISH a/b/c \"\"", "PUBACK #1", "PUBACK #2 90"]
    );
    let deep = world.say(&Hello::v5("w").will(Testament::new("a/b/c/d", "")));
    assert!(world.take(deep)[0].starts_with("CONNACK 90"));
}

/// A Will that was within the limits at CONNECT and is not when its time comes.
#[test]
fn a_will_that_is_over_a_limit_by_then() {
    let mut world = world(|config| config.max_retained_messages = 1);
    let will = Testament {
        retain: true,
        ..Testament::new("w", "gone")
    };
    let client = world.connect(Hello::v3("a").will(will));
    let other = world.connect(Hello::v3("b"));
    world.publish(other, message("x", "first").retain());
    world.observe();
    world.cut(client);
    let dropped = Event::WillDropped {
        client: "a".into(),
        why: WillDrop::Limit,
        rule: None,
    };
    assert!(world.events().contains(&dropped));
}

#[test]
fn observations() {
    let mut world = world(|config| config.max_observations = 5);
    world.observe();
    for n in 0..10 {
        world.connect(Hello::v3(&n.to_string()));
    }
    let seen: Vec<_> = std::iter::from_fn(|| world.broker.poll_observation()).collect();
    assert_eq!(seen.len(), 5);
    world.connect(Hello::v3("x"));
    let next = world.broker.poll_observation().unwrap();
    assert!(next.number > seen[4].number + 1, "the gap shows");
}

/// Whatever clients did, when all of them are gone nothing is in use any more.
#[test]
fn nothing_is_left() {
    let config = Config {
        max_session_expiry: 60,
        max_queued_messages: 20,
        max_unsent_bytes: 3_000,
        max_unsent_control_bytes: 60,
        max_alias_bytes: 4,
        max_unreleased_total: 6,
        max_partial_bytes_total: 1_000,
        max_will_bytes_total: 200,
        ..Config::default()
    };
    let mut refused = std::collections::BTreeSet::new();
    for seed in seeds(100) {
        let mut broker = Broker::new(config.clone(), Time::ZERO);
        let (mut now, mut transcript) = (Time::ZERO, Transcript::default());
        let mut random = Some(Random::new(seed));
        let mut opened = vec![];
        for step in &Script::random(seed, 300).steps {
            if let Step::Open(connection) = step {
                opened.push(*connection);
            }
            perform(&mut broker, step, &mut now, &mut random, &mut transcript);
        }
        for connection in opened {
            let step = Step::Close(connection);
            perform(&mut broker, &step, &mut now, &mut random, &mut transcript);
        }
        let step = Step::Pass(Duration::from_secs(120));
        perform(&mut broker, &step, &mut now, &mut random, &mut transcript);
        let reached = broker.limits().filter(|state| state.refused > 0);
        refused.extend(reached.map(|state| state.limit));
        for limit in [
            Limit::Connections,
            Limit::Sessions,
            Limit::QueuedBytesTotal,
            Limit::UnsentBytesTotal,
            Limit::PartialBytesTotal,
            Limit::UnreleasedTotal,
            Limit::WillBytesTotal,
            Limit::SubscriptionsTotal,
        ] {
            let state = broker.limit(limit);
            assert_eq!(state.used, Some(0), "{} (seed {seed})", limit.key());
        }
        assert_eq!(broker.statistics().connected, 0);
    }
    for limit in [
        Limit::AliasBytes,
        Limit::UnreleasedTotal,
        Limit::PartialBytesTotal,
        Limit::WillBytesTotal,
        Limit::UnsentControlBytes,
    ] {
        assert!(refused.contains(&limit), "{limit:?} was never reached");
    }
}

/// A message that waits for many counts about once for all of them, and so all of them get it.
#[test]
fn a_large_message_for_many() {
    let mut world = world(|config| config.max_queued_bytes_total = 1_000_000);
    let mut subscribers = vec![];
    for n in 0..100 {
        let subscriber = world.connect(Hello::v3(&n.to_string()));
        world.subscribe(subscriber, "a", Q1);
        subscribers.push(subscriber);
    }
    let publisher = world.connect(Hello::v3("p"));
    world.publish(publisher, message("a", &"x".repeat(60_000)).q1(1));
    let used = world.broker.limit(Limit::QueuedBytesTotal).used;
    assert!(used < Some(400_000), "{used:?}");
    for subscriber in subscribers {
        assert_eq!(world.take(subscriber).len(), 1);
        world.send(subscriber, vitrine_packet::Packet::PubAck(ack(1)));
    }
    let used = world.broker.limit(Limit::QueuedBytesTotal).used;
    assert_eq!(used, Some(0));
}

/// Sessions that are full leave the others their part.
#[test]
fn one_full_session_leaves_room_for_others() {
    let mut world = world(|config| config.max_queued_bytes_total = 60 * 74);
    for name in ["full", "late"] {
        let client = world.connect(Hello::v3(name).kept());
        world.subscribe(client, name, Q1);
        world.cut(client);
    }
    let publisher = world.connect(Hello::v3("p"));
    for id in 1..100 {
        world.publish(publisher, message("full", "123456").q1(id));
    }
    for id in 1..100 {
        world.publish(publisher, message("late", "123456").q1(id));
    }
    let queued = |name: &str| world.broker.session(name).unwrap().queued;
    // Half for the first to come, a third of the other half for each of three sessions.
    assert_eq!((queued("full"), queued("late")), (30, 10));
}

/// A thousand connections that each begin a packet and do not go on with it.
#[test]
fn a_thousand_half_packets() {
    let mut world = world(|config| config.max_partial_bytes_total = 100_000);
    let other = world.connect(Hello::v3("other"));
    let bytes = message("a", &"x".repeat(2_000)).bytes(V3);
    // A CONNECT of about this size.
    let will = "x".repeat(2_000);
    let hello = Hello::v3("x").will(Testament::new("w", &will)).bytes();
    for _ in 0..1_000 {
        let connection = world.open();
        world.send_bytes(connection, &hello[..1_000]);
        let used = world.broker.limit(Limit::PartialBytesTotal).used;
        assert!(used <= Some(100_000), "{used:?}");
    }
    assert!(world.broker.limit(Limit::PartialBytesTotal).refused > 900);
    // Who sends its packets whole, or in small parts, is not disturbed.
    world.subscribe(other, "a", Q0);
    for piece in bytes.chunks(40) {
        world.send_bytes(other, piece);
        if world.is_closed(other) {
            break;
        }
    }
    assert!(world.broker.limit(Limit::PartialBytesTotal).used <= Some(100_000));
    let whole = world.connect(Hello::v3("whole"));
    world.subscribe(whole, "a", Q0);
    world.send_bytes(whole, &bytes);
    assert_eq!(world.take(whole).len(), 1);
}

/// Whatever a host that does not close its transports does, a closed connection is forgotten.
#[test]
fn connections_that_nobody_closes() {
    use vitrine_broker::{ConnectionId, DeadlineReason, Input, Output, Peer};
    let mut world = World::new();
    let connection = ConnectionId(100);
    world.broker.handle(
        Input::Opened {
            connection,
            peer: Peer::by("lab"),
        },
        world.now,
    );
    let bytes = Hello::v3("").kept().bytes();
    world.broker.handle(
        Input::Received {
            connection,
            bytes: &bytes,
        },
        world.now,
    );
    assert_eq!(
        world.broker.poll_output(),
        Some(Output::Transmit { connection })
    );
    assert!(matches!(
        world.broker.poll_output(),
        Some(Output::Close { .. })
    ));
    assert_eq!(world.broker.counts().connections, 1);
    assert_eq!(
        world.broker.next_deadline().unwrap().reason,
        DeadlineReason::Linger
    );
    world.pass(Duration::from_secs(5));
    assert_eq!(world.broker.counts().connections, 0);
    assert!(world.broker.next_deadline().is_none());
}
