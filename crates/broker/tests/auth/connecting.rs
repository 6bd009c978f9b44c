//! CONNECT with an Authentication Method.

use std::collections::BTreeSet;
use std::time::Duration;

use vitrine_broker::{Actions, Command, Event, Rule};

use super::*;

/// 5.0: [MQTT-4.12.0-2] [MQTT-4.12.0-3] [MQTT-4.12.0-5] [MQTT-3.15.2-1] [MQTT-3.2.0-1]
#[test]
fn both_sides_prove_that_they_know_the_password() {
    let mut world = world();
    for (name, password) in [("ann", "ann"), ("b,b=", "b,b=")] {
        let mut client = Client::new(name, password);
        world.observe();
        let connection = world.say(&hello(name, &client.first()));
        let challenge = world.step(connection, CONTINUE);
        assert_eq!(world.take(connection).len(), 1, "AUTH and no CONNACK");
        assert_eq!(world.broker.connection(connection).unwrap().client, None);
        let last = client.last(&challenge);
        world.auth(connection, CONTINUE, METHOD, &last);
        let packet = world.raw(connection).last().unwrap();
        let Packet::ConnAck(connack) = Packet::decode(packet, V5).unwrap() else {
            panic!("{packet:?}");
        };
        assert_eq!(connack.code, 0);
        assert_eq!(data(connack.properties), client.signature);
        assert_eq!(user_of(&world, name).as_deref(), Some(name));
        let connected = world.events().into_iter().any(|event| match event {
            Event::Connected { username, .. } => username.as_deref() == Some(name),
            _ => false,
        });
        assert!(connected);
        world.take(connection);
        world.publish(connection, message("a", "x").q1(1));
        assert_eq!(world.take(connection), ["PUBACK #1 10"]);
    }
    assert!(world.asked.is_empty());
}

/// The User Name of the exchange counts, not the one of CONNECT; and rules and Wills are for it.
#[test]
fn the_user_is_the_one_who_proved_it() {
    let mut access = users();
    access.default_allow = false;
    access.rules = vec![Rule {
        name: "own".into(),
        allow: true,
        user: None,
        client: None,
        actions: Actions::PUBLISH,
        filter: "%u".into(),
    }];
    let mut world = World::with(config(access));
    let mut client = Client::new("ann", "ann");
    for (topic, answer) in [("ann", "CONNACK 00"), ("plain", "CONNACK 87")] {
        let first = client.first();
        let hello = hello("a", &first).user("plain", "x");
        let connection = world.say(&hello.will(Testament::new(topic, "x")));
        let last = client.last(&world.step(connection, CONTINUE));
        world.take(connection);
        world.auth(connection, CONTINUE, METHOD, &last);
        assert!(world.take(connection)[0].starts_with(answer));
    }
}

/// 5.0: [MQTT-4.12.0-4] [MQTT-3.2.2-7]
#[test]
fn who_proves_nothing_is_refused() {
    let mut world = world();
    world.observe();
    for (name, password) in [
        ("ann", "bob"),
        ("ann", ""),
        ("nobody", "nobody"),
        ("plain", "hash"),
        ("plain", ""),
    ] {
        let mut client = Client::new(name, password);
        let connection = world.authenticate("a", &mut client);
        let answers = world.take(connection);
        assert!(answers[0].starts_with("CONNACK 87"), "{answers:?}");
        assert_eq!(answers[1..], ["closed"]);
        assert!(!answers[0].contains("Authentication"), "{answers:?}");
        let refused = Event::ConnectRefused {
            connection,
            client: "a".into(),
            username: None,
            reason: ReasonCode::NotAuthorized,
            rule: Some("users".into()),
        };
        assert!(world.events().contains(&refused));
    }
    for first in ["", "n,,", "p=tls-unique,,n=ann,r=x"] {
        let connection = world.say(&hello("a", first));
        let answers = world.take(connection);
        assert!(answers[0].starts_with("CONNACK 87"), "{answers:?}");
    }
    let without = Hello::v5("a").with(Property::AuthenticationMethod(METHOD));
    let connection = world.say(&without);
    assert!(world.take(connection)[0].starts_with("CONNACK 87"));
    assert_eq!(world.broker.counts().sessions, 0);
}

