//! PUBLISH (section 3.3), and what topics match (section 4.7).

use std::time::Duration;

use vitrine_packet::{Packet, Property};

use super::subscribe::subscribe;
use super::*;

/// DUP says of each copy whether it is a repetition, whatever it was when it came.
///
/// 3.1.1: [MQTT-3.3.1-1] [MQTT-3.3.1-2] [MQTT-3.3.1-3] [MQTT-4.3.1-1]
/// 5.0: [MQTT-3.3.1-1] [MQTT-3.3.1-2] [MQTT-3.3.1-3] [MQTT-4.3.1-1]
#[test]
fn dup_is_about_the_copy() {
    for version in [V3, V5] {
        for (granted, dup) in [(Q0, false), (Q1, true), (Q2, true)] {
            let mut world = World::new();
            let subscriber = world.connect(hello(version, "s").kept());
            world.subscribe(subscriber, "a", granted);
            let publisher = world.connect(hello(version, "p"));
            for sent in [
                message("a", "x").q1(1),
                message("a", "x").q1(2).dup(),
                message("a", "x").q2(3),
                message("a", "x").q2(4).dup(),
            ] {
                world.publish(publisher, sent);
            }
            let got = world.take(subscriber);
            assert_eq!(got.len(), 4);
            assert!(got.iter().all(|line| !line.contains("dup")), "{got:?}");
            world.cut(subscriber);
            let subscriber = world.reconnect(hello(version, "s").kept());
            let again = world.take(subscriber);
            assert_eq!(again.len(), if dup { 4 } else { 0 });
            assert!(again.iter().all(|line| line.contains(" dup ")), "{again:?}");
        }
    }
}

/// 3.1.1: [MQTT-3.3.4-1] [MQTT-2.3.1-6] [MQTT-4.3.2-2] [MQTT-4.3.3-2]
/// 5.0: [MQTT-3.3.4-1] [MQTT-2.2.1-5] [MQTT-4.3.2-4] [MQTT-4.3.2-5] [MQTT-4.3.3-8] [MQTT-4.3.3-11] [MQTT-4.3.3-12]
#[test]
fn each_qos_has_its_answer_and_its_id_can_be_used_again() {
    for version in [V3, V5] {
        let mut world = World::new();
        let watcher = world.connect(hello(version, "w"));
        world.subscribe(watcher, "a", Q0);
        let publisher = world.connect(hello(version, "p"));
        for round in 1..=3 {
            for id in [1, 2, 65_535] {
                world.publish(publisher, message("a", "0"));
                assert!(world.take(publisher).is_empty());
                world.publish(publisher, message("a", "1").q1(id));
                assert_eq!(world.take(publisher), [format!("PUBACK #{id}")]);
                world.publish(publisher, message("a", "1").q1(id).dup());
                assert_eq!(world.take(publisher), [format!("PUBACK #{id}")]);
                world.publish(publisher, message("a", "2").q2(id));
                assert_eq!(world.take(publisher), [format!("PUBREC #{id}")]);
                world.send(publisher, Packet::PubRel(ack(id)));
                assert_eq!(world.take(publisher), [format!("PUBCOMP #{id}")]);
                let got = world.take(watcher).concat();
                let payloads = got.replace("PUBLISH a ", "").replace('"', "");
                assert_eq!(payloads, "0112", "round {round}");
            }
        }
    }
}

/// A message at QoS 2 whose time is over when it is released: both halves of the flow go on to their ends.
///
/// 5.0: [MQTT-4.3.3-13] [MQTT-4.3.3-7]
#[test]
fn qos_2_goes_on_when_the_message_has_expired() {
    let mut world = World::new();
    let subscriber = world.connect(hello(V5, "s").kept());
    world.subscribe(subscriber, "a", Q2);
    let publisher = world.connect(hello(V5, "p"));
    let short = || {
        let expiry = Property::MessageExpiryInterval(1);
        message("a", "x").q2(7).with(expiry)
    };
    world.publish(publisher, short());
    assert_eq!(world.take(publisher), ["PUBREC #7"]);
    assert_eq!(plain(world.take(subscriber)), ["PUBLISH q2 #1 a \"x\""]);
    world.pass(Duration::from_secs(10));
    world.publish(publisher, short().dup());
    assert_eq!(
        world.take(publisher),
        ["PUBREC #7"],
        "still the same message"
    );
    world.send(publisher, Packet::PubRel(ack(7)));
    assert_eq!(world.take(publisher), ["PUBCOMP #7"]);
    assert!(world.take(subscriber).is_empty());
    world.send(subscriber, Packet::PubRec(ack(1)));
    assert_eq!(world.take(subscriber), ["PUBREL #1"]);
    world.cut(subscriber);
    let subscriber = world.reconnect(hello(V5, "s").kept());
    assert_eq!(world.take(subscriber), ["PUBREL #1"]);
    world.send(subscriber, Packet::PubComp(ack(1)));
    assert_eq!(world.broker.session("s").unwrap().in_flight_out, 0);
}

