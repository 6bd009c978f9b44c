//! What rules refuse: rows of the ladder, deliveries of a story, receivers of an imagined publication.

use vitrine_broker::{Access, Actions, Rule, User};
use vitrine_link::{Detail, MatchView, Outcome, Selection, View};
use vitrine_packet::{ProtocolVersion, QoS, Will};

use crate::common::World;

fn deny(actions: Actions, filter: &str) -> Rule {
    Rule {
        name: format!("no {filter}").into(),
        allow: false,
        user: None,
        client: None,
        actions,
        filter: filter.into(),
    }
}

fn rules(rules: impl IntoIterator<Item = Rule>) -> Access {
    Access {
        rules: rules.into_iter().collect(),
        ..Access::default()
    }
}

/// A row without its number and without the row that led to it.
fn bare(row: &str) -> &str {
    let row = row.split_once(' ').map_or(row, |(_, row)| row);
    row.split_once(" <").map_or(row, |(row, _)| row)
}

fn refusals(world: &mut World, from: u64) -> Vec<String> {
    let rows = world.ladder_from(from).into_iter();
    let told = rows.filter(|row| row.contains("refused:"));
    told.map(|row| bare(&row).to_owned()).collect()
}

#[test]
fn a_refused_connect_names_what_refused_it() {
    let mut world = World::new();
    let ana = User {
        password: Some("hash".into()),
        scram: None,
    };
    world.set_access(Access {
        anonymous: false,
        users: [("ana".into(), ana)].into(),
        ..rules([deny(Actions::PUBLISH, "last")])
    });
    world.join("nobody");
    let connect = |world: &mut World, client, user: &'static str, password: &'static str, will| {
        world.connect(client, |connect| {
            connect.version = ProtocolVersion::V5;
            connect.username = Some(user);
            connect.password = Some(password.as_bytes());
            connect.will = will;
        });
    };
    connect(&mut world, "wrong", "ana", "x", None);
    let will = Will {
        qos: QoS::AtMostOnce,
        retain: false,
        topic: "last",
        payload: b"",
        properties: vitrine_packet::Properties::default(),
    };
    connect(&mut world, "will", "ana", "ana", Some(will));
    connect(&mut world, "right", "ana", "ana", None);
    assert_eq!(
        refusals(&mut world, 1),
        [
            "nobody #1 refused: connect 0x87 by anonymous",
            "wrong #2 refused: connect of ana 0x86 by users",
            "will #3 refused: connect of ana 0x87 by no last",
        ]
    );
}

#[test]
fn a_long_client_identifier_that_was_refused_names_its_line_by_its_beginning() {
    let mut world = World::new();
    world.set_access(Access {
        anonymous: false,
        ..rules([])
    });
    world.join(&"é".repeat(64));
    world.join(&"é".repeat(65));
    let refused = refusals(&mut world, 1);
    assert_eq!(
        refused,
        [
            format!("{} #1 refused: connect 0x87 by anonymous", "é".repeat(64)),
            format!("{}… #2 refused: connect 0x87 by anonymous", "é".repeat(64)),
        ]
    );
}

#[test]
fn refused_publications_and_subscriptions_stand_between_the_packets() {
    let mut world = World::new();
    world.join("a");
    world.set_access(rules([
        deny(Actions::PUBLISH, "p/#"),
        deny(Actions::SUBSCRIBE, "s/#"),
    ]));
    let from = world.next_row();
    world.publish("a", "p/1", "x", QoS::AtLeastOnce);
    world.subscribe("a", "s/1", QoS::AtLeastOnce);
    let rows = world.ladder_from(from);
    let rows: Vec<_> = rows.iter().map(|row| bare(row)).collect();
    assert_eq!(rows.len(), 6, "{rows:#?}");
    assert!(rows[0].starts_with("a -> broker PUBLISH"), "{rows:#?}");
    assert_eq!(rows[1], "a refused: publish p/1 0x87 by no p/#");
    assert!(rows[2].starts_with("broker -> a PUBACK"), "{rows:#?}");
    assert!(rows[3].starts_with("a -> broker SUBSCRIBE"), "{rows:#?}");
    assert_eq!(rows[4], "a refused: subscribe s/1 0x87 by no s/#");
    assert!(rows[5].starts_with("broker -> a SUBACK"), "{rows:#?}");
}

#[test]
fn a_withheld_message_shows_in_its_story() {
    let mut world = World::new();
    world.join("reader");
    world.subscribe("reader", "#", QoS::AtLeastOnce);
    world.join("p");
    world.set_access(rules([deny(Actions::RECEIVE, "secret")]));
    let from = world.next_row();
    world.publish("p", "secret", "x", QoS::ExactlyOnce);
    assert_eq!(
        refusals(&mut world, from),
        ["reader refused: delivery secret 0x87 by no secret #1"]
    );
    let frame = world.look(View {
        selection: Selection::Publication(1),
        ..View::default()
    });
    let Detail::Story(story) = frame.detail else {
        panic!("no story: {:?}", frame.detail);
    };
    let [delivery] = &story.deliveries[..] else {
        panic!("{:?}", story.deliveries);
    };
    assert_eq!(delivery.client, "reader");
    assert_eq!(delivery.filter, "#");
    assert_eq!((delivery.granted, delivery.qos), (1, 1));
    assert_eq!(delivery.outcome, Outcome::Discarded);
    assert_eq!(delivery.why.as_deref(), Some("not-authorized"));
    assert_eq!(delivery.rule.as_deref(), Some("no secret"));
}