/// Who asks may not learn whether there is a user, by the salt or by what comes later.
#[test]
fn a_user_who_is_none_is_asked_like_another() {
    let mut world = world();
    let mut ask = |name: &str| {
        let connection = world.say(&hello("a", &Client::new(name, "").first()));
        let challenge = world.step(connection, CONTINUE);
        let (_, salting) = challenge.split_once(",s=").unwrap();
        salting.to_owned()
    };
    let [ann, nobody, plain] = ["ann", "nobody", "plain"].map(&mut ask);
    assert_eq!(ask("nobody"), nobody);
    assert_eq!([ann.len(), plain.len()], [nobody.len(); 2]);
    assert!(ann != nobody && nobody != plain);
}

#[test]
fn no_nonce_comes_twice() {
    let mut nonces = BTreeSet::new();
    for start in [0, 1] {
        let mut world = world();
        world.now = world.now + Duration::from_micros(start);
        world.broker = vitrine_broker::Broker::new(config(users()), world.now);
        for _ in 0..50 {
            let connection = world.say(&hello("a", &Client::new("ann", "").first()));
            nonces.insert(world.step(connection, CONTINUE));
        }
    }
    assert_eq!(nonces.len(), 100);
}

/// 5.0: [MQTT-4.12.0-1] [MQTT-4.12.0-6]
#[test]
fn it_is_offered_only_where_somebody_can_use_it() {
    let mut access = users();
    access.users.retain(|name, _| &**name == "plain");
    let mut config = config(access);
    for _ in 0..2 {
        let mut world = World::with(config.clone());
        let connection = world.say(&hello("a", &Client::new("ann", "").first()));
        let answers = world.take(connection);
        assert!(answers[0].starts_with("CONNACK 8C"), "{answers:?}");
        assert_eq!(answers[1..], ["closed"]);
        // Nor is it without a secret, which would make the nonces known.
        config.access = users().into();
        config.secret = Secret::default();
    }
    let other = Hello::v5("a").with(Property::AuthenticationMethod("SCRAM-SHA-1"));
    let mut world = world();
    let connection = world.say(&other);
    assert!(world.take(connection)[0].starts_with("CONNACK 8C"));
}

/// 5.0: [MQTT-3.1.2-30]
#[test]
fn only_auth_and_disconnect_may_come_before_connack() {
    let ping = Packet::PingReq;
    let connect = hello("b", "n,,n=ann,r=x").bytes();
    let publish = message("a", "x").bytes(V5);
    for bytes in [bytes(V5, &ping), connect, publish] {
        let mut world = world();
        world.observe();
        let connection = world.say(&hello("a", &Client::new("ann", "").first()));
        world.take(connection);
        world.send_bytes(connection, &bytes);
        let answers = world.take(connection);
        assert!(answers[0].starts_with("CONNACK 82"), "{answers:?}");
        assert_eq!(answers[1..], ["closed"]);
        assert_eq!(world.ending().2, Some("MQTT-3.1.2-30"));
    }
    let mut world = world();
    let connection = world.say(&hello("a", &Client::new("ann", "").first()));
    world.take(connection);
    world.send(connection, disconnect(ReasonCode::Success));
    assert_eq!(world.take(connection), ["closed"]);
    // What is no packet ends it, too.
    let connection = world.say(&hello("a", &Client::new("ann", "").first()));
    world.take(connection);
    world.send_bytes(connection, b"\xf1\0");
    assert!(world.is_closed(connection));
}

