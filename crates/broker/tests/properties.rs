//! What is passed on with a message.

use vitrine_broker::{Config, Event};
use vitrine_packet::{Packet, PacketId, Property, Publish, ReasonCode};

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

/// Section 3.3.2.3.2: a payload that is said to be UTF-8 and is not is refused, with QoS 0 in silence.
#[test]
fn a_payload_that_is_not_what_its_format_says() {
    let good: &[u8] = "é".as_bytes();
    let bad: &[u8] = &good[..1];
    for (check, indicator, payload, refused) in [
        (true, 1, bad, true),
        (true, 1, good, false),
        (true, 0, bad, false),
        (false, 1, bad, false),
    ] {
        let mut world = World::with(Config {
            check_payload_format: check,
            ..Config::default()
        });
        world.observe();
        let client = world.connect(Hello::v5("p"));
        let watcher = world.connect(Hello::v3("w"));
        world.subscribe(watcher, "#", Q0);
        let packet = |qos, id: Option<u16>| {
            let properties = buf(&[Property::PayloadFormatIndicator(indicator)]);
            let publish = Publish {
                dup: false,
                qos,
                retain: false,
                topic: "a",
                packet_id: id.and_then(PacketId::new),
                properties: properties.as_properties(),
                payload,
            };
            bytes(V5, &Packet::Publish(publish))
        };
        for (qos, id) in [(Q0, None), (Q1, Some(1)), (Q2, Some(2))] {
            world.send_bytes(client, &packet(qos, id));
        }
        let answers = if refused {
            ["PUBACK #1 99", "PUBREC #2 99"]
        } else {
            ["PUBACK #1", "PUBREC #2"]
        };
        assert_eq!(world.take(client), answers);
        assert_eq!(world.take(watcher).len(), if refused { 0 } else { 3 });
        let refusals = world.events().into_iter().filter(|event| {
            let reason = ReasonCode::PayloadFormatInvalid;
            matches!(event, Event::PublishRefused { reason: given, .. } if *given == reason)
        });
        assert_eq!(refusals.count(), if refused { 3 } else { 0 });
    }
}

/// Section 3.1.3.2.3: the same for a Will, before it is promised to be published.
#[test]
fn a_will_that_is_not_what_its_format_says() {
    let mut world = World::new();
    let will = |payload| Testament {
        properties: vec![Property::PayloadFormatIndicator(1)],
        ..Testament::new("w", payload)
    };
    let mut hello = Hello::v5("a").will(will("?!")).bytes();
    world.connect(Hello::v5("b").will(will("?!")));
    let at = hello.windows(2).position(|two| two == b"?!").unwrap();
    hello[at] = 0xFF;
    let client = world.open_as(V5);
    world.send_bytes(client, &hello);
    assert_eq!(world.take(client), ["CONNACK 99", "closed"]);
}

/// 5.0: [MQTT-3.1.2-28]
#[test]
fn response_information() {
    let ask = Property::RequestResponseInformation(1);
    let mut world = World::with(Config {
        response_information: Some("answers/".into()),
        ..Config::default()
    });
    let told = |world: &mut World, hello: Hello<'_>| {
        let client = world.say(&hello);
        let answer = world.take(client).remove(0);
        assert!(answer.starts_with("CONNACK 00"), "{answer}");
        answer.contains("ResponseInformation(\"answers/\")")
    };
    assert!(told(&mut world, Hello::v5("a").with(ask)));
    assert!(!told(&mut world, Hello::v5("a")));
    let no = Property::RequestResponseInformation(0);
    assert!(!told(&mut world, Hello::v5("a").with(no)));
    // Rather none than too large a packet.
    let small = Property::MaximumPacketSize(25);
    assert!(!told(&mut world, Hello::v5("a").with(ask).with(small)));
    let mut silent = World::new();
    assert!(!told(&mut silent, Hello::v5("a").with(ask)));
}
