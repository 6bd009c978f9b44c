//! Ladders: what happened between real clients and a real broker, row by row.

use vitrine_broker::Config;
use vitrine_link::{Depth, FlowFilter, FlowView, RowKind, Side};
use vitrine_packet::{Properties, ProtocolVersion, QoS, Will};
use vitrine_scope::Limits;

use crate::common::{World, row_text};

/// `sensor` and `painel`, which subscribed to `t`, and the number of the row that comes next.
fn subscribed(granted: QoS) -> (World, u64) {
    let mut world = World::new();
    world.join("sensor");
    world.join("painel");
    world.subscribe("painel", "t", granted);
    let next = world.next_row();
    (world, next)
}

#[test]
fn connecting_and_subscribing() {
    let (mut world, _) = subscribed(QoS::AtLeastOnce);
    assert_eq!(
        world.ladder(),
        [
            "1 sensor opened by page",
            "2 sensor -> broker CONNECT",
            "3 broker -> sensor CONNACK <2",
            "4 painel opened by page",
            "5 painel -> broker CONNECT",
            "6 broker -> painel CONNACK <5",
            "7 painel -> broker SUBSCRIBE id1 t",
            "8 broker -> painel SUBACK id1 0x01 <7",
        ]
    );
}

#[test]
fn qos_0_is_one_arrow_in_and_one_out() {
    let (mut world, next) = subscribed(QoS::ExactlyOnce);
    world.publish("sensor", "t", "21.4", QoS::AtMostOnce);
    assert_eq!(
        world.ladder_from(next),
        [
            r#"9 sensor -> broker PUBLISH q0 t "21.4" #1"#,
            r#"10 broker -> painel PUBLISH q0 t "21.4" #1 <9"#,
        ]
    );
}

#[test]
fn qos_1_is_acknowledged_on_each_side() {
    let (mut world, next) = subscribed(QoS::ExactlyOnce);
    world.publish("sensor", "t", "21.4", QoS::AtLeastOnce);
    assert_eq!(
        world.ladder_from(next),
        [
            r#"9 sensor -> broker PUBLISH q1 id1 t "21.4" #1"#,
            r#"10 broker -> painel PUBLISH q1 id1 t "21.4" #1 <9"#,
            "11 broker -> sensor PUBACK id1 #1 <9",
            "12 painel -> broker PUBACK id1 #1",
        ]
    );
}

#[test]
fn qos_2_is_two_handshakes_of_one_publication() {
    let (mut world, next) = subscribed(QoS::ExactlyOnce);
    world.publish("sensor", "t", "21.4", QoS::ExactlyOnce);
    assert_eq!(
        world.ladder_from(next),
        [
            r#"9 sensor -> broker PUBLISH q2 id1 t "21.4" #1"#,
            r#"10 broker -> painel PUBLISH q2 id1 t "21.4" #1 <9"#,
            "11 broker -> sensor PUBREC id1 #1 <9",
            "12 painel -> broker PUBREC id1 #1",
            "13 broker -> painel PUBREL id1 #1 <12",
            "14 sensor -> broker PUBREL id1 #1",
            "15 broker -> sensor PUBCOMP id1 #1 <14",
            "16 painel -> broker PUBCOMP id1 #1",
        ]
    );
}

#[test]
fn the_subscriber_gets_the_lower_qos_of_both() {
    let (mut world, next) = subscribed(QoS::AtMostOnce);
    world.publish("sensor", "t", "21.4", QoS::AtLeastOnce);
    assert_eq!(
        world.ladder_from(next),
        [
            r#"9 sensor -> broker PUBLISH q1 id1 t "21.4" #1"#,
            r#"10 broker -> painel PUBLISH q0 t "21.4" #1 <9"#,
            "11 broker -> sensor PUBACK id1 #1 <9",
        ]
    );
}

