//! `$SYS`: what the broker tells of itself.

use std::collections::BTreeMap;
use std::time::Duration;

use vitrine_broker::{Access, Actions, Config, ConnectionId, DeadlineReason, Event, Limit, Rule};
use vitrine_packet::Packet;

use crate::harness::*;

const TEN: Duration = Duration::from_secs(10);

/// What came on a connection: values by what follows `$SYS/broker/`, and whether they were retained.
fn values(world: &mut World, connection: ConnectionId) -> BTreeMap<String, (String, bool)> {
    let version = world.version(connection);
    let came = world.take(connection).len();
    let raw = world.raw(connection);
    let packets = raw[raw.len() - came..].iter();
    let publishes = packets.filter_map(|bytes| match Packet::decode(bytes, version) {
        Ok(Packet::Publish(publish)) => Some(publish),
        _ => None,
    });
    let values = publishes.map(|publish| {
        assert_eq!(publish.qos, Q0);
        let name = publish.topic.strip_prefix("$SYS/broker/").unwrap();
        let value = std::str::from_utf8(publish.payload).unwrap();
        (name.to_owned(), (value.to_owned(), publish.retain))
    });
    values.collect()
}

fn value(world: &mut World, topic: &str) -> String {
    let asker = world.connect(Hello::v3("asker"));
    world.subscribe(asker, &format!("$SYS/broker/{topic}"), Q2);
    let values = values(world, asker);
    world.cut(asker);
    values[topic].0.clone()
}

/// All the names that Mosquitto's users know, and that they come at once, retained.
#[test]
fn a_subscriber_gets_all_at_once() {
    let mut world = World::new();
    world.pass(Duration::from_secs(75));
    let client = world.connect(Hello::v3("a"));
    world.subscribe(client, "$SYS/#", Q1);
    let values = values(&mut world, client);
    for name in [
        "version",
        "uptime",
        "clients/connected",
        "clients/disconnected",
        "clients/total",
        "clients/maximum",
        "clients/expired",
        "clients/active",
        "clients/inactive",
        "messages/received",
        "messages/sent",
        "messages/stored",
        "store/messages/count",
        "store/messages/bytes",
        "publish/messages/received",
        "publish/messages/sent",
        "publish/messages/dropped",
        "publish/bytes/received",
        "publish/bytes/sent",
        "bytes/received",
        "bytes/sent",
        "subscriptions/count",
        "shared_subscriptions/count",
        "retained messages/count",
        "load/connections/1min",
        "load/sockets/5min",
        "load/messages/received/15min",
        "load/messages/sent/1min",
        "load/publish/dropped/1min",
        "load/publish/received/1min",
        "load/publish/sent/1min",
        "load/bytes/received/1min",
        "load/bytes/sent/1min",
    ] {
        assert!(values.contains_key(name), "{name} is missing: {values:?}");
    }
    for limit in Limit::ALL {
        let name = format!("limits/{}/refused", limit.key());
        assert_eq!(values[&name].0, "0", "{name}");
    }
    assert!(values.values().all(|(_, retained)| *retained));
    assert_eq!(values["uptime"].0, "75 seconds");
    assert!(values["version"].0.starts_with("vitrine version "));
    assert_eq!(values["clients/connected"].0, "1");
}

/// Only what changed comes again, and only while somebody is subscribed.
#[test]
fn what_changed_comes_again() {
    let mut world = World::new();
    assert!(world.broker.next_deadline().is_none());
    let client = world.connect(Hello::v5("a"));
    world.subscribe(client, "$SYS/broker/clients/#", Q0);
    values(&mut world, client);
    let deadline = world.broker.next_deadline().unwrap();
    assert_eq!(deadline.reason, DeadlineReason::Sys);
    world.connect(Hello::v3("b"));
    world.pass(TEN);
    let changed = values(&mut world, client);
    let names: Vec<_> = changed.keys().map(String::as_str).collect();
    let expected = [
        "clients/active",
        "clients/connected",
        "clients/maximum",
        "clients/total",
    ];
    assert_eq!(names, expected);
    assert_eq!(changed["clients/connected"], ("2".into(), false));
    world.pass(TEN);
    assert!(values(&mut world, client).is_empty());
    world.send_unsubscribe(client, &["$SYS/broker/clients/#"]);
    world.pass(TEN);
    assert!(world.broker.next_deadline().is_none(), "nobody asks");
}

