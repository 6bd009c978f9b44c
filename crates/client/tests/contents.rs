//! What is in a client's head, as it tells those who look.

use std::time::Duration;

use vitrine_client::{BackOff, DeadlineReason, HeldAs, Options, Status};
use vitrine_packet::{Packet, PacketType, Property, SubscriptionOptions};

use crate::desk::*;

const SECOND: Duration = Duration::from_secs(1);

/// All that it holds, as text.
fn held(desk: &Desk) -> Vec<String> {
    let held = desk.client.held().map(|held| {
        let id = held.packet_id.map_or(0, |id| id.get());
        let topic = held.message.map_or("-", |message| &*message.topic);
        let sent = if held.is_sent { " sent" } else { "" };
        let before = if held.was_sent { " before" } else { "" };
        format!("{:?} {id} {topic}{sent}{before}", held.held)
    });
    held.collect()
}

#[test]
fn a_message_is_held_until_its_handshake_ends() {
    for version in [V3, V5] {
        let mut desk = Desk::connected(kept("c", version));
        desk.publish("a", Q1);
        desk.publish("b", Q2);
        assert_eq!(held(&desk), ["Sent 1 a", "Sent 2 b"]);
        desk.sent();
        assert_eq!(held(&desk), ["Sent 1 a sent", "Sent 2 b sent"]);
        desk.serve(&Packet::PubRec(ack(2)));
        assert_eq!(held(&desk), ["Sent 1 a sent", "Released 2 - before"]);
        desk.sent();
        assert_eq!(held(&desk), ["Sent 1 a sent", "Released 2 - sent before"]);
        desk.cut_and_open();
        assert_eq!(held(&desk), ["Sent 1 a before", "Released 2 - before"]);
        desk.sent();
        desk.welcome(true, &[]);
        desk.serve_message("c", Q2, 7, false, &[]);
        desk.sent();
        desk.serve(&Packet::PubAck(ack(1)));
        desk.serve(&Packet::PubComp(ack(2)));
        assert_eq!(held(&desk), ["Received 7 - sent before"]);
        desk.serve(&Packet::PubRel(ack(7)));
        assert_eq!(held(&desk), [""; 0]);
    }
}

#[test]
fn what_waits_is_held_in_its_order() {
    let mut desk = Desk::connected(Options {
        max_in_flight: 1,
        ..kept("c", V5)
    });
    for topic in ["a", "b", "c"] {
        desk.publish(topic, Q1);
    }
    assert_eq!(held(&desk), ["Sent 1 a", "Queued 0 b", "Queued 0 c"]);
    assert!(desk.client.held().all(|held| held.ticket.is_some()));
    assert!(desk.client.held().any(|held| held.held == HeldAs::Queued));
}

#[test]
fn requests_and_aliases() {
    let mut desk = Desk::opened(Options {
        topic_alias_maximum: 5,
        ..named("c", V5)
    });
    desk.sent();
    desk.welcome(false, &[Property::TopicAliasMaximum(5)]);
    let options = SubscriptionOptions::default();
    let now = desk.now;
    desk.client
        .subscribe(&[("a", options), ("b", options)], None, now)
        .unwrap();
    desk.client.unsubscribe(&["c"], now).unwrap();
    let requests: Vec<_> = desk.client.requests().map(|(_, what)| what).collect();
    assert_eq!(requests, [PacketType::Subscribe, PacketType::Unsubscribe]);
    desk.serve_message("one", Q0, 0, false, &[Property::TopicAlias(2)]);
    desk.publish("a/topic", Q0);
    let [taken, given] = desk.client.aliases();
    assert_eq!(taken, [(2, "one".into())]);
    assert_eq!(given, [(1, "a/topic".into())]);
}

#[test]
fn how_far_it_is_and_until_when() {
    let mut desk = Desk::opened(Options {
        reconnect: Some(BackOff::default()),
        keep_alive: 10,
        ..kept("c", V3)
    });
    assert_eq!(desk.client.status(), Status::Connecting);
    assert!(!desk.client.has_session());
    let reasons = |desk: &Desk| -> Vec<_> {
        let deadlines = desk.client.all_deadlines();
        deadlines.map(|deadline| deadline.reason).collect()
    };
    assert_eq!(reasons(&desk), [DeadlineReason::ConnectTimeout]);
    desk.sent();
    desk.welcome(false, &[]);
    assert_eq!(desk.client.status(), Status::Connected);
    assert!(desk.client.has_session());
    assert_eq!(reasons(&desk), [DeadlineReason::KeepAlive]);
    desk.client.ping(desk.now);
    assert_eq!(desk.sent(), ["PINGREQ"]);
    assert_eq!(reasons(&desk), [DeadlineReason::PingTimeout]);
    desk.serve(&Packet::PingResp);
    desk.client.handle(vitrine_client::Input::Closed, desk.now);
    assert_eq!(
        (desk.client.status(), desk.client.failures()),
        (Status::Waiting, 1)
    );
    assert_eq!(reasons(&desk), [DeadlineReason::Reconnect]);
    desk.pass(SECOND);
    assert_eq!(desk.client.status(), Status::Opening);
    // Who is not connected cannot ask whether somebody is there.
    desk.client.ping(desk.now);
    assert!(desk.sent().is_empty());
}

/// A second PINGREQ before the answer to the first is waited for no longer than the first.
#[test]
fn a_ping_by_hand_prolongs_nothing() {
    let mut desk = Desk::connected(named("c", V5));
    desk.client.ping(desk.now);
    let due = desk.client.next_deadline();
    desk.now = desk.now + SECOND;
    desk.client.ping(desk.now);
    assert_eq!(desk.sent(), ["PINGREQ", "PINGREQ"]);
    assert_eq!(desk.client.next_deadline(), due);
}
