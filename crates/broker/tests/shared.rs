//! Shared Subscriptions (5.0 section 4.8.2).

use vitrine_broker::{Config, DiscardReason, Event};
use vitrine_packet::{Packet, Property, ReasonCode, SubscriptionOptions};

use crate::harness::*;

/// Section 4.8.2: each message goes to one of a group; every group and every other subscription gets
/// its own.
#[test]
fn one_of_each_group() {
    let mut world = World::new();
    let a = world.connect(Hello::v5("a"));
    let b = world.connect(Hello::v5("b"));
    let c = world.connect(Hello::v5("c"));
    world.subscribe(a, "$share/g/t/#", Q0);
    world.subscribe(b, "$share/g/t/#", Q0);
    world.subscribe(b, "$share/h/t/#", Q0);
    world.subscribe(c, "t/+", Q0);
    for n in 0..10 {
        world.publish(c, message("t/x", &n.to_string()));
    }
    let (a, b, c) = (world.take(a), world.take(b), world.take(c));
    assert_eq!((a.len(), b.len(), c.len()), (5, 15, 10), "in turn");
}

/// No message waits for a member that is away: the members that are there come first.
///
/// 5.0: [MQTT-4.8.2-3]
#[test]
fn members_that_are_there_come_first() {
    let mut world = World::new();
    let a = world.connect(Hello::v5("a").kept());
    let b = world.connect(Hello::v5("b").kept().with(Property::ReceiveMaximum(1)));
    world.subscribe(a, "$share/g/t", Q1);
    world.subscribe(b, "$share/g/t", Q0);
    let publisher = world.connect(Hello::v5("p"));
    world.cut(a);
    for n in 1..=4 {
        world.publish(publisher, message("t", "").q1(n));
    }
    assert_eq!(
        world.take(b),
        ["PUBLISH t \"\""; 4],
        "at the QoS granted to the chosen one"
    );
    world.cut(b);
    world.publish(publisher, message("t", "kept").q1(5));
    assert_eq!(world.broker.session("a").unwrap().queued, 1);
    let a = world.reconnect(Hello::v5("a").kept());
    assert_eq!(world.take(a), ["PUBLISH q1 #1 t \"kept\""]);
}

/// Section 4.8.2, Flow Control (4.9) and Load Balancing: who can take no more is passed over.
#[test]
fn a_full_window_passes_the_turn_on() {
    let mut world = World::new();
    let slow = world.connect(Hello::v5("a").with(Property::ReceiveMaximum(1)));
    let quick = world.connect(Hello::v5("b"));
    world.subscribe(slow, "$share/g/t", Q1);
    world.subscribe(quick, "$share/g/t", Q1);
    let publisher = world.connect(Hello::v5("p"));
    for n in 1..=10 {
        world.publish(publisher, message("t", "").q1(n));
    }
    assert_eq!((world.take(slow).len(), world.take(quick).len()), (1, 9));
}

/// A message waits with a member that has room for it, though another's turn it is.
#[test]
fn a_full_queue_passes_the_turn_on() {
    let mut world = World::with(Config {
        max_queued_messages: 5,
        ..Config::default()
    });
    for client in ["a", "b"] {
        let connection = world.connect(Hello::v5(client).kept());
        world.subscribe(connection, "$share/g/t", Q1);
        world.subscribe(connection, client, Q1);
        world.cut(connection);
    }
    let publisher = world.connect(Hello::v5("p"));
    for n in 1..=5 {
        world.publish(publisher, message("a", "").q1(n));
    }
    for n in 6..=10 {
        world.publish(publisher, message("t", "").q1(n));
    }
    let queued = ["a", "b"].map(|client| world.broker.session(client).unwrap().queued);
    assert_eq!(queued, [5, 5]);
    // When nobody has room one more is one too many, as without a group.
    world.observe();
    world.publish(publisher, message("t", "").q1(11));
    let full = |event: &Event| {
        matches!(
            event,
            Event::Discarded {
                why: DiscardReason::QueueFull,
                ..
            }
        )
    };
    assert_eq!(world.events().iter().filter(|event| full(event)).count(), 1);
}

