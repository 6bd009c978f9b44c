//! Clients that ask for more work or memory than is fair: the broker stands, and so do its limits.

use std::time::Duration;

use vitrine_broker::{Config, Input};
use vitrine_packet::{Packet, Property, ReasonCode, SubscriptionOptions};

use crate::harness::*;

/// The answer that ends the connection may end the session with it.
#[test]
fn a_pubrec_whose_answer_is_one_too_many() {
    let mut world = World::with(Config {
        max_unsent_control_bytes: 20,
        ..Config::default()
    });
    let client = world.connect(Hello::v3("a"));
    world.subscribe(client, "x", Q2);
    world.publish(client, message("x", "2").q2(7));
    world.pulling = false;
    world.send_bytes(client, &[0xC0, 0].repeat(9));
    world.send(client, Packet::PubRec(ack(1)));
    assert!(world.broker.session("a").is_none());
}

/// PUBRELs that are sent again, of which one is too many.
#[test]
fn releases_sent_again_that_are_too_many() {
    let mut world = World::with(Config {
        max_unsent_control_bytes: 40,
        ..Config::default()
    });
    let client = world.connect(Hello::v3("a").kept());
    world.subscribe(client, "x", Q2);
    for id in 1..=20 {
        world.publish(client, message("x", "1").q2(id));
        world.send(client, Packet::PubRec(ack(id)));
    }
    world.cut(client);
    world.pulling = false;
    // Its session is to end with this connection.
    world.say(&Hello {
        clean: false,
        ..Hello::v5("a")
    });
    assert!(world.broker.session("a").is_none());
}

/// 5.0: [MQTT-3.8.4-6]
/// 3.1.1: [MQTT-3.8.4-5]
#[test]
fn filters_in_one_subscribe() {
    let mut world = World::with(Config {
        max_filters_per_subscribe: 2,
        ..Config::default()
    });
    let options = SubscriptionOptions::with_qos(Q0);
    let filters = [("a", options), ("b", options), ("c", options)];
    for (version, refused) in [(V3, "80"), (V5, "97")] {
        let hello = Hello {
            version,
            ..Hello::v3("s")
        };
        let client = world.connect(hello);
        world.send_subscribe(client, &filters, &[]);
        assert_eq!(world.take(client), [format!("SUBACK #1 00 00 {refused}")]);
    }
}

/// A filter that a packet has many times gets its Retained Messages once.
#[test]
fn retained_messages_come_once_for_a_packet() {
    let mut world = World::new();
    let client = world.connect(Hello::v3("s"));
    world.publish(client, message("a", "x").retain());
    let options = SubscriptionOptions::with_qos(Q0);
    world.send_subscribe(client, &[("a", options); 3], &[]);
    let answers = ["SUBACK #1 00 00 00", "PUBLISH retain a \"x\""];
    assert_eq!(world.take(client), answers);
}

/// Once its queue is full there is nothing more to look for.
#[test]
fn retained_messages_stop_at_a_full_queue() {
    let mut world = World::with(Config {
        max_queued_messages: 3,
        max_in_flight: 2,
        ..Config::default()
    });
    let client = world.connect(Hello::v3("s"));
    for n in 0..100 {
        world.publish(client, message(&n.to_string(), "x").q1(1).retain());
    }
    world.take(client);
    world.observe();
    world.pulling = false;
    let options = SubscriptionOptions::with_qos(Q1);
    world.send_subscribe(client, &[("#", options), ("+", options)], &[]);
    assert_eq!(world.broker.session("s").unwrap().queued, 3);
    let discarded = world.events().into_iter();
    let discarded =
        discarded.filter(|event| matches!(event, vitrine_broker::Event::Discarded { .. }));
    assert_eq!(discarded.count(), 1, "the first that found no room");
}

/// However many messages expire one after the other, a queue is not searched for each.
/// 5.0: [MQTT-3.3.2-5]
#[test]
fn messages_that_expire_one_after_the_other() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v5("s").kept());
    world.subscribe(subscriber, "a", Q1);
    world.cut(subscriber);
    let publisher = world.connect(Hello::v3("p"));
    let publisher_5 = world.connect(Hello::v5("q"));
    world.publish(publisher, message("a", "stays").q1(1));
    for n in 0..1_000 {
        world.now = world.now + Duration::from_millis(1);
        let property = Property::MessageExpiryInterval(n % 5);
        world.publish(publisher_5, message("a", "goes").q1(1).with(property));
    }
    let mut wakes = 0;
    while let Some(deadline) = world.broker.next_deadline()
        && deadline.at <= world.now + Duration::from_secs(60)
    {
        world.now = world.now.max(deadline.at);
        world.handle(Input::Deadline);
        wakes += 1;
    }
    assert!(wakes < 20, "{wakes}");
    assert_eq!(world.broker.session("s").unwrap().queued, 1);
}

