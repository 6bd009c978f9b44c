//! What the broker tells its observers.

use vitrine_broker::{
    CloseReason, Command, DiscardReason, Event, Observation, ObservationMask, PublicationId,
};
use vitrine_packet::{Packet, PacketType, ReasonCode};

use crate::harness::*;

fn all(world: &mut World) -> Vec<Observation> {
    std::iter::from_fn(|| world.broker.poll_observation()).collect()
}

/// A line for a packet: direction, connection, type, publication.
fn packets(seen: &[Observation]) -> Vec<String> {
    let line = |way, connection: u64, bytes: &[u8], publication: Option<PublicationId>| {
        let kind = PacketType::from_bits(bytes[0] >> 4).unwrap().name();
        let publication = publication.map_or(String::new(), |id| format!(" of {}", id.0));
        format!("{way}{connection} {kind}{publication}")
    };
    seen.iter()
        .filter_map(|seen| match &seen.event {
            Event::Received {
                connection,
                bytes,
                publication,
                ..
            } => Some(line('<', connection.0, bytes, *publication)),
            Event::Sent {
                connection,
                bytes,
                publication,
                ..
            } => Some(line('>', connection.0, bytes, *publication)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_publication_is_carried_through_its_whole_story() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v5("s").kept());
    world.subscribe(subscriber, "a", Q2);
    let publisher = world.connect(Hello::v3("p"));
    world.publish(publisher, message("b", "another"));
    world.observe();
    world.publish(publisher, message("a", "x").q2(9));
    world.send(subscriber, Packet::PubRec(ack(1)));
    world.publish(publisher, message("a", "x").q2(9).dup());
    world.send(publisher, Packet::PubRel(ack(9)));
    world.cut(subscriber);
    let subscriber = world.reconnect(Hello::v5("s").kept());
    world.send(subscriber, Packet::PubComp(ack(1)));
    let expected = [
        "<2 PUBLISH of 2",
        ">1 PUBLISH of 2",
        ">2 PUBREC of 2",
        "<1 PUBREC of 2",
        ">1 PUBREL of 2",
        "<2 PUBLISH of 2",
        ">2 PUBREC of 2",
        "<2 PUBREL of 2",
        ">2 PUBCOMP of 2",
        "<3 CONNECT",
        ">3 CONNACK",
        ">3 PUBREL of 2",
        "<3 PUBCOMP of 2",
    ];
    assert_eq!(packets(&all(&mut world)), expected);
}

#[test]
fn what_is_sent_again_keeps_its_publication() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s").kept());
    world.subscribe(subscriber, "a", Q1);
    let publisher = world.connect(Hello::v3("p"));
    world.publish(publisher, message("a", "1").q1(1));
    world.cut(subscriber);
    world.publish(publisher, message("a", "2").q1(2));
    world.observe();
    let subscriber = world.reconnect(Hello::v3("s").kept());
    world.send(subscriber, Packet::PubAck(ack(1)));
    let expected = [
        "<3 CONNECT",
        ">3 CONNACK",
        ">3 PUBLISH of 1",
        ">3 PUBLISH of 2",
        "<3 PUBACK of 1",
    ];
    assert_eq!(packets(&all(&mut world)), expected);
}

#[test]
fn observations_name_the_input_that_led_to_them() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s"));
    world.subscribe(subscriber, "a", Q0);
    let publisher = world.connect(Hello::v3("p"));
    world.observe();
    world.pulling = false;
    world.publish(publisher, message("a", "x").q1(1));
    let cause = world.broker.inputs();
    world.send(subscriber, Packet::PingReq);
    world.pull(subscriber, usize::MAX);
    world.pull(publisher, usize::MAX);
    let seen = all(&mut world);
    let sent: Vec<_> = seen
        .iter()
        .filter(|seen| matches!(seen.event, Event::Sent { .. }))
        .map(|seen| seen.cause)
        .collect();
    assert_eq!(
        sent,
        [cause, cause + 1, cause],
        "though they were pulled later"
    );
    let numbers: Vec<_> = seen.iter().map(|seen| seen.number).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1));
}

#[test]
fn who_gets_a_message_and_why() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v3("s"));
    world.subscribe(subscriber, "a/+", Q0);
    world.subscribe(subscriber, "a/#", Q1);
    let away = world.connect(Hello::v3("t").kept());
    world.subscribe(away, "a/b", Q2);
    world.cut(away);
    let quiet = world.connect(Hello::v3("u").kept());
    world.subscribe(quiet, "a/b", Q0);
    world.cut(quiet);
    let publisher = world.connect(Hello::v3("p"));
    world.broker.observe(ObservationMask::ROUTING);
    world.publish(publisher, message("a/b", "x").q2(1).retain());
    let events = world.events();
    let publication = PublicationId(1);
    let (topic, payload): (std::rc::Rc<str>, std::rc::Rc<[u8]>) = ("a/b".into(), (*b"x").into());
    let matched = |client: &str, filter: &str, granted, qos, queued| Event::Matched {
        publication,
        client: client.into(),
        filter: filter.into(),
        granted,
        qos,
        retained: false,
        queued,
    };
    let expected = [
        Event::Published {
            publication,
            publisher: Some("p".into()),
            topic: topic.clone(),
            payload: payload.clone(),
            qos: Q2,
            retain: true,
            will: false,
        },
        Event::Retained {
            topic,
            publication,
            qos: Q2,
            payload,
        },
        matched("s", "a/#", Q1, Q1, false),
        matched("t", "a/b", Q2, Q2, true),
        Event::Queued {
            client: "t".into(),
            publication,
            length: 1,
        },
        matched("u", "a/b", Q0, Q0, false),
        Event::Discarded {
            client: "u".into(),
            publication,
            why: DiscardReason::OfflineQoS0,
        },
    ];
    for event in &expected {
        assert!(events.contains(event), "{event:?} is not in {events:#?}");
    }
    assert_eq!(events.len(), expected.len());
    world.send(subscriber, Packet::PubAck(ack(1)));
    assert_eq!(
        world.events(),
        [Event::Acknowledged {
            client: "s".into(),
            publication
        }]
    );
    world.reconnect(Hello::v3("t").kept());
    let dequeued = Event::Dequeued {
        client: "t".into(),
        publication,
        length: 0,
    };
    assert_eq!(world.events(), [dequeued]);
}

