//! Stories: one publication, from its publisher to everyone who gets it.

use std::time::Duration;

use vitrine_broker::Config;
use vitrine_link::{Delivery, Detail, Outcome, Selection, Story, Verdict, View};
use vitrine_packet::{Properties, ProtocolVersion, QoS, Will};
use vitrine_scope::Limits;

use crate::common::World;

fn story(world: &mut World, publication: u64) -> Story {
    let selection = Selection::Publication(publication);
    match world
        .look(View {
            selection,
            ..View::default()
        })
        .detail
    {
        Detail::Story(story) => *story,
        other => panic!("the publication is known: {other:?}"),
    }
}

/// By client.
fn outcomes(story: &Story) -> Vec<(&str, Outcome)> {
    let mut outcomes: Vec<_> = story
        .deliveries
        .iter()
        .map(|d| (d.client.as_str(), d.outcome))
        .collect();
    outcomes.sort_unstable_by_key(|(client, _)| *client);
    outcomes
}

#[test]
fn a_story_has_every_row_of_its_publication_and_no_other() {
    let mut world = World::new();
    for client in ["sensor", "painel", "arquivo"] {
        world.join(client);
    }
    world.subscribe("painel", "area/10/sensor/+/temperatura", QoS::AtLeastOnce);
    world.subscribe("arquivo", "area/10/#", QoS::ExactlyOnce);
    let next = world.next_row();
    world.publish(
        "sensor",
        "area/10/sensor/5000/temperatura",
        "21.4",
        QoS::ExactlyOnce,
    );
    world.publish("sensor", "elsewhere", "", QoS::ExactlyOnce);
    let ladder = world.ladder_from(next);
    let expected: Vec<u64> = (ladder.iter())
        .filter(|row| row.contains("#1"))
        .map(|row| {
            row.split(' ')
                .next()
                .and_then(|n| n.parse().ok())
                .expect("a number")
        })
        .collect();
    let story = story(&mut world, 1);
    assert_eq!(story.rows, expected);
    // Four packets with the publisher, two with painel (QoS 1), four with arquivo (QoS 2).
    assert_eq!(story.rows.len(), 10);
    assert_eq!(
        (story.topic.as_str(), story.publisher.as_str()),
        ("area/10/sensor/5000/temperatura", "sensor")
    );
    assert_eq!((story.qos, story.retain, story.will), (2, false, false));
    assert_eq!(story.payload.text.as_deref(), Some("21.4"));
}

#[test]
fn a_delivery_tells_by_which_filter_and_why_at_that_qos() {
    let mut world = World::new();
    world.join("sensor");
    world.join("painel");
    world.subscribe("painel", "a/+", QoS::AtLeastOnce);
    world.publish("sensor", "a/b", "1", QoS::ExactlyOnce);
    let Story { deliveries, .. } = story(&mut world, 1);
    let [
        Delivery {
            filter,
            granted,
            qos,
            retained,
            outcome,
            levels,
            ..
        },
    ] = &deliveries[..]
    else {
        panic!("one delivery: {deliveries:?}")
    };
    assert_eq!(
        (filter.as_str(), *granted, *qos, *retained),
        ("a/+", 1, 1, false)
    );
    assert_eq!(*outcome, Outcome::Acknowledged);
    let levels: Vec<_> = (levels.iter())
        .map(|level| {
            (
                level.filter.as_deref(),
                level.topic.as_deref(),
                level.verdict,
            )
        })
        .collect();
    assert_eq!(
        levels,
        [
            (Some("a"), Some("a"), Verdict::Same),
            (Some("+"), Some("b"), Verdict::Plus)
        ]
    );
}

#[test]
fn every_outcome_is_told() {
    let mut world = World::with(
        Config {
            max_queued_messages: 1,
            ..Config::default()
        },
        Limits::default(),
    );
    for client in ["sent", "acknowledged", "under-way"] {
        world.join(client);
        world.subscribe(client, "t", QoS::AtLeastOnce);
    }
    world.unsubscribe("sent", "t");
    world.subscribe("sent", "t", QoS::AtMostOnce);
    world.mute("under-way");
    for client in ["offline", "offline-0"] {
        world.join_to_stay(client);
    }
    world.subscribe("offline", "t", QoS::AtLeastOnce);
    world.subscribe("offline-0", "t", QoS::AtMostOnce);
    world.cut("offline");
    world.cut("offline-0");
    world.join("sensor");
    world.publish("sensor", "t", "1", QoS::AtLeastOnce);
    world.publish("sensor", "t", "2", QoS::AtLeastOnce);
    assert_eq!(
        outcomes(&story(&mut world, 1)),
        [
            ("acknowledged", Outcome::Acknowledged),
            ("offline", Outcome::Queued),
            ("offline-0", Outcome::Discarded),
            ("sent", Outcome::Sent),
            ("under-way", Outcome::InFlight),
        ]
    );
    let second = story(&mut world, 2);
    let why = |client: &str| {
        let delivery = second
            .deliveries
            .iter()
            .find(|delivery| delivery.client == client);
        delivery.and_then(|delivery| delivery.why.as_deref())
    };
    assert_eq!(why("offline"), Some("queue-full"));
    assert_eq!(why("offline-0"), Some("offline-qos0"));
    assert_eq!(why("sent"), None);
}