/// 5.0: [MQTT-4.8.2-4] [MQTT-4.8.2-5] [MQTT-4.8.2-6]
#[test]
fn a_delivery_that_began_stays_with_its_client() {
    let mut world = World::new();
    let a = world.connect(Hello::v5("a").kept());
    let b = world.connect(Hello::v5("b").kept());
    world.subscribe(a, "$share/g/t", Q2);
    let publisher = world.connect(Hello::v5("p"));
    world.publish(publisher, message("t", "x").q2(1));
    world.publish(publisher, message("t", "y").q1(2));
    assert_eq!(world.take(a).len(), 2);
    world.subscribe(b, "$share/g/t", Q2);
    world.send(a, Packet::PubAck(ack_with(2, ReasonCode::UnspecifiedError)));
    world.cut(a);
    let a = world.reconnect(Hello::v5("a").kept());
    assert_eq!(world.take(a), ["PUBLISH q2 #1 dup t \"x\""]);
    let a = {
        world.cut(a);
        world.connect(Hello::v5("a"))
    };
    assert!(world.take(a).is_empty());
    assert!(world.take(b).is_empty());
}

/// Section 4.8.2: no Retained Messages for shared subscriptions.
#[test]
fn no_retained_messages() {
    let mut world = World::new();
    let a = world.connect(Hello::v5("a"));
    world.publish(a, message("t", "kept").retain());
    world.subscribe(a, "$share/g/t", Q0);
    assert!(world.take(a).is_empty());
}

/// 5.0: [MQTT-3.8.4-3] [MQTT-3.10.4-1]
#[test]
fn leaving_a_group() {
    let mut world = World::new();
    let a = world.connect(Hello::v5("a"));
    let b = world.connect(Hello::v5("b"));
    for client in [a, b, a] {
        world.subscribe(client, "$share/g/t", Q0);
    }
    world.publish(b, message("t", "1"));
    world.publish(b, message("t", "2"));
    assert_eq!((world.take(a).len(), world.take(b).len()), (1, 1));
    world.send_unsubscribe(a, &["$share/g/t"]);
    assert_eq!(world.take(a), ["UNSUBACK #1 00"]);
    world.publish(b, message("t", "3"));
    assert_eq!((world.take(a).len(), world.take(b).len()), (0, 1));
    world.cut(b);
    assert_eq!(world.broker.counts().subscriptions, 0);
    world.publish(a, message("t", "4"));
}

/// 5.0: [MQTT-3.8.3-4] [MQTT-4.8.2-1] [MQTT-4.8.2-2]
#[test]
fn filters_that_are_no_shared_ones() {
    for (filter, options) in [
        ("$share/g", 0),
        ("$share//t", 0),
        ("$share/g/", 0),
        ("$share/g+/t", 0),
        ("$share/g/t", 4),
    ] {
        let mut world = World::new();
        let client = world.connect(Hello::v5("a"));
        let len = filter.len() as u8;
        let mut bytes = vec![0x82, len + 6, 0, 1, 0, 0, len];
        bytes.extend(filter.as_bytes());
        bytes.push(options);
        world.send_bytes(client, &bytes);
        let answers = world.take(client);
        assert!(
            answers[0].starts_with("DISCONNECT 8"),
            "{filter}: {answers:?}"
        );
        assert_eq!(answers[1], "closed");
    }
}

/// Clients before 5.0 may share too, as many brokers let them.
#[test]
fn clients_before_5_0() {
    let mut world = World::new();
    let a = world.connect(Hello::v3("a"));
    let b = world.connect(Hello::v3("b"));
    world.subscribe(a, "$share/g/t", Q0);
    world.subscribe(b, "$share/g/t", Q0);
    for _ in 0..4 {
        world.publish(a, message("t", ""));
    }
    assert_eq!((world.take(a).len(), world.take(b).len()), (2, 2));
    let mut subscribe = vec![0x82, 16, 0, 1, 0, 11];
    subscribe.extend(b"$share/only\0");
    world.send_bytes(a, &subscribe);
    assert_eq!(
        world.take(a),
        ["SUBACK #1 00"],
        "no share name: a filter as any other"
    );
}