/// A wildcard that begins a filter asks for nothing of the broker's own.
/// 3.1.1: [MQTT-4.7.2-1]
/// 5.0: [MQTT-4.7.2-1]
#[test]
fn nobody_gets_it_unasked() {
    let mut world = World::new();
    let wild = world.connect(Hello::v3("a"));
    world.subscribe(wild, "#", Q0);
    world.subscribe(wild, "+/broker/uptime", Q0);
    assert!(world.broker.next_deadline().is_none());
    let asker = world.connect(Hello::v3("b"));
    world.subscribe(asker, "$SYS/#", Q0);
    world.pass(TEN);
    assert!(world.take(wild).is_empty());
    assert!(!world.take(asker).is_empty());
}

#[test]
fn it_can_be_off() {
    let mut world = World::with(Config {
        sys_interval: Duration::ZERO,
        ..Config::default()
    });
    let client = world.connect(Hello::v3("a"));
    world.subscribe(client, "$SYS/#", Q0);
    assert!(world.take(client).is_empty());
    assert!(world.broker.next_deadline().is_none());
}

#[test]
fn counts_of_clients_and_messages() {
    let mut world = World::with(Config {
        version: "Tester 7".into(),
        max_queued_messages: 2,
        ..Config::default()
    });
    let gone = world.connect(Hello::v3("gone").kept());
    world.subscribe(gone, "a", Q1);
    world.subscribe(gone, "$share/g/b", Q1);
    world.cut(gone);
    let brief = world.connect(Hello {
        properties: vec![vitrine_packet::Property::SessionExpiryInterval(1)],
        ..Hello::v5("brief")
    });
    world.cut(brief);
    world.pass(Duration::from_secs(2));
    let p = world.connect(Hello::v3("p"));
    for id in 1..=3 {
        world.publish(p, message("a", "12345").q1(id));
    }
    world.publish(p, message("kept", "xyz").retain());
    let before = world.broker.statistics();
    let client = world.connect(Hello::v3("w"));
    world.subscribe(client, "$SYS/#", Q0);
    let values = values(&mut world, client);
    let is = |name: &str, value: &str| assert_eq!(values[name].0, value, "{name}");
    is("version", "Tester 7");
    is("clients/connected", "2");
    is("clients/disconnected", "1");
    is("clients/total", "3");
    is("clients/maximum", "2");
    is("clients/expired", "1");
    is("subscriptions/count", "1");
    is("shared_subscriptions/count", "1");
    is("retained messages/count", "1");
    is("store/messages/count", "3");
    is("messages/stored", "3");
    is("publish/messages/received", "4");
    is("publish/messages/dropped", "1");
    is("limits/max_queued_messages/refused", "1");
    // Two messages of six bytes in the queue with 64 for each, and seven bytes that are retained.
    is("store/messages/bytes", &(2 * 70 + 7).to_string());
    // CONNECT, SUBSCRIBE, SUBSCRIBE; CONNECT; CONNECT, four PUBLISH.
    assert_eq!(before.packets_received, 9);
    // CONNACK, SUBACK, SUBACK; CONNACK; CONNACK, three PUBACK.
    assert_eq!(before.packets_sent, 8);
    let sent: usize = [gone, brief, p]
        .into_iter()
        .flat_map(|link| world.raw(link).iter().map(Vec::len))
        .sum();
    assert_eq!(before.bytes_sent, sent as u64);
    // With a second to each PUBLISH: type and length, topic, identifier, payload.
    let published = 3 * (2 + 3 + 2 + 5) + (2 + 6 + 3);
    assert_eq!(before.publish_bytes_received, published);
    assert_eq!((before.sockets, before.connects), (3, 3));
    world.publish(p, message("$SYS/x", ""));
    assert_eq!(
        world.broker.statistics().publish_sent as usize,
        values.len()
    );
}

/// A rate that is steady for long is what the averages come to, also when nobody looked meanwhile.
#[test]
fn load_averages() {
    let mut world = World::new();
    let client = world.connect(Hello::v3("p"));
    for _ in 0..15 * 60 {
        world.pass(Duration::from_secs(1));
        world.publish(client, message("a", ""));
        world.publish(client, message("a", ""));
    }
    let read = |world: &mut World, minutes: u32| -> f64 {
        let topic = format!("load/publish/received/{minutes}min");
        value(world, &topic).parse().unwrap()
    };
    let (one, five, fifteen) = (
        read(&mut world, 1),
        read(&mut world, 5),
        read(&mut world, 15),
    );
    assert!((119.0..121.0).contains(&one), "{one}");
    assert!((113.0..115.0).contains(&five), "{five}");
    assert!((75.0..77.0).contains(&fifteen), "{fifteen}");
    // And they are gone with time.
    world.pass(Duration::from_secs(600));
    assert_eq!(read(&mut world, 1), 0.01);
}

