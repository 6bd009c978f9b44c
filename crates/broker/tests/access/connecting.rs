//! CONNECT: who may.

use std::time::Duration;

use vitrine_broker::{Access, Config, Event, User};
use vitrine_packet::{Packet, Property, ReasonCode};

use super::*;

/// 3.1.1: [MQTT-3.2.2-5] [MQTT-3.1.4-5]
/// 5.0: [MQTT-3.1.4-2] [MQTT-3.2.2-7] [MQTT-3.1.4-6]
#[test]
fn an_anonymous_client_is_refused_where_none_may_be() {
    for (hello, answer) in both("a").into_iter().zip(["CONNACK 05", "CONNACK 87"]) {
        let mut world = World::guarded(users());
        world.observe();
        let connection = world.open_as(hello.version);
        let subscribe = [&hello.bytes()[..], b"\x82\x06\0\x01\0\x01a\0"].concat();
        world.send_bytes(connection, &subscribe);
        let answers = world.take(connection);
        assert!(answers[0].starts_with(answer), "{answers:?}");
        assert_eq!(answers[1..], ["closed"]);
        assert!(world.asked.is_empty());
        assert_eq!(world.broker.counts().sessions, 0);
        let refused = Event::ConnectRefused {
            connection,
            client: "a".into(),
            username: None,
            reason: ReasonCode::NotAuthorized,
            rule: Some("anonymous".into()),
        };
        assert!(world.events().contains(&refused));
    }
}

/// 3.1.1: [MQTT-3.1.4-4] [MQTT-3.2.2-5]
/// 5.0: [MQTT-3.1.4-5] [MQTT-3.1.4-2] [MQTT-3.2.2-7]
#[test]
fn a_password_is_checked_by_the_host() {
    for (hello, wrong) in both("a").into_iter().zip(["CONNACK 04", "CONNACK 86"]) {
        let mut world = World::guarded(users());
        world.observe();
        let right = world.say(&Hello {
            username: Some("ann"),
            password: Some("ann"),
            ..hello
        });
        assert_eq!(world.asked, [right]);
        let credentials = world.broker.credentials(right).unwrap();
        assert_eq!(*credentials.username, *"ann");
        assert_eq!(credentials.password.as_deref(), Some(&b"ann"[..]));
        assert_eq!(credentials.hash.as_deref(), Some("ann"));
        assert!(!format!("{credentials:?}").contains("password"));
        assert!(world.take(right).is_empty(), "no answer before the verdict");
        world.check_passwords();
        assert!(world.take(right)[0].starts_with("CONNACK 00"));
        let session = world.broker.session("a").unwrap();
        assert_eq!(session.user.as_deref(), Some("ann"));
        assert_eq!(world.broker.credentials(right), None);

        for (name, password) in [
            ("ann", Some("bob")),
            ("ann", None),
            ("carol", Some("carol")),
            ("carol", None),
            ("", Some("")),
        ] {
            let version = world.version(right);
            let hello = Hello {
                version,
                username: Some(name),
                password,
                ..Hello::v3("b")
            };
            let connection = world.say(&hello);
            world.events();
            world.check_passwords();
            let answers = world.take(connection);
            assert!(answers[0].starts_with(wrong), "{answers:?}");
            assert_eq!(answers[1..], ["closed"]);
            let refused = Event::ConnectRefused {
                connection,
                client: "b".into(),
                username: Some(name.into()),
                reason: ReasonCode::BadUserNameOrPassword,
                rule: Some("users".into()),
            };
            assert!(world.events().contains(&refused));
        }
    }
}

/// A host that says yes for somebody there is no password of is not believed.
#[test]
fn nobody_gets_in_without_a_password_of_the_broker() {
    let mut access = users();
    access.users.insert("carol".into(), User::default());
    let mut world = World::guarded(access);
    for name in ["carol", "dave"] {
        let connection = world.say(&Hello::v5("a").user(name, ""));
        assert_eq!(world.broker.credentials(connection).unwrap().hash, None);
        world.verdict(connection, true);
        assert!(world.take(connection)[0].starts_with("CONNACK 86"));
    }
}

