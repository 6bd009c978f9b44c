//! What is passed on with a message.

use vitrine_packet::Property;

use crate::harness::*;

/// 5.0: [MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-17] [MQTT-3.3.2-18]
/// 5.0: [MQTT-3.3.2-20]
#[test]
fn everything_in_its_order() {
    let mut world = World::new();
    let five = world.connect(Hello::v5("s"));
    world.subscribe(five, "a", Q1);
    let three = world.connect(Hello::v3("t"));
    world.subscribe(three, "a", Q1);
    let publisher = world.connect(Hello::v5("p"));
    let properties = vec![
        Property::UserProperty("z", "1"),
        Property::PayloadFormatIndicator(1),
        Property::ContentType("text/plain"),
        Property::ResponseTopic("answers/here"),
        Property::UserProperty("a", "2"),
        Property::CorrelationData(&[0, 255, 7]),
        Property::UserProperty("z", "1"),
        Property::UserProperty("", ""),
    ];
    let list = buf(&properties);
    let list = format!("{:?}", list.as_properties());
    let sent = Message {
        properties,
        ..message("a", "x")
    };
    world.publish(publisher, sent.clone());
    world.publish(publisher, sent.clone().q1(1));
    // Among those that are not passed on as they are.
    let mut mixed = sent.q1(2);
    mixed.properties.insert(3, Property::TopicAlias(1));
    world.publish(publisher, mixed);
    let expected = [
        format!("PUBLISH a \"x\" {list}"),
        format!("PUBLISH q1 #1 a \"x\" {list}"),
        format!("PUBLISH q1 #2 a \"x\" {list}"),
    ];
    assert_eq!(world.take(five), expected);
    let plain = [
        "PUBLISH a \"x\"",
        "PUBLISH q1 #1 a \"x\"",
        "PUBLISH q1 #2 a \"x\"",
    ];
    assert_eq!(world.take(three), plain);
}

/// 5.0: [MQTT-3.3.4-6]
#[test]
fn a_subscription_identifier_from_a_client_is_a_violation() {
    let mut world = World::new();
    let client = world.connect(Hello::v5("p"));
    world.publish(
        client,
        message("a", "").with(Property::SubscriptionIdentifier(1)),
    );
    assert_eq!(world.take(client), ["DISCONNECT 82", "closed"]);
}
