//! Publishing: the sending half of the three flows.

use std::time::Duration;

use vitrine_client::{Event, Failure, Options, Refused, Ticket};
use vitrine_packet::{Packet, Property, ReasonCode};

use crate::desk::*;

fn published(ticket: Ticket) -> Event {
    Event::Published {
        ticket,
        reason: ReasonCode::Success,
    }
}

/// 3.1.1: [MQTT-4.3.1-1] [MQTT-4.3.2-1] [MQTT-4.3.3-1]
/// 5.0: [MQTT-4.3.1-1] [MQTT-4.3.2-1] [MQTT-4.3.2-2] [MQTT-4.3.3-1] [MQTT-4.3.3-2] [MQTT-4.3.3-4]
#[test]
fn the_three_flows() {
    for version in [V3, V5] {
        let mut desk = Desk::connected(named("c", version));
        let [zero, one, two] = [Q0, Q1, Q2].map(|qos| desk.publish("t", qos));
        assert!(desk.events().is_empty(), "nothing was pulled");
        assert_eq!(
            desk.sent(),
            ["PUBLISH q0 t", "PUBLISH q1 #1 t", "PUBLISH q2 #2 t"]
        );
        assert_eq!(desk.events(), [published(zero)]);
        desk.serve(&Packet::PubAck(ack(1)));
        desk.serve(&Packet::PubRec(ack(2)));
        assert_eq!(
            desk.events(),
            [published(one), Event::Received { ticket: two }]
        );
        assert_eq!(desk.sent(), ["PUBREL #2"]);
        desk.serve(&Packet::PubComp(ack(2)));
        assert_eq!(desk.events(), [published(two)]);
        desk.serve(&Packet::PubAck(ack(1)));
        desk.serve(&Packet::PubComp(ack(2)));
        assert!(desk.events().is_empty() && desk.client.is_connected());
    }
}

/// 5.0: [MQTT-4.4.0-2]
#[test]
fn what_the_server_refuses_is_over() {
    let mut desk = Desk::connected(named("c", V5));
    let (one, two) = (desk.publish("t", Q1), desk.publish("t", Q2));
    desk.sent();
    let reason = ReasonCode::QuotaExceeded;
    desk.serve(&Packet::PubAck(refusal(1, reason)));
    desk.serve(&Packet::PubRec(refusal(2, reason)));
    let ended = [one, two].map(|ticket| Event::Published { ticket, reason });
    assert_eq!(desk.events(), ended);
    assert!(desk.sent().is_empty(), "no PUBREL");
    assert_eq!(desk.client.in_flight().count(), 0);
}

/// 5.0: [MQTT-3.3.4-7] [MQTT-4.9.0-1] [MQTT-4.9.0-2] [MQTT-4.9.0-3]
#[test]
fn the_servers_receive_maximum() {
    let mut desk = Desk::opened(named("c", V5));
    desk.sent();
    desk.welcome(false, &[Property::ReceiveMaximum(2)]);
    for qos in [Q1, Q2, Q1, Q0] {
        desk.publish("t", qos);
    }
    assert_eq!(desk.sent(), ["PUBLISH q1 #1 t", "PUBLISH q2 #2 t"]);
    desk.serve(&Packet::PubRec(ack(2)));
    assert_eq!(desk.sent(), ["PUBREL #2"], "it still counts");
    desk.serve(&Packet::PubComp(ack(2)));
    assert_eq!(desk.sent(), ["PUBLISH q1 #3 t", "PUBLISH q0 t"]);
}

/// 5.0: [MQTT-3.2.2-11] [MQTT-3.2.2-14] [MQTT-3.2.2-15]
#[test]
fn what_the_server_does_not_take_is_never_sent() {
    let mut desk = Desk::opened(named("c", V5));
    desk.sent();
    desk.welcome(
        false,
        &[
            Property::MaximumQos(1),
            Property::RetainAvailable(0),
            Property::MaximumPacketSize(20),
        ],
    );
    desk.events();
    let two = desk.publish("t", Q2);
    let retained = vitrine_client::Message {
        retain: true,
        ..vitrine_client::Message::new("t", b"", Q0)
    };
    let retained = desk.client.publish(retained, desk.now).unwrap();
    let large = desk.publish("a/long/topic/name", Q0);
    desk.publish("t", Q1);
    assert_eq!(desk.sent(), ["PUBLISH q1 #1 t"]);
    let failed = |ticket, why| Event::Failed { ticket, why };
    assert_eq!(
        desk.events(),
        [
            failed(two, Failure::QosNotSupported),
            failed(retained, Failure::RetainNotSupported),
            failed(large, Failure::TooLarge),
        ]
    );
}