#[test]
fn where_there_are_no_users_a_name_is_decoration() {
    let mut world = World::guarded(only([Rule {
        user: Some("*".into()),
        ..allow(P, "#")
    }]));
    let client = world.connect(Hello::v5("a").user("ann", "wrong"));
    assert!(world.asked.is_empty());
    assert_eq!(world.broker.session("a").unwrap().user, None);
    world.publish(client, message("a", "x").q1(1));
    assert_eq!(world.take(client), ["PUBACK #1 87"]);
    // Unless nobody may be anonymous: then there is nobody who may connect.
    world.set_access(Access {
        anonymous: false,
        ..Access::default()
    });
    let named = world.say(&Hello::v5("b").user("ann", "x"));
    assert_eq!(world.broker.credentials(named).unwrap().hash, None);
    world.check_passwords();
    assert!(world.take(named)[0].starts_with("CONNACK 86"));
}

/// 3.1.1: [MQTT-3.1.4-4]
/// 5.0: [MQTT-3.1.4-5]
#[test]
fn what_comes_before_the_answer_waits_for_it() {
    for hello in both("a") {
        let mut world = World::guarded(users());
        let version = hello.version;
        let connection = world.open_as(version);
        let hello = hello.user("ann", "ann").bytes();
        let rest = [
            message("t", "1").q1(7).bytes(version),
            bytes(version, &Packet::PingReq),
        ]
        .concat();
        // With CONNECT, alone, and cut.
        world.send_bytes(connection, &[&hello[..], &rest].concat());
        world.send_bytes(connection, &rest[..5]);
        world.send_bytes(connection, &rest[5..]);
        world.send_bytes(connection, &rest[..1]);
        assert!(world.take(connection).is_empty());
        world.check_passwords();
        let puback = if version == V3 {
            "PUBACK #7"
        } else {
            "PUBACK #7 10"
        };
        let answers = world.take(connection);
        let answers: Vec<_> = answers
            .iter()
            .map(|line| &line[..line.len().min(12)])
            .collect();
        assert!(answers[0].starts_with("CONNACK 00"), "{answers:?}");
        assert_eq!(answers[1..], [puback, "PINGRESP", puback, "PINGRESP"]);
        world.send_bytes(connection, &rest[1..]);
        assert_eq!(world.take(connection).len(), 2);
        // A second verdict changes nothing.
        world.verdict(connection, false);
        world.verdict(connection, true);
        assert!(world.take(connection).is_empty());
    }
}

/// 3.1.1: [MQTT-3.1.4-5]
/// 5.0: [MQTT-3.1.4-6]
#[test]
fn what_came_before_a_refusal_is_not_handled() {
    for hello in both("a") {
        let mut world = World::guarded(users());
        let version = hello.version;
        let connection = world.say(&hello.user("ann", "wrong"));
        let publish = message("t", "1").retain().bytes(version);
        world.send_bytes(connection, &publish);
        world.check_passwords();
        assert!(world.is_closed(connection));
        assert!(world.broker.retained("t").is_none());
    }
}

#[test]
fn only_so_much_may_come_before_the_answer() {
    let config = |max_early_bytes| Config {
        access: users().into(),
        max_early_bytes,
        ..Config::default()
    };
    let mut world = World::with(config(4));
    for (hello, answer) in both("a").into_iter().zip(["CONNACK 03", "CONNACK 97"]) {
        let ping = b"\xc0\0\xc0\0\xc0\0";
        let connection = world.say(&hello.user("ann", "ann"));
        world.send_bytes(connection, &ping[..2]);
        world.send_bytes(connection, &ping[2..4]);
        assert!(world.take(connection).is_empty());
        world.send_bytes(connection, &ping[4..]);
        let answers = world.take(connection);
        assert!(answers[0].starts_with(answer), "{answers:?}");
        assert!(world.is_closed(connection));
        world.check_passwords();
    }
    let connection = world.say(&Hello::v3("a").user("ann", "ann"));
    world.send_bytes(connection, b"\xc0\0\xc0\0");
    world.check_passwords();
    assert_eq!(
        world.take(connection),
        ["CONNACK 00", "PINGRESP", "PINGRESP"]
    );
}