#[test]
fn after_a_cut_the_session_goes_on_where_it_was() {
    let mut world = World::new();
    world.join("sensor");
    world.join_to_stay("painel");
    world.subscribe("painel", "t", QoS::AtLeastOnce);
    let next = world.next_row();
    world.mute("painel");
    world.publish("sensor", "t", "1", QoS::AtLeastOnce);
    world.cut("painel");
    world.publish("sensor", "t", "2", QoS::AtLeastOnce);
    world.publish("sensor", "t", "3", QoS::AtMostOnce);
    world.join_to_stay("painel");
    assert_eq!(
        world.ladder_from(next),
        [
            r#"9 sensor -> broker PUBLISH q1 id1 t "1" #1"#,
            r#"10 broker -> painel PUBLISH q1 id1 t "1" #1 <9"#,
            "11 broker -> sensor PUBACK id1 #1 <9",
            "12 painel closed: cut under way [1]",
            r#"13 sensor -> broker PUBLISH q1 id2 t "2" #2"#,
            "14 broker queues for painel: 1 #2 <13",
            "15 broker -> sensor PUBACK id2 #2 <13",
            r#"16 sensor -> broker PUBLISH q0 t "3" #3"#,
            "17 broker discards for painel: offline-qos0 #3 <16",
            "18 painel opened by page",
            "19 painel -> broker CONNECT",
            "20 broker -> painel CONNACK <19",
            r#"21 broker -> painel PUBLISH q1 dup id1 t "1" #1 <19"#,
            r#"22 broker -> painel PUBLISH q1 id2 t "2" #2 <19"#,
            "23 painel -> broker PUBACK id1 #1",
            "24 painel -> broker PUBACK id2 #2",
        ]
    );
}

#[test]
fn what_the_transport_never_took_waits_again() {
    let mut world = World::new();
    world.join("sensor");
    world.join_to_stay("painel");
    world.subscribe("painel", "t", QoS::AtLeastOnce);
    let next = world.next_row();
    world.stall("painel");
    world.publish("sensor", "t", "1", QoS::AtLeastOnce);
    world.cut("painel");
    world.join_to_stay("painel");
    assert_eq!(
        world.ladder_from(next),
        [
            r#"9 sensor -> broker PUBLISH q1 id1 t "1" #1"#,
            "10 broker -> sensor PUBACK id1 #1 <9",
            "11 painel closed: cut",
            "12 broker queues for painel: 1 #1",
            "13 painel opened by page",
            "14 painel -> broker CONNECT",
            "15 broker -> painel CONNACK <14",
            r#"16 broker -> painel PUBLISH q1 id2 t "1" #1 <14"#,
            "17 painel -> broker PUBACK id2 #1",
        ]
    );
}

#[test]
fn a_retained_message_follows_from_subscribing_and_keeps_its_publication() {
    let mut world = World::new();
    world.join("sensor");
    world.retain("sensor", "t", "21.4");
    world.join("painel");
    let next = world.next_row();
    world.subscribe("painel", "+", QoS::ExactlyOnce);
    assert_eq!(
        world.ladder_from(next),
        [
            "8 painel -> broker SUBSCRIBE id1 +",
            "9 broker -> painel SUBACK id1 0x02 <8",
            r#"10 broker -> painel PUBLISH q0 retain t "21.4" #1 <8"#,
        ]
    );
}

#[test]
fn a_refused_client_keeps_the_connections_name() {
    let mut world = World::new();
    world.connect("", |connect| connect.clean_start = false);
    assert_eq!(
        world.ladder(),
        [
            "1 #1 opened by page",
            "2 #1 -> broker CONNECT",
            "3 broker -> #1 CONNACK 0x02 <2",
            "4 #1 closed: refused 0x85 MQTT-3.1.3-8 <2",
        ]
    );
}

#[test]
fn a_client_that_is_taken_over_is_told_before_its_end() {
    let mut world = World::new();
    world.connect("x", |connect| connect.version = ProtocolVersion::V5);
    world.connect("x", |connect| connect.version = ProtocolVersion::V5);
    assert_eq!(
        world.ladder_from(4),
        [
            "4 x opened by page",
            "5 x -> broker CONNECT",
            "6 broker -> x DISCONNECT 0x8e <5",
            "7 x closed: taken-over 0x8e MQTT-3.1.4-3 <5",
            "8 x session ended: disconnected <5",
            "9 broker -> x CONNACK <5",
        ]
    );
}

