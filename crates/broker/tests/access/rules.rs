//! PUBLISH, SUBSCRIBE and Wills: what rules refuse.

use vitrine_broker::{Event, WillDrop};
use vitrine_packet::{Property, ReasonCode, SubscriptionOptions};

use super::*;

/// 3.1.1: [MQTT-3.3.5-2]
/// 5.0: [MQTT-3.4.2-1] [MQTT-3.5.2-1]
#[test]
fn a_refused_publication_goes_nowhere() {
    for (hello, answers) in both("a").into_iter().zip([
        ["PUBACK #1", "PUBREC #2", "PUBACK #3"],
        ["PUBACK #1 87", "PUBREC #2 87", "PUBACK #3"],
    ]) {
        let mut world = World::guarded(Access {
            rules: vec![deny(P, "secret/#"), allow(P, "#")],
            ..Access::default()
        });
        let reader = world.connect(Hello::v3("r"));
        world.subscribe(reader, "#", Q2);
        let client = world.connect(hello);
        world.observe();
        world.publish(client, message("secret", "x").retain());
        world.publish(client, message("secret/a", "x").q1(1));
        world.publish(client, message("secret/a", "x").q2(2));
        world.publish(client, message("a", "y").q1(3));
        assert_eq!(world.take(client), answers);
        assert_eq!(world.take(reader), ["PUBLISH q1 #1 a \"y\""]);
        assert!(world.broker.retained("secret").is_none());
        let refused = |topic: &str| Event::PublishRefused {
            client: "a".into(),
            topic: topic.into(),
            reason: ReasonCode::NotAuthorized,
            rule: Some("deny secret/#".into()),
        };
        let events = world.events();
        for (topic, times) in [("secret", 1), ("secret/a", 2)] {
            let seen = events.iter().filter(|event| **event == refused(topic));
            assert_eq!(seen.count(), times);
        }
    }
}

#[test]
fn the_first_rule_that_fits_decides_and_else_the_default() {
    let mut world = World::guarded(only([
        allow(P, "a/b"),
        deny(P | R, "a/#"),
        allow(P, "+/b/#"),
        allow(S | R, "x"),
    ]));
    let client = world.connect(Hello::v5("c"));
    world.observe();
    for (topic, rule) in [
        ("a/b", None),
        ("a", Some("deny a/#")),
        ("a/b/c", Some("deny a/#")),
        ("b/b", None),
        ("b/b/c", None),
        ("x", Some("default")),
        ("b", Some("default")),
    ] {
        world.publish(client, message(topic, ""));
        let refused = world.events().into_iter().find_map(|event| match event {
            Event::PublishRefused { rule, .. } => rule,
            _ => None,
        });
        assert_eq!(refused.as_deref(), rule, "{topic}");
    }
}

#[test]
fn rules_are_for_users_and_clients() {
    let mut access = users();
    access.anonymous = true;
    access.default_allow = false;
    access.rules = vec![
        Rule {
            user: Some("a*".into()),
            ..allow(P, "ann/%u/%c")
        },
        Rule {
            client: Some("tester-*".into()),
            ..allow(P, "client")
        },
        Rule {
            user: Some("*".into()),
            client: Some("tester-*".into()),
            ..allow(P, "both")
        },
        allow(P, "c/%c/#"),
    ];
    let mut world = World::guarded(access);
    let clients = [
        world.log_in(Hello::v5("one"), "ann"),
        world.log_in(Hello::v5("tester-two"), "bob"),
        world.connect(Hello::v5("tester-three")),
        world.connect(Hello::v5("+")),
    ];
    for (topic, may) in [
        ("ann/ann/one", [true, false, false, false]),
        ("ann/bob/two", [false; 4]),
        ("client", [false, true, true, false]),
        ("both", [false, true, false, false]),
        ("c/one", [true, false, false, false]),
        ("c/tester-three/x", [false, false, true, false]),
        ("c/x", [false; 4]),
    ] {
        for (client, may) in clients.into_iter().zip(may) {
            world.publish(client, message(topic, "").q1(1));
            let answer = if may { "PUBACK #1 10" } else { "PUBACK #1 87" };
            assert_eq!(world.take(client), [answer], "{topic}");
        }
    }
}

/// 3.1.1: [MQTT-3.9.3-1] [MQTT-3.9.3-2]
/// 5.0: [MQTT-3.9.3-1] [MQTT-3.9.3-2]
#[test]
fn a_refused_subscription_is_not_made() {
    for (hello, answer) in both("a")
        .into_iter()
        .zip(["SUBACK #1 80 00 80 01", "SUBACK #1 87 00 87 01"])
    {
        let mut world = World::guarded(only([allow(S | R, "a/#"), allow(P, "#")]));
        let client = world.connect(hello);
        world.observe();
        let options = SubscriptionOptions::with_qos;
        let filters = [
            ("b", options(Q0)),
            ("a/b", options(Q0)),
            ("$share/g/b/#", options(Q1)),
            ("$share/g/a/+", options(Q1)),
        ];
        world.send_subscribe(client, &filters, &[]);
        assert_eq!(world.take(client), [answer]);
        assert_eq!(world.broker.session("a").unwrap().subscriptions.len(), 2);
        let refused = |filter: &str| Event::SubscribeRefused {
            client: "a".into(),
            filter: filter.into(),
            reason: ReasonCode::NotAuthorized,
            rule: Some("default".into()),
        };
        let events = world.events();
        assert!(events.contains(&refused("b")));
        assert!(events.contains(&refused("$share/g/b/#")));
    }
}