/// Section 4.8.2: what a session leaves behind goes to another member, but for QoS 2 messages whose delivery
/// has begun.
/// 5.0: [MQTT-4.8.2-5]
#[test]
fn what_an_ended_session_leaves_goes_to_another_member() {
    let mut world = World::new();
    let two = Property::ReceiveMaximum(2);
    let a = world.connect(Hello::v5("a").kept().with(two));
    world.subscribe(a, "$share/g/t", Q2);
    world.subscribe(a, "own", Q1);
    let publisher = world.connect(Hello::v5("p"));
    // Two that are sent, and three that wait.
    world.publish(publisher, message("t", "begun q1").q1(1));
    world.publish(publisher, message("t", "begun q2").q2(2));
    world.publish(publisher, message("t", "waits q1").q1(3));
    world.publish(publisher, message("t", "waits q2").q2(4));
    world.publish(publisher, message("own", "mine").q1(5));
    assert_eq!(world.take(a).len(), 2);
    world.cut(a);
    let b = world.connect(Hello::v5("b"));
    let identifier = Property::SubscriptionIdentifier(7);
    let options = SubscriptionOptions::with_qos(Q1);
    world.subscribe_with(b, "$share/g/t", options, &[identifier]);
    assert!(world.take(b).is_empty(), "as long as a may come back");
    world.observe();
    world.pass(std::time::Duration::from_secs(3_600));
    let at = |number: u16, payload: &str| {
        format!("PUBLISH q1 #{number} t {payload:?} [SubscriptionIdentifier(7)]")
    };
    let expected = [at(1, "begun q1"), at(2, "waits q1"), at(3, "waits q2")];
    assert_eq!(world.take(b), expected);
    let discarded = world.events().into_iter().filter(|event| {
        matches!(event, Event::Discarded { client, why: DiscardReason::SessionEnded, .. } if **client == *"a")
    });
    assert_eq!(discarded.count(), 5, "a gets none of them");
    for id in 1..=3 {
        world.send(b, Packet::PubAck(ack(id)));
    }
    assert_eq!(world.broker.counts().queued_bytes, 0);
}

/// Where nobody else is in the group, or only a group of the same place in memory is there, they are gone.
#[test]
fn what_an_ended_session_leaves_goes_to_its_group_only() {
    let mut world = World::new();
    let publisher = world.connect(Hello::v5("p"));
    let a = world.connect(Hello::v5("a").kept());
    world.subscribe(a, "$share/g/t", Q1);
    world.cut(a);
    world.publish(publisher, message("t", "x").q1(1));
    // The group ends with its last subscription; what waits stays.
    let a = world.say(&Hello::v5("a").kept().with(Property::ReceiveMaximum(1)));
    world.send_unsubscribe(a, &["$share/g/t"]);
    let b = world.connect(Hello::v5("b"));
    world.subscribe(b, "$share/g/t", Q1);
    world.subscribe(b, "$share/other/t", Q1);
    world.cut(a);
    world.connect(Hello::v5("a"));
    assert!(world.take(b).is_empty());
    assert_eq!(world.broker.counts().queued_bytes, 0);
}

/// From one to the next, as long as there is one, also offline; none comes twice and none is lost.
#[test]
fn members_that_end_one_after_the_other() {
    let mut world = World::new();
    let publisher = world.connect(Hello::v3("p"));
    let names = ["a", "b", "c"];
    for name in names {
        let client = world.connect(Hello::v3(name).kept());
        world.subscribe(client, "$share/g/t", Q1);
        world.cut(client);
    }
    for id in 1..=30 {
        world.publish(publisher, message("t", &id.to_string()).q1(id));
    }
    let queued = |world: &World, name: &str| world.broker.session(name).map(|it| it.queued);
    assert_eq!(names.map(|name| queued(&world, name)), [Some(10); 3]);
    // A session ends when its client comes with Clean Session 1, and again when it leaves.
    for (name, left) in [
        ("a", [None, Some(15), Some(15)]),
        ("b", [None, None, Some(30)]),
    ] {
        let client = world.connect(Hello::v3(name));
        world.cut(client);
        assert_eq!(names.map(|name| queued(&world, name)), left);
    }
    let c = world.reconnect(Hello::v3("c").kept());
    let mut got: Vec<String> = world.take(c);
    assert_eq!(got.len(), 30);
    got.sort_unstable();
    got.dedup_by_key(|line| line.rsplit(' ').next().map(str::to_owned));
    assert_eq!(got.len(), 30);
}

