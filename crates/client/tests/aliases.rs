//! Topic Aliases, both ways (5.0 section 3.3.2.3.4).

use vitrine_client::{Event, Options};
use vitrine_packet::Property;

use crate::desk::*;

fn topics(desk: &mut Desk) -> Vec<String> {
    let events = desk.events().into_iter();
    let topics = events.filter_map(|event| match event {
        Event::Message { message, .. } => {
            assert!(message.properties.as_properties().topic_alias().is_none());
            Some(message.topic.to_string())
        }
        _ => None,
    });
    topics.collect()
}

/// 5.0: [MQTT-3.1.2-26] [MQTT-3.3.2-12]
#[test]
fn the_servers_aliases() {
    let mut desk = Desk::connected(Options {
        topic_alias_maximum: 2,
        ..named("c", V5)
    });
    desk.serve_message("one", Q0, 0, false, &[Property::TopicAlias(2)]);
    desk.serve_message("", Q0, 0, false, &[Property::TopicAlias(2)]);
    desk.serve_message("two", Q0, 0, false, &[Property::TopicAlias(2)]);
    desk.serve_message("", Q0, 0, false, &[Property::TopicAlias(2)]);
    assert_eq!(topics(&mut desk), ["one", "one", "two", "two"]);
    desk.serve_message("", Q0, 0, false, &[Property::TopicAlias(1)]);
    assert_eq!(desk.sent(), ["DISCONNECT 82 []"], "it stands for nothing");
    for topic in ["", "t"] {
        let mut desk = Desk::connected(Options {
            topic_alias_maximum: 2,
            ..named("c", V5)
        });
        desk.serve_message(topic, Q0, 0, false, &[Property::TopicAlias(3)]);
        assert_eq!(desk.sent(), ["DISCONNECT 94 []"]);
    }
}

/// They live as long as the connection.
///
/// 5.0: [MQTT-3.3.2-7]
#[test]
fn aliases_end_with_the_connection() {
    let mut desk = Desk::opened(Options {
        topic_alias_maximum: 2,
        ..kept("c", V5)
    });
    desk.sent();
    desk.welcome(false, &[Property::TopicAliasMaximum(1)]);
    desk.serve_message("one", Q0, 0, false, &[Property::TopicAlias(2)]);
    desk.publish("a/topic", Q1);
    desk.publish("a/topic", Q1);
    desk.publish("other", Q0);
    assert_eq!(
        desk.sent(),
        [
            "PUBLISH q1 #1 a/topic @1",
            "PUBLISH q1 #2  @1",
            "PUBLISH q0 other"
        ]
    );
    desk.cut_and_open();
    desk.sent();
    desk.welcome(true, &[]);
    assert_eq!(
        desk.sent(),
        ["PUBLISH q1 #1 dup a/topic", "PUBLISH q1 #2 dup a/topic"]
    );
    desk.serve_message("", Q0, 0, false, &[Property::TopicAlias(2)]);
    assert_eq!(desk.sent(), ["DISCONNECT 82 []"]);
}

/// An alias must not make a packet too large.
///
/// 5.0: [MQTT-3.2.2-15] [MQTT-3.2.2-17] [MQTT-3.2.2-18]
#[test]
fn no_alias_where_it_does_not_fit() {
    let mut desk = Desk::opened(named("c", V5));
    desk.sent();
    desk.welcome(
        false,
        &[
            Property::TopicAliasMaximum(5),
            Property::MaximumPacketSize(11),
        ],
    );
    desk.publish("topic", Q0);
    desk.publish("topic", Q0);
    assert_eq!(desk.sent(), ["PUBLISH q0 topic", "PUBLISH q0 topic"]);
    desk.publish("four", Q0);
    assert_eq!(desk.sent(), ["PUBLISH q0 four"]);
}