#[test]
fn an_operator_drops_politely_or_not() {
    let mut world = World::new();
    world.connect("x", |connect| connect.version = ProtocolVersion::V5);
    world.drop_client("x", true);
    assert_eq!(
        world.ladder_from(4),
        [
            "4 x dropped",
            "5 broker -> x DISCONNECT 0x98",
            "6 x closed: operator 0x98",
            "7 x session ended: disconnected",
        ]
    );
    world.connect("y", |connect| connect.version = ProtocolVersion::V5);
    let next = world.next_row();
    world.drop_client("y", false);
    let ladder = world.ladder_from(next);
    assert!(
        ladder.iter().all(|row| !row.contains("DISCONNECT")),
        "{ladder:#?}"
    );
    assert!(ladder[1].contains("y closed: operator"), "{ladder:#?}");
}

#[test]
fn a_will_leads_to_what_it_delivers() {
    let mut world = World::new();
    world.join("painel");
    world.subscribe("painel", "w", QoS::AtMostOnce);
    let (qos, retain, properties) = (QoS::AtLeastOnce, false, Properties::default());
    let will = Will {
        qos,
        retain,
        properties,
        topic: "w",
        payload: b"gone",
    };
    world.connect("x", |connect| connect.will = Some(will));
    let next = world.next_row();
    world.cut("x");
    assert_eq!(
        world.ladder_from(next),
        [
            "9 x closed: cut",
            "10 x session ended: disconnected",
            "11 x will published on w #1",
            r#"12 broker -> painel PUBLISH q0 w "gone" #1 <11"#,
        ]
    );
}

#[test]
fn time_ends_connections_and_sessions() {
    let config = Config {
        max_session_expiry: 10,
        ..Config::default()
    };
    let mut world = World::with(config, Limits::default());
    world.connect("x", |connect| {
        connect.clean_start = false;
        connect.keep_alive = 4;
    });
    world.wait(7);
    world.wait(10);
    assert_eq!(
        world.ladder_from(4),
        [
            "4 x closed: keep-alive 0x8d MQTT-3.1.2-24",
            "5 x session ended: expired",
        ]
    );
}

#[test]
fn malformed_bytes_name_the_rule_and_end_the_connection() {
    let mut world = World::new();
    world.join("x");
    world.send_bytes("x", &[0x36, 0x02, 0, 1]);
    assert_eq!(
        world.ladder_from(4),
        [
            "4 x malformed: publish-qos at 0",
            "5 x closed: malformed 0x81 MQTT-3.3.1-4 <4",
            "6 x session ended: disconnected <4",
        ]
    );
}

#[test]
fn of_many_packets_in_one_input_each_answer_finds_its_own() {
    let (mut world, next) = subscribed(QoS::AtMostOnce);
    let mut bytes = Vec::new();
    for id in 1..=3_u8 {
        bytes.extend([0x32, 0x06, 0, 1, b't', 0, id, b'0' + id]);
    }
    bytes.extend([0xC0, 0x00]);
    world.send_bytes("sensor", &bytes);
    assert_eq!(
        world.ladder_from(next),
        [
            r#"9 sensor -> broker PUBLISH q1 id1 t "1" #1"#,
            r#"10 sensor -> broker PUBLISH q1 id2 t "2" #2"#,
            r#"11 sensor -> broker PUBLISH q1 id3 t "3" #3"#,
            "12 sensor -> broker PINGREQ",
            r#"13 broker -> painel PUBLISH q0 t "1" #1 <9"#,
            r#"14 broker -> painel PUBLISH q0 t "2" #2 <10"#,
            r#"15 broker -> painel PUBLISH q0 t "3" #3 <11"#,
            "16 broker -> sensor PUBACK id1 #1 <9",
            "17 broker -> sensor PUBACK id2 #2 <10",
            "18 broker -> sensor PUBACK id3 #3 <11",
            "19 broker -> sensor PINGRESP <12",
        ]
    );
}

