//! What is on its way, and what was lost on it in the last step.

use vitrine_broker::Time;
use vitrine_lab::{Direction, Lost, State, World};
use vitrine_link::Flying;
use vitrine_scope::Scope;

use crate::heads::millis;
use crate::outside::client_id;

/// Packets that are told at most.
const MOST: usize = 200;

/// All that is on its way at `now`, and what was lost in the last step; oldest first.
pub(crate) fn flying(
    world: &World,
    scope: &Scope,
    lost: &[(Time, Lost)],
    now: Time,
) -> Vec<Flying> {
    let lost = lost
        .iter()
        .map(|(at, lost)| hanging(world, scope, lost, *at));
    let mut all: Vec<(Option<Time>, Flying)> = lost.collect();
    for parcel in world.flying() {
        let Some(bytes) = parcel.packet else {
            continue;
        };
        let to_broker = parcel.direction == Direction::Up;
        let way = scope.on_its_way(parcel.connection, to_broker, parcel.number, bytes);
        let state = match parcel.state {
            State::Moving => "moving",
            State::Held => "held",
            State::Waiting => "waiting",
        };
        let moves = parcel.state == State::Moving;
        let arrives = parcel.arrives.filter(|_| moves);
        let told = Flying {
            client: client_id(world, parcel.node).as_str().into(),
            who: world.name(parcel.node).into(),
            lifeline: scope.lifeline(&client_id(world, parcel.node)),
            to_broker,
            packet: way.packet,
            index: u32::try_from(parcel.index).unwrap_or(u32::MAX),
            gone: gone(parcel.left, parcel.arrives, now),
            arrives: arrives.map(|at| millis(at.since(now).as_micros())),
            state: state.into(),
            publication: way.publication,
            row: way.row,
        };
        // What has not left comes last.
        all.push((Some(parcel.left.unwrap_or(Time::NEVER)), told));
    }
    all.sort_by_key(|(left, _)| *left);
    all.truncate(MOST);
    all.into_iter().map(|(_, told)| told).collect()
}

/// A packet that hangs in a link that was cut.
fn hanging(world: &World, scope: &Scope, lost: &Lost, at: Time) -> (Option<Time>, Flying) {
    let to_broker = lost.direction == Direction::Up;
    let way = scope.on_its_way(lost.connection, to_broker, lost.number, &lost.packet);
    let line = world.line(lost.node);
    let takes = if to_broker { line.up } else { line.down };
    let client = client_id(world, lost.node);
    let told = Flying {
        lifeline: scope.lifeline(&client),
        client: client.as_str().into(),
        who: world.name(lost.node).into(),
        to_broker,
        packet: way.packet,
        index: 0,
        gone: match lost.left {
            Some(left) => gone(Some(left), Some(left + takes), at),
            None => 0.0,
        },
        arrives: None,
        state: "lost".into(),
        publication: way.publication,
        row: way.row,
    };
    (lost.left, told)
}

/// How much of its way something has gone. What was held when it should have arrived stands at the end.
fn gone(left: Option<Time>, arrives: Option<Time>, now: Time) -> f32 {
    let (Some(left), Some(arrives)) = (left, arrives) else {
        return 0.0;
    };
    let all = arrives.since(left).as_secs_f32();
    if all <= 0.0 {
        return 1.0;
    }
    (now.since(left).as_secs_f32() / all).clamp(0.0, 1.0)
}