/// On the next connection, with the Session: the same identifiers in the same order, DUP where a PUBLISH was on
/// the wire before. PUBRELs too.
///
/// 3.1.1: [MQTT-4.4.0-1] [MQTT-3.3.1-1] [MQTT-4.6.0-1] [MQTT-2.3.1-3]
/// 5.0: [MQTT-4.4.0-1] [MQTT-3.3.1-1] [MQTT-4.6.0-1]
#[test]
fn what_was_under_way_is_sent_again() {
    for version in [V3, V5] {
        let mut desk = Desk::connected(kept("c", version));
        for qos in [Q2, Q1, Q2] {
            desk.publish("t", qos);
        }
        desk.sent();
        desk.serve(&Packet::PubRec(ack(1)));
        desk.publish("t", Q1); // not pulled
        desk.publish("t", Q0); // and lost with the connection
        desk.events();
        desk.cut_and_open();
        desk.sent();
        assert!(matches!(
            desk.events()[..],
            [
                Event::Failed {
                    why: Failure::ConnectionLost,
                    ..
                },
                Event::Disconnected { .. },
            ]
        ));
        desk.welcome(true, &[]);
        assert_eq!(
            desk.sent(),
            [
                "PUBREL #1",
                "PUBLISH q1 #2 dup t",
                "PUBLISH q2 #3 dup t",
                "PUBLISH q1 #4 t",
            ]
        );
        desk.pass(Duration::from_secs(100_000));
        assert!(desk.sent().is_empty(), "never on a connection that lives");
    }
}

/// A Session that the server lost is lost here too; what was not sent yet is no part of it.
///
/// 5.0: [MQTT-3.2.2-5]
#[test]
fn a_session_that_the_server_lost() {
    let mut desk = Desk::connected(Options {
        max_in_flight: 2,
        ..kept("c", V5)
    });
    let (one, two) = (desk.publish("t", Q1), desk.publish("t", Q2));
    desk.publish("later", Q1);
    desk.serve_message("t", Q2, 9, false, &[]);
    desk.sent();
    desk.events();
    desk.cut_and_open();
    desk.sent();
    desk.welcome(false, &[]);
    let why = Failure::SessionLost;
    let events = desk.events();
    assert_eq!(
        events[1..3],
        [one, two].map(|ticket| Event::Failed { ticket, why })
    );
    assert_eq!(desk.sent(), ["PUBLISH q1 #1 later"]);
    desk.serve_message("t", Q2, 9, false, &[]);
    assert_eq!(desk.events().len(), 1, "another message");
}

/// Only where the options say so, only in 3.x, and only what was pulled.
#[test]
fn the_timer_of_3_1_1() {
    let resend_after = Some(Duration::from_secs(20));
    let mut desk = Desk::connected(Options {
        resend_after,
        ..named("c", V3)
    });
    desk.publish("t", Q1);
    desk.pass(Duration::from_secs(30));
    assert_eq!(
        desk.sent(),
        ["PUBLISH q1 #1 t"],
        "it waited for the transport"
    );
    desk.publish("t", Q2);
    desk.sent();
    desk.serve(&Packet::PubRec(ack(2)));
    desk.sent();
    desk.pass(Duration::from_secs(20));
    assert_eq!(desk.sent(), ["PUBLISH q1 #1 dup t", "PUBREL #2"]);
    desk.serve(&Packet::PubAck(ack(1)));
    desk.serve(&Packet::PubAck(ack(1)));
    desk.serve(&Packet::PubComp(ack(2)));
    assert_eq!(
        desk.events()
            .iter()
            .filter(|event| matches!(event, Event::Published { .. }))
            .count(),
        2
    );
    assert!(desk.client.next_deadline().is_none());

    let mut desk = Desk::connected(Options {
        resend_after,
        ..named("c", V5)
    });
    desk.publish("t", Q1);
    desk.sent();
    assert!(desk.client.next_deadline().is_none());
}

#[test]
fn what_can_never_be_sent_is_refused() {
    let mut desk = Desk::connected(Options {
        max_queued_messages: 1,
        max_in_flight: 1,
        ..named("c", V5)
    });
    let mut publish = |message| desk.client.publish(message, desk.now);
    let message = |topic| vitrine_client::Message::new(topic, b"", Q1);
    assert!(matches!(
        publish(message("a/#")),
        Err(Refused::TopicName(_))
    ));
    let mut aliased = message("t");
    aliased.properties = buf(&[Property::TopicAlias(1)]);
    assert_eq!(publish(aliased), Err(Refused::TopicAlias));
    publish(message("t")).unwrap();
    publish(message("t")).unwrap();
    assert_eq!(publish(message("t")), Err(Refused::QueueFull));
}

/// What waits, and what is asked, can be looked at.
#[test]
fn what_is_held_can_be_seen() {
    let mut desk = Desk::opened(named("c", V5));
    desk.publish("t", Q1);
    desk.publish("u", Q0);
    let topics: Vec<_> = desk
        .client
        .waiting()
        .map(|message| &*message.topic)
        .collect();
    assert_eq!(topics, ["t", "u"]);
    assert!(!desk.client.has_session());
    let mut desk = Desk::connected(named("c", V5));
    assert!(desk.client.has_session());
    let options = vitrine_packet::SubscriptionOptions::default();
    let now = desk.now;
    desk.client.subscribe(&[("#", options)], None, now).unwrap();
    desk.client.unsubscribe(&["#"], now).unwrap();
    let asked: Vec<_> = desk.client.requests().map(|(_, what)| what).collect();
    let types = [
        vitrine_packet::PacketType::Subscribe,
        vitrine_packet::PacketType::Unsubscribe,
    ];
    assert_eq!(asked, types);
}