#[test]
fn a_message_that_waited_is_withheld_once() {
    let mut world = World::new();
    world.join_to_stay("reader");
    world.subscribe("reader", "#", QoS::AtLeastOnce);
    world.cut("reader");
    world.join("p");
    world.publish("p", "secret", "x", QoS::AtLeastOnce);
    world.set_access(rules([deny(Actions::RECEIVE, "secret")]));
    let from = world.next_row();
    world.join_to_stay("reader");
    assert_eq!(
        refusals(&mut world, from),
        ["reader refused: delivery secret 0x87 by no secret #1"]
    );
    let ladder = world.ladder_from(from);
    assert!(
        !ladder.iter().any(|row| row.contains("discards")),
        "{ladder:#?}"
    );
    let frame = world.look(View {
        selection: Selection::Client("reader".into()),
        ..View::default()
    });
    let Detail::Client(client) = frame.detail else {
        panic!("no client");
    };
    assert_eq!(client.row.queued, 0);
}

/// A QoS 2 message that was under way and is not sent again is released all the same. That its identifier is free then says
/// nothing of the message.
#[test]
fn a_message_that_is_withheld_under_way_is_not_acknowledged_when_its_identifier_is() {
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let mut world = World::new();
        world.join_to_stay("reader");
        world.subscribe("reader", "#", qos);
        world.mute("reader");
        world.join("p");
        world.publish("p", "secret", "x", qos);
        world.publish("p", "open", "y", qos);
        world.cut("reader");
        world.set_access(rules([deny(Actions::RECEIVE, "secret")]));
        let from = world.next_row();
        // This time it answers.
        world.join_to_stay("reader");
        let rows = world.ladder_from(from);
        let ended = rows.iter().filter(|row| row.contains("PUBCOMP")).count();
        let released = if qos == QoS::ExactlyOnce { 2 } else { 0 };
        assert_eq!(ended, released, "{rows:#?}");
        let mut outcome = |publication| {
            let frame = world.look(View {
                selection: Selection::Publication(publication),
                ..View::default()
            });
            let Detail::Story(story) = frame.detail else {
                panic!("no story: {:?}", frame.detail);
            };
            let [delivery] = &story.deliveries[..] else {
                panic!("{:?}", story.deliveries);
            };
            (delivery.outcome, delivery.sent, delivery.rule.clone())
        };
        let withheld = (Outcome::Discarded, true, Some("no secret".into()));
        assert_eq!(outcome(1), withheld);
        assert_eq!(outcome(2), (Outcome::Acknowledged, false, None));
    }
}

/// Client, outcome and rule of everyone who would get a message.
fn receivers(world: &mut World, topic: &str, publisher: &str) -> (Vec<String>, Option<String>) {
    let view = View {
        matches: Some(MatchView {
            topic: topic.into(),
            qos: 1,
            publisher: publisher.into(),
            ..MatchView::default()
        }),
        ..View::default()
    };
    let matches = world.look(view).matches.expect("they were asked for");
    let told = matches.receivers.into_iter().map(|receiver| {
        let rule = receiver.rule.unwrap_or_default();
        format!("{} {} {rule}", receiver.client, receiver.outcome)
    });
    (told.collect(), matches.publisher_forbidden)
}

#[test]
fn who_would_receive_a_message_depends_on_the_rules_of_the_moment() {
    let mut world = World::new();
    for client in ["a", "b"] {
        world.join(client);
        world.subscribe(client, "#", QoS::AtLeastOnce);
    }
    let open = ["a now ", "b now "].map(String::from).to_vec();
    assert_eq!(receivers(&mut world, "x/b", "a"), (open.clone(), None));
    let own = Rule {
        allow: true,
        ..deny(Actions::RECEIVE, "x/%c")
    };
    world.set_access(rules([own, deny(Actions::ALL, "x/#")]));
    assert_eq!(
        receivers(&mut world, "x/b", "a"),
        (
            vec!["a forbidden no x/#".into(), "b now ".into()],
            Some("no x/#".into())
        )
    );
    assert_eq!(receivers(&mut world, "y", "a"), (open.clone(), None));
    world.set_access(Access::default());
    assert_eq!(receivers(&mut world, "x/b", "a"), (open, None));
}

/// The refusals that are told with the packet in this row.
fn refused_in(world: &mut World, row: u64) -> Vec<(String, String)> {
    let frame = world.look(View {
        selection: Selection::Row(row),
        ..View::default()
    });
    let Detail::Packet(packet) = frame.detail else {
        panic!("no packet: {:?}", frame.detail);
    };
    let refused = packet.refused.into_iter();
    refused.map(|it| (it.what, it.rule)).collect()
}

#[test]
fn a_packet_tells_what_of_it_was_refused() {
    let mut world = World::new();
    world.join("a");
    world.set_access(rules([
        deny(Actions::PUBLISH, "p/#"),
        deny(Actions::SUBSCRIBE, "s/#"),
    ]));
    let from = world.next_row();
    world.publish("a", "p/1", "x", QoS::AtLeastOnce);
    world.publish("a", "free", "x", QoS::AtMostOnce);
    world.subscribe("a", "s/1", QoS::AtLeastOnce);
    let told = |what: &str, rule: &str| vec![(what.to_owned(), rule.to_owned())];
    // PUBLISH, its refusal, PUBACK; PUBLISH; SUBSCRIBE, its refusal, SUBACK.
    assert_eq!(refused_in(&mut world, from), told("publish", "no p/#"));
    assert_eq!(refused_in(&mut world, from + 2), []);
    assert_eq!(refused_in(&mut world, from + 3), []);
    assert_eq!(
        refused_in(&mut world, from + 4),
        told("subscribe", "no s/#")
    );
}
