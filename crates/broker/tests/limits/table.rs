//! Each limit of the table, at its edge and one past it.

use std::collections::BTreeSet;
use std::time::Duration;

use vitrine_broker::{Access, Config, ConnectionId, Event, Input, Limit, Output, Peer};
use vitrine_packet::{Property, SubscriptionOptions};

use crate::harness::*;

/// Fields of [`Config`] that are no limits: nothing goes past them.
const CHOICES: &[&str] = &[
    "access",
    "allow_empty_client_id",
    "check_payload_format",
    "durable",
    // Longer ones are shortened, and the client is told.
    "max_keep_alive",
    "max_session_expiry",
    "observe",
    // What is offered at all.
    "maximum_qos",
    "retain_available",
    "publisher_pause",
    "response_information",
    "route_cache",
    "secret",
    "seed",
    "shared_subscription_available",
    "subscription_identifiers_available",
    "sys_interval",
    "version",
    "wildcard_subscription_available",
];

/// How a limit is reached and passed.
struct Edge {
    set: fn(&mut Config),
    /// Goes up to the limit.
    reach: fn(&mut World),
    /// Goes one past it. Gives the one who hears of it.
    pass: fn(&mut World) -> ConnectionId,
}

const NOBODY: ConnectionId = ConnectionId(0);

/// The first connection that [`five`] makes.
const FIRST: ConnectionId = ConnectionId(1);
const SECOND: ConnectionId = ConnectionId(2);

fn five(world: &mut World) -> ConnectionId {
    world.connect(Hello::v5("a"))
}

fn nothing(_: &mut World) {}

fn subscribe(world: &mut World, filters: &[&str]) {
    let options = SubscriptionOptions::with_qos(Q1);
    let filters: Vec<_> = filters.iter().map(|filter| (*filter, options)).collect();
    world.send_subscribe(FIRST, &filters, &[]);
}

/// Whoever has an offline session that is subscribed to `a`, and a publisher.
fn away(world: &mut World) {
    let gone = world.connect(Hello::v5("s").kept());
    world.subscribe(gone, "a", Q1);
    world.cut(gone);
    world.connect(Hello::v5("p"));
}

fn publish(world: &mut World, from: ConnectionId, topic: &str, id: u16) {
    world.publish(from, message(topic, "123456789").q1(id));
}

fn retain(world: &mut World, topic: &str, payload: &str) {
    world.publish(FIRST, message(topic, payload).q1(1).retain());
}

