//! The broker's head.

use std::rc::Rc;

use vitrine_broker::{Broker, Held, HeldAs, Whose};
use vitrine_lab::World;
use vitrine_packet::QoS;
use vitrine_scope::Scope;

use super::{Kind, MOST, Thing, payload};
use crate::outside::client_id;

/// What the broker holds, for every client and by itself.
pub(super) fn things(world: &World, scope: &Scope) -> Vec<Thing> {
    let Some(broker) = world.broker() else {
        return Vec::new();
    };
    let clients = clients(world, broker);
    let mut things = Vec::new();
    for (place, client) in clients.iter().enumerate() {
        let of = Some((place, Rc::clone(client)));
        let own = of_client(broker, client);
        things.extend(own.into_iter().map(|thing| Thing {
            of: of.clone(),
            ..thing
        }));
    }
    things.extend(broker.all_retained().take(MOST).map(|message| Thing {
        qos: Some(message.qos),
        value: payload(&message.payload),
        publication: Some(message.publication.0),
        ..Thing::new(Kind::Retained, &message.topic)
    }));
    things.extend(timers(world, broker, &clients));
    // The page knows publications by the numbers of the view model.
    for publication in things
        .iter_mut()
        .filter_map(|thing| thing.publication.as_mut())
    {
        *publication = scope.publication(*publication);
    }
    // What is told of a client is grouped by kind afterwards; the order within a kind stays.
    things
}

/// The clients that the broker has a Session of: those of the script in its order, then others.
fn clients(world: &World, broker: &Broker) -> Vec<Rc<str>> {
    let mut clients: Vec<Rc<str>> = Vec::new();
    let known = (0..world.clients()).map(|node| client_id(world, node));
    let mut others: Vec<_> = broker.clients().cloned().collect();
    others.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    for client in known.chain(others) {
        let has = clients.iter().any(|one| **one == *client.as_str());
        if !has && broker.session(&client).is_some() {
            clients.push(client.as_str().into());
        }
    }
    clients
}

fn of_client(broker: &Broker, client: &str) -> Vec<Thing> {
    let mut things: Vec<Thing> = broker
        .held(client)
        .take(MOST)
        .map(|held| holds(&held))
        .collect();
    let Some(session) = broker.session(client) else {
        return things;
    };
    things.push(Thing {
        value: session.expiry.to_string(),
        ..Thing::new(Kind::Session, "")
    });
    things.extend(session.subscriptions.iter().map(|(filter, options)| Thing {
        qos: Some(options.qos),
        ..Thing::new(Kind::Subscription, filter)
    }));
    things.extend(session.will.map(|will| Thing {
        qos: Some(will.qos),
        value: payload(&will.payload),
        retain: will.retain,
        delay: will.delay,
        ..Thing::new(Kind::Will, &will.topic)
    }));
    for (alias, topic) in broker.aliases(client).into_iter().flatten() {
        things.push(Thing {
            value: alias.to_string(),
            ..Thing::new(Kind::Alias, &topic)
        });
    }
    things
}

fn holds(held: &Held) -> Thing {
    let (kind, waits_for) = match held.held {
        HeldAs::Sent if held.qos == QoS::ExactlyOnce => (Kind::Message, 5),
        HeldAs::Sent => (Kind::Message, 4),
        HeldAs::Released => (Kind::PacketId, 7),
        HeldAs::Received => (Kind::PacketId, 6),
        HeldAs::Queued => (Kind::Queued, 0),
    };
    let topic = held.message.as_ref().map_or("", |message| &message.topic);
    Thing {
        packet_id: held.packet_id.map(|id| id.get()),
        qos: Some(held.qos),
        value: (held.message.as_ref())
            .map_or_else(String::new, |message| payload(&message.payload)),
        waits_for,
        publication: held.publication.map(|publication| publication.0),
        ..Thing::new(kind, topic)
    }
}

fn timers(world: &World, broker: &Broker, clients: &[Rc<str>]) -> Vec<Thing> {
    let timers = broker.timers().filter_map(|timer| {
        let of = match &timer.whose {
            Whose::Client(client) => clients
                .iter()
                .position(|one| **one == *client.as_str())
                .map(|place| (place, Rc::clone(&clients[place]))),
            Whose::Connection(connection) => {
                let node = world.node_of(*connection)?;
                Some((clients.len() + node, client_id(world, node).as_str().into()))
            }
            Whose::Topic(_) => None,
            // What the broker tells of itself is nobody's concern here.
            Whose::Broker => return None,
        };
        Some(Thing {
            of,
            fires: Some(world.world_time(timer.deadline.at)),
            value: match timer.whose {
                Whose::Topic(topic) => topic.as_ref().into(),
                Whose::Client(_) | Whose::Connection(_) | Whose::Broker => String::new(),
            },
            ..Thing::new(Kind::Timer, &format!("{:?}", timer.deadline.reason))
        })
    });
    timers.take(MOST).collect()
}
