//! Messages that a rule keeps from a client.

use vitrine_broker::{Broker, Event, PersistentState};
use vitrine_packet::{Packet, SubscriptionOptions};

use super::*;

fn withheld(world: &mut World) -> Vec<(String, Option<String>, String, bool)> {
    let events = world.events().into_iter();
    let withheld = events.filter_map(|event| match event {
        Event::Withheld {
            client,
            filter,
            rule,
            retained,
            ..
        } => Some((
            client.to_string(),
            filter.map(|filter| filter.to_string()),
            rule.to_string(),
            retained,
        )),
        _ => None,
    });
    withheld.collect()
}

#[test]
fn a_message_goes_only_to_those_who_may_receive_it() {
    let mut world = World::guarded(Access {
        rules: vec![Rule {
            client: Some("b".into()),
            ..deny(R, "secret/#")
        }],
        ..Access::default()
    });
    let [a, b] = ["a", "b"].map(|client| world.connect(Hello::v5(client)));
    for client in [a, b] {
        world.subscribe(client, "#", Q2);
    }
    world.observe();
    let publisher = world.connect(Hello::v5("p"));
    // Twice: from a route that is new and one that is known.
    for _ in 0..2 {
        world.publish(publisher, message("secret/x", "1"));
        world.publish(publisher, message("open", "2"));
        assert_eq!(
            world.take(a),
            ["PUBLISH secret/x \"1\"", "PUBLISH open \"2\""]
        );
        assert_eq!(world.take(b), ["PUBLISH open \"2\""]);
        let seen = ("b".into(), Some("#".into()), "deny secret/#".into(), false);
        assert_eq!(withheld(&mut world), [seen]);
    }
    // As if there were no subscription.
    world.cut(a);
    world.publish(publisher, message("secret/x", "1").q1(1));
    assert_eq!(world.take(publisher), ["PUBACK #1 10"]);
}

#[test]
fn retained_messages_too() {
    let mut world = World::guarded(only([
        allow(P, "#"),
        deny(R, "a/secret"),
        allow(S | R, "a/#"),
    ]));
    let publisher = world.connect(Hello::v5("p"));
    for topic in ["a/secret", "a/open", "b"] {
        world.publish(publisher, message(topic, "x").retain());
    }
    world.observe();
    let reader = world.connect(Hello::v5("r"));
    world.subscribe(reader, "#", Q0);
    assert_eq!(world.take(reader), ["PUBLISH retain a/open \"x\""]);
    let because = |rule: &str| ("r".into(), Some("#".into()), rule.into(), true);
    assert_eq!(
        withheld(&mut world),
        [because("deny a/secret"), because("default")]
    );
}

#[test]
fn a_member_of_a_group_who_may_not_receive_is_passed_over() {
    let mut world = World::guarded(Access {
        rules: vec![Rule {
            client: Some("b".into()),
            ..deny(R, "secret")
        }],
        ..Access::default()
    });
    let clients = ["a", "b", "c"].map(|client| world.connect(Hello::v5(client)));
    for client in clients {
        world.subscribe(client, "$share/g/+", Q1);
    }
    let publisher = world.connect(Hello::v5("p"));
    for _ in 0..6 {
        world.publish(publisher, message("secret", "x"));
    }
    let counts = clients.map(|client| world.take(client).len());
    assert_eq!(counts, [3, 0, 3]);
    for _ in 0..6 {
        world.publish(publisher, message("open", "x"));
    }
    let counts = clients.map(|client| world.take(client).len());
    assert_eq!(counts, [2, 2, 2]);
    // Nobody is left who may.
    world.cut(clients[0]);
    world.cut(clients[2]);
    world.publish(publisher, message("secret", "x").q1(1));
    assert_eq!(world.take(publisher), ["PUBACK #1 10"]);
    assert!(world.take(clients[1]).is_empty());
}