#[test]
fn a_connection_may_end_while_its_password_is_checked() {
    let mut world = World::guarded(users());
    // Cut off.
    let cut = world.say(&Hello::v5("a").user("ann", "ann"));
    world.cut(cut);
    assert_eq!(world.broker.credentials(cut), None);
    world.verdict(cut, true);
    assert_eq!(world.broker.counts().connections, 0);
    // Too late.
    let late = world.say(&Hello::v5("a").user("ann", "ann"));
    world.pass(Duration::from_secs(10));
    assert_eq!(world.take(late), ["closed"]);
    world.verdict(late, true);
    assert_eq!(world.broker.counts().sessions, 0);
    // A connection that is not asked about.
    let fresh = world.open();
    world.verdict(fresh, true);
    assert_eq!(world.broker.connection(fresh).unwrap().client, None);
}

#[test]
fn a_password_that_is_replaced_while_it_is_checked_is_wrong() {
    let mut world = World::guarded(users());
    let connection = world.say(&Hello::v5("a").user("ann", "ann"));
    let mut access = users();
    access.users.get_mut("ann").unwrap().password = Some("new".into());
    world.set_access(access);
    world.verdict(connection, true);
    assert!(world.take(connection)[0].starts_with("CONNACK 86"));
}

/// 5.0: [MQTT-4.13.1-1]
#[test]
fn those_who_are_no_longer_welcome_are_disconnected() {
    let mut world = World::guarded(Access {
        anonymous: true,
        ..users()
    });
    let ann = world.log_in(Hello::v5("a"), "ann");
    let ann_too = world.log_in(Hello::v3("a2"), "ann");
    let bob = world.log_in(Hello::v5("b"), "bob");
    let nobody = world.connect(Hello::v5("c"));
    world.observe();
    let mut access = users();
    access.anonymous = true;
    access.users.get_mut("ann").unwrap().password = Some("new".into());
    world.set_access(access.clone());
    assert_eq!(world.take(ann), ["DISCONNECT 87", "closed"]);
    assert_eq!(world.take(ann_too), ["closed"]);
    let (why, reason, _) = world.ending();
    assert_eq!(
        (why, reason),
        ("not-authorized", Some(ReasonCode::NotAuthorized))
    );
    assert!(world.take(bob).is_empty() && world.take(nobody).is_empty());
    access.anonymous = false;
    world.set_access(access.clone());
    assert_eq!(world.take(nobody), ["DISCONNECT 87", "closed"]);
    access.users.remove("bob");
    assert!(world.take(bob).is_empty());
    world.set_access(access);
    assert_eq!(world.take(bob), ["DISCONNECT 87", "closed"]);
}

/// Section 3.2.2.3.15: a part of the tree that is the client's own. Not where its name would make it another's.
///
/// 5.0: [MQTT-3.1.2-28]
#[test]
fn response_information_for_one_client() {
    for (asks, client, user, text, told) in [
        (Some(1), "a", None, "answers/%c/", Some("answers/a/")),
        (Some(1), "a/b", None, "answers/%c/", None),
        (Some(1), "+", None, "answers/%c/", None),
        (Some(1), "a", None, "%u/%c", None),
        (Some(1), "a", Some("ann"), "%u/%c", Some("ann/a")),
        (Some(1), "a", Some("ann"), "100%/%x", Some("100%/%x")),
        (Some(0), "a", Some("ann"), "%u/%c", None),
        (None, "a", Some("ann"), "%u/%c", None),
    ] {
        let mut world = World::with(Config {
            response_information: Some(text.into()),
            access: Access {
                anonymous: true,
                ..users()
            }
            .into(),
            ..Config::default()
        });
        let mut hello = Hello {
            username: user,
            password: user,
            ..Hello::v5(client)
        };
        if let Some(asks) = asks {
            hello = hello.with(Property::RequestResponseInformation(asks));
        }
        let connection = world.say(&hello);
        world.check_passwords();
        let answer = world.take(connection).remove(0);
        let expected = told.map(|told| format!("ResponseInformation({told:?})"));
        match expected {
            Some(expected) => assert!(answer.contains(&expected), "{answer} lacks {expected}"),
            None => assert!(!answer.contains("ResponseInformation"), "{answer}"),
        }
        assert!(answer.starts_with("CONNACK 00"), "{answer}");
    }
}