/// 3.1.1: [MQTT-3.8.4-6]
/// 5.0: [MQTT-3.8.4-8] [MQTT-4.8.2-3]
#[test]
fn the_lower_qos_counts() {
    for version in [V3, V5] {
        for filter in ["a", "$share/g/a"] {
            for granted in [Q0, Q1, Q2] {
                for published in [Q0, Q1, Q2] {
                    let mut world = World::new();
                    let subscriber = world.connect(hello(version, "s"));
                    world.subscribe(subscriber, filter, granted);
                    let publisher = world.connect(hello(version, "p"));
                    world.publish(publisher, message("a", "x").qos(published, 1));
                    let expected = match granted.min(published).as_u8() {
                        0 => "PUBLISH a \"x\"".to_owned(),
                        qos => format!("PUBLISH q{qos} #1 a \"x\""),
                    };
                    assert_eq!(world.take(subscriber), [expected]);
                }
            }
        }
    }
}

/// A message reaches all who subscribed to it, connected or not, and nobody else.
///
/// 3.1.1: [MQTT-4.5.0-1] [MQTT-3.3.2-3] [MQTT-3.1.2-5] [MQTT-4.1.0-1]
/// 5.0: [MQTT-4.5.0-1] [MQTT-3.3.2-3] [MQTT-4.1.0-1]
#[test]
fn a_message_reaches_all_who_subscribed() {
    for version in [V3, V5] {
        let mut world = World::new();
        let filters = ["a/b", "a/+", "+/b", "#", "a/#", "a", "b/#", "+", "A/b"];
        let names: Vec<String> = (0..filters.len()).map(|n| format!("s{n}")).collect();
        for (number, filter) in filters.iter().enumerate() {
            let client = world.connect(hello(version, &names[number]).kept());
            world.subscribe(client, filter, Q1);
            if number % 2 == 1 {
                world.cut(client);
            }
        }
        let publisher = world.connect(hello(version, "p"));
        world.publish(publisher, message("a/b", "x").q1(1));
        for (number, name) in names.iter().enumerate() {
            let client = world.reconnect(hello(version, name).kept());
            // Those who were connected have it already, and get it again.
            let got = plain(world.take(client));
            assert_eq!(
                got.len(),
                usize::from(number < 5),
                "{}: {got:?}",
                filters[number]
            );
            assert!(
                got.iter().all(|line| line.ends_with("a/b \"x\"")),
                "{got:?}"
            );
        }
    }
}

