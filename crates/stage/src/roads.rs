//! Roads: the first one, those that left it, and taking back what was done.

use core::time::Duration;

use vitrine_lab::{Action, NotDone};
use vitrine_link::{Mark, RoadRow};

use crate::scene::Scene;

/// How many roads there may be.
pub(crate) const MOST_ROADS: usize = 50;

/// Things that can be taken back; the oldest is forgotten first.
const MOST_UNDONE: usize = 200;

/// Marks that are told at most.
const MOST_MARKS: usize = 500;

/// One road.
#[derive(Clone)]
pub(crate) struct Lane {
    pub(crate) id: u32,
    /// The road that it left.
    pub(crate) from: Option<u32>,
    /// The position at which it left that.
    pub(crate) at: u64,
    /// What was done there.
    pub(crate) what: String,
    pub(crate) scene: Scene,
    /// What was done by hand on it: at which position, and what.
    pub(crate) by_hand: Vec<(u64, String)>,
    /// Time that has passed since its position, while nothing happened.
    pub(crate) elapsed: Duration,
}

/// Something that can be taken back.
pub(crate) enum Done {
    /// Somebody acted on a road, at this position, so long after it.
    Acted {
        road: u32,
        at: u64,
        elapsed: Duration,
        /// The road began with it, and was left for it.
        forked: bool,
    },
    /// A road was forgotten, which stood at this place; and those that had left it, with where that was.
    Dropped {
        lane: Box<Lane>,
        place: usize,
        orphans: Vec<(u32, u64)>,
    },
}

/// All roads. There is always one.
pub(crate) struct Roads {
    lanes: Vec<Lane>,
    present: usize,
    last: u32,
    done: Vec<Done>,
}

/// Why something about roads was not done.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It made no sense, or the road is too long.
    NotDone(NotDone),
    /// There are enough roads.
    TooMany,
    /// There is no such road.
    Unknown(u32),
    /// The first road cannot be forgotten.
    First,
    /// There is nothing to take back on this road.
    NothingDone,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotDone(why) => why.fmt(f),
            Self::TooMany => write!(
                f,
                "there are {MOST_ROADS} roads already: forget one that is not needed"
            ),
            Self::Unknown(road) => write!(f, "there is no road {road}"),
            Self::First => f.write_str("the first road cannot be forgotten: others come from it"),
            Self::NothingDone => f.write_str("nothing was done by hand on this road"),
        }
    }
}

impl Roads {
    /// A first road.
    pub(crate) fn new(scene: Scene) -> Self {
        Self::of(
            vec![Lane {
                id: 1,
                from: None,
                at: 0,
                what: String::new(),
                scene,
                by_hand: Vec::new(),
                elapsed: Duration::ZERO,
            }],
            0,
            Vec::new(),
        )
    }

    /// Roads with what can be taken back on them. There is one at least, and `present` is among them.
    pub(crate) fn of(lanes: Vec<Lane>, present: usize, done: Vec<Done>) -> Self {
        let last = lanes.iter().map(|lane| lane.id).max().unwrap_or(0);
        Self {
            lanes,
            present,
            last,
            done,
        }
    }

    /// The road on screen.
    pub(crate) fn lane(&self) -> &Lane {
        &self.lanes[self.present]
    }

    /// The same.
    pub(crate) fn lane_mut(&mut self) -> &mut Lane {
        &mut self.lanes[self.present]
    }

    /// All of them, in the order in which they were made.
    pub(crate) fn all(&self) -> &[Lane] {
        &self.lanes
    }

    /// To another road.
    pub(crate) fn switch(&mut self, id: u32) -> Result<(), Refused> {
        self.present = self.place(id)?;
        Ok(())
    }

    /// Does something on the road on screen: where it ends, or on a fork. What cannot be done changes nothing.
    pub(crate) fn act(&mut self, action: Action, what: &str) -> Result<(), Refused> {
        let lane = self.lane();
        let (at, elapsed) = (lane.scene.position(), lane.elapsed);
        let forked = at < lane.scene.road.end();
        if forked && self.lanes.len() >= MOST_ROADS {
            return Err(Refused::TooMany);
        }
        let scene = lane
            .scene
            .acted(action, elapsed)
            .map_err(Refused::NotDone)?;
        if forked {
            let by_hand = lane.by_hand.iter().filter(|(position, _)| *position < at);
            let mut by_hand: Vec<_> = by_hand.cloned().collect();
            by_hand.push((at, what.to_owned()));
            let fork = Lane {
                id: self.last + 1,
                from: Some(lane.id),
                at,
                what: what.to_owned(),
                scene,
                by_hand,
                elapsed: Duration::ZERO,
            };
            self.last = fork.id;
            self.lanes.push(fork);
            self.present = self.lanes.len() - 1;
        } else {
            let lane = self.lane_mut();
            lane.scene = scene;
            lane.elapsed = Duration::ZERO;
            lane.by_hand.push((at, what.to_owned()));
        }
        let road = self.lane().id;
        self.remember(Done::Acted {
            road,
            at,
            elapsed,
            forked,
        });
        Ok(())
    }

    /// Whether there is something to take back here.
    pub(crate) fn can_undo(&self) -> bool {
        self.latest().is_some()
    }