#[test]
fn lifelines_stay_through_reconnects_and_stand_where_they_began() {
    let (mut world, _) = subscribed(QoS::AtMostOnce);
    world.open("waiting", ProtocolVersion::V3_1_1);
    world.publish("painel", "other", "", QoS::AtMostOnce);
    world.cut("painel");
    world.cut("sensor");
    world.join("painel");
    let lifelines = world
        .flow(FlowView {
            rows: 1,
            ..FlowView::default()
        })
        .lifelines;
    let told: Vec<_> = (lifelines.iter())
        .map(|line| (line.id, line.name.as_str(), line.side, line.connected))
        .collect();
    assert_eq!(
        told,
        [
            (0, "sensor", Side::Publisher, false),
            (1, "painel", Side::Subscriber, true),
            (2, "#3", Side::Publisher, true),
        ]
    );
}

#[test]
fn the_story_tells_publications_and_connections_only() {
    let mut world = World::new();
    world.join("sensor");
    world.join_to_stay("painel");
    world.subscribe("painel", "t", QoS::AtLeastOnce);
    world.publish("sensor", "t", "1", QoS::ExactlyOnce);
    world.cut("painel");
    world.publish("sensor", "t", "2", QoS::ExactlyOnce);
    let story = FlowView {
        rows: 100,
        depth: Depth::Story,
        ..FlowView::default()
    };
    let frame = world.flow(story);
    let rows: Vec<_> = frame.rows.iter().map(|row| row_text(row, &frame)).collect();
    assert_eq!(
        rows,
        [
            "1 sensor opened by page",
            "4 painel opened by page",
            r#"9 sensor -> broker PUBLISH q2 id1 t "1" #1"#,
            r#"10 broker -> painel PUBLISH q1 id1 t "1" #1 <9"#,
            "15 painel closed: cut",
            r#"16 sensor -> broker PUBLISH q2 id2 t "2" #2"#,
            "17 broker queues for painel: 1 #2 <16",
        ]
    );
    assert_eq!(
        frame.holds.len(),
        1,
        "of what is held only the queue is told"
    );
}

#[test]
fn only_the_deepest_view_carries_bytes() {
    let (mut world, _) = subscribed(QoS::AtMostOnce);
    let mut heads = |depth| -> Vec<usize> {
        let frame = world.flow(FlowView {
            rows: 3,
            depth,
            ..FlowView::default()
        });
        let head = |kind: &RowKind| match kind {
            RowKind::Packet(packet) => packet.head.len(),
            other => panic!("{other:?} is no packet"),
        };
        frame.rows.iter().map(|row| head(&row.kind)).collect()
    };
    assert_eq!(heads(Depth::Handshake), [0, 0, 0]);
    assert_eq!(heads(Depth::Bytes), [4, 8, 5]);
}

/// What the broker tells of itself can be left out, but not where it is asked for.
#[test]
fn what_belongs_to_the_system_can_be_hidden() {
    let mut world = World::new();
    world.join("painel");
    world.subscribe("painel", "$SYS/#", QoS::AtMostOnce);
    world.subscribe("painel", "t", QoS::AtMostOnce);
    let first = world.next_row();
    world.publish_own("$SYS/up", "1");
    world.publish_own("t", "2");
    let mut shown = |filter: FlowFilter| {
        let filter = FlowFilter {
            hide_system: true,
            ..filter
        };
        let frame = world.flow(FlowView {
            rows: 500,
            filter,
            ..FlowView::default()
        });
        let rows = frame.rows.into_iter().filter(|row| row.number >= first);
        rows.map(|row| (row.number, row.publication))
            .collect::<Vec<_>>()
    };
    let all = shown(FlowFilter::default());
    assert_eq!(all.len(), 1, "$SYS/up is left out");
    let topic = |topic: &str| FlowFilter {
        topic: topic.into(),
        ..FlowFilter::default()
    };
    assert_eq!(shown(topic("t")), all);
    let system = shown(topic("$SYS/#"));
    assert_eq!(system.len(), 1);
    let publication = system[0].1;
    let its = shown(FlowFilter {
        publication,
        ..FlowFilter::default()
    });
    assert_eq!(its, system);
}
