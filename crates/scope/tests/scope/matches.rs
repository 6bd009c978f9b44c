//! A filter tried out: is it valid, what does it match, and who would get a message.

use std::collections::BTreeSet;

use vitrine_broker::{Event, Input, ObservationMask, Time};
use vitrine_link::{MatchFrame, MatchView, Verdict, View};
use vitrine_packet::QoS;

use crate::common::{Random, World};

fn matches(world: &mut World, view: MatchView) -> MatchFrame {
    let view = View {
        matches: Some(view),
        ..View::default()
    };
    world
        .look(view)
        .matches
        .expect("the matches were asked for")
}

fn filter(world: &mut World, filter: &str) -> MatchFrame {
    matches(
        world,
        MatchView {
            filter: filter.into(),
            ..MatchView::default()
        },
    )
}

/// Client, filter, granted, delivered and outcome of everyone who would get a message.
fn receivers(world: &mut World, topic: &str, qos: u8) -> Vec<(String, String, u8, u8, String)> {
    let view = MatchView {
        topic: topic.into(),
        qos,
        ..MatchView::default()
    };
    let told = matches(world, view).receivers.into_iter();
    told.map(|r| (r.client, r.filter, r.granted, r.qos, r.outcome))
        .collect()
}

fn receiver(
    client: &str,
    filter: &str,
    granted: u8,
    qos: u8,
    outcome: &str,
) -> (String, String, u8, u8, String) {
    (client.into(), filter.into(), granted, qos, outcome.into())
}

#[test]
fn an_invalid_filter_says_what_where_and_by_which_statement() {
    let mut world = World::new();
    for (typed, code, at, statement) in [
        ("", "empty", 0, "MQTT-4.7.3-1"),
        ("é/#/b", "hash-not-last", 2, "MQTT-4.7.1-1"),
        ("a/b#", "hash-not-alone", 3, "MQTT-4.7.1-1"),
        ("a/+b", "plus-not-alone", 2, "MQTT-4.7.1-2"),
        ("$share//a", "share-name", 7, "MQTT-4.8.2-1"),
    ] {
        let check = filter(&mut world, typed).check;
        let problem = check.problem.expect("there is a problem");
        assert!(!check.valid, "{typed}");
        assert_eq!((problem.code.as_str(), problem.at), (code, at), "{typed}");
        assert_eq!(problem.statement, statement, "{typed}");
    }
    let check = filter(&mut world, "$share/group/a/+").check;
    assert_eq!((check.valid, check.share.as_deref()), (true, Some("group")));
    assert_eq!(filter(&mut world, "a/+").check.share, None);
}

#[test]
fn the_topics_that_match_are_named_in_the_trees_order() {
    let mut world = World::new();
    world.join("sensor");
    for sensor in ["10000", "4000", "5000"] {
        world.publish("sensor", &format!("s/{sensor}/t"), "", QoS::AtMostOnce);
        world.publish("sensor", &format!("s/{sensor}/u"), "", QoS::AtMostOnce);
    }
    let frame = filter(&mut world, "s/+/t");
    assert_eq!(frame.topics, ["s/4000/t", "s/5000/t", "s/10000/t"]);
    assert_eq!((frame.matched, frame.of), (3, 6));
    let frame = filter(&mut world, "s/#/t");
    assert_eq!((frame.topics.len(), frame.matched, frame.of), (0, 0, 6));
    for topic in 0..300 {
        world.publish("sensor", &format!("many/{topic}"), "", QoS::AtMostOnce);
    }
    let frame = filter(&mut world, "many/+");
    assert_eq!((frame.topics.len(), frame.matched), (200, 300));
    assert_eq!(frame.topics[199], "many/199");
}

#[test]
fn a_filter_is_held_against_a_topic_level_by_level() {
    let mut world = World::new();
    let mut levels = |filter: &str, topic: &str| {
        let (filter, topic) = (filter.into(), topic.into());
        let view = MatchView {
            filter,
            topic,
            ..MatchView::default()
        };
        let explanation = matches(&mut world, view)
            .explanation
            .expect("both are valid");
        let verdicts: Vec<_> = explanation
            .levels
            .iter()
            .map(|level| level.verdict)
            .collect();
        (explanation.matches, verdicts)
    };
    assert_eq!(
        levels("a/+", "a/b"),
        (true, vec![Verdict::Same, Verdict::Plus])
    );
    assert_eq!(
        levels("a/#", "a/b/c"),
        (true, vec![Verdict::Same, Verdict::Hash])
    );
    assert_eq!(
        levels("a/b", "a/c"),
        (false, vec![Verdict::Same, Verdict::Different])
    );
    assert_eq!(
        levels("a/b", "a"),
        (false, vec![Verdict::Same, Verdict::TopicEnded])
    );
    assert_eq!(
        levels("a", "a/b"),
        (false, vec![Verdict::Same, Verdict::FilterEnded])
    );
    // [MQTT-4.7.2-1]
    assert_eq!(levels("#", "$SYS/up"), (false, vec![Verdict::DollarRule]));
    assert!(levels("$share/g/a/+", "a/b").0);
}

#[test]
fn an_invalid_topic_says_so_and_has_no_receivers() {
    let mut world = World::new();
    world.join("painel");
    world.subscribe("painel", "#", QoS::AtMostOnce);
    let view = MatchView {
        filter: "#".into(),
        topic: "a/+".into(),
        ..MatchView::default()
    };
    let frame = matches(&mut world, view);
    assert_eq!(
        frame.topic_problem.map(|problem| problem.code).as_deref(),
        Some("wildcard-in-topic")
    );
    assert!(frame.explanation.is_none() && frame.receivers.is_empty());
    let frame = filter(&mut world, "#");
    assert!(frame.topic_problem.is_none() && frame.explanation.is_none());
}