#[test]
fn a_filter_may_be_wider_than_a_rule_that_judges_messages_too() {
    for (actions, filter, wide, narrow) in [
        // With receive: what has something in common is granted, and what comes of it is judged.
        (S | R, "a/#", true, true),
        // Without there is only the filter to go by.
        (S, "a/#", false, true),
    ] {
        let mut world = World::guarded(only([allow(actions, filter), allow(R, "#")]));
        let client = world.connect(Hello::v5("a"));
        for (filter, may) in [
            ("#", wide),
            ("+/b", wide),
            ("a/#", narrow),
            ("a/+/c", narrow),
            ("a", narrow),
            ("b/#", false),
            ("$SYS/#", false),
        ] {
            world.send_subscribe(client, &[(filter, SubscriptionOptions::with_qos(Q0))], &[]);
            let answer = if may { "SUBACK #1 00" } else { "SUBACK #1 87" };
            assert_eq!(world.take(client), [answer], "{filter} {actions:?}");
        }
    }
    // And a rule that denies the other way round.
    for (actions, wide) in [(S | R, true), (S, false)] {
        let mut world = World::guarded(Access {
            rules: vec![deny(actions, "a/#")],
            ..Access::default()
        });
        let client = world.connect(Hello::v5("a"));
        for (filter, may) in [("#", wide), ("+/b", wide), ("a/b", false), ("b/#", true)] {
            world.send_subscribe(client, &[(filter, SubscriptionOptions::with_qos(Q0))], &[]);
            let answer = if may { "SUBACK #1 00" } else { "SUBACK #1 87" };
            assert_eq!(world.take(client), [answer], "{filter} {actions:?}");
        }
    }
}

#[test]
fn topics_of_the_broker_are_opened_by_name_only() {
    let wild = [allow(Actions::ALL, "#"), allow(Actions::ALL, "+/broker/#")];
    let named = [allow(Actions::ALL, "#"), allow(S | R, "$SYS/broker/+")];
    for (access, may) in [
        (only(wild), false),
        (only(named), true),
        (Access::default(), true),
        (
            Access {
                rules: vec![deny(R, "#")],
                ..Access::default()
            },
            false,
        ),
    ] {
        let mut world = World::guarded(Access::default());
        let client = world.connect(Hello::v5("a"));
        world.subscribe(client, "$SYS/#", Q0);
        world.take(client);
        world.set_access(access.clone());
        let publish = |world: &mut World| {
            world.command(Command::Publish {
                topic: "$SYS/broker/x",
                payload: b"1",
                qos: Q0,
                retain: false,
            });
        };
        publish(&mut world);
        assert_eq!(world.take(client).len(), usize::from(may), "{access:?}");
        // No rule lets clients publish there.
        world.publish(client, message("$SYS/broker/x", "").q1(1));
        assert_eq!(world.take(client), ["PUBACK #1 87"]);
    }
}

/// 3.1.1: [MQTT-3.2.2-5]
/// 5.0: [MQTT-3.1.4-2] [MQTT-3.2.2-7]
#[test]
fn a_will_is_a_publication_of_its_client_when_it_comes() {
    for (hello, answer) in both("a").into_iter().zip(["CONNACK 05", "CONNACK 87"]) {
        let mut world = World::guarded(only([allow(P, "will/%c")]));
        world.observe();
        let refused = world.say(&hello.will(Testament::new("will/b", "x")));
        let answers = world.take(refused);
        assert!(answers[0].starts_with(answer), "{answers:?}");
        assert_eq!(answers[1..], ["closed"]);
        let event = Event::ConnectRefused {
            connection: refused,
            client: "a".into(),
            username: None,
            reason: ReasonCode::NotAuthorized,
            rule: Some("default".into()),
        };
        assert!(world.events().contains(&event));
        let version = world.version(refused);
        let fine = Hello {
            version,
            ..Hello::v3("a")
        };
        world.connect(fine.will(Testament::new("will/a", "x")));
    }
}

#[test]
fn a_will_is_judged_again_when_it_fires() {
    let mut world = World::guarded(only([allow(Actions::ALL, "#")]));
    let reader = world.connect(Hello::v3("r"));
    world.subscribe(reader, "#", Q0);
    let client = world.connect(Hello::v3("a").will(Testament::new("will", "x")));
    let mut later = Testament::new("later", "x");
    later.properties = vec![Property::WillDelayInterval(10)];
    let delayed = world.connect(Hello::v5("b").kept().will(later));
    world.cut(delayed);
    world.set_access(only([
        deny(P, "will"),
        deny(P, "later"),
        allow(Actions::ALL, "#"),
    ]));
    world.observe();
    world.cut(client);
    world.pass(std::time::Duration::from_secs(10));
    assert!(world.take(reader).is_empty());
    let events = world.events();
    for (client, rule) in [("a", "deny will"), ("b", "deny later")] {
        let dropped = Event::WillDropped {
            client: client.into(),
            why: WillDrop::NotAuthorized,
            rule: Some(rule.into()),
        };
        assert!(events.contains(&dropped));
    }
}

#[test]
fn changed_rules_apply_at_once() {
    let mut world = World::new();
    let client = world.connect(Hello::v5("a"));
    let publish = |world: &mut World| {
        world.publish(client, message("a", "").q1(1));
        world.take(client)
    };
    assert_eq!(publish(&mut world), ["PUBACK #1 10"]);
    world.set_access(only([]));
    assert_eq!(publish(&mut world), ["PUBACK #1 87"]);
    world.set_access(only([allow(P, "a")]));
    assert_eq!(publish(&mut world), ["PUBACK #1 10"]);
    world.set_access(Access::default());
    assert_eq!(publish(&mut world), ["PUBACK #1 10"]);
    assert_eq!(*world.broker.config().access, Access::default());
}