    /// Takes back what was done last on this road, or brings back the road that was forgotten last.
    pub(crate) fn undo(&mut self) -> Result<(), Refused> {
        let latest = self.latest().ok_or(Refused::NothingDone)?;
        match self.done.remove(latest) {
            Done::Acted {
                road,
                at,
                elapsed,
                forked,
            } => {
                if forked {
                    let (lane, _) = self.remove(road)?;
                    let back = lane.from.unwrap_or_default();
                    self.present = self.place(back).unwrap_or(0);
                } else {
                    let lane = self.lane_mut();
                    // Also who stands before it goes there.
                    lane.scene.road.go(at);
                    lane.scene.road.truncate(at);
                    lane.by_hand.retain(|(position, _)| *position < at);
                    lane.elapsed = elapsed;
                    self.part(road, at);
                }
            }
            Done::Dropped {
                lane,
                place,
                orphans,
            } => {
                let id = lane.id;
                let place = place.min(self.lanes.len());
                self.lanes.insert(place, *lane);
                for (orphan, at) in orphans {
                    if let Some(orphan) = self.lanes.iter_mut().find(|lane| lane.id == orphan) {
                        (orphan.from, orphan.at) = (Some(id), at);
                    }
                }
                self.present = place;
            }
        }
        Ok(())
    }

    /// Forgets a road. Those that left it count as having left the one that it left.
    pub(crate) fn forget(&mut self, id: u32) -> Result<(), Refused> {
        let place = self.place(id)?;
        if place == 0 {
            return Err(Refused::First);
        }
        let here = self.lane().id;
        let (lane, orphans) = self.remove(id)?;
        let back = if here == id {
            lane.from.unwrap_or_default()
        } else {
            here
        };
        self.present = self.place(back).unwrap_or(0);
        self.remember(Done::Dropped {
            lane: Box::new(lane),
            place,
            orphans,
        });
        Ok(())
    }

    /// All roads, as they are told.
    pub(crate) fn rows(&self) -> Vec<RoadRow> {
        let row = |lane: &Lane| RoadRow {
            id: lane.id,
            from: lane.from,
            at: lane.at,
            what: lane.what.clone(),
            moment: lane.scene.position(),
            end: lane.scene.road.end(),
        };
        self.lanes.iter().map(row).collect()
    }

    /// What is marked on the road on screen: what was done by hand, and where other roads left it.
    pub(crate) fn marks(&self) -> Vec<Mark> {
        let lane = self.lane();
        let mark = |moment: u64, kind: &str, what: &str| Mark {
            moment,
            kind: kind.into(),
            what: what.into(),
        };
        let acts = lane.by_hand.iter();
        let acts = acts.map(|(at, what)| mark(*at, "act", what));
        let forks = self.lanes.iter().filter(|fork| fork.from == Some(lane.id));
        let forks = forks.map(|fork| mark(fork.at, "fork", &fork.what));
        let mut marks: Vec<Mark> = acts.chain(forks).take(MOST_MARKS).collect();
        marks.sort_by_key(|mark| mark.moment);
        marks
    }

    /// The position up to which the road on screen is the first one; `None` when it is that.
    pub(crate) fn leaves_first_at(&self) -> Option<u64> {
        let (mut lane, mut at) = (self.lane(), None);
        while let Some(from) = lane.from {
            at = Some(at.map_or(lane.at, |least: u64| least.min(lane.at)));
            lane = &self.lanes[self.place(from).ok()?];
        }
        at
    }

    fn place(&self, id: u32) -> Result<usize, Refused> {
        let place = self.lanes.iter().position(|lane| lane.id == id);
        place.ok_or(Refused::Unknown(id))
    }

    /// Takes a road out. Gives it, with those that had left it and where.
    fn remove(&mut self, id: u32) -> Result<(Lane, Vec<(u32, u64)>), Refused> {
        let lane = self.lanes.remove(self.place(id)?);
        let mut orphans = Vec::new();
        for orphan in self.lanes.iter_mut().filter(|one| one.from == Some(id)) {
            orphans.push((orphan.id, orphan.at));
            orphan.from = lane.from;
            orphan.at = orphan.at.min(lane.at);
        }
        Ok((lane, orphans))
    }

    /// What was done on a road from a position on is taken back there. Roads that left it later have it still: they
    /// count as having left it where they are not the same any more.
    fn part(&mut self, road: u32, at: u64) {
        let later = |lane: &&mut Lane| lane.from == Some(road) && lane.at > at;
        for lane in self.lanes.iter_mut().filter(later) {
            lane.at = at;
            if let Some((_, what)) = lane.by_hand.iter().find(|(position, _)| *position >= at) {
                lane.what.clone_from(what);
            }
        }
    }

    /// The place of what can be taken back next.
    fn latest(&self) -> Option<usize> {
        let here = self.lane().id;
        self.done.iter().rposition(|done| match done {
            Done::Acted { road, .. } => *road == here,
            Done::Dropped { .. } => true,
        })
    }

    fn remember(&mut self, done: Done) {
        if self.done.len() >= MOST_UNDONE {
            self.done.remove(0);
        }
        self.done.push(done);
    }
}
