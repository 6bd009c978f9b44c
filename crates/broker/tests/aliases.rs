//! Topic Aliases.

use vitrine_broker::Config;
use vitrine_packet::Property::{self, TopicAlias};

use crate::harness::*;

/// 5.0: [MQTT-3.3.2-12]
#[test]
fn a_clients_aliases() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v5("s"));
    world.subscribe(subscriber, "#", Q1);
    let publisher = world.connect(Hello::v5("p"));
    world.publish(publisher, message("a/b", "1").with(TopicAlias(1)));
    world.publish(publisher, message("c", "2").with(TopicAlias(64)));
    world.publish(publisher, message("", "3").with(TopicAlias(1)));
    world.publish(publisher, message("", "4").q1(1).with(TopicAlias(64)));
    world.publish(publisher, message("d", "5").with(TopicAlias(1)));
    let text = Property::ContentType("t");
    world.publish(publisher, message("", "6").with(TopicAlias(1)).with(text));
    let expected = [
        "PUBLISH a/b \"1\"",
        "PUBLISH c \"2\"",
        "PUBLISH a/b \"3\"",
        "PUBLISH q1 #1 c \"4\"",
        "PUBLISH d \"5\"",
        "PUBLISH d \"6\" [ContentType(\"t\")]",
    ];
    assert_eq!(world.take(subscriber), expected);
}

/// 5.0: [MQTT-3.3.2-9] [MQTT-3.2.2-17] [MQTT-3.2.2-18] [MQTT-4.13.1-1]
#[test]
fn an_alias_over_the_maximum_ends_the_connection() {
    for (maximum, alias) in [(64, 65), (0, 1)] {
        let mut world = World::with(Config {
            topic_alias_maximum: maximum,
            ..Config::default()
        });
        let client = world.say(&Hello::v5("p"));
        assert_eq!(
            world.take(client)[0].contains("TopicAliasMaximum"),
            maximum > 0
        );
        world.publish(client, message("a", "").with(TopicAlias(alias)));
        assert_eq!(world.take(client), ["DISCONNECT 94", "closed"]);
    }
}

/// 5.0: section 3.3.2.3.4
#[test]
fn an_alias_that_stands_for_nothing_ends_the_connection() {
    let mut world = World::new();
    let client = world.connect(Hello::v5("p"));
    world.publish(client, message("", "").with(TopicAlias(1)));
    assert_eq!(world.take(client), ["DISCONNECT 82", "closed"]);
}

/// 5.0: [MQTT-3.3.2-7]
#[test]
fn aliases_end_with_the_connection() {
    let mut world = World::new();
    let client = world.connect(Hello::v5("p").kept());
    world.publish(client, message("a", "").with(TopicAlias(1)));
    world.cut(client);
    let client = world.reconnect(Hello::v5("p").kept());
    world.publish(client, message("", "").with(TopicAlias(1)));
    assert_eq!(world.take(client), ["DISCONNECT 82", "closed"]);
}

/// 5.0: [MQTT-3.1.2-26] [MQTT-3.3.2-11] [MQTT-3.3.2-8]
#[test]
fn the_brokers_aliases() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v5("s").kept().with(Property::TopicAliasMaximum(2)));
    world.subscribe(subscriber, "#", Q1);
    let publisher = world.connect(Hello::v5("p"));
    for topic in ["first", "second", "third", "first", "abc", "second"] {
        world.publish(publisher, message(topic, "x"));
    }
    let text = Property::ContentType("t");
    world.publish(publisher, message("first", "y").q1(1).with(text));
    let expected = [
        "PUBLISH first \"x\" [TopicAlias(1)]",
        "PUBLISH second \"x\" [TopicAlias(2)]",
        "PUBLISH third \"x\"",
        "PUBLISH  \"x\" [TopicAlias(1)]",
        "PUBLISH abc \"x\"",
        "PUBLISH  \"x\" [TopicAlias(2)]",
        "PUBLISH q1 #1  \"y\" [TopicAlias(1), ContentType(\"t\")]",
    ];
    assert_eq!(world.take(subscriber), expected);
    world.cut(subscriber);
    let subscriber = world.reconnect(Hello::v5("s").kept().with(Property::TopicAliasMaximum(2)));
    let again = "PUBLISH q1 #1 dup first \"y\" [TopicAlias(1), ContentType(\"t\")]";
    assert_eq!(
        world.take(subscriber),
        [again],
        "they end with the connection"
    );
}

/// 5.0: [MQTT-3.1.2-27]
#[test]
fn no_aliases_for_who_did_not_ask() {
    let mut world = World::new();
    for hello in [
        Hello::v5("s"),
        Hello::v5("s").with(Property::TopicAliasMaximum(0)),
        Hello::v3("s"),
    ] {
        let client = world.connect(hello);
        world.subscribe(client, "#", Q0);
        world.publish(client, message("topic", "x"));
        world.publish(client, message("topic", "x"));
        assert_eq!(world.take(client), ["PUBLISH topic \"x\""; 2]);
    }
}

/// A message that may still be dropped carries no alias: the next one would stand for nothing.
#[test]
fn no_aliases_with_what_is_written_late() {
    let mut world = World::new();
    let subscriber = world.connect(Hello::v5("s").with(Property::TopicAliasMaximum(9)));
    world.subscribe(subscriber, "#", Q0);
    let publisher = world.connect(Hello::v5("p"));
    world.pulling = false;
    let short = message("topic", "x").with(Property::MessageExpiryInterval(1));
    world.publish(publisher, short);
    world.publish(publisher, message("topic", "y"));
    world.now = world.now + std::time::Duration::from_secs(2);
    world.pull(subscriber, usize::MAX);
    assert_eq!(
        world.take(subscriber),
        ["PUBLISH topic \"y\" [TopicAlias(1)]"]
    );
}

/// A message whose topic need not be sent again may be larger by that.
///
/// 5.0: [MQTT-3.1.2-24] [MQTT-3.1.2-25]
#[test]
fn an_alias_leaves_room_for_the_payload() {
    let mut world = World::new();
    let subscriber = world.connect(
        Hello::v5("s")
            .with(Property::TopicAliasMaximum(1))
            .with(Property::MaximumPacketSize(20)),
    );
    world.subscribe(subscriber, "#", Q1);
    let publisher = world.connect(Hello::v5("p"));
    let topic = "a/long/one";
    // Two bytes of header, two of the topic's length, one of properties, and three for the alias.
    let most = 20 - 5 - 3;
    let payloads = ["12", &"x".repeat(most), &"y".repeat(most + 1)];
    for payload in payloads {
        world.publish(publisher, message(topic, payload));
    }
    let expected = [
        format!("PUBLISH {topic} \"12\" [TopicAlias(1)]"),
        format!("PUBLISH  \"{}\" [TopicAlias(1)]", payloads[1]),
    ];
    assert_eq!(world.take(subscriber), expected);
    // Not on a connection that was not told the alias; nor where it is not known when the packet will be written.
    let again = world.connect(
        Hello::v5("s")
            .with(Property::TopicAliasMaximum(1))
            .with(Property::MaximumPacketSize(20)),
    );
    world.subscribe(again, "#", Q1);
    let expiry = Property::MessageExpiryInterval(9);
    world.publish(publisher, message(topic, payloads[1]));
    world.publish(publisher, message(topic, "12"));
    world.publish(publisher, message(topic, "123").with(expiry));
    let expected = format!("PUBLISH {topic} \"12\" [TopicAlias(1)]");
    assert_eq!(world.take(again), [expected]);
}