#[test]
fn a_will_and_the_brokers_own_publications_have_stories_too() {
    // Without the values that the broker would tell of itself.
    let config = Config {
        sys_interval: Duration::ZERO,
        ..Config::default()
    };
    let mut world = World::with(config, Limits::default());
    world.join("painel");
    world.subscribe("painel", "#", QoS::AtMostOnce);
    world.subscribe("painel", "$SYS/#", QoS::AtMostOnce);
    let (qos, retain, properties) = (QoS::AtMostOnce, true, Properties::default());
    let will = Will {
        qos,
        retain,
        properties,
        topic: "w",
        payload: b"gone",
    };
    world.connect("x", |connect| connect.will = Some(will));
    world.cut("x");
    world.publish_own("$SYS/up", "1");
    let will = story(&mut world, 1);
    assert_eq!(
        (will.publisher.as_str(), will.will, will.retain),
        ("x", true, true)
    );
    let own = story(&mut world, 2);
    assert_eq!((own.publisher.as_str(), own.will), ("", false));
    assert_eq!(outcomes(&own), [("painel", Outcome::Sent)]);
}

#[test]
fn a_retained_message_brings_its_forgotten_story_back() {
    let limits = Limits {
        rows: 8,
        ..Limits::default()
    };
    let mut world = World::with(Config::default(), limits);
    world.join("sensor");
    world.retain("sensor", "t", "21.4");
    for _ in 0..10 {
        world.publish("sensor", "other", "", QoS::AtMostOnce);
    }
    let selection = Selection::Publication(1);
    assert_eq!(
        world
            .look(View {
                selection,
                ..View::default()
            })
            .detail,
        Detail::Gone
    );
    world.join("painel");
    world.subscribe("painel", "t", QoS::AtLeastOnce);
    let story = story(&mut world, 1);
    assert_eq!(
        (story.topic.as_str(), story.publisher.as_str()),
        ("t", "sensor")
    );
    assert_eq!((story.retain, story.rows.len()), (true, 1));
    assert_eq!(outcomes(&story), [("painel", Outcome::Sent)]);
    assert!(story.deliveries[0].retained);
}

#[test]
fn stories_go_with_their_rows() {
    let limits = Limits {
        rows: 20,
        ..Limits::default()
    };
    let mut world = World::with(Config::default(), limits);
    world.join("sensor");
    for _ in 0..50 {
        world.publish("sensor", "t", "", QoS::AtMostOnce);
    }
    let known = |world: &mut World, publication| {
        let selection = Selection::Publication(publication);
        world
            .look(View {
                selection,
                ..View::default()
            })
            .detail
            != Detail::Gone
    };
    let stories: Vec<u64> = (1..=50)
        .filter(|number| known(&mut world, *number))
        .collect();
    assert_eq!(stories, (31..=50).collect::<Vec<_>>());
    world.scope.clear_flow();
    assert!(!known(&mut world, 50));
}

/// A story's clients that it did not go to: who, with which filter, why, and how the levels compare.
fn missed(story: &Story) -> Vec<(&str, &str, &str, Vec<Verdict>)> {
    let missed = story.missed.iter();
    missed
        .map(|it| {
            let verdicts = it.levels.iter().map(|level| level.verdict).collect();
            (&*it.client, &*it.filter, &*it.why, verdicts)
        })
        .collect()
}

#[test]
fn who_does_not_get_it_is_told_with_the_subscription_that_came_nearest() {
    let mut world = World::new();
    for client in ["sensor", "painel", "arquivo", "longe", "mudo"] {
        world.join(client);
    }
    world.subscribe("painel", "area/10/+", QoS::AtLeastOnce);
    world.subscribe("painel", "casa/#", QoS::AtLeastOnce);
    world.subscribe("longe", "casa/sala", QoS::AtLeastOnce);
    world.subscribe("arquivo", "area/#", QoS::AtLeastOnce);
    world.publish("sensor", "area/10/sensor/t", "21.5", QoS::AtMostOnce);
    let told = story(&mut world, 1);
    assert_eq!(
        missed(&told),
        [
            (
                "painel",
                "area/10/+",
                "filter",
                vec![
                    Verdict::Same,
                    Verdict::Same,
                    Verdict::Plus,
                    Verdict::FilterEnded
                ]
            ),
            ("longe", "casa/sala", "filter", vec![Verdict::Different]),
        ]
    );
    // Who subscribes now would have got it, but came too late.
    world.subscribe("longe", "area/10/#", QoS::AtMostOnce);
    let told = story(&mut world, 1);
    let (client, filter, why, _) = &missed(&told)[0];
    assert_eq!((*client, *filter, *why), ("longe", "area/10/#", "later"));
}