/// Through a window of two, with a connection that breaks again and again, the messages of two publishers at one QoS
/// come in their order on each topic.
///
/// 3.1.1: [MQTT-4.6.0-5] [MQTT-4.6.0-6]
/// 5.0: [MQTT-4.6.0-5] [MQTT-4.6.0-6]
#[test]
fn order_of_each_publisher_and_topic() {
    for version in [V3, V5] {
        for qos in [Q1, Q2] {
            let mut world = World::with(vitrine_broker::Config {
                max_in_flight: 2,
                ..Default::default()
            });
            let mut subscriber = world.connect(hello(version, "s").kept());
            world.subscribe(subscriber, "t/#", Q2);
            let publishers = ["p", "q"].map(|id| world.connect(hello(version, id)));
            let mut got: Vec<String> = vec![];
            for n in 1..=60_u16 {
                for (number, publisher) in publishers.iter().enumerate() {
                    let payload = format!("{number}-{n:02}");
                    let topic = format!("t/{}", n % 3);
                    world.publish(*publisher, message(&topic, &payload).qos(qos, n));
                }
                if n % 7 == 0 {
                    world.cut(subscriber);
                    subscriber = world.reconnect(hello(version, "s").kept());
                }
                for line in world.take(subscriber) {
                    let id = line.split('#').nth(1).unwrap();
                    let id = id.split(' ').next().unwrap().parse().unwrap();
                    if line.starts_with("PUBLISH") && !line.contains(" dup ") {
                        got.push(line.split('#').nth(1).unwrap().to_owned());
                    }
                    let answer = match (qos, line.starts_with("PUBREL")) {
                        (_, true) => Packet::PubComp(ack(id)),
                        (Q1, _) => Packet::PubAck(ack(id)),
                        _ => Packet::PubRec(ack(id)),
                    };
                    world.send(subscriber, answer);
                }
            }
            assert!(got.len() > 40, "{}", got.len());
            for topic in 0..3 {
                for publisher in 0..2 {
                    let numbers: Vec<_> = got
                        .iter()
                        .filter_map(|line| {
                            let (_, rest) =
                                line.split_once(&format!("t/{topic} \"{publisher}-"))?;
                            Some(rest.to_owned())
                        })
                        .collect();
                    let mut sorted = numbers.clone();
                    sorted.sort();
                    assert_eq!(numbers, sorted);
                }
            }
        }
    }
}

/// 3.1.1: [MQTT-4.7.2-1] [MQTT-4.7.1-1] [MQTT-4.7.3-1]
/// 5.0: [MQTT-4.7.2-1] [MQTT-4.7.0-1] [MQTT-4.7.3-1]
#[test]
fn wildcards_are_for_filters_and_stay_out_of_dollar_topics() {
    for version in [V3, V5] {
        for topic in ["a/+", "#", "+", "a/#/b", "a+", "a#", ""] {
            let mut world = World::new();
            let watcher = world.connect(hello(version, "w"));
            world.subscribe(watcher, "#", Q0);
            let publisher = world.connect(hello(version, "p"));
            world.publish(publisher, message(topic, "x"));
            assert!(world.is_closed(publisher), "{topic:?}");
            assert!(world.take(watcher).is_empty());
            let will = hello(version, "p").will(Testament::new(topic, "x"));
            let client = world.say(&will);
            assert_eq!(world.take(client), ["closed"], "as a Will: {topic:?}");
        }
        let mut world = World::new();
        let client = world.connect(hello(version, "c"));
        for filter in ["#", "+/x", "+/#", "$SYS/+"] {
            world.subscribe(client, filter, Q0);
        }
        world.command(vitrine_broker::Command::Publish {
            topic: "$SYS/x",
            payload: b"1",
            qos: Q0,
            retain: false,
        });
        assert_eq!(world.take(client), ["PUBLISH $SYS/x \"1\""], "once");
    }
}

/// What the standards give as examples, and what is not normalised.
///
/// 3.1.1: [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.3-4] [MQTT-3.3.2-3]
/// 5.0: [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.7.3-4] [MQTT-3.3.2-3]
#[test]
fn levels_are_whole() {
    for version in [V3, V5] {
        for (filter, topic, matches) in [
            ("sport/#", "sport", true),
            ("sport/#", "sport/a/b", true),
            ("sport/#", "sports", false),
            ("+/+", "/finance", true),
            ("+", "/finance", false),
            ("a/+/b", "a//b", true),
            ("a/+", "a", false),
            ("Sport", "sport", false),
            ("caf\u{E9}", "cafe\u{301}", false),
        ] {
            let mut world = World::new();
            let client = world.connect(hello(version, "c"));
            world.subscribe(client, filter, Q0);
            world.publish(client, message(topic, ""));
            assert_eq!(
                world.take(client).len(),
                usize::from(matches),
                "{filter} {topic}"
            );
        }
        for filter in ["a/b#", "#/a", "a/#/b", "a+", "+a/b", "a/+b", ""] {
            let mut world = World::new();
            world.observe();
            let client = world.connect(hello(version, "c"));
            world.send_bytes(client, &subscribe(version, 1, &[("zzz", 0)]));
            assert_eq!(world.take(client), ["SUBACK #1 00"]);
            world.send_bytes(client, &subscribe(version, 1, &[(filter, 0)]));
            assert!(world.is_closed(client), "{filter:?}");
            assert_eq!(world.ending().0, "malformed", "{filter:?}");
        }
    }
}