/// A connection with Receive Maximum anew, though the session has messages that are not released.
///
/// 5.0: [MQTT-3.3.4-7]
#[test]
fn what_an_earlier_connection_left_takes_nothing_from_receive_maximum() {
    let mut world = World::with(Config {
        receive_maximum: 2,
        ..Config::default()
    });
    let client = world.connect(Hello::v5("a").kept());
    world.publish(client, message("x", "1").q2(1));
    world.publish(client, message("x", "2").q2(2));
    world.cut(client);
    let client = world.reconnect(Hello::v5("a").kept());
    for id in 3..=4 {
        world.publish(client, message("x", "").q2(id));
        assert_eq!(world.take(client), [format!("PUBREC #{id} 10")]);
    }
    world.send(client, Packet::PubRel(ack(1)));
    assert_eq!(world.take(client), ["PUBCOMP #1"]);
    world.publish(client, message("x", "").q2(5));
    assert_eq!(world.take(client), ["DISCONNECT 93", "closed"]);
}

/// A client that cannot take its CONNACK changes nothing.
///
/// 5.0: [MQTT-3.1.2-24] [MQTT-3.2.0-1]
#[test]
fn a_connack_too_large_for_the_client() {
    let mut world = World::new();
    let watcher = world.connect(Hello::v5("w"));
    world.subscribe(watcher, "will", Q0);
    let old = world.connect(Hello::v5("b").kept());
    let size = Property::MaximumPacketSize(10);
    let will = Testament::new("will", "boo");
    let refused = world.say(&Hello::v5("b").with(size).will(will));
    assert_eq!(world.take(refused), ["CONNACK 95", "closed"]);
    assert!(world.take(old).is_empty());
    assert!(world.take(watcher).is_empty());
}

/// No Local is about the client, also when it is its Will that comes.
/// 5.0: [MQTT-3.8.3-3]
#[test]
fn a_will_does_not_come_back_with_no_local() {
    let mut world = World::new();
    let will = || Testament {
        qos: Q1,
        ..Testament::new("w", "boo")
    };
    let client = world.connect(Hello::v5("a").kept().will(will()));
    let options = SubscriptionOptions {
        no_local: true,
        ..SubscriptionOptions::with_qos(Q1)
    };
    world.subscribe_with(client, "w", options, &[]);
    world.cut(client);
    let client = world.reconnect(Hello::v5("a").kept());
    assert!(world.take(client).is_empty());
}

/// Before 5.0 a filter with a share name that is none is a filter like any other.
#[test]
fn what_looks_shared_before_5_and_is_not_gets_no_retained_messages() {
    let mut world = World::new();
    let client = world.connect(Hello::v3("a"));
    world.publish(client, message("b", "other").retain());
    let mut subscribe = vec![0x82, 15, 0, 1, 0, 10];
    subscribe.extend(b"$share/+/b");
    subscribe.push(0);
    world.send_bytes(client, &subscribe);
    assert_eq!(world.take(client), ["SUBACK #1 00"]);
}

/// What a transport never took did not begin to be delivered: it may expire, and is no repetition.
///
/// 5.0: [MQTT-3.3.2-5]
#[test]
fn what_a_dead_transport_did_not_take_is_not_sent_again() {
    let mut world = World::new();
    let publisher = world.connect(Hello::v5("p"));
    let stalled = world.connect(Hello::v5("a").kept());
    world.subscribe(stalled, "x", Q1);
    world.pulling = false;
    let expiry = Property::MessageExpiryInterval(1);
    world.publish(publisher, message("x", "old").q1(1).with(expiry));
    world.publish(publisher, message("x", "new").q1(2));
    world.now = world.now + Duration::from_secs(60);
    // The transport that takes over is fine.
    world.pulling = true;
    let client = world.reconnect(Hello::v5("a").kept());
    assert_eq!(world.take(client), ["PUBLISH q1 #3 x \"new\""]);
    assert_eq!(world.take(stalled), ["DISCONNECT 8E", "closed"]);
    assert_eq!(ReasonCode::SessionTakenOver.as_u8(), 0x8E);
}

/// More levels than a search can go down are not allowed, whatever the configuration says.
#[test]
fn levels_without_end() {
    let mut world = World::with(Config {
        max_topic_levels: usize::MAX,
        ..Config::default()
    });
    let client = world.connect(Hello::v5("a"));
    let (fits, too_many) = ("/".repeat(1_023), "/".repeat(1_024));
    world.publish(client, message(&fits, "x").q1(1).retain());
    world.publish(client, message(&too_many, "x").q1(2).retain());
    assert_eq!(world.take(client), ["PUBACK #1 10", "PUBACK #2 90"]);
    world.subscribe(client, "#", Q0);
    assert_eq!(world.take(client).len(), 1);
}