/// 5.0: [MQTT-4.12.0-3] [MQTT-4.12.0-5] [MQTT-3.15.2-1]
#[test]
fn an_auth_that_is_not_the_next_step_ends_it() {
    for (reason, method, code, statement) in [
        (CONTINUE, "SCRAM-SHA-1", "8C", "MQTT-4.12.0-5"),
        (AGAIN, METHOD, "82", "MQTT-4.12.0-3"),
        (ReasonCode::Success, METHOD, "82", "MQTT-3.15.2-1"),
    ] {
        let mut world = world();
        world.observe();
        let mut client = Client::new("ann", "ann");
        let connection = world.say(&hello("a", &client.first()));
        let last = client.last(&world.step(connection, CONTINUE));
        world.take(connection);
        world.auth(connection, reason, method, &last);
        let answers = world.take(connection);
        assert!(
            answers[0].starts_with(&format!("CONNACK {code}")),
            "{answers:?}"
        );
        assert_eq!(answers[1..], ["closed"]);
        assert_eq!(world.ending().2, Some(statement));
    }
    let mut world = world();
    let connection = world.say(&hello("a", &Client::new("ann", "ann").first()));
    world.take(connection);
    // The short form has no method.
    world.send_bytes(connection, b"\xf0\0");
    assert!(world.take(connection)[0].starts_with("CONNACK 82"));
}

/// 5.0: [MQTT-3.15.2-2] [MQTT-3.15.2-3] [MQTT-3.1.2-24]
#[test]
fn an_auth_holds_nothing_that_could_be_left_out() {
    let mut world = world();
    let first = Client::new("ann", "ann").first();
    let connection = world.say(&hello("a", &first));
    let packet = world.raw(connection).last().unwrap().clone();
    let Packet::Auth(auth) = Packet::decode(&packet, V5).unwrap() else {
        panic!("{packet:?}");
    };
    assert_eq!(auth.properties.iter().count(), 2);
    // And one that is too large for the client is not sent.
    let size = packet.len() as u32;
    for (most, answer) in [(size, "AUTH 18"), (size - 1, "CONNACK 95")] {
        let connection = world.say(&hello("b", &first).with(Property::MaximumPacketSize(most)));
        assert!(world.take(connection)[0].starts_with(answer));
    }
}

#[test]
fn an_exchange_ends_with_the_time_and_the_connection() {
    let mut world = world();
    let slow = world.say(&hello("a", &Client::new("ann", "").first()));
    let cut = world.say(&hello("b", &Client::new("ann", "").first()));
    world.take(slow);
    world.cut(cut);
    world.pass(Duration::from_secs(10));
    assert_eq!(world.take(slow), ["closed"]);
    assert_eq!(world.broker.counts().connections, 0);
    // The host's verdict is not asked for here.
    let connection = world.say(&hello("a", &Client::new("ann", "").first()));
    assert_eq!(world.broker.credentials(connection), None);
    world.command(Command::Authenticated {
        connection,
        accepted: true,
    });
    assert_eq!(world.broker.counts().sessions, 0);
}

#[test]
fn keys_that_are_replaced_on_the_way_count_no_more() {
    let mut world = world();
    let mut client = Client::new("ann", "ann");
    let connection = world.say(&hello("a", &client.first()));
    let last = client.last(&world.step(connection, CONTINUE));
    world.take(connection);
    let mut access = users();
    access.users.insert("ann".into(), user("new", b"salt"));
    world.command(Command::SetAccess(access.into()));
    world.auth(connection, CONTINUE, METHOD, &last);
    assert!(world.take(connection)[0].starts_with("CONNACK 87"));
}

#[test]
fn bytes_may_be_cut_anywhere() {
    let mut world = world();
    let mut client = Client::new("ann", "ann");
    let connection = world.open_as(V5);
    for byte in hello("a", &client.first()).bytes() {
        world.send_bytes(connection, &[byte]);
    }
    let last = client.last(&world.step(connection, CONTINUE));
    world.take(connection);
    let properties = buf(&[
        Property::AuthenticationMethod(METHOD),
        Property::AuthenticationData(last.as_bytes()),
    ]);
    let auth = Auth {
        reason: CONTINUE,
        properties: properties.as_properties(),
    };
    let mut steps = bytes(V5, &Packet::Auth(auth));
    steps.extend(bytes(V5, &Packet::PingReq));
    for byte in steps {
        world.send_bytes(connection, &[byte]);
    }
    let answers = world.take(connection);
    assert!(answers[0].starts_with("CONNACK 00"), "{answers:?}");
    assert_eq!(answers[1..], ["PINGRESP"]);
}
