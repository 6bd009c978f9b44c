//! CONNECT and CONNACK, and how a connection ends.

use vitrine_client::{Client, Event, Input, Loss, Options, Output, Time, Will};
use vitrine_packet::{ConnAck, Packet, Properties, Property, ReasonCode};

use crate::desk::*;

/// What 5.0 knows and 3.1.1 does not stays out of a 3.1.1 CONNECT.
#[test]
fn everything_that_a_connect_can_say() {
    let will = Will {
        topic: "w".into(),
        payload: (*b"gone").into(),
        qos: Q1,
        retain: true,
        properties: buf(&[Property::WillDelayInterval(5)]),
    };
    let options = Options {
        clean_start: false,
        session_expiry: 7,
        keep_alive: 9,
        will: Some(will),
        username: Some("u".into()),
        password: Some((*b"p").into()),
        user_properties: vec![("a".into(), "b".into())],
        request_problem_information: false,
        request_response_information: true,
        receive_maximum: 3,
        topic_alias_maximum: 4,
        max_packet_size: 500,
        ..named("c", V5)
    };
    for version in [V3, V5] {
        let mut desk = Desk::opened(Options {
            version,
            ..options.clone()
        });
        let mut bytes = Vec::new();
        desk.client.poll_transmit(&mut bytes, usize::MAX, desk.now);
        let Ok(Packet::Connect(connect)) = Packet::decode(&bytes, version) else {
            panic!("{bytes:02X?}");
        };
        assert_eq!((connect.version, connect.client_id), (version, "c"));
        assert_eq!((connect.clean_start, connect.keep_alive), (false, 9));
        assert_eq!(
            (connect.username, connect.password),
            (Some("u"), Some(&b"p"[..]))
        );
        let will = connect.will.unwrap();
        assert_eq!(
            (will.topic, will.payload, will.qos, will.retain),
            ("w", &b"gone"[..], Q1, true)
        );
        let expected = [
            Property::SessionExpiryInterval(7),
            Property::ReceiveMaximum(3),
            Property::MaximumPacketSize(500),
            Property::TopicAliasMaximum(4),
            Property::RequestResponseInformation(1),
            Property::RequestProblemInformation(0),
            Property::UserProperty("a", "b"),
        ];
        let five = version == V5;
        let properties: Vec<_> = connect.properties.iter().collect();
        assert_eq!(properties, if five { &expected[..] } else { &[] });
        assert_eq!(will.properties.will_delay_interval(), five.then_some(5));
    }
}

/// Nothing is sent before CONNECT, and nothing but AUTH after it until CONNACK accepts.
#[test]
fn messages_wait_for_connack() {
    let now = Time::ZERO;
    let mut client = Client::new(named("c", V5), now);
    client
        .publish(vitrine_client::Message::new("t", b"", Q0), now)
        .unwrap();
    client.connect(now);
    client.handle(Input::Opened, now);
    let mut desk = Desk { client, now };
    assert_eq!(desk.sent(), ["CONNECT c 5.0 clean keep 0 []"]);
    assert!(desk.sent().is_empty());
    desk.welcome(false, &[]);
    assert_eq!(desk.sent(), ["PUBLISH q0 t"]);
}

#[test]
fn a_server_that_refuses() {
    for (version, code, again) in [
        (V3, 3, true),
        (V3, 5, false),
        (V5, 0x88, true),
        (V5, 0x87, false),
    ] {
        let reconnect = Some(Default::default());
        let mut desk = Desk::opened(Options {
            reconnect,
            ..named("c", version)
        });
        desk.sent();
        desk.outputs();
        let properties = Properties::EMPTY;
        desk.serve(&Packet::ConnAck(ConnAck {
            session_present: false,
            code,
            properties,
        }));
        assert_eq!(desk.outputs(), [Output::Close]);
        let events = desk.events();
        let [
            Event::Disconnected {
                why: Loss::Refused(why),
                retry_at,
            },
        ] = events[..]
        else {
            panic!("{events:?}");
        };
        assert_eq!((why, retry_at.is_some()), (code, again));
        assert_eq!(desk.client.is_active(), again);
    }
}

/// A Session that the client knows nothing of cannot go on, unless it is told to adopt it; 3.1.1 has no such
/// rule.
///
/// 5.0: [MQTT-3.2.2-4]
#[test]
fn a_session_that_only_the_server_has() {
    let mut desk = Desk::opened(kept("c", V5));
    desk.sent();
    desk.welcome(true, &[]);
    assert_eq!(desk.outputs().last(), Some(&Output::Close));
    let mut desk = Desk::opened(Options {
        adopt_session: true,
        ..kept("c", V5)
    });
    desk.welcome(true, &[]);
    assert!(desk.client.is_connected());
    let mut desk = Desk::opened(kept("c", V3));
    desk.welcome(true, &[]);
    assert!(desk.client.is_connected());
    let mut desk = Desk::opened(named("c", V3));
    desk.welcome(true, &[]);
    assert!(!desk.client.is_connected(), "it asked for a clean one");
}

