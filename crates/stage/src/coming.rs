//! What the next step will be.

use vitrine_broker::{Broker, Time, Whose};
use vitrine_lab::{Direction, Moment, Next, World};
use vitrine_link::Coming;

use crate::heads::millis;
use crate::outside::client_id;
use crate::scene::Scene;

/// Moments that are looked through at most for one in which something can be seen.
const MOST_UNSEEN: u32 = 500;

/// What the next moment will be in which something can be seen, `now` being the time on the page. `None` when nothing
/// happens until somebody acts.
pub(crate) fn coming(scene: &Scene, now: Time) -> Option<Coming> {
    let mut ahead = scene.clone();
    for _ in 0..MOST_UNSEEN {
        let told = describe(&ahead, now)?;
        ahead.road.step()?;
        if ahead.watcher().stops().has(ahead.position()) {
            return Some(told);
        }
    }
    None
}

fn describe(scene: &Scene, now: Time) -> Option<Coming> {
    let world = scene.world();
    let after = |at: Time| millis(at.since(now).as_micros());
    let next = match scene.road.next()? {
        Moment::Act(action) => {
            return Some(Coming {
                kind: "act".into(),
                what: action.write(scene.road.setup()),
                after: after(world.now()),
                ..Coming::default()
            });
        }
        Moment::Step(next) => next,
    };
    let (at, _) = world.next()?;
    let told = match next {
        Next::Commit => Coming {
            kind: "commit".into(),
            ..Coming::default()
        },
        Next::Arrival(connection, direction) => {
            let to_broker = direction == Direction::Up;
            let arriving = world.arriving(connection, direction)?;
            let way = arriving.packet.map(|bytes| {
                let scope = scene.watcher().scope();
                scope.on_its_way(connection, to_broker, arriving.number, bytes)
            });
            let kind = match (&way, arriving.opens) {
                (Some(_), _) => "arrival",
                (None, true) => "opening",
                (None, false) => "closing",
            };
            Coming {
                kind: kind.into(),
                client: client_id(world, arriving.node).as_str().into(),
                to_broker,
                packet: way.map(|way| Box::new(way.packet)),
                ..Coming::default()
            }
        }
        Next::Broker => {
            let (what, client) = broker_deadline(world)?;
            Coming {
                kind: "broker-deadline".into(),
                client,
                what,
                ..Coming::default()
            }
        }
        Next::Client(node) => {
            let deadline = world.client(node).next_deadline()?;
            Coming {
                kind: "client-deadline".into(),
                client: client_id(world, node).as_str().into(),
                what: format!("{:?}", deadline.reason),
                ..Coming::default()
            }
        }
    };
    Some(Coming {
        after: after(at),
        ..told
    })
}

/// Why the broker wakes next, and for whom.
fn broker_deadline(world: &World) -> Option<(String, String)> {
    let broker = world.broker()?;
    let reason = broker.next_deadline()?.reason;
    let timer = Broker::timers(broker).find(|timer| timer.deadline.reason == reason)?;
    let client = match timer.whose {
        Whose::Client(client) => client.as_str().into(),
        Whose::Connection(connection) => world
            .node_of(connection)
            .map_or_else(String::new, |node| client_id(world, node).as_str().into()),
        Whose::Topic(_) | Whose::Broker => String::new(),
    };
    Some((format!("{reason:?}"), client))
}