#[test]
fn no_local_and_a_share_are_told_as_what_they_are() {
    let mut world = World::new();
    // No Local is of 5.0.
    world.connect("eco", |connect| connect.version = ProtocolVersion::V5);
    world.join("a");
    world.join("b");
    world.subscribe_with("eco", "eco/x", |options| {
        options.no_local = true;
    });
    world.publish("eco", "eco/x", "oi", QoS::AtMostOnce);
    assert_eq!(
        missed(&story(&mut world, 1)),
        [(
            "eco",
            "eco/x",
            "no-local",
            vec![Verdict::Same, Verdict::Same]
        )]
    );
    for client in ["a", "b"] {
        world.subscribe(client, "$share/g/s", QoS::AtMostOnce);
    }
    world.publish("eco", "s", "1", QoS::AtMostOnce);
    let told = story(&mut world, 2);
    assert_eq!(told.deliveries.len(), 1);
    let shares: Vec<_> = missed(&told)
        .into_iter()
        .filter(|it| it.2 == "share")
        .collect();
    assert_eq!(shares.len(), 1);
    assert_ne!(shares[0].0, told.deliveries[0].client);
}

/// Why the clients of the group `$share/g/s` did not get it.
fn why_not_the_group(story: &Story) -> Vec<(&str, &str)> {
    missed(story)
        .into_iter()
        .filter(|(_, filter, ..)| *filter == "$share/g/s")
        .map(|(client, _, why, _)| (client, why))
        .collect()
}

#[test]
fn of_a_group_that_came_later_nobody_is_said_to_have_got_it() {
    let mut world = World::new();
    world.join("sensor");
    world.join("a");
    world.publish("sensor", "s", "1", QoS::AtMostOnce);
    world.subscribe("a", "$share/g/s", QoS::AtMostOnce);
    let told = story(&mut world, 1);
    assert_eq!(why_not_the_group(&told), [("a", "share-none")]);
    // Somebody else got it, of another group: that is none of this one's.
    world.join("b");
    world.subscribe("b", "$share/h/s", QoS::AtMostOnce);
    world.publish("sensor", "s", "2", QoS::AtMostOnce);
    world.join("c");
    world.subscribe("c", "$share/g/s", QoS::AtMostOnce);
    let told = story(&mut world, 2);
    assert_eq!(told.deliveries.len(), 2);
    assert_eq!(why_not_the_group(&told), [("c", "share")]);
    world.unsubscribe("a", "$share/g/s");
    world.unsubscribe("c", "$share/g/s");
    world.publish("sensor", "s", "3", QoS::AtMostOnce);
    world.subscribe("c", "$share/g/s", QoS::AtMostOnce);
    let told = story(&mut world, 3);
    assert_eq!(told.deliveries.len(), 1);
    assert_eq!(why_not_the_group(&told), [("c", "share-none")]);
}

#[test]
fn of_a_group_that_was_away_nobody_is_said_to_have_got_it() {
    let mut world = World::new();
    world.join("sensor");
    for client in ["a", "b"] {
        world.join_to_stay(client);
        world.subscribe(client, "$share/g/s", QoS::AtLeastOnce);
        world.disconnect(client);
    }
    world.publish("sensor", "s", "1", QoS::AtMostOnce);
    let told = story(&mut world, 1);
    assert!(told.deliveries.is_empty());
    assert_eq!(
        why_not_the_group(&told),
        [("a", "share-none"), ("b", "share-none")]
    );
    // At QoS 1 it waits for one of them.
    world.publish("sensor", "s", "2", QoS::AtLeastOnce);
    let told = story(&mut world, 2);
    assert_eq!(told.deliveries.len(), 1);
    assert_eq!(why_not_the_group(&told).len(), 1);
    assert_eq!(why_not_the_group(&told)[0].1, "share");
}

#[test]
fn at_most_five_are_told() {
    let mut world = World::new();
    world.join("sensor");
    for n in 0..9 {
        let client = format!("c{n}");
        world.join(&client);
        world.subscribe(&client, "elsewhere", QoS::AtMostOnce);
    }
    world.publish("sensor", "here", "", QoS::AtMostOnce);
    assert_eq!(story(&mut world, 1).missed.len(), 5);
}
