//! Going back and forth in time: a world, what is done in it and when, and snapshots from which every moment is
//! reached again at once.
//!
//! A *moment* is a step of the world or an action. Position `n` is the world after `n` moments: where an action stands
//! at position `p`, moment `p` is that action; else it is a step. Everything follows from the setup and the actions,
//! so a moment that is reached by going back is the same as when it came first, to the last bit.
//!
//! A [`Watch`] sees what happens, in its true order, and is part of every snapshot: what is drawn goes back with the
//! world.
//!
//! - `snapshots`: few, evenly spread over what is known, and some more where one goes step by step.
//! - `road/acts`: what is done, in which order; roads from scripts and scripts from roads.

mod acts;
mod snapshots;

pub use acts::NotDone;

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use core::time::Duration;

use snapshots::{Snapshot, Snapshots};
use vitrine_broker::ObservationMask;

use crate::{Action, Next, Setup, Trace, World};

/// A road has no more moments: no script keeps anybody busy for ever.
pub const MOST_MOMENTS: u64 = 100_000;

/// Moments of a road carry no more bytes together, the bytes of packets counted wherever they are told.
const MOST_BYTES: usize = 128 << 20;

/// What a moment was, or will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment<'a> {
    /// A step of the world.
    Step(Next),
    /// Somebody acts.
    Act(&'a Action),
}

/// Who sees what happens on a road. `()` sees nothing.
///
/// It is cloned into snapshots, and sees moments again after [`Road::go`] has taken it back to before them. So it
/// must hold nothing but what it saw.
pub trait Watch: Clone {
    /// What the broker is to tell of what it does ([`crate::Happening::Observed`]).
    const OBSERVES: ObservationMask = ObservationMask::NONE;

    /// A moment begins. `position` is that before it; the world is as before it.
    fn begins(&mut self, world: &World, position: u64, moment: Moment<'_>) {
        let _ = (world, position, moment);
    }

    /// Something happened in it. The world is as after the moment; the trace has its own times.
    fn happened(&mut self, world: &World, trace: Trace);

    /// It is over: the world is at `position`.
    fn ended(&mut self, world: &World, position: u64) {
        let _ = (world, position);
    }
}

impl Watch for () {
    fn happened(&mut self, _: &World, _: Trace) {}
}

/// A world, what is done in it, and a position in time. See the module.
///
/// Cloning it is cheap but for the world and the watcher: snapshots are shared.
#[derive(Clone, Debug)]
pub struct Road<W> {
    setup: Rc<Setup>,
    /// What is done, by the position at which it is done.
    acts: BTreeMap<u64, Rc<Action>>,
    world: World,
    watch: W,
    position: u64,
    /// How far it is known.
    end: u64,
    /// What its moments carried when they came first.
    bytes: usize,
    snapshots: Snapshots<W>,
}

impl<W: Watch> Road<W> {
    /// The road of a world that begins. Nothing is done on it yet.
    #[must_use]
    pub fn new(setup: Rc<Setup>, watch: W) -> Self {
        let mut world = setup.world();
        world.observe(true);
        world.observe_broker(W::OBSERVES);
        let first = Rc::new(Snapshot::new(&world, &watch));
        Self {
            setup,
            acts: BTreeMap::new(),
            world,
            watch,
            position: 0,
            end: 0,
            bytes: 0,
            snapshots: Snapshots::new(first),
        }
    }

    /// How the world began.
    #[must_use]
    pub fn setup(&self) -> &Rc<Setup> {
        &self.setup
    }

    /// The world at the position.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Who watched up to the position.
    #[must_use]
    pub fn watch(&self) -> &W {
        &self.watch
    }