/// Section 3.4.2.1: 0x10 says that nobody is subscribed. A group is, also where none of its members can have the message now.
#[test]
fn a_group_that_is_away_has_subscribed_all_the_same() {
    let mut world = World::new();
    let publisher = world.connect(Hello::v5("p"));
    let a = world.connect(Hello::v5("a").kept());
    world.subscribe(a, "$share/g/t", Q0);
    world.subscribe(a, "own", Q0);
    world.cut(a);
    for (topic, answer) in [
        ("t", "PUBACK #1"),
        ("own", "PUBACK #1"),
        ("else", "PUBACK #1 10"),
    ] {
        world.publish(publisher, message(topic, "").q1(1));
        assert_eq!(world.take(publisher), [answer], "{topic}");
    }
}

/// Section 3.1.2.11.4: a message that is too large for a member goes to one that takes it, where there is one.
///
/// 5.0: [MQTT-3.1.2-24] [MQTT-3.1.2-25]
#[test]
fn a_message_too_large_for_one_goes_to_another() {
    let mut world = World::new();
    let publisher = world.connect(Hello::v5("p"));
    let small = world.connect(Hello::v5("small").with(Property::MaximumPacketSize(50)));
    world.subscribe(small, "$share/g/t", Q1);
    let large = world.connect(Hello::v5("large").kept());
    world.subscribe(large, "$share/g/t", Q1);
    let payload = "x".repeat(60);
    for id in 1..=4 {
        world.publish(publisher, message("t", &payload).q1(id));
        world.publish(publisher, message("t", "").q1(10 + id));
    }
    let all = [world.take(small), world.take(large)];
    let long = all.each_ref().map(|lines| {
        let long = lines.iter().filter(|line| line.contains(&payload));
        long.count()
    });
    assert_eq!(long, [0, 4]);
    assert!(all[0].len() >= 2, "what it takes it gets in its turn");
    // It waits for who takes it, rather than being lost at once.
    world.cut(large);
    world.publish(publisher, message("t", &payload).q1(5));
    assert_eq!(world.take(small), [""; 0]);
    assert_eq!(world.broker.session("large").unwrap().queued, 1);
    // With nobody else it is as if it had been delivered; one that fits after all is.
    let large = world.say(&Hello::v5("large"));
    world.cut(large);
    world.publish(publisher, message("t", &payload).q1(6));
    assert_eq!(world.take(small), [""; 0]);
    world.publish(publisher, message("t", &"y".repeat(30)).q1(7));
    assert_eq!(world.take(small).len(), 1);
    world.broker.verify().unwrap();
}

/// Section 3.1.2.11.4: up to the last byte. Who is there and can take it gets it before it waits for somebody who is not.
#[test]
fn a_message_that_just_fits_goes_to_the_member_that_is_there() {
    let topic = "topic/of/20/letters/";
    // Fixed header, topic, Packet Identifier, no properties; then the topic's length and its alias without the topic.
    for (aliases, most) in [(0, 50 - 2 - 22 - 2 - 1), (9, 50 - 2 - 2 - 2 - 1 - 3)] {
        let mut world = World::new();
        let publisher = world.connect(Hello::v5("p"));
        let large = world.connect(Hello::v5("large").kept());
        world.subscribe(large, "$share/g/#", Q1);
        world.cut(large);
        let small = Hello::v5("small").with(Property::MaximumPacketSize(50));
        let small = world.connect(small.with(Property::TopicAliasMaximum(aliases)));
        world.subscribe(small, "$share/g/#", Q1);
        // Tells the alias.
        world.publish(publisher, message(topic, "").q1(1));
        assert_eq!(world.take(small).len(), 1);
        for id in 2..4 {
            world.publish(publisher, message(topic, &"x".repeat(most)).q1(id));
            assert_eq!(world.take(small).len(), 1, "{aliases}");
        }
        assert_eq!(world.broker.session("large").unwrap().queued, 0);
        world.publish(publisher, message(topic, &"x".repeat(most + 1)).q1(4));
        assert_eq!(world.take(small), [""; 0]);
        assert_eq!(world.broker.session("large").unwrap().queued, 1);
        world.broker.verify().unwrap();
    }
}
