//! A world of the lab, told as the page is told of one.

use std::time::Duration;

use vitrine_broker::ObservationMask;
use vitrine_lab::{Action, World};
use vitrine_stage::{Listen, Teller};

/// Does something in a world after some time, and gives what happened after each moment to `see`.
pub(crate) fn play(
    world: &mut World,
    after: Duration,
    action: Option<&Action>,
    mut see: impl FnMut(&mut World),
) {
    let end = world.now() + after;
    while world.next().is_some_and(|(at, _)| at <= end) {
        world.step();
        see(world);
    }
    world.run(end.since(world.now()));
    if let Some(action) = action {
        world.act(action);
        see(world);
    }
}

/// Makes a world tell everything.
pub(crate) fn watch(world: &mut World) {
    world.observe(true);
    world.observe_broker(ObservationMask::ALL);
}

/// Tells what happened since it was asked last, when a moment is over.
pub(crate) fn tell(teller: &mut Teller, listener: &mut impl Listen, world: &mut World) {
    while let Some(trace) = world.poll_trace() {
        teller.tell(listener, world, &trace);
    }
    teller.ended(listener, world);
}
