//! A row taken apart: bytes, fields, what is wrong with them.

use vitrine_broker::Config;
use vitrine_link::{Detail, Field, FieldValue, FlowView, PacketDetail, RowKind, Selection, View};
use vitrine_packet::{Packet, Property, PropertyBuf, ProtocolVersion, Publish, QoS};
use vitrine_scope::Limits;

use crate::common::World;

fn packet(world: &mut World, row: u64) -> PacketDetail {
    let view = View {
        selection: Selection::Row(row),
        ..View::default()
    };
    match world.look(view).detail {
        Detail::Packet(packet) => *packet,
        other => panic!("the row is known: {other:?}"),
    }
}

#[test]
fn every_field_is_named_with_its_bytes_and_meaning() {
    let mut world = World::new();
    world.join("sensor");
    world.publish("sensor", "a/b", "21.4", QoS::AtLeastOnce);
    let packet = packet(&mut world, 4);
    assert_eq!(packet.client, "sensor");
    assert_eq!(packet.bytes, b"\x32\x0b\x00\x03a/b\x00\x0121.4");
    assert!(!packet.cut && packet.problem.is_none());
    assert_eq!(packet.story.map(|story| story.publication), Some(1));
    let part = |field: &&Field| field.value != FieldValue::Group;
    let field = |name: &str| {
        let found = packet
            .fields
            .iter()
            .filter(part)
            .find(|field| field.name == name);
        let field = found.unwrap_or_else(|| panic!("{name} among {:#?}", packet.fields));
        (field.start, field.end, field.bits, field.value.clone())
    };
    assert_eq!(field("Topic Name").0..field("Topic Name").1, 4..7);
    assert_eq!(field("Topic Name").3, FieldValue::Text("a/b".into()));
    assert_eq!(
        field("Packet Identifier"),
        (7, 9, None, FieldValue::Number(1))
    );
    let FieldValue::Binary(payload) = field("Application Message").3 else {
        panic!("a payload need not be text")
    };
    assert_eq!(payload.text.as_deref(), Some("21.4"));
    // No byte is left unnamed.
    let mut named = vec![false; packet.bytes.len()];
    for field in packet.fields.iter().filter(part) {
        named[field.start as usize..field.end as usize].fill(true);
    }
    assert!(named.iter().all(|named| *named), "{:#?}", packet.fields);
}

#[test]
fn malformed_bytes_are_taken_apart_as_far_as_they_go() {
    let mut world = World::new();
    world.join("x");
    world.send_bytes("x", &[0x36, 0x04, 0, 1, b't', 0]);
    let packet = packet(&mut world, 4);
    let problem = packet.problem.expect("there is a problem");
    assert_eq!((problem.code.as_str(), problem.offset), ("publish-qos", 0));
    assert_eq!(problem.statement.as_deref(), Some("MQTT-3.3.1-4"));
    assert!(!packet.fields.is_empty());
}

#[test]
fn a_row_that_is_no_packet_has_no_bytes() {
    let mut world = World::new();
    world.join("x");
    let packet = packet(&mut world, 1);
    assert!(packet.bytes.is_empty() && packet.fields.is_empty() && packet.problem.is_none());
    assert!(matches!(packet.row.kind, RowKind::Opened { .. }));
    let view = View {
        selection: Selection::Row(99),
        ..View::default()
    };
    assert_eq!(world.look(view).detail, Detail::Gone);
}

#[test]
fn a_large_packet_is_cut_but_its_row_is_whole() {
    let limits = Limits {
        packet: 1_000,
        ..Limits::default()
    };
    let mut world = World::with(Config::default(), limits);
    world.join("sensor");
    world.publish("sensor", "big", &"x".repeat(5_000), QoS::AtLeastOnce);
    let packet = packet(&mut world, 4);
    assert!(packet.cut && packet.problem.is_none());
    assert_eq!(packet.bytes.len(), 1_000);
    let RowKind::Packet(row) = packet.row.kind else {
        panic!("it is a packet")
    };
    assert_eq!((row.size, row.packet_id), (5_010, Some(1)));
    assert_eq!(row.topic.as_deref(), Some("big"));
    let payload = row.payload.expect("PUBLISH has a payload");
    assert_eq!((payload.size, payload.cut), (5_000, true));
    assert_eq!(payload.text.map(|text| text.len()), Some(256));
}

#[test]
fn where_a_topic_alias_stands_for_the_topic_the_row_names_the_topic() {
    let mut world = World::new();
    world.connect("sensor", |connect| connect.version = ProtocolVersion::V5);
    let mut alias = PropertyBuf::new();
    alias
        .push(Property::TopicAlias(1))
        .expect("it can be written");
    for topic in ["a/b", ""] {
        let publish = Publish {
            dup: false,
            qos: QoS::AtMostOnce,
            retain: false,
            topic,
            packet_id: None,
            properties: alias.as_properties(),
            payload: b"1",
        };
        world.send("sensor", &Packet::Publish(publish));
    }
    let frame = world.flow(FlowView {
        rows: 2,
        ..FlowView::default()
    });
    let topics: Vec<_> = (frame.rows.iter())
        .map(|row| match &row.kind {
            RowKind::Packet(packet) => packet.topic.clone(),
            other => panic!("{other:?} is no packet"),
        })
        .collect();
    assert_eq!(topics, [Some("a/b".into()), Some("a/b".into())]);
}
