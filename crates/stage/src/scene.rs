//! A road with the one who watches, and how one moves on it as people do: to where something can be seen.

use core::time::Duration;
use std::rc::Rc;

use vitrine_broker::Time;
use vitrine_lab::{Action, Moment, NotDone, Road, Setup, World};

use crate::marks::Positions;
use crate::watcher::Watcher;

/// Moments that are gone through at most in search of one in which something can be seen.
const MOST_UNSEEN: u32 = 5_000;

/// A road that is watched.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) road: Road<Watcher>,
}

impl Scene {
    /// A world that begins.
    pub(crate) fn new(setup: Rc<Setup>) -> Self {
        Self {
            road: Road::new(setup, Watcher::new()),
        }
    }

    pub(crate) fn world(&self) -> &World {
        self.road.world()
    }

    pub(crate) fn watcher(&self) -> &Watcher {
        self.road.watch()
    }

    pub(crate) fn position(&self) -> u64 {
        self.road.position()
    }

    /// What time it will be after the next moment, if one comes. An action on the road comes at once, and takes no
    /// time; but a pause is over when it is over.
    pub(crate) fn due(&self) -> Option<Time> {
        let world = self.world();
        let next = || world.next().map(|(at, _)| at);
        match self.road.next()? {
            Moment::Act(Action::Pause(time)) => {
                let over = world.now() + *time;
                Some(next().map_or(over, |next| next.min(over)))
            }
            Moment::Act(_) => Some(world.now()),
            Moment::Step(_) => next(),
        }
    }

    /// On to the next position that is in `which` or is `wanted`. False when there is none; then the position is as
    /// before.
    pub(crate) fn forward(
        &mut self,
        which: fn(&Watcher) -> &Positions,
        wanted: impl Fn(u64) -> bool,
    ) -> bool {
        let (from, end) = (self.position(), self.road.end());
        for _ in 0..MOST_UNSEEN {
            if self.road.step().is_none() {
                break;
            }
            let here = self.position();
            if which(self.watcher()).has(here) || wanted(here) {
                return true;
            }
        }
        // Nothing is to be seen in what comes. Where it is all there is, one goes there nevertheless.
        if self.road.next().is_none() && self.position() > from {
            return true;
        }
        self.road.go(from);
        self.road.truncate(end);
        false
    }

    /// Back to the last position that is in `which`.
    pub(crate) fn back(&mut self, which: fn(&Watcher) -> &Positions) -> bool {
        let Some(position) = which(self.watcher()).before(self.position()) else {
            return false;
        };
        self.road.go(position);
        true
    }

    /// All moments up to this time, on what is known and beyond. False when so many come that it is not reached.
    pub(crate) fn run_to(&mut self, time: Time, most: u32) -> bool {
        for _ in 0..most {
            if self.due().is_none_or(|due| due > time) {
                return true;
            }
            if self.road.step().is_none() {
                return true;
            }
        }
        false
    }

    /// To the last position whose time is not after this one.
    pub(crate) fn seek(&mut self, time: Time) {
        if self.world().now() > time {
            let (mut low, mut high) = (0, self.position());
            while low < high {
                let middle = low + (high - low).div_ceil(2);
                self.road.go(middle);
                if self.world().now() > time {
                    high = middle - 1;
                } else {
                    low = middle;
                }
            }
            self.road.go(low);
        }
        self.run_to(time, MOST_UNSEEN);
    }

    /// Does something at the position, when so much time has passed since it. Gives the road with it: this one made
    /// longer where the position is its end, and otherwise a fork.
    pub(crate) fn acted(&self, action: Action, elapsed: Duration) -> Result<Self, NotDone> {
        let mut road = self.road.fork();
        if elapsed > Duration::ZERO {
            road.act(Action::Pause(elapsed))?;
        }
        road.act(action)?;
        Ok(Self { road })
    }

    /// The same road at another position, for a look.
    pub(crate) fn at(&self, position: u64) -> Self {
        let mut other = self.clone();
        other.road.go(position);
        other
    }
}
