//! What is done on a road: doing it, taking it back, reading it from a script and writing it as one.

use alloc::format;
use alloc::rc::Rc;
use alloc::vec::Vec;

use super::{MOST_MOMENTS, Road, Watch};
use crate::simulate::Scenario;
use crate::{Act, Action, Happening, Problem, Script, Trace, World};

/// Why something was not done on a road.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotDone {
    /// The road goes on here already: a [`Road::fork`] can do it.
    NotAtEnd,
    /// The road is as long as one can be.
    TooLong,
    /// It made no sense at the moment, and did nothing; the moment is not part of the road.
    Idle(Rc<str>),
}

impl core::fmt::Display for NotDone {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotAtEnd => f.write_str("this road goes on here already: fork it first"),
            Self::TooLong => f.write_str(&too_long().why),
            Self::Idle(why) => f.write_str(why),
        }
    }
}

impl core::error::Error for NotDone {}

impl<W: Watch> Road<W> {
    /// Does something, at the end of the road. [`Action::Wait`] is as many moments as it takes; all else is one.
    ///
    /// # Errors
    /// When nothing was done; then the road is as before.
    pub fn act(&mut self, action: Action) -> Result<(), NotDone> {
        if self.position < self.end {
            return Err(NotDone::NotAtEnd);
        }
        if self.is_full() {
            return Err(NotDone::TooLong);
        }
        if let Action::Wait(time) = action {
            self.wait(time);
            return Ok(());
        }
        if let Some(why) = idle(&self.world, &action) {
            return Err(NotDone::Idle(why));
        }
        self.put(action);
        Ok(())
    }

    /// The same for what may do nothing: scripts may have such actions.
    fn put(&mut self, action: Action) {
        self.acts.insert(self.position, Rc::new(action));
        self.step();
    }

    /// What is done on it and when, in its order.
    pub fn acts(&self) -> impl DoubleEndedIterator<Item = (u64, &Action)> {
        self.acts.iter().map(|(at, action)| (*at, &**action))
    }

    /// What it came from and what is done on it, as a script.
    #[must_use]
    pub fn script(&self) -> Script {
        Script {
            setup: Rc::clone(&self.setup),
            acts: self.acts_from(0),
            end: Some(self.end),
        }
    }

    /// What is done from a position on.
    pub(crate) fn acts_from(&self, position: u64) -> Vec<Act> {
        let acts = self.acts.range(position..);
        acts.map(|(at, action)| Act {
            at: Some(*at),
            action: (**action).clone(),
        })
        .collect()
    }

    /// The road of a script, gone to its end.
    ///
    /// # Errors
    /// When the script cannot be gone: it acts at a position at which the world is past that, or to which it does not
    /// come.
    pub fn of(script: &Script, watch: W) -> Result<Self, Problem> {
        let mut road = Self::new(Rc::clone(&script.setup), watch);
        road.follow(&script.acts, script.end)?;
        Ok(road)
    }

    /// Goes on from its end as a script does.
    ///
    /// # Errors
    /// As [`Self::of`]; then the road is as far as it could be gone.
    pub fn follow(&mut self, acts: &[Act], end: Option<u64>) -> Result<(), Problem> {
        self.go(self.end);
        for act in acts {
            if let Some(at) = act.at {
                self.reach(at)?;
            }
            if let Action::Wait(time) = act.action {
                self.wait(time);
            } else if !self.is_full() {
                self.put(act.action.clone());
            } else {
                return Err(too_long());
            }
        }
        end.map_or(Ok(()), |end| self.reach(end))
    }

    /// On to a position that is not known yet.
    fn reach(&mut self, at: u64) -> Result<(), Problem> {
        if at > MOST_MOMENTS {
            return Err(too_long());
        }
        if at < self.position {
            let here = self.position;
            let why = format!("@{at} is over: the world has made {here} moments before it");
            return Err(Problem::new(0, why));
        }
        while self.position < at {
            if self.step().is_none() {
                if self.is_full() {
                    return Err(too_long());
                }
                let here = self.position;
                let why = format!(
                    "@{at} never comes: behind moment {here} nothing happens until somebody acts"
                );
                return Err(Problem::new(0, why));
            }
        }
        Ok(())
    }

    /// The road of a scenario: the same bytes at the same times.
    #[must_use]
    pub fn of_scenario(scenario: &Scenario, watch: W) -> Self {
        let mut road = Self::new(Rc::new(scenario.setup()), watch);
        for step in &scenario.steps {
            road.wait(step.after);
            road.put(step.action.clone());
        }
        road
    }

    /// How many snapshots it has.
    #[must_use]
    pub fn snapshots(&self) -> usize {
        self.snapshots.len()
    }
}

fn too_long() -> Problem {
    let why = format!("a world makes {MOST_MOMENTS} moments at most, and carries 128 MiB in them");
    Problem::new(0, why)
}

/// Why an action would do nothing, if it would: it is tried out.
fn idle(world: &World, action: &Action) -> Option<Rc<str>> {
    let mut world = world.clone();
    world.act(action);
    let mut traces = core::iter::from_fn(|| world.poll_trace());
    traces.find_map(|Trace { what, .. }| {
        let Happening::Idle(why) = what else {
            return None;
        };
        Some(why)
    })
}