#[test]
fn receivers_are_told_with_the_qos_and_what_becomes_of_it() {
    let mut world = World::new();
    world.join("online");
    world.subscribe("online", "a/+", QoS::AtLeastOnce);
    for client in ["offline", "offline-0"] {
        world.join_to_stay(client);
    }
    world.subscribe("offline", "#", QoS::ExactlyOnce);
    world.subscribe("offline-0", "a/b", QoS::AtMostOnce);
    world.cut("offline");
    world.cut("offline-0");
    world.join("elsewhere");
    world.subscribe("elsewhere", "c", QoS::ExactlyOnce);
    assert_eq!(
        receivers(&mut world, "a/b", 2),
        [
            receiver("online", "a/+", 1, 1, "now"),
            receiver("offline", "#", 2, 2, "queued"),
            receiver("offline-0", "a/b", 0, 0, "nothing"),
        ]
    );
    assert_eq!(
        receivers(&mut world, "a/b", 0)[1],
        receiver("offline", "#", 2, 0, "nothing")
    );
    world.unsubscribe("online", "a/+");
    world.join_to_stay("offline-0");
    assert_eq!(
        receivers(&mut world, "a/b", 2)[1],
        receiver("offline-0", "a/b", 0, 0, "now")
    );
}

#[test]
fn of_several_filters_of_a_session_the_highest_grant_counts() {
    let mut world = World::new();
    world.join("painel");
    world.subscribe("painel", "#", QoS::AtMostOnce);
    world.subscribe("painel", "a/+", QoS::ExactlyOnce);
    world.subscribe("painel", "a/b", QoS::AtLeastOnce);
    let view = MatchView {
        topic: "a/b".into(),
        qos: 2,
        ..MatchView::default()
    };
    let told = matches(&mut world, view).receivers;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].filter.as_str(), told[0].qos), ("a/+", 2));
    assert_eq!(told[0].also, ["a/b", "#"]);
}

#[test]
fn no_local_and_shared_subscriptions_are_told() {
    let mut world = World::new();
    for client in ["x", "y"] {
        world.connect(client, |connect| {
            connect.version = vitrine_packet::ProtocolVersion::V5
        });
        world.subscribe(client, "$share/g/t", QoS::AtLeastOnce);
    }
    world.subscribe_with("x", "t", |options| options.no_local = true);
    let view = |publisher: &str| {
        let (topic, publisher) = ("t".into(), publisher.into());
        MatchView {
            topic,
            publisher,
            qos: 1,
            ..MatchView::default()
        }
    };
    let mut told = |publisher| -> Vec<(String, String, String)> {
        let frame = matches(&mut world, view(publisher));
        frame
            .receivers
            .into_iter()
            .map(|r| (r.client, r.filter, r.outcome))
            .collect()
    };
    let share = |client: &str| (client.into(), "$share/g/t".into(), "share".into());
    let own = |outcome: &str| ("x".into(), "t".into(), outcome.into());
    assert_eq!(told("x"), [own("no-local"), share("x"), share("y")]);
    assert_eq!(told("y"), [own("now"), share("x"), share("y")]);
    assert_eq!(told(""), [own("now"), share("x"), share("y")]);
}

/// What is foretold is what the broker then does: the same sessions, filters and QoS.
#[test]
fn the_broker_does_what_was_foretold() {
    const LEVELS: [&str; 4] = ["a", "b", "c", "+"];
    for seed in 0..30 {
        let mut random = Random::new(seed);
        let mut world = World::new();
        world.join("publisher");
        for client in 0..8 {
            let name = format!("client-{client}");
            world.join_to_stay(&name);
            for _ in 0..random.below(5) {
                let mut levels: Vec<&str> = (0..=random.below(3))
                    .map(|_| random.pick(&LEVELS))
                    .collect();
                if random.one_in(3) {
                    levels.push("#");
                }
                let qos = random.pick(&[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]);
                world.subscribe(&name, &levels.join("/"), qos);
            }
            if random.one_in(3) {
                world.cut(&name);
            }
        }
        for _ in 0..20 {
            let levels: Vec<&str> = (0..=random.below(3))
                .map(|_| random.pick(&LEVELS[..3]))
                .collect();
            let (topic, qos) = (levels.join("/"), random.below(3) as u8);
            let foretold: BTreeSet<_> = receivers(&mut world, &topic, qos).into_iter().collect();
            assert_eq!(
                done(&world, &topic, qos),
                foretold,
                "seed {seed}, topic {topic}"
            );
        }
    }
}

/// What a copy of the broker does with such a message, as [`receivers`] tells it.
fn done(world: &World, topic: &str, qos: u8) -> BTreeSet<(String, String, u8, u8, String)> {
    let mut broker = world.broker.clone();
    broker.observe(ObservationMask::ROUTING);
    let publish = vitrine_broker::Command::Publish {
        topic,
        payload: b"",
        qos: [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce][usize::from(qos)],
        retain: false,
    };
    broker.handle(Input::Command(publish), Time::from_micros(world.now));
    let mut done = Vec::new();
    while let Some(observation) = broker.poll_observation() {
        match observation.event {
            Event::Matched {
                client,
                filter,
                granted,
                qos,
                queued,
                ..
            } => {
                let outcome = if queued { "queued" } else { "now" };
                done.push(receiver(
                    &client,
                    &filter,
                    granted as u8,
                    qos as u8,
                    outcome,
                ));
            }
            Event::Discarded { .. } => {
                done.last_mut().expect("it was matched before").4 = "nothing".into();
            }
            _ => {}
        }
    }
    done.into_iter().collect()
}
