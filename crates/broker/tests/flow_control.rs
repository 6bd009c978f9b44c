//! Receive Maximum, Maximum Packet Size, and a host that pulls slowly.

use vitrine_broker::{Config, DiscardReason, Event, Output};
use vitrine_packet::{Packet, Property};

use crate::harness::*;

/// 5.0: [MQTT-3.3.4-9] [MQTT-3.3.4-10] [MQTT-4.9.0-1] [MQTT-4.9.0-2] [MQTT-4.9.0-3]
#[test]
fn the_clients_receive_maximum() {
    let mut world = World::new();
    let hello = || Hello::v5("s").kept().with(Property::ReceiveMaximum(2));
    let subscriber = world.connect(hello());
    world.subscribe(subscriber, "#", Q2);
    let publisher = world.connect(Hello::v3("p"));
    for n in 1..=4_u16 {
        world.publish(
            publisher,
            message("a", &n.to_string()).qos(if n == 2 { Q2 } else { Q1 }, n),
        );
    }
    world.publish(publisher, message("a", "passes"));
    world.send(subscriber, Packet::PingReq);
    let first = [
        "PUBLISH q1 #1 a \"1\"",
        "PUBLISH q2 #2 a \"2\"",
        "PUBLISH a \"passes\"",
        "PINGRESP",
    ];
    assert_eq!(world.take(subscriber), first);
    world.send(subscriber, Packet::PubRec(ack(2)));
    assert_eq!(
        world.take(subscriber),
        ["PUBREL #2"],
        "PUBREC gives no room"
    );
    world.send(subscriber, Packet::PubComp(ack(2)));
    assert_eq!(world.take(subscriber), ["PUBLISH q1 #3 a \"3\""]);
    world.send(subscriber, Packet::PubAck(ack(1)));
    assert_eq!(world.take(subscriber), ["PUBLISH q1 #4 a \"4\""]);
    world.cut(subscriber);
    let narrow = Hello::v5("s").kept().with(Property::ReceiveMaximum(1));
    let subscriber = world.reconnect(narrow);
    assert_eq!(
        world.take(subscriber),
        ["PUBLISH q1 #3 dup a \"3\""],
        "also when sending again"
    );
    world.publish(publisher, message("a", "5").q1(5));
    world.send(subscriber, Packet::PubAck(ack(3)));
    assert_eq!(world.take(subscriber), ["PUBLISH q1 #4 dup a \"4\""]);
    world.send(subscriber, Packet::PubAck(ack(4)));
    assert_eq!(world.take(subscriber), ["PUBLISH q1 #5 a \"5\""]);
}

/// Clients before 5.0 cannot say how much they take: the broker's own limit counts.
#[test]
fn the_brokers_own_limit() {
    let mut world = World::with(Config {
        max_in_flight: 3,
        ..Config::default()
    });
    for version in [V3, V5] {
        let subscriber = world.connect(Hello {
            version,
            ..Hello::v3("s")
        });
        world.subscribe(subscriber, "a", Q1);
        let publisher = world.connect(Hello::v3("p"));
        for n in 1..=5_u16 {
            world.publish(publisher, message("a", "").q1(n));
        }
        assert_eq!(world.take(subscriber).len(), 3);
        assert_eq!(world.broker.session("s").unwrap().queued, 2);
    }
}

/// 5.0: [MQTT-3.3.4-7] (the server's side, section 3.3.4)
#[test]
fn a_client_that_ignores_our_receive_maximum() {
    let mut world = World::with(Config {
        receive_maximum: 2,
        ..Config::default()
    });
    let five = world.say(&Hello::v5("p"));
    assert!(world.take(five)[0].contains("ReceiveMaximum(2)"));
    for id in 1..=2 {
        world.publish(five, message("a", "").q2(id));
    }
    world.publish(five, message("a", "").q2(2).dup());
    world.publish(five, message("a", "").q1(3));
    assert_eq!(
        world.take(five).len(),
        4,
        "the same again and QoS 1 are no further ones"
    );
    world.publish(five, message("a", "").q2(4));
    assert_eq!(world.take(five), ["DISCONNECT 93", "closed"]);
    let three = world.connect(Hello::v3("q"));
    for id in 1..=10 {
        world.publish(three, message("a", "").q2(id));
    }
    assert_eq!(world.take(three).len(), 10, "before 5.0 it was never told");
}

/// 5.0: [MQTT-3.1.2-24] [MQTT-3.1.2-25]
#[test]
fn messages_too_large_for_the_client_are_dropped() {
    let mut world = World::new();
    let small = world.connect(Hello::v5("s").kept().with(Property::MaximumPacketSize(120)));
    world.subscribe(small, "a", Q2);
    let publisher = world.connect(Hello::v5("p"));
    world.observe();
    let (fits, too_large) = ("x".repeat(112), "y".repeat(113));
    for (n, payload) in [&too_large, &fits, &too_large].into_iter().enumerate() {
        world.publish(publisher, message("a", payload).q1(n as u16 + 1));
    }
    assert_eq!(world.raw(small).last().unwrap().len(), 120);
    assert_eq!(world.take(small), [format!("PUBLISH q1 #1 a \"{fits}\"")]);
    let dropped = world.events().into_iter().filter(|event| {
        matches!(
            event,
            Event::Discarded {
                why: DiscardReason::TooLarge,
                ..
            }
        )
    });
    assert_eq!(dropped.count(), 2);
    assert_eq!(world.broker.session("s").unwrap().in_flight_out, 1);
    // A client that comes back with less room: what was under way is dropped too.
    world.cut(small);
    let smaller = world.reconnect(Hello::v5("s").kept().with(Property::MaximumPacketSize(50)));
    assert!(world.take(smaller).is_empty());
    assert_eq!(world.broker.session("s").unwrap().in_flight_out, 0);
}