    /// The position, in moments.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// How far it is known, in moments.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.end
    }

    /// What the next moment will be. `None`: nothing happens until somebody acts, or the road is as long as one can be.
    #[must_use]
    pub fn next(&self) -> Option<Moment<'_>> {
        if let Some(action) = self.acts.get(&self.position) {
            return Some(Moment::Act(action));
        }
        if self.is_full() {
            return None;
        }
        self.world.next().map(|(_, next)| Moment::Step(next))
    }

    /// On by one moment. At the end of the road that is a step of the world, which makes the road longer. Says what it
    /// was; `None` where nothing happens.
    pub fn step(&mut self) -> Option<Moment<'_>> {
        let moment = match self.acts.get(&self.position) {
            Some(action) => {
                let action = Rc::clone(action);
                self.make(Moment::Act(&action));
                None
            }
            None if self.is_full() => return None,
            None => {
                let (_, next) = self.world.next()?;
                self.make(Moment::Step(next));
                Some(Moment::Step(next))
            }
        };
        self.snapshots.passed(self.position, self.end, || {
            Snapshot::new(&self.world, &self.watch)
        });
        match moment {
            Some(step) => Some(step),
            None => {
                let action = self.acts.get(&(self.position - 1))?;
                Some(Moment::Act(action))
            }
        }
    }

    /// Makes a moment, of whatever kind.
    fn make(&mut self, moment: Moment<'_>) {
        self.watch.begins(&self.world, self.position, moment);
        match moment {
            Moment::Act(action) => {
                self.world.act(action);
            }
            Moment::Step(_) => {
                self.world.step();
            }
        }
        let is_new = self.position == self.end;
        while let Some(trace) = self.world.poll_trace() {
            if is_new {
                self.bytes = self.bytes.saturating_add(trace.what.size());
            }
            self.watch.happened(&self.world, trace);
        }
        self.position += 1;
        self.end = self.end.max(self.position);
        self.watch.ended(&self.world, self.position);
    }

    /// Whether the road is as long as one can be, and one stands at its end.
    fn is_full(&self) -> bool {
        self.position >= MOST_MOMENTS || self.position == self.end && self.bytes > MOST_BYTES
    }

    /// Goes to a position, at once: back from a snapshot, or on. Beyond the end the road is made longer, as far as
    /// anything happens. Gives where it came to.
    pub fn go(&mut self, position: u64) -> u64 {
        let from = self.snapshots.before(position);
        if position < self.position || from.0 > self.position {
            let (at, snapshot) = from;
            self.world = snapshot.world.clone();
            self.watch = snapshot.watch.clone();
            self.position = at;
        }
        // Who steps back will step back again: some snapshots on the way make that quick.
        self.snapshots.near.retain(|at, _| *at <= position);
        while self.position < position {
            if self.step().is_none() {
                break;
            }
            let left = position - self.position;
            if snapshots::NEAR.contains(&left) {
                let snapshot = Snapshot::new(&self.world, &self.watch);
                self.snapshots.keep_near(self.position, snapshot);
            }
        }
        self.position
    }

    /// Goes to a position that is known already, or to the end. Gives where it came to.
    pub fn go_known(&mut self, position: u64) -> u64 {
        self.go(position.min(self.end))
    }

    /// Lets time pass, and all happen that happens in it, as [`World::run`] does: steps, and at the end of the road a
    /// pause for what is left of the time. Where the road goes on already nothing is added to it. Gives the time that
    /// did not pass: because the road went on otherwise, or is as long as one can be.
    pub fn wait(&mut self, time: Duration) -> Duration {
        let until = self.world.now() + time;
        loop {
            let due = match self.next() {
                Some(Moment::Act(_)) => self.world.now() <= until,
                Some(Moment::Step(_)) => self.world.next().is_some_and(|(at, _)| at <= until),
                None => false,
            };
            if !due || self.step().is_none() {
                break;
            }
        }
        let left = until.since(self.world.now());
        if left > Duration::ZERO && self.position == self.end && self.position < MOST_MOMENTS {
            // Nothing comes before the pause is over.
            let _ = self.act(Action::Pause(left));
        }
        until.since(self.world.now())
    }

    /// A road of its own from the position on, which shares all moments before it. Its end is the position.
    #[must_use]
    pub fn fork(&self) -> Self {
        let mut fork = self.clone();
        fork.forget(self.position);
        fork
    }

    /// Forgets what is known from a position on, and goes there, if it was further.
    pub fn truncate(&mut self, position: u64) {
        if position < self.end {
            if self.position > position {
                self.go(position);
            }
            self.forget(position);
        }
    }

    fn forget(&mut self, position: u64) {
        self.acts.split_off(&position);
        self.snapshots.forget_after(position);
        self.end = position;
        // It is not known what is left; whoever takes something back may do as much again.
        self.bytes = 0;
    }
}