/// Each share brings a copy of its own, so a session may have only some.
/// 5.0: [MQTT-3.8.4-6]
#[test]
fn shared_subscriptions_of_one_session() {
    let mut world = World::with(Config {
        max_shared_subscriptions: 4,
        max_shared_per_filter: 2,
        ..Config::default()
    });
    let client = world.connect(Hello::v5("s"));
    let options = SubscriptionOptions::with_qos(Q0);
    let filters = [
        ("$share/1/x", options),
        ("$share/2/x", options),
        ("$share/3/x", options),
        ("x", options),
        ("$share/1/+", options),
        ("$share/2/+", options),
        ("$share/1/#", options),
        ("$share/1/x", options),
    ];
    world.send_subscribe(client, &filters, &[]);
    let answer = "SUBACK #1 00 00 97 00 00 00 97 00";
    assert_eq!(world.take(client), [answer]);
    world.publish(client, message("x", ""));
    assert_eq!(world.take(client).len(), 5);
    world.send_unsubscribe(client, &["$share/1/x", "$share/2/+"]);
    world.take(client);
    world.publish(client, message("x", ""));
    assert_eq!(world.take(client).len(), 3, "the right groups are left");
    world.subscribe(client, "$share/3/x", Q0);
}

/// Long filters cost more than short ones.
/// 5.0: [MQTT-3.8.4-6]
#[test]
fn levels_of_filters() {
    let options = SubscriptionOptions::with_qos(Q0);
    let mut world = World::with(Config {
        max_subscription_bytes: 700,
        ..Config::default()
    });
    let client = world.connect(Hello::v5("s"));
    let filters = [("a/b/c/d", options), ("e/f", options), ("g", options)];
    world.send_subscribe(client, &filters, &[]);
    assert_eq!(world.take(client), ["SUBACK #1 00 97 00"]);
    world.send_unsubscribe(client, &["a/b/c/d"]);
    world.take(client);
    world.subscribe(client, "e/f", Q0);

    let mut world = World::with(Config {
        max_subscription_levels_total: 4,
        ..Config::default()
    });
    let client = world.connect(Hello::v5("s"));
    let filters = [("a/b/c/d", options), ("a", options)];
    world.send_subscribe(client, &filters, &[]);
    assert_eq!(world.take(client), ["SUBACK #1 00 97"]);
    world.send_unsubscribe(client, &["a/b/c/d"]);
    world.take(client);
    world.subscribe(client, "a", Q0);
}

/// Overlapping filters give one copy, from a remembered route too, also with No Local among them.
/// 5.0: [MQTT-3.3.4-2] [MQTT-3.8.3-3]
#[test]
fn remembered_routes_with_overlaps() {
    let mut world = World::new();
    let no_local = SubscriptionOptions {
        no_local: true,
        ..SubscriptionOptions::with_qos(Q0)
    };
    let client = world.connect(Hello::v5("s"));
    world.subscribe_with(client, "#", no_local, &[]);
    let plain = world.connect(Hello::v5("t"));
    world.subscribe(plain, "#", Q0);
    world.subscribe(plain, "+", Q0);
    for _ in 0..2 {
        world.publish(client, message("x", ""));
        assert!(world.take(client).is_empty());
        assert_eq!(world.take(plain).len(), 1);
    }
    world.subscribe(client, "+", Q0);
    for _ in 0..2 {
        world.publish(client, message("x", ""));
        assert_eq!(world.take(client).len(), 1);
        assert_eq!(world.take(plain).len(), 1);
    }
}

/// What is under way and never acknowledged takes from what a session may have waiting.
#[test]
fn messages_under_way_count() {
    let mut world = World::with(Config {
        max_queued_bytes: 300,
        ..Config::default()
    });
    let subscriber = world.connect(Hello::v3("s").kept());
    world.subscribe(subscriber, "a", Q2);
    let publisher = world.connect(Hello::v5("p"));
    let payload = "x".repeat(99);
    for id in 1..=5 {
        world.publish(publisher, message("a", &payload).q1(id));
    }
    assert_eq!(world.take(subscriber).len(), 2, "the others found no room");
    assert_eq!(world.broker.counts().queued_bytes, 2 * (100 + 64));
    world.send(subscriber, Packet::PubAck(ack(1)));
    world.publish(publisher, message("a", &payload).q1(6));
    assert_eq!(world.take(subscriber).len(), 1);
    world.cut(subscriber);
    let subscriber = world.reconnect(Hello::v3("s").kept());
    assert_eq!(world.take(subscriber).len(), 2);
    for id in 2..=3 {
        world.send(subscriber, Packet::PubAck(ack(id)));
    }
    world.publish(publisher, message("a", "2").q2(7));
    world.send(subscriber, Packet::PubRec(ack(4)));
    assert_eq!(world.broker.counts().queued_bytes, 0);
}

/// The tree of Retained Messages is limited, not only what is in it.
#[test]
fn levels_of_retained_topics() {
    let mut world = World::with(Config {
        max_retained_levels: 4,
        ..Config::default()
    });
    let client = world.connect(Hello::v5("s"));
    world.publish(client, message("a/b/c/d", "x").q1(1).retain());
    world.publish(client, message("e", "x").q1(2).retain());
    world.publish(client, message("a/b/c/d", "y").q1(3).retain());
    world.publish(client, message("a/b/c/d", "").q1(4).retain());
    world.publish(client, message("e", "x").q1(5).retain());
    let answers = ["#1 10", "#2 97", "#3 10", "#4 10", "#5 10"];
    assert_eq!(
        world.take(client),
        answers.map(|answer| format!("PUBACK {answer}"))
    );
}
