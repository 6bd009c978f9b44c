//! What the broker tells of its memory.

use std::time::Duration;

use vitrine_broker::{DeadlineReason, HeldAs, Whose};
use vitrine_packet::{Packet, Property};

use crate::harness::*;

/// What a client's Session holds, in words.
fn held(world: &World, client: &str) -> Vec<String> {
    let held = world.broker.held(client);
    held.map(|held| {
        let id = held.packet_id.map_or(0, |id| id.get());
        let topic = held.message.as_ref().map_or("-", |message| &message.topic);
        format!("{:?} {id} {topic}", held.held)
    })
    .collect()
}

/// A message is there until PUBREC, its identifier until PUBCOMP; on the other side the identifier until PUBREL.
#[test]
fn a_qos_2_delivery_from_its_first_to_its_last_packet() {
    let mut world = World::new();
    let s = world.connect(Hello::v3("s"));
    world.subscribe(s, "a", Q2);
    let p = world.connect(Hello::v3("p"));
    world.publish(p, message("a", "1").q2(7));
    assert_eq!(held(&world, "s"), ["Sent 1 a"]);
    assert_eq!(held(&world, "p"), ["Received 7 -"]);
    world.send(s, Packet::PubRec(ack(1)));
    world.send(p, Packet::PubRel(ack(7)));
    assert_eq!(held(&world, "s"), ["Released 1 -"]);
    assert!(held(&world, "p").is_empty());
    world.send(s, Packet::PubComp(ack(1)));
    assert!(held(&world, "s").is_empty());
}

#[test]
fn what_waits_for_a_client_that_is_away() {
    let mut world = World::new();
    let s = world.connect(Hello::v3("s").kept());
    world.subscribe(s, "a/+", Q1);
    world.cut(s);
    let p = world.connect(Hello::v3("p"));
    world.publish(p, message("a/1", "1").q1(1).retain());
    world.publish(p, message("a/0", "2").q1(2).retain());
    assert_eq!(held(&world, "s"), ["Queued 0 a/1", "Queued 0 a/0"]);
    let retained: Vec<_> = world.broker.all_retained().map(|one| one.topic).collect();
    assert_eq!(retained, ["a/0".into(), "a/1".into()]);
}

/// A Keep Alive runs from the last packet, whenever its timer was set.
#[test]
fn timers_say_whom_they_concern_and_when_they_are_really_due() {
    let mut world = World::new();
    let p = world.connect(Hello::v5("p").keep_alive(10));
    world.pass(Duration::from_secs(8));
    world.send(p, Packet::PingReq);
    let due = world.now + Duration::from_secs(15);
    let timers: Vec<_> = world.broker.timers().collect();
    let keep_alive: Vec<_> = timers
        .iter()
        .filter(|timer| timer.deadline.reason == DeadlineReason::KeepAlive)
        .collect();
    assert_eq!(keep_alive.len(), 1);
    assert_eq!(keep_alive[0].deadline.at, due);
    assert_eq!(keep_alive[0].whose, Whose::Client("p".into()));
}

#[test]
fn aliases_of_both_sides() {
    let mut world = World::new();
    let s = world.connect(Hello::v5("s").with(Property::TopicAliasMaximum(5)));
    world.subscribe(s, "#", Q0);
    let p = world.connect(Hello::v5("p"));
    world.publish(p, message("area/10/a", "1").with(Property::TopicAlias(3)));
    let [given, taken] = world.broker.aliases("p");
    assert_eq!((given, taken), (vec![(3, "area/10/a".into())], vec![]));
    let [given, taken] = world.broker.aliases("s");
    assert_eq!((given, taken), (vec![], vec![(1, "area/10/a".into())]));
}

#[test]
fn nobody_holds_nothing() {
    let world = World::new();
    assert!(world.broker.held("nobody").next().is_none());
    assert!(world.broker.all_retained().next().is_none());
    assert_eq!(HeldAs::Sent.min(HeldAs::Queued), HeldAs::Sent);
}