#[test]
fn what_waits_or_is_under_way_is_judged_when_it_is_sent() {
    for qos in [Q1, Q2] {
        let mut world = World::new();
        let reader = world.connect(Hello::v5("r").kept());
        world.subscribe(reader, "#", Q2);
        let publisher = world.connect(Hello::v5("p"));
        // Under way, and waiting.
        world.publish(publisher, message("secret", "1").qos(qos, 1));
        world.publish(publisher, message("open", "2").qos(qos, 2));
        assert_eq!(world.take(reader).len(), 2);
        world.cut(reader);
        world.publish(publisher, message("secret", "3").qos(qos, 3));
        world.publish(publisher, message("open", "4").qos(qos, 4));
        world.set_access(Access {
            rules: vec![deny(R, "secret")],
            ..Access::default()
        });
        world.observe();
        let reader = world.reconnect(Hello::v5("r").kept());
        let q = qos.as_u8();
        // At QoS 2 the reader may have the first, and its identifier is not given to another message before it let go of it.
        let released = (qos == Q2).then(|| "PUBREL #1".to_owned());
        let sent = [
            format!("PUBLISH q{q} #2 dup open \"2\""),
            format!("PUBLISH q{q} #3 open \"4\""),
        ];
        let expected: Vec<_> = released.into_iter().chain(sent).collect();
        assert_eq!(world.take(reader), expected);
        if qos == Q2 {
            world.send(reader, Packet::PubComp(ack(1)));
        }
        let seen = ("r".into(), None, "deny secret".into(), false);
        assert_eq!(withheld(&mut world), [seen.clone(), seen]);
        // Nothing is left of them.
        for id in [2, 3] {
            world.send(
                reader,
                if qos == Q1 {
                    Packet::PubAck(ack(id))
                } else {
                    Packet::PubRec(ack(id))
                },
            );
            if qos == Q2 {
                world.send(reader, Packet::PubComp(ack(id)));
            }
        }
        let session = world.broker.session("r").unwrap();
        assert_eq!((session.queued, session.in_flight_out), (0, 0));
        assert_eq!(world.broker.counts().queued_bytes, 0);
    }
}

/// A user who goes on with what an anonymous client began gets what that user may have.
#[test]
fn a_session_that_changes_hands_is_judged_by_its_new_user() {
    let mut access = users();
    access.anonymous = true;
    access.rules = vec![Rule {
        user: Some("bob".into()),
        ..deny(R | P, "secret")
    }];
    let mut world = World::guarded(access);
    let publisher = world.log_in(Hello::v5("p"), "ann");
    let before = world.connect(Hello::v5("r").kept());
    // What an anonymous client may publish is no licence for bob.
    world.publish(before, message("secret", "0").q1(7));
    world.publish(before, message("secret", "0").q1(7));
    assert_eq!(world.take(before), ["PUBACK #7 10", "PUBACK #7 10"]);
    world.subscribe(before, "#", Q1);
    world.publish(publisher, message("secret", "1").q1(1));
    assert_eq!(world.take(before).len(), 1);
    world.cut(before);
    world.publish(publisher, message("secret", "2").q1(1));
    world.publish(publisher, message("open", "3").q1(1));
    let bob = world.say(&Hello::v5("r").kept().user("bob", "bob"));
    world.check_passwords();
    let answers = world.take(bob);
    assert!(answers[0].starts_with("CONNACK 00 present"), "{answers:?}");
    assert_eq!(answers[1..], ["PUBLISH q1 #2 open \"3\""]);
    world.publish(publisher, message("secret", "4").q1(1));
    assert!(world.take(bob).is_empty());
    world.publish(bob, message("secret", "0").q1(7));
    let answers = world.take(bob);
    assert!(answers[0].starts_with("PUBACK #7 87"), "{answers:?}");
}

#[test]
fn a_session_keeps_its_user_over_a_restart() {
    let mut access = users();
    access.rules = vec![Rule {
        user: Some("ann".into()),
        ..deny(R, "secret")
    }];
    let config = Config {
        access: access.into(),
        durable: true,
        ..Config::default()
    };
    let mut world = World::with(config.clone());
    let ann = world.log_in(Hello::v5("r").kept(), "ann");
    let options = SubscriptionOptions::with_qos(Q1);
    world.send_subscribe(ann, &[("#", options)], &[]);
    let mut state = PersistentState::default();
    for change in world.broker.take_changes() {
        state.apply(change);
    }
    world.broker = Broker::restore(config, state, world.now).unwrap();
    for (topic, queued) in [("secret", 0), ("open", 1)] {
        world.command(Command::Publish {
            topic,
            payload: b"x",
            qos: Q1,
            retain: false,
        });
        assert_eq!(world.broker.session("r").unwrap().queued, queued);
    }
}
