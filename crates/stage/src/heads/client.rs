//! A client's head.

use vitrine_client::{Client, Message};
use vitrine_lab::World;
use vitrine_packet::{PacketType, QoS};

use super::{Kind, MOST, Thing, payload};

/// How it is with a client.
pub(super) fn state(world: &World, node: usize) -> &'static str {
    let client = world.client(node);
    if !world.is_up(node) {
        "down"
    } else if client.is_connected() {
        "connected"
    } else if world.link(node).is_some() {
        "connecting"
    } else if client.is_active() {
        "waiting"
    } else {
        "offline"
    }
}

/// What a client holds. Of one whose machine is down that is what survives.
pub(super) fn things(world: &World, node: usize) -> Vec<Thing> {
    let client = world.client(node);
    let mut things: Vec<Thing> = Vec::new();
    things.extend(client.in_flight().take(MOST).map(|(id, message)| Thing {
        packet_id: Some(id.get()),
        waits_for: if message.qos == QoS::ExactlyOnce {
            5
        } else {
            4
        },
        ..of_message(Kind::Message, message)
    }));
    let only_id = |id: u16, waits_for: u8| Thing {
        packet_id: Some(id),
        qos: Some(QoS::ExactlyOnce),
        waits_for,
        ..Thing::new(Kind::PacketId, "")
    };
    things.extend(client.releasing().take(MOST).map(|id| only_id(id.get(), 7)));
    things.extend(client.receiving().take(MOST).map(|id| only_id(id.get(), 6)));
    let waiting = client.waiting().take(MOST);
    things.extend(waiting.map(|message| of_message(Kind::Queued, message)));
    things.extend(client.requests().take(MOST).map(|(id, what)| Thing {
        packet_id: Some(id.get()),
        waits_for: if what == PacketType::Subscribe { 9 } else { 11 },
        ..Thing::new(Kind::Request, "")
    }));
    let options = client.options();
    if client.has_session() {
        things.push(Thing {
            value: session_expiry(client).to_string(),
            ..Thing::new(Kind::Session, "")
        });
    }
    if let Some(will) = options.will.as_ref().filter(|_| client.is_connected()) {
        things.push(Thing {
            qos: Some(will.qos),
            value: payload(&will.payload),
            retain: will.retain,
            delay: (will.properties.as_properties().will_delay_interval()).unwrap_or(0),
            ..Thing::new(Kind::Will, &will.topic)
        });
    }
    if world.is_up(node) {
        things.extend(client.all_deadlines().map(|deadline| Thing {
            fires: Some(deadline.at),
            ..Thing::new(Kind::Timer, &format!("{:?}", deadline.reason))
        }));
    }
    for (alias, topic) in client.aliases().into_iter().flatten() {
        things.push(Thing {
            value: alias.to_string(),
            ..Thing::new(Kind::Alias, &topic)
        });
    }
    things
}

fn of_message(kind: Kind, message: &Message) -> Thing {
    Thing {
        qos: Some(message.qos),
        value: payload(&message.payload),
        ..Thing::new(kind, &message.topic)
    }
}

/// The Session Expiry Interval that counts: the server may have chosen another one; before 5.0 it is all or nothing.
fn session_expiry(client: &Client) -> u32 {
    let options = client.options();
    if !options.version.has_properties() {
        return if options.clean_start { 0 } else { u32::MAX };
    }
    let chosen = client.server().and_then(|server| server.session_expiry);
    chosen.unwrap_or(options.session_expiry)
}
