//! Shared Subscriptions (5.0 section 4.8.2).

use vitrine_packet::{Packet, Property, ReasonCode};

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
