//! What is held in memory, by whom, and until when (section 4.3 of the standard).

use vitrine_link::{Anchor, Detail, FlowView, Hold, Selection, View};
use vitrine_packet::{Ack, Packet, PacketId, Properties, ProtocolVersion, QoS, ReasonCode};

use crate::common::{World, hold_text};

fn world(granted: QoS) -> World {
    let mut world = World::new();
    world.join("sensor");
    world.join_to_stay("painel");
    world.subscribe("painel", "t", granted);
    world
}

#[test]
fn nothing_is_held_at_qos_0() {
    let mut world = world(QoS::AtMostOnce);
    world.publish("sensor", "t", "1", QoS::AtMostOnce);
    assert_eq!(world.holds(), [""; 0]);
}

/// The sender holds the message until PUBACK (section 4.3.2).
#[test]
fn qos_1_is_held_until_puback() {
    let mut world = world(QoS::AtLeastOnce);
    world.publish("sensor", "t", "1", QoS::AtLeastOnce);
    assert_eq!(
        world.holds(),
        [
            "sensor holds message 1 #1, 9-11, until PUBACK",
            "broker holds message 1 of painel #1, 10-12, until PUBACK",
        ]
    );
}

/// The sender holds the message until PUBREC and its identifier until PUBCOMP, the receiver the identifier until PUBREL
/// (section 4.3.3).
#[test]
fn qos_2_is_held_in_two_steps() {
    let mut world = world(QoS::ExactlyOnce);
    world.publish("sensor", "t", "1", QoS::ExactlyOnce);
    assert_eq!(
        world.holds(),
        [
            "sensor holds message 1 #1, 9-11, until PUBREC",
            "broker holds id 1 of sensor #1, 9-14, until PUBREL",
            "broker holds message 1 of painel #1, 10-12, until PUBREC",
            "painel holds id 1 #1, 10-13, until PUBREL",
            "sensor holds id 1 #1, 11-15, until PUBCOMP",
            "broker holds id 1 of painel #1, 12-16, until PUBCOMP",
        ]
    );
}

#[test]
fn a_kept_session_holds_through_a_cut_and_a_redelivery_holds_nothing_new() {
    let mut world = world(QoS::AtLeastOnce);
    world.mute("painel");
    world.publish("sensor", "t", "1", QoS::AtMostOnce);
    world.publish("sensor", "t", "2", QoS::AtLeastOnce);
    let open = |world: &mut World| -> Vec<String> {
        let holds = world.holds();
        holds
            .into_iter()
            .filter(|hold| hold.contains("-,"))
            .collect()
    };
    let expected = ["broker holds message 1 of painel #2, 12-, until PUBACK"];
    assert_eq!(open(&mut world), expected);
    world.cut("painel");
    assert_eq!(open(&mut world), expected);
    world.open("painel", ProtocolVersion::V3_1_1);
    world.mute("painel");
    world.join_to_stay("painel");
    assert_eq!(open(&mut world), [""; 0]);
    let all = world.holds();
    let of_painel: Vec<_> = all
        .iter()
        .filter(|hold| hold.contains("of painel"))
        .collect();
    assert_eq!(of_painel.len(), 1, "{all:#?}");
}

#[test]
fn a_clean_session_lets_everything_go_when_it_ends() {
    let mut world = World::new();
    world.join("sensor");
    world.join("painel");
    world.subscribe("painel", "t", QoS::ExactlyOnce);
    world.mute("painel");
    world.publish("sensor", "t", "1", QoS::ExactlyOnce);
    world.cut("painel");
    let ladder = world.ladder();
    let end = ladder.last().expect("there are rows").clone();
    assert!(end.contains("painel session ended: disconnected"), "{end}");
    let end = end
        .split(' ')
        .next()
        .expect("a row has a number")
        .to_owned();
    let holds = world.holds();
    let ended: Vec<_> = holds
        .iter()
        .filter(|hold| hold.contains(&format!("-{end}, ")))
        .collect();
    assert_eq!(
        ended,
        [
            &format!("broker holds message 1 of painel #1, 10-{end}, until PUBREC"),
            &format!("painel holds id 1 #1, 10-{end}, until PUBREL"),
        ]
    );
}