fn edge(limit: Limit) -> Edge {
    match limit {
        Limit::Connections => Edge {
            set: |config| config.max_connections = 1,
            reach: |world| {
                five(world);
            },
            pass: |world| world.say(&Hello::v5("b")),
        },
        Limit::Sessions => Edge {
            set: |config| config.max_sessions = 1,
            reach: |world| {
                world.connect(Hello::v5("a").kept());
            },
            pass: |world| world.say(&Hello::v5("b").kept()),
        },
        Limit::PacketSize => Edge {
            set: |config| config.max_packet_size = 30,
            reach: |world| {
                five(world);
                // A byte of flags and one of length, the topic, no properties, and the payload.
                world.publish(FIRST, message("a", &"x".repeat(24)));
            },
            pass: |world| {
                world.publish(FIRST, message("a", &"x".repeat(25)));
                FIRST
            },
        },
        Limit::PacketRate => Edge {
            set: |config| config.max_packets_per_second = 3,
            reach: |world| {
                five(world);
                world.send_bytes(FIRST, &[0xC0, 0].repeat(2));
                // A third of a second brings one.
                world.pass(Duration::from_micros(333_334));
                world.send_bytes(FIRST, &[0xC0, 0]);
            },
            pass: |world| {
                world.send_bytes(FIRST, &[0xC0, 0]);
                FIRST
            },
        },
        Limit::ConnectTimeout => Edge {
            set: |config| config.connect_timeout = Duration::from_secs(1),
            reach: |world| {
                world.open();
                world.pass(Duration::from_micros(999_999));
            },
            pass: |world| {
                world.pass(Duration::from_micros(1));
                FIRST
            },
        },
        Limit::EarlyBytes => Edge {
            set: |config| {
                config.max_early_bytes = 2;
                config.access = Access {
                    anonymous: false,
                    ..Access::default()
                }
                .into();
            },
            reach: |world| {
                world.say(&Hello::v5("a").user("ann", "ann"));
                world.send_bytes(FIRST, b"\xc0\0");
            },
            pass: |world| {
                world.send_bytes(FIRST, b"\xc0");
                FIRST
            },
        },
        Limit::Linger => Edge {
            set: |config| config.linger = Duration::from_secs(1),
            reach: |world| {
                // A host that closes nothing.
                let connection = ConnectionId(9);
                let peer = Peer::by("lab");
                world
                    .broker
                    .handle(Input::Opened { connection, peer }, world.now);
                let bytes = &[0xC0, 0];
                world
                    .broker
                    .handle(Input::Received { connection, bytes }, world.now);
                assert!(matches!(
                    world.broker.poll_output(),
                    Some(Output::Close { .. })
                ));
                world.pass(Duration::from_micros(999_999));
            },
            pass: |world| {
                world.pass(Duration::from_micros(1));
                NOBODY
            },
        },
        Limit::ClientId => Edge {
            set: |config| config.max_client_id = 23,
            reach: |world| {
                world.connect(Hello::v5(&"x".repeat(23)));
            },
            pass: |world| world.say(&Hello::v5(&"x".repeat(24))),
        },
        Limit::InFlight => Edge {
            set: |config| config.max_in_flight = 2,
            reach: |world| {
                five(world);
                world.subscribe(FIRST, "a", Q1);
                publish(world, FIRST, "a", 1);
                publish(world, FIRST, "a", 2);
            },
            pass: |world| {
                publish(world, FIRST, "a", 3);
                NOBODY
            },
        },
        Limit::ReceiveMaximum => Edge {
            set: |config| config.receive_maximum = 1,
            reach: |world| {
                five(world);
                world.publish(FIRST, message("a", "").q2(1));
            },
            pass: |world| {
                world.publish(FIRST, message("a", "").q2(2));
                FIRST
            },
        },
        Limit::QueuedMessages => Edge {
            set: |config| config.max_queued_messages = 1,
            reach: |world| {
                away(world);
                publish(world, SECOND, "a", 1);
            },
            pass: |world| {
                publish(world, SECOND, "a", 2);
                NOBODY
            },
        },
        Limit::QueuedBytes => Edge {
            // A byte of topic, nine of payload, and 64 for the message.
            set: |config| config.max_queued_bytes = 2 * 74,
            reach: |world| {
                away(world);
                publish(world, SECOND, "a", 1);
                publish(world, SECOND, "a", 2);
            },
            pass: |world| {
                publish(world, SECOND, "a", 3);
                NOBODY
            },
        },
        Limit::QueuedBytesTotal => Edge {
            // One half for whoever comes first, of the other half a half for each of two sessions.
            set: |config| config.max_queued_bytes_total = 4 * 74,
            reach: |world| {
                away(world);
                publish(world, SECOND, "a", 1);
                publish(world, SECOND, "a", 2);
            },
            pass: |world| {
                publish(world, SECOND, "a", 3);
                NOBODY
            },
        },
        Limit::UnsentBytes => Edge {
            set: |config| config.max_unsent_bytes = 10,
            reach: |world| {
                five(world);
                world.subscribe(FIRST, "a", Q0);
                world.pulling = false;
                world.publish(FIRST, message("a", "1234"));
                // As there are no more bytes than allowed, one more may come.
                world.publish(FIRST, message("a", "1234"));
            },
            pass: |world| {
                world.publish(FIRST, message("a", ""));
                NOBODY
            },
        },
        Limit::UnsentBytesTotal => Edge {
            set: |config| config.max_unsent_bytes_total = 40,
            reach: |world| {
                five(world);
                world.subscribe(FIRST, "a", Q0);
                world.pulling = false;
                // Ten bytes each: with half of them waiting one more may come.
                for _ in 0..3 {
                    world.publish(FIRST, message("a", "1234"));
                }
            },
            pass: |world| {
                world.publish(FIRST, message("a", ""));
                NOBODY
            },
        },
        Limit::PartialBytesTotal => Edge {
            set: |config| config.max_partial_bytes_total = 40,
            reach: |world| {
                five(world);
                let bytes = message("a", &"x".repeat(90)).bytes(V5);
                world.send_bytes(FIRST, &bytes[..20]);
            },
            pass: |world| {
                world.send_bytes(FIRST, b"x");
                FIRST
            },
        },
        Limit::UnreleasedTotal => Edge {
            set: |config| config.max_unreleased_total = 2,
            reach: |world| {
                five(world);
                world.publish(FIRST, message("a", "").q2(1));
                world.publish(FIRST, message("a", "").q2(1));
            },
            pass: |world| {
                world.publish(FIRST, message("a", "").q2(2));
                FIRST
            },
        },
        Limit::WillBytesTotal => Edge {
            set: |config| config.max_will_bytes_total = 2 * 64 + 5,
            reach: |world| {
                world.connect(Hello::v5("a").will(Testament::new("w", "x")));
                world.connect(Hello::v5("b").will(Testament::new("w", "xy")));
                // In the place of its own.
                world.connect(Hello::v5("b").will(Testament::new("w", "xy")));
            },
            pass: |world| world.say(&Hello::v5("c").will(Testament::new("w", ""))),
        },
        Limit::UnsentControlBytes => Edge {
            set: |config| config.max_unsent_control_bytes = 40,
            reach: |world| {
                five(world);
                world.pulling = false;
                world.send_bytes(FIRST, &[0xC0, 0].repeat(20));
            },
            pass: |world| {
                world.send_bytes(FIRST, &[0xC0, 0]);
                FIRST
            },
        },
        Limit::RetainedMessages => Edge {
            set: |config| config.max_retained_messages = 1,
            reach: |world| {
                five(world);
                retain(world, "a", "x");
                retain(world, "a", "y");
            },
            pass: |world| {
                retain(world, "b", "x");
                FIRST
            },
        },
        Limit::RetainedBytes => Edge {
            set: |config| config.max_retained_bytes = 10,
            reach: |world| {
                five(world);
                retain(world, "a", "123456789");
            },
            pass: |world| {
                retain(world, "a", "1234567890");
                FIRST
            },
        },
        Limit::RetainedLevels => Edge {
            // The root counts, and what is there may be passed by one topic.
            set: |config| config.max_retained_levels = 3,
            reach: |world| {
                five(world);
                retain(world, "a/b", "x");
                retain(world, "c", "x");
            },
            pass: |world| {
                retain(world, "d", "x");
                FIRST
            },
        },
        Limit::Subscriptions => Edge {
            set: |config| config.max_subscriptions = 1,
            reach: |world| {
                five(world);
                subscribe(world, &["a", "a"]);
            },
            pass: |world| {
                subscribe(world, &["b"]);
                FIRST
            },
        },
        Limit::SubscriptionsTotal => Edge {
            set: |config| config.max_subscriptions_total = 1,
            reach: |world| {
                five(world);
                subscribe(world, &["a"]);
            },
            pass: |world| {
                subscribe(world, &["b"]);
                FIRST
            },
        },
        Limit::SharedSubscriptions => Edge {
            set: |config| config.max_shared_subscriptions = 1,
            reach: |world| {
                five(world);
                subscribe(world, &["$share/a/a", "b"]);
            },
            pass: |world| {
                subscribe(world, &["$share/a/b"]);
                FIRST
            },
        },
        Limit::SharedPerFilter => Edge {
            set: |config| config.max_shared_per_filter = 1,
            reach: |world| {
                five(world);
                subscribe(world, &["$share/a/a", "$share/a/b"]);
            },
            pass: |world| {
                subscribe(world, &["$share/b/a"]);
                FIRST
            },
        },
        Limit::SubscriptionBytes => Edge {
            set: |config| config.max_subscription_bytes = 3 + 2 * 128,
            reach: |world| {
                five(world);
                subscribe(world, &["a/b"]);
            },
            pass: |world| {
                subscribe(world, &["c"]);
                FIRST
            },
        },
        Limit::SubscriptionLevelsTotal => Edge {
            set: |config| config.max_subscription_levels_total = 3,
            reach: |world| {
                five(world);
                subscribe(world, &["a/b", "c"]);
            },
            pass: |world| {
                subscribe(world, &["d"]);
                FIRST
            },
        },
        Limit::FiltersPerSubscribe => Edge {
            set: |config| config.max_filters_per_subscribe = 2,
            reach: |world| {
                five(world);
                subscribe(world, &["a", "b"]);
            },
            pass: |world| {
                subscribe(world, &["a", "b", "c"]);
                FIRST
            },
        },
        Limit::TopicLevels => Edge {
            set: |config| config.max_topic_levels = 2,
            reach: |world| {
                five(world);
                publish(world, FIRST, "a/b", 1);
            },
            pass: |world| {
                publish(world, FIRST, "a/b/c", 2);
                FIRST
            },
        },
        Limit::TopicAliasMaximum => Edge {
            set: |config| config.topic_alias_maximum = 2,
            reach: |world| {
                five(world);
                world.publish(FIRST, message("a", "").with(Property::TopicAlias(2)));
            },
            pass: |world| {
                world.publish(FIRST, message("a", "").with(Property::TopicAlias(3)));
                FIRST
            },
        },
        Limit::AliasBytes => Edge {
            set: |config| config.max_alias_bytes = 4,
            reach: |world| {
                five(world);
                for (alias, topic) in [(1, "ab"), (2, "cd"), (2, "ef")] {
                    let alias = Property::TopicAlias(alias);
                    world.publish(FIRST, message(topic, "").with(alias));
                }
            },
            pass: |world| {
                world.publish(FIRST, message("abc", "").with(Property::TopicAlias(2)));
                FIRST
            },
        },
        Limit::Observations => Edge {
            set: |config| config.max_observations = 3,
            reach: nothing,
            pass: |world| {
                // The first of what an opened, and closed, transport leads to.
                while world.broker.poll_observation().is_some() {}
                let first = world.open();
                let second = world.open();
                world.cut(first);
                world.cut(second);
                NOBODY
            },
        },
    }
}

