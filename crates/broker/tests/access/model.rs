//! Random rules, clients and messages, held against a judge that knows no shortcuts.

use std::collections::BTreeMap;

use vitrine_broker::Event;
use vitrine_packet::{Packet, topic};

use super::*;

const TOPICS: [&str; 7] = ["a", "a/b", "ann", "ann/c1", "bob/c0", "c/c2", "a/ann"];
const RULE_FILTERS: [&str; 10] = [
    "#", "a/#", "+", "%u", "%u/#", "+/%c", "a/%u", "ann/c1", "c/+", "+/b",
];
const SUBSCRIPTIONS: [&str; 7] = [
    "#",
    "a/#",
    "+/+",
    "ann/#",
    "a",
    "$share/g/#",
    "$share/g/a/+",
];
const CLIENTS: [&str; 4] = ["c0", "c1", "c2", "#"];
const USERS: [Option<&str>; 3] = [None, Some("ann"), Some("bob")];

fn random_access(random: &mut Random) -> Access {
    let mut access = Access {
        anonymous: true,
        default_allow: random.one_in(2),
        ..users()
    };
    for number in 0..random.below(5) {
        let mut actions = Actions::NONE;
        for action in [P, S, R] {
            if random.one_in(2) {
                actions |= action;
            }
        }
        access.rules.push(Rule {
            name: number.to_string().into(),
            allow: random.one_in(2),
            user: random
                .one_in(2)
                .then(|| random.pick(&["ann", "bob", "*", "*n*"]).into()),
            client: random
                .one_in(3)
                .then(|| random.pick(&["c0", "c*", "*1"]).into()),
            actions,
            filter: random.pick(&RULE_FILTERS).into(),
        });
    }
    access
}

/// Whether somebody may publish to or receive from a topic.
fn may(access: &Access, user: Option<&str>, client: &str, action: Actions, name: &str) -> bool {
    let fits = |rule: &&Rule| {
        let is_user = match (rule.user.as_deref(), user) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some("*"), Some(_)) => true,
            (Some("*n*"), Some(user)) => user.contains('n'),
            (Some(wanted), Some(user)) => wanted == user,
        };
        let is_client = match rule.client.as_deref() {
            None => true,
            Some("c*") => client.starts_with('c'),
            Some("*1") => client.ends_with('1'),
            Some(wanted) => wanted == client,
        };
        let stands_for_nothing = (rule.filter.contains("%u") && user.is_none())
            || (rule.filter.contains("%c") && client == "#");
        let filter = rule
            .filter
            .replace("%u", user.unwrap_or(""))
            .replace("%c", client);
        let matches = !stands_for_nothing && topic::matches(&filter, name);
        is_user && is_client && rule.actions.contains(action) && matches
    };
    let rule = access.rules.iter().find(fits);
    rule.map_or(access.default_allow, |rule| rule.allow)
}

struct Connected {
    connection: ConnectionId,
    user: Option<&'static str>,
    /// How many of its packets were looked at.
    seen: usize,
}

/// The topic and payload of each PUBLISH that came since the last look.
fn news(world: &World, client: &mut Connected) -> Vec<(String, String)> {
    let new = &world.raw(client.connection)[client.seen..];
    client.seen += new.len();
    let new = new
        .iter()
        .filter_map(|packet| match Packet::decode(packet, V5).unwrap() {
            Packet::Publish(publish) => Some((
                publish.topic.to_owned(),
                String::from_utf8(publish.payload.into()).unwrap(),
            )),
            _ => None,
        });
    new.collect()
}

#[test]
fn nobody_publishes_or_receives_what_no_rule_allows_and_all_that_one_does() {
    for seed in seeds(300) {
        let mut random = Random::new(seed);
        let mut access = random_access(&mut random);
        let mut world = World::guarded(access.clone());
        world.observe();
        let mut online: BTreeMap<&str, Connected> = BTreeMap::new();
        for step in 0..120 {
            let name = random.pick(&CLIENTS);
            match random.below(12) {
                0 => {
                    access = random_access(&mut random);
                    world.set_access(access.clone());
                }
                1 => {
                    if let Some(client) = online.remove(name) {
                        world.cut(client.connection);
                    }
                }
                2..=4 => {
                    // A Session that is a user's is nobody else's.
                    let session = world.broker.session(name);
                    let owner = session.and_then(|session| session.user.clone());
                    let user = match owner {
                        None => random.pick(&USERS),
                        Some(owner) => USERS.into_iter().flatten().find(|user| **user == *owner),
                    };
                    let hello = Hello::v5(name).kept();
                    let connection = match user {
                        Some(user) => world.log_in(hello, user),
                        None => world.say(&hello),
                    };
                    let seen = 0;
                    online.insert(
                        name,
                        Connected {
                            connection,
                            user,
                            seen,
                        },
                    );
                }
                5 | 6 => {
                    if let Some(client) = online.get(name) {
                        let options = vitrine_packet::SubscriptionOptions::with_qos(Q1);
                        let filter = random.pick(&SUBSCRIPTIONS);
                        world.send_subscribe(client.connection, &[(filter, options)], &[]);
                    }
                }
                _ => publish(&mut world, &mut random, &access, &mut online, name, step),
            }
            for (name, client) in &mut online {
                for (topic, _) in news(&world, client) {
                    let may = may(&access, client.user, name, R, &topic);
                    assert!(may, "{name} {:?} {topic} {access:?}", client.user);
                }
            }
        }
    }
}

fn publish(
    world: &mut World,
    random: &mut Random,
    access: &Access,
    online: &mut BTreeMap<&str, Connected>,
    name: &str,
    step: i32,
) {
    let Some(Connected {
        connection, user, ..
    }) = online.get(name)
    else {
        return;
    };
    let (connection, user) = (*connection, *user);
    let (topic, payload) = (random.pick(&TOPICS), step.to_string());
    let mut publish = message(topic, &payload).q1(1);
    publish.retain = random.one_in(4);
    world.events();
    world.publish(connection, publish);
    let refused = world
        .events()
        .iter()
        .any(|event| matches!(event, Event::PublishRefused { .. }));
    assert_eq!(
        refused,
        !may(access, user, name, P, topic),
        "{name} {user:?} {topic} {access:?}"
    );
    for (name, client) in online {
        let count = news(world, client)
            .iter()
            .filter(|(came, what)| {
                assert!(
                    may(access, client.user, name, R, came),
                    "{name} {came} {access:?}"
                );
                *what == payload
            })
            .count();
        let session = world.broker.session(name).unwrap();
        let mut filters = session.subscriptions.iter().map(|(filter, _)| &**filter);
        let own = filters.any(|filter| !filter.starts_with('$') && topic::matches(filter, topic));
        let due = own && !refused && may(access, client.user, name, R, topic);
        // A group may add one of each of its filters.
        let most = if refused { 0 } else { usize::from(due) + 2 };
        assert!(
            (usize::from(due)..=most).contains(&count),
            "{name} {topic} {count} {access:?}"
        );
    }
}