/// The broker's own values take nothing from limits, are not made durable, and are told apart.
#[test]
fn they_are_the_brokers_own() {
    let mut world = World::with(Config {
        durable: true,
        max_retained_messages: 0,
        ..Config::default()
    });
    let keeper = world.connect(Hello::v5("k").kept());
    world.subscribe(keeper, "$SYS/#", Q2);
    world.take(keeper);
    world.broker.take_changes();
    world.observe();
    world.cut(keeper);
    let changes = world.broker.take_changes().len();
    assert_eq!(changes, 1, "that the client is gone");
    world.connect(Hello::v5("a"));
    world.broker.take_changes();
    world.pass(TEN);
    world.pass(TEN);
    assert_eq!(world.broker.take_changes(), []);
    assert_eq!(world.broker.session("k").unwrap().queued, 0);
    assert_eq!(world.broker.counts().retained, 0);
    let mut published = 0;
    for event in world.events() {
        if let Event::Published {
            publisher, topic, ..
        } = event
        {
            assert_eq!(publisher, None, "{topic}");
            assert!(topic.starts_with("$SYS/broker/"), "{topic}");
            published += 1;
        }
    }
    assert!(published > 0);
}

/// Nothing is published, or observed, while nobody is subscribed.
#[test]
fn nothing_to_observe_with_nobody() {
    let mut world = World::new();
    world.observe();
    let client = world.connect(Hello::v3("a"));
    world.events();
    for _ in 0..10 {
        world.pass(TEN);
        world.send_bytes(client, &[0xC0, 0]);
    }
    let packets_only = |event: &Event| matches!(event, Event::Received { .. } | Event::Sent { .. });
    assert!(world.events().iter().all(packets_only));
}

/// An operator's message on one of the topics comes once.
#[test]
fn an_operators_own_topic() {
    let mut world = World::new();
    world.command(vitrine_broker::Command::Publish {
        topic: "$SYS/broker/uptime",
        payload: b"long",
        qos: Q0,
        retain: true,
    });
    let client = world.connect(Hello::v3("a"));
    world.subscribe(client, "$SYS/broker/uptime", Q0);
    let expected = ["PUBLISH retain $SYS/broker/uptime \"long\""];
    assert_eq!(world.take(client), expected);
}

/// Who may not receive them gets none, neither at once nor later.
#[test]
fn rules_hold_for_them() {
    let mut world = World::guarded(Access {
        rules: vec![Rule {
            name: "no loads".into(),
            allow: false,
            user: None,
            client: Some("a".into()),
            actions: Actions::RECEIVE,
            filter: "$SYS/broker/load/#".into(),
        }],
        ..Access::default()
    });
    let client = world.connect(Hello::v3("a"));
    let mut hears_loads = |name: &str| {
        let client = world.connect(Hello::v3(name));
        world.subscribe(client, "$SYS/#", Q0);
        let at_once = values(&mut world, client);
        world.pass(TEN);
        let later = values(&mut world, client);
        assert!(at_once.len() > 50 && later.len() > 5);
        [at_once, later].map(|values| values.keys().any(|name| name.starts_with("load/")))
    };
    assert_eq!(hears_loads("a"), [false, false]);
    assert_eq!(hears_loads("b"), [true, true]);
    assert!(world.is_closed(client), "the first one was another");
}

/// A session that is restored and subscribed keeps the values coming.
#[test]
fn after_a_restart() {
    let config = Config {
        durable: true,
        ..Config::default()
    };
    let mut world = World::with(config.clone());
    let client = world.connect(Hello::v3("a").kept());
    world.subscribe(client, "$SYS/broker/uptime", Q0);
    let mut state = vitrine_broker::PersistentState::default();
    for change in world.broker.take_changes() {
        state.apply(change);
    }
    assert!(state.retained.is_empty());
    let now = world.now;
    world.broker = vitrine_broker::Broker::restore(config, state, now).unwrap();
    let client = world.reconnect(Hello::v3("a").kept());
    world.pass(TEN);
    let expected = ["PUBLISH $SYS/broker/uptime \"10 seconds\""];
    assert_eq!(world.take(client), expected);
}