#[test]
fn a_queue_holds_messages_until_they_are_sent() {
    let mut world = world(QoS::AtLeastOnce);
    world.cut("painel");
    world.publish("sensor", "t", "1", QoS::AtLeastOnce);
    world.publish("sensor", "t", "2", QoS::AtLeastOnce);
    let queued = |world: &mut World| -> Vec<String> {
        let holds = world.holds();
        holds
            .into_iter()
            .filter(|hold| hold.contains("queued"))
            .collect()
    };
    assert_eq!(
        queued(&mut world),
        [
            "broker holds queued of painel #1, 11-",
            "broker holds queued of painel #2, 14-"
        ]
    );
    world.join_to_stay("painel");
    assert_eq!(
        queued(&mut world),
        [
            "broker holds queued of painel #1, 11-19",
            "broker holds queued of painel #2, 14-20"
        ]
    );
}

/// In 5.0 a PUBREC with 0x80 or more ends the exchange.
#[test]
fn a_refusing_pubrec_ends_what_both_sides_held() {
    let mut world = World::new();
    world.join("sensor");
    world.connect("painel", |connect| connect.version = ProtocolVersion::V5);
    world.subscribe("painel", "t", QoS::ExactlyOnce);
    world.mute("painel");
    world.publish("sensor", "t", "1", QoS::ExactlyOnce);
    let packet_id = PacketId::new(1).expect("it is not 0");
    let (reason, properties) = (ReasonCode::QuotaExceeded, Properties::default());
    world.send(
        "painel",
        &Packet::PubRec(Ack {
            packet_id,
            reason,
            properties,
        }),
    );
    let holds = world.holds();
    assert!(holds.iter().all(|hold| !hold.contains("-,")), "{holds:#?}");
    let discarded = world
        .ladder()
        .into_iter()
        .find(|row| row.contains("discards"));
    assert!(discarded.is_some_and(|row| row.contains("refused")));
}

#[test]
fn only_what_was_held_during_the_rows_on_screen_is_told() {
    let mut world = world(QoS::AtLeastOnce);
    for payload in ["1", "2", "3"] {
        world.publish("sensor", "t", payload, QoS::AtLeastOnce);
    }
    // Rows 13 to 16 are the second publication.
    let view = FlowView {
        anchor: Anchor::UpTo(16),
        rows: 3,
        ..FlowView::default()
    };
    let frame = world.flow(view);
    let spans: Vec<_> = frame
        .holds
        .iter()
        .map(|hold| (hold.from, hold.until))
        .collect();
    assert_eq!(spans, [(13, Some(15)), (14, Some(16))]);
}

#[test]
fn a_client_in_full_tells_its_holds() {
    let mut world = world(QoS::ExactlyOnce);
    world.mute("painel");
    world.publish("sensor", "t", "1", QoS::ExactlyOnce);
    world.publish("sensor", "t", "2", QoS::ExactlyOnce);
    let selection = Selection::Client("painel".into());
    let Detail::Client(client) = world
        .look(View {
            selection,
            ..View::default()
        })
        .detail
    else {
        panic!("the client is known")
    };
    assert_eq!((client.row.in_flight_out, client.row.in_flight_in), (2, 0));
    let frame = world.flow(FlowView {
        rows: 1,
        ..FlowView::default()
    });
    let texts: Vec<_> = client
        .holds
        .iter()
        .map(|hold: &Hold| hold_text(hold, &frame))
        .collect();
    assert_eq!(
        texts,
        [
            "broker holds message 1 of painel #1, 10-, until PUBREC",
            "painel holds id 1 #1, 10-, until PUBREL",
            "broker holds message 2 of painel #2, 15-, until PUBREC",
            "painel holds id 2 #2, 15-, until PUBREL",
        ]
    );
}