fn refused(world: &World) -> Vec<(Limit, u64)> {
    let states = world.broker.limits();
    let reached = states.filter(|state| state.refused > 0);
    reached.map(|state| (state.limit, state.refused)).collect()
}

/// At a limit nothing is refused. One past it is counted once, under its name and no other, and whoever
/// went past it is told why where that may be said.
#[test]
fn each_at_its_edge_and_one_past_it() {
    for limit in Limit::ALL {
        let key = limit.key();
        let Edge { set, reach, pass } = edge(limit);
        let mut config = Config::default();
        set(&mut config);
        assert_ne!(limit.most(&config), limit.most(&Config::default()), "{key}");
        let mut world = World::with(config);
        world.observe();
        reach(&mut world);
        assert_eq!(refused(&world), [], "{key}: at the limit");
        let told = pass(&mut world);
        assert_eq!(refused(&world), [(limit, 1)], "{key}: one past the limit");
        let Some(reason) = limit.reason() else {
            continue;
        };
        world.pulling = true;
        world.pull(told, usize::MAX);
        let code = format!(" {:02X}", reason.as_u8());
        let answers = world.take(told);
        // Before CONNECT nothing may be said.
        let ended = world.events().into_iter().any(|event| match event {
            Event::Closed {
                reason: given,
                client: None,
                ..
            } => given == Some(reason),
            _ => false,
        });
        let said = answers.iter().any(|line| line.contains(&code));
        assert!(said || ended, "{key}: {answers:?} lacks{code}");
        if said {
            let words = world.reason_string(told);
            assert!(words.starts_with(limit.text()), "{key}: {words}");
        }
    }
}