/// 5.0: [MQTT-3.1.2-21]
#[test]
fn what_the_server_says_counts() {
    let mut desk = Desk::opened(Options {
        keep_alive: 60,
        ..named("", V5)
    });
    desk.sent();
    desk.welcome(
        false,
        &[
            Property::AssignedClientIdentifier("made-up"),
            Property::ServerKeepAlive(7),
            Property::MaximumQos(1),
            Property::ServerReference("there"),
        ],
    );
    assert_eq!(&*desk.client.options().client_id, "made-up");
    let server = desk.client.server().unwrap();
    assert_eq!(
        (server.maximum_qos, server.reference.as_deref()),
        (Q1, Some("there"))
    );
    let due = desk.client.next_deadline().unwrap();
    assert_eq!(due.at.since(desk.now).as_secs(), 7);
    desk.cut_and_open();
    assert_eq!(desk.sent(), ["CONNECT made-up 5.0 clean keep 60 []"]);
}

/// 5.0: [MQTT-3.14.2-2]
#[test]
fn leaving() {
    let mut desk = Desk::connected(kept("c", V5));
    desk.outputs();
    desk.publish("t", Q1);
    desk.client
        .disconnect(ReasonCode::DisconnectWithWillMessage, Some(9), desk.now);
    assert_eq!(desk.outputs(), [Output::Transmit, Output::Close]);
    let goodbye = "DISCONNECT 04 [SessionExpiryInterval(9)]";
    assert_eq!(desk.sent(), ["PUBLISH q1 #1 t", goodbye]);
    let ended = Event::Disconnected {
        why: Loss::Requested,
        retry_at: None,
    };
    assert_eq!(desk.events(), [ended]);

    let mut desk = Desk::connected(named("c", V5));
    desk.client
        .disconnect(ReasonCode::Success, Some(9), desk.now);
    assert_eq!(
        desk.sent(),
        ["DISCONNECT 00 []"],
        "it had no interval that could be raised"
    );
    let mut desk = Desk::connected(named("c", V3));
    desk.client
        .disconnect(ReasonCode::DisconnectWithWillMessage, Some(9), desk.now);
    assert_eq!(desk.sent(), ["DISCONNECT 00 []"], "3.1.1 has one kind");
}

/// What breaks the protocol ends the connection: a 5.0 server is told why.
#[test]
fn a_server_that_breaks_rules() {
    let connack = b"\x20\x02\0\0".as_slice();
    let cases: [(&[u8], u8, Option<&str>); 7] = [
        (connack, 0x81, None),
        (b"\x20\x03\0\0\0", 0x82, Some("MQTT-3.2.0-2")),
        (b"\x10\x0d\0\x04MQTT\x05\x02\0\0\0\0\x00", 0x82, None),
        (b"\xC0\0", 0x82, None),
        (b"\x00\0", 0x81, None),
        (b"\x30\x05\0\x01#\0x", 0x81, None),
        (b"\x90\x04\0\x09\0\0", 0x82, None),
    ];
    for (bytes, code, statement) in cases {
        let mut desk = Desk::connected(named("c", V5));
        desk.outputs();
        desk.client.handle(Input::Received(bytes), desk.now);
        assert_eq!(desk.outputs().last(), Some(&Output::Close), "{bytes:02X?}");
        assert_eq!(
            desk.sent(),
            [format!("DISCONNECT {code:02X} []")],
            "{bytes:02X?}"
        );
        let events = desk.events();
        let [
            Event::Disconnected {
                why: Loss::Violation(reason, rule),
                ..
            },
        ] = events[..]
        else {
            panic!("{events:?}");
        };
        assert_eq!(reason.as_u8(), code);
        assert!(statement.is_none() || statement == rule);
    }
    let mut desk = Desk::connected(named("c", V3));
    desk.client.handle(Input::Received(b"\xE0\0"), desk.now);
    assert!(!desk.client.is_connected(), "3.1.1 servers just close");
    assert!(desk.sent().is_empty());
}

#[test]
fn a_server_that_says_goodbye() {
    let reconnect = Some(Default::default());
    let mut desk = Desk::connected(Options {
        reconnect,
        ..named("c", V5)
    });
    desk.client
        .handle(Input::Received(b"\xE0\x01\x8E"), desk.now);
    let why = Loss::Server(ReasonCode::SessionTakenOver);
    // Whoever took the Session keeps it.
    assert_eq!(
        desk.events(),
        [Event::Disconnected {
            why,
            retry_at: None
        }]
    );
}

#[test]
fn bytes_may_be_cut_anywhere() {
    let mut desk = Desk::opened(named("c", V5));
    for byte in b"\x20\x03\0\0\0\x30\x05\0\x01t\0x\x30\x05\0\x01u\0y" {
        desk.client.handle(Input::Received(&[*byte]), desk.now);
    }
    let topics: Vec<_> = desk
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Message { message, .. } => Some(message.topic.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(topics, ["t", "u"]);
}

#[test]
fn late_bytes_and_closings_are_nothing() {
    let mut client = Client::new(named("c", V5), Time::ZERO);
    client.handle(Input::Received(b"\x20\x03\0\0\0"), Time::ZERO);
    client.handle(Input::Closed, Time::ZERO);
    client.handle(Input::Opened, Time::ZERO);
    client.handle(Input::Deadline, Time::ZERO);
    assert!(client.poll_output().is_none() && client.poll_event().is_none());
}
