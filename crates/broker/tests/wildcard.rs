//! Topic Names against Topic Filters.

use std::collections::BTreeSet;

use vitrine_packet::topic;

use crate::harness::*;

/// 3.1.1: [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.3-4] [MQTT-3.3.2-3]
#[test]
fn the_examples_of_the_standard() {
    for (filter, topic, matches) in [
        ("sport/tennis/player1/#", "sport/tennis/player1", true),
        (
            "sport/tennis/player1/#",
            "sport/tennis/player1/ranking",
            true,
        ),
        (
            "sport/tennis/player1/#",
            "sport/tennis/player1/score/wimbledon",
            true,
        ),
        ("sport/#", "sport", true),
        ("#", "sport", true),
        ("sport/tennis/+", "sport/tennis/player1", true),
        ("sport/tennis/+", "sport/tennis/player1/ranking", false),
        ("sport/+", "sport", false),
        ("sport/+", "sport/", true),
        ("+/+", "/finance", true),
        ("/+", "/finance", true),
        ("+", "/finance", false),
        ("+/tennis/#", "sport/tennis/x", true),
        ("sport/+/player1", "sport/tennis/player1", true),
        ("ACCOUNTS", "Accounts", false),
        ("/", "/", true),
        ("a//b", "a/b", false),
        ("a//b", "a//b", true),
        ("a/+/b", "a//b", true),
        ("área/+", "área/10", true),
        ("a\u{0301}", "á", false),
        ("\u{FEFF}a", "a", false),
    ] {
        let mut world = World::new();
        let client = world.connect(Hello::v3("a"));
        world.subscribe(client, filter, Q0);
        world.publish(client, message(topic, "").retain());
        world.publish(client, message(topic, "x").retain());
        assert_eq!(
            world.take(client).len(),
            if matches { 2 } else { 0 },
            "{filter} {topic}"
        );
        let other = world.connect(Hello::v3("b"));
        world.subscribe(other, filter, Q0);
        assert_eq!(
            world.take(other).len(),
            usize::from(matches),
            "retained: {filter} {topic}"
        );
    }
}

/// The tree, the Retained Messages' tree and the plain comparison agree on everything that can be made
/// of few levels.
#[test]
fn all_small_filters_and_topics() {
    let levels = |list: &[&str]| {
        let mut all: Vec<String> = list.iter().map(|&level| level.to_owned()).collect();
        for _ in 0..2 {
            let longer: Vec<_> = all
                .iter()
                .flat_map(|start| list.iter().map(move |level| format!("{start}/{level}")))
                .collect();
            all.extend(longer);
        }
        all.into_iter().collect::<BTreeSet<_>>()
    };
    let filters = levels(&["a", "b", "", "+", "#", "$x"]);
    let filters: Vec<_> = filters
        .iter()
        .filter(|f| topic::validate_filter(f).is_ok())
        .collect();
    let topics = levels(&["a", "b", "", "c"]);
    let topics: Vec<_> = topics
        .iter()
        .filter(|name| topic::validate_name(name).is_ok())
        .collect();
    let mut world = World::new();
    let publisher = world.connect(Hello::v3("p"));
    for name in &topics {
        world.publish(publisher, message(name, name).retain());
    }
    let subscriber = world.connect(Hello::v3("s"));
    let mut removed = 0;
    for (n, filter) in filters.iter().enumerate() {
        world.subscribe(subscriber, filter, Q0);
        let kept: BTreeSet<_> = world.take(subscriber).into_iter().collect();
        let expected = topics.iter().filter(|name| topic::matches(filter, name));
        let expected: BTreeSet<_> = expected
            .map(|name| format!("PUBLISH retain {name} {name:?}"))
            .collect();
        assert_eq!(kept, expected, "{filter}");
        // Take some away again, so that removing is tried too.
        if n % 3 == 0 {
            world.send_unsubscribe(subscriber, &[filters[removed]]);
            removed += 2;
            world.take(subscriber);
        }
    }
    let session = world.broker.session("s").unwrap();
    for name in &topics {
        world.publish(publisher, message(name, "now"));
        let mut any = session.subscriptions.iter();
        let expected = any.any(|(filter, _)| topic::matches(filter, name));
        assert_eq!(
            world.take(subscriber).len(),
            usize::from(expected),
            "{name}"
        );
    }
    for (filter, _) in &session.subscriptions {
        world.send_unsubscribe(subscriber, &[filter]);
    }
    world.take(subscriber);
    for name in &topics {
        world.publish(publisher, message(name, "now"));
    }
    assert!(world.take(subscriber).is_empty());
}