/// 5.0: [MQTT-3.1.2-24]
#[test]
fn an_answer_that_must_not_be_sent_ends_the_connection() {
    let mut world = World::new();
    let client = world.connect(Hello::v5("s").with(Property::MaximumPacketSize(20)));
    let filters: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    let options = vitrine_packet::SubscriptionOptions::with_qos(Q0);
    let filters: Vec<_> = filters.iter().map(|filter| (&**filter, options)).collect();
    world.send_subscribe(client, &filters, &[]);
    assert_eq!(world.take(client), ["DISCONNECT 95", "closed"]);
}

/// 5.0: [MQTT-3.1.2-24]
#[test]
fn not_even_a_disconnect_is_larger_than_the_client_takes() {
    let mut world = World::new();
    let connack =
        "CONNACK 00 [ReceiveMaximum(1024), MaximumPacketSize(1048576), TopicAliasMaximum(64)]";
    let size = Property::MaximumPacketSize(2);
    let client = world.say(&Hello::v5("s").with(size));
    assert_eq!(world.take(client), ["closed"], "no CONNACK fits");
    let client = world.say(&Hello::v5("s").with(Property::MaximumPacketSize(16)));
    assert_eq!(world.take(client), [connack]);
    assert_eq!(world.raw(client)[0].len(), 16);
    world.connect(Hello::v5("s"));
    assert_eq!(world.take(client), ["DISCONNECT 8E", "closed"]);
}

/// 3.1.1: [MQTT-4.8.0-1]
/// 5.0: section 3.2.2.3.6
#[test]
fn packets_over_our_maximum_end_the_connection() {
    let mut world = World::with(Config {
        max_packet_size: 100,
        ..Config::default()
    });
    for (version, answer) in [
        (V3, &["closed"][..]),
        (V5, &["DISCONNECT 95", "closed"][..]),
    ] {
        let client = world.connect(Hello {
            version,
            ..Hello::v3("a")
        });
        let head = message("a", &"x".repeat(96)).bytes(version);
        world.send_bytes(client, &head[..1]);
        assert!(
            world.take(client).is_empty(),
            "not known before the length is there"
        );
        world.send_bytes(client, &head[1..6]);
        assert_eq!(world.take(client), answer, "and not later than that");
    }
}

/// A packet is given whole, several as long as they fit, and the rest is announced again.
#[test]
fn bytes_are_pulled_as_the_transport_can_take_them() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s"));
    world.subscribe(subscriber, "a", Q0);
    let publisher = world.connect(Hello::v3("p"));
    world.pulling = false;
    for n in 0..10 {
        let input = message("a", &n.to_string()).bytes(V3);
        world.broker.handle(
            vitrine_broker::Input::Received {
                connection: publisher,
                bytes: &input,
            },
            world.now,
        );
    }
    let announced = Some(Output::Transmit {
        connection: subscriber,
    });
    assert_eq!(world.broker.poll_output(), announced);
    assert_eq!(world.broker.poll_output(), None, "announced once");
    world.pull(subscriber, 1);
    assert_eq!(world.take(subscriber).len(), 1, "at least one");
    assert_eq!(world.broker.poll_output(), announced, "there is more");
    world.pull(subscriber, 20);
    assert_eq!(world.take(subscriber).len(), 3, "six bytes each");
    world.pull(subscriber, 1_000);
    assert_eq!(world.take(subscriber).len(), 6);
    world.broker.poll_output();
    assert_eq!(world.broker.poll_output(), None);
}

/// A client that reads nothing costs bounded memory: QoS 0 is lost to it, QoS 1 waits for it.
#[test]
fn a_slow_consumer() {
    let mut world = World::with(Config {
        max_unsent_bytes: 1_000,
        ..Config::default()
    });
    let slow = world.connect(Hello::v3("s"));
    world.subscribe(slow, "#", Q1);
    let publisher = world.connect(Hello::v3("p"));
    world.observe();
    world.pulling = false;
    let payload = "x".repeat(94);
    for n in 0..100_u16 {
        world.publish(publisher, message("a", &payload));
        world.publish(publisher, message("b", &payload).q1(n + 1));
        assert!(world.broker.connection(slow).unwrap().unsent <= 1_200);
    }
    let lost = world.events().into_iter().filter(|event| {
        matches!(
            event,
            Event::Discarded {
                why: DiscardReason::SlowConsumer,
                ..
            }
        )
    });
    let lost = lost.count();
    assert!(lost > 80);
    world.pulling = true;
    world.pull(slow, usize::MAX);
    let got = world.take(slow);
    assert_eq!(
        got.iter()
            .filter(|line| line.starts_with("PUBLISH q1"))
            .count(),
        100
    );
    assert_eq!(got.len(), 200 - lost);
}

/// A client that asks and asks and does not read is closed.
#[test]
fn answers_nobody_reads() {
    let mut world = World::with(Config {
        max_unsent_control_bytes: 100,
        ..Config::default()
    });
    let client = world.connect(Hello::v5("s"));
    world.pulling = false;
    for _ in 0..60 {
        world.send(client, Packet::PingReq);
    }
    let got = world.take(client);
    assert_eq!(got.len(), 51 + 2);
    assert_eq!(got[51..], ["DISCONNECT 97", "closed"]);
}