#[test]
fn a_retained_message_that_is_sent_because_of_subscribing() {
    let mut world = World::new();
    let client = world.connect(Hello::v3("c"));
    world.publish(client, message("a", "x").retain());
    world.broker.observe(ObservationMask::ROUTING);
    world.subscribe(client, "#", Q1);
    let expected = Event::Matched {
        publication: PublicationId(1),
        client: "c".into(),
        filter: "#".into(),
        granted: Q1,
        qos: Q0,
        retained: true,
        queued: false,
    };
    assert_eq!(world.events(), [expected]);
}

#[test]
fn sessions_and_their_ends() {
    let mut world = World::new();
    world.broker.observe(ObservationMask::SESSIONS);
    let mut hello = Hello::v5("c")
        .kept()
        .keep_alive(30)
        .will(Testament::new("w", "x"));
    hello.username = Some("ana");
    let client = world.connect(hello);
    let events = world.events();
    let Event::Connected {
        client: name,
        resumed,
        session_expiry,
        username,
        will,
        ..
    } = &events[0]
    else {
        panic!("{events:?}");
    };
    assert_eq!((&**name, *resumed, *session_expiry), ("c", false, 3_600));
    assert_eq!(
        (username.as_deref(), will.as_ref().map(|will| &*will.topic)),
        (Some("ana"), Some("w"))
    );
    world.subscribe(client, "w", Q1);
    world.send_unsubscribe(client, &["w", "never"]);
    world.cut(client);
    let publication = PublicationId(1);
    let events = world.events();
    assert!(
        matches!(&events[0], Event::Subscribed { filter, replaced: false, .. } if **filter == *"w")
    );
    let expected = [
        Event::Unsubscribed {
            client: "c".into(),
            filter: "w".into(),
        },
        Event::Closed {
            connection: client,
            client: Some("c".into()),
            why: CloseReason::Cut,
            reason: None,
            statement: None,
            abrupt: true,
        },
        Event::Disconnected {
            client: "c".into(),
            kept: true,
        },
        Event::WillPublished {
            client: "c".into(),
            publication,
        },
    ];
    assert_eq!(events[1..], expected);
    world.pass(std::time::Duration::from_secs(3_600));
    let why = vitrine_broker::SessionEnd::Expired;
    assert_eq!(
        world.events(),
        [Event::SessionEnded {
            client: "c".into(),
            why
        }]
    );
}

#[test]
fn how_connections_end() {
    let mut world = World::new();
    world.observe();
    let client = world.connect(Hello::v5("c"));
    world.command(Command::Drop {
        client: "c",
        politely: true,
    });
    assert_eq!(world.take(client), ["DISCONNECT 98", "closed"]);
    assert_eq!(world.ending().0, "operator");
    let client = world.connect(Hello::v5("c"));
    world.command(Command::Drop {
        client: "c",
        politely: false,
    });
    assert_eq!(world.take(client), ["closed"]);
    assert_eq!(world.ending().0, "operator");
    let client = world.connect(Hello::v5("c"));
    world.cut(client);
    let abrupt = world.events().into_iter().find_map(|event| match event {
        Event::Closed {
            why: CloseReason::Cut,
            abrupt,
            reason: None,
            ..
        } => Some(abrupt),
        _ => None,
    });
    assert_eq!(abrupt, Some(true));
    let client = world.connect(Hello::v5("c"));
    world.send(client, disconnect(ReasonCode::Success));
    let abrupt = world.events().into_iter().find_map(|event| match event {
        Event::Closed { abrupt, client, .. } => Some((abrupt, client)),
        _ => None,
    });
    assert_eq!(abrupt, Some((false, Some("c".into()))));
}

/// 5.0: [MQTT-4.13.1-1] (section 3.14.2.1)
#[test]
fn a_host_that_stops_tells_everybody() {
    let mut world = World::new();
    let new = world.connect(Hello::v5("new").kept());
    let old = world.connect(Hello::v3("old"));
    let silent = world.open();
    world.observe();
    world.command(Command::Shutdown);
    assert_eq!(world.take(new), ["DISCONNECT 8B", "closed"]);
    assert_eq!(world.take(old), ["closed"]);
    assert_eq!(world.take(silent), ["closed"]);
    assert_eq!(world.ending().0, "shutdown");
    assert!(world.broker.session("new").is_some());
}

/// Watching changes nothing but that it is watched.
#[test]
fn only_what_is_asked_for_is_told() {
    let mut world = World::new();
    world.connect(Hello::v3("a"));
    assert!(world.events().is_empty());
    world
        .broker
        .observe(ObservationMask::PACKETS | ObservationMask::SESSIONS);
    let client = world.connect(Hello::v3("b"));
    world.publish(client, message("a", "x").retain());
    let routing = world
        .events()
        .into_iter()
        .any(|event| matches!(event, Event::Published { .. }));
    assert!(!routing);
    world.broker.observe(ObservationMask::NONE);
    world.publish(client, message("a", "x").retain());
    assert!(world.events().is_empty());
}