/// What a [`Config`] has is either a limit of the table or known to be none.
#[test]
fn every_field_is_in_the_table() {
    let config = format!("{:#?}", Config::default());
    let lines = config.lines().filter_map(|line| line.strip_prefix("    "));
    let lines = lines.filter(|line| !line.starts_with([' ', '}', ')', ']']));
    let fields: BTreeSet<&str> = lines
        .filter_map(|line| Some(line.split_once(':')?.0))
        .collect();
    assert!(fields.len() > 30, "{fields:?}");
    let keys = Limit::ALL.iter().map(|limit| limit.key());
    let known: BTreeSet<&str> = keys.chain(CHOICES.iter().copied()).collect();
    let new: Vec<_> = fields.difference(&known).collect();
    assert!(
        new.is_empty(),
        "{new:?}: put a limit into `limits!` in src/limits.rs, anything else into CHOICES here"
    );
    let gone: Vec<_> = known.difference(&fields).collect();
    assert!(gone.is_empty(), "{gone:?} are no fields of Config");
}

/// What is in use of the limits of the whole broker is told.
#[test]
fn what_is_in_use() {
    let mut world = World::new();
    let client = world.connect(Hello::v5("a"));
    world.subscribe(client, "x/y", Q1);
    world.publish(client, message("r", "12345").q1(1).retain());
    let used = |limit| world.broker.limit(limit).used;
    assert_eq!(used(Limit::Connections), Some(1));
    assert_eq!(used(Limit::RetainedMessages), Some(1));
    assert_eq!(used(Limit::RetainedBytes), Some(6));
    assert_eq!(used(Limit::SubscriptionsTotal), Some(1));
    assert_eq!(
        used(Limit::Subscriptions),
        None,
        "it is one for each session"
    );
}
