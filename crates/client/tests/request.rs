//! SUBSCRIBE and UNSUBSCRIBE.

use vitrine_client::{Event, Failure, Input, Options, Refused};
use vitrine_packet::{
    Packet, PacketId, Properties, Property, SubAck, SubscriptionOptions, UnsubAck,
};

use crate::desk::*;

const PLAIN: SubscriptionOptions = SubscriptionOptions::with_qos(Q1);

fn suback(desk: &mut Desk, id: u16, codes: &[u8]) {
    let packet_id = PacketId::new(id).unwrap();
    desk.serve(&Packet::SubAck(SubAck {
        packet_id,
        properties: Properties::EMPTY,
        codes,
    }));
}

/// 3.1.1: [MQTT-3.8.3-3] [MQTT-3.10.3-2]
/// 5.0: [MQTT-3.8.3-2] [MQTT-3.10.3-2]
#[test]
fn asking_and_being_answered() {
    for version in [V3, V5] {
        let mut desk = Desk::connected(named("c", version));
        let filters = [("a/#", PLAIN), ("b", PLAIN)];
        let ticket = desk.client.subscribe(&filters, None, desk.now).unwrap();
        let other = desk.client.unsubscribe(&["x"], desk.now).unwrap();
        assert_eq!(
            desk.sent(),
            ["SUBSCRIBE #1 [\"a/#\", \"b\"]", "UNSUBSCRIBE #2 [\"x\"]"]
        );
        suback(&mut desk, 1, &[1, 0x80]);
        let codes = if version == V5 { &[0x11][..] } else { &[] };
        let packet_id = PacketId::new(2).unwrap();
        desk.serve(&Packet::UnsubAck(UnsubAck {
            packet_id,
            properties: Properties::EMPTY,
            codes,
        }));
        assert_eq!(
            desk.events(),
            [
                Event::Subscribed {
                    ticket,
                    codes: vec![1, 0x80]
                },
                Event::Unsubscribed {
                    ticket: other,
                    codes: codes.into()
                },
            ]
        );
        assert!(desk.client.requesting().next().is_none());
    }
}

#[test]
fn an_answer_that_does_not_fit() {
    for codes in [&[0][..], &[0, 0, 0]] {
        let mut desk = Desk::connected(named("c", V5));
        desk.client
            .subscribe(&[("a", PLAIN), ("b", PLAIN)], None, desk.now)
            .unwrap();
        desk.sent();
        suback(&mut desk, 1, codes);
        assert_eq!(desk.sent(), ["DISCONNECT 82 []"]);
    }
}

#[test]
fn a_lost_connection_answers_nothing() {
    let mut desk = Desk::connected(kept("c", V5));
    let ticket = desk
        .client
        .subscribe(&[("a", PLAIN)], None, desk.now)
        .unwrap();
    desk.client.handle(Input::Closed, desk.now);
    let why = Failure::ConnectionLost;
    assert_eq!(desk.events()[0], Event::Failed { ticket, why });
    let late = desk.client.subscribe(&[("a", PLAIN)], None, desk.now);
    assert_eq!(late, Err(Refused::NotConnected));
}

#[test]
fn what_the_server_has_not_is_not_asked_for() {
    let mut desk = Desk::opened(named("c", V5));
    desk.sent();
    desk.welcome(
        false,
        &[
            Property::WildcardSubscriptionAvailable(0),
            Property::SharedSubscriptionAvailable(0),
            Property::SubscriptionIdentifierAvailable(0),
            Property::MaximumPacketSize(15),
        ],
    );
    desk.events();
    let unsupported = Failure::SubscriptionNotSupported;
    for (filter, identifier, why) in [
        ("a/+", None, unsupported),
        ("$share/g/a", None, unsupported),
        ("a", Some(1), unsupported),
        ("a/long/filter", None, Failure::TooLarge),
    ] {
        let ticket = desk
            .client
            .subscribe(&[(filter, PLAIN)], identifier, desk.now)
            .unwrap();
        assert_eq!(desk.events(), [Event::Failed { ticket, why }]);
    }
    assert!(desk.sent().is_empty());
}

#[test]
fn what_cannot_be_asked_for() {
    let mut desk = Desk::connected(Options {
        max_requests: 1,
        ..named("c", V5)
    });
    let mut ask = |filters: &[(&str, SubscriptionOptions)], identifier| {
        desk.client.subscribe(filters, identifier, desk.now)
    };
    assert_eq!(ask(&[], None), Err(Refused::NoFilter));
    assert!(matches!(
        ask(&[("a", PLAIN), ("a/#/b", PLAIN)], None),
        Err(Refused::TopicFilter(1, _))
    ));
    assert_eq!(
        ask(&[("a", PLAIN)], Some(0)),
        Err(Refused::SubscriptionIdentifier)
    );
    assert_eq!(
        ask(&[("a", PLAIN)], Some(1 << 28)),
        Err(Refused::SubscriptionIdentifier)
    );
    ask(&[("a", PLAIN)], Some(1)).unwrap();
    assert_eq!(ask(&[("a", PLAIN)], None), Err(Refused::TooManyRequests));
}
