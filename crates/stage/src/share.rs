//! A link to the moment on screen, and the roads of one.

use core::time::Duration;
use std::collections::BTreeMap;
use std::rc::Rc;

use vitrine_lab::{Action, Link, LinkRoad, Moment, Road};

use crate::roads::{Done, Lane, Roads};
use crate::scene::Scene;
use crate::watcher::Watcher;
use crate::worlds::{LONGEST_WAIT, Worlds};

impl Worlds {
    /// A code for an address: whoever opens it has the same roads, stands on each where one stands now, and sees the
    /// same.
    ///
    /// # Errors
    /// When more was done than fits into an address.
    pub(crate) fn link(&self) -> Result<String, String> {
        let lanes = self.roads().all();
        let places: BTreeMap<u32, usize> = lanes.iter().map(|lane| lane.id).zip(0..).collect();
        let road = |lane: &Lane| {
            let from = lane.from.and_then(|from| places.get(&from).copied());
            LinkRoad {
                elapsed: lane.elapsed,
                ..LinkRoad::of(&lane.scene.road, from.map(|from| (from, lane.at)))
            }
        };
        let link = Link {
            lesson: self.lesson_name().map(Rc::from),
            beside: self.is_beside(),
            shown: places[&self.roads().lane().id],
            setup: Rc::clone(self.roads().lane().scene.road.setup()),
            roads: lanes.iter().map(road).collect(),
        };
        link.encode().map_err(|problem| problem.why)
    }
}

impl Roads {
    /// The roads of a link. What was done on the first one before `told_until` is the lesson's; all else was done by
    /// hand, and can be taken back.
    pub(crate) fn shared(link: &Link, roads: Vec<Road<Watcher>>, told_until: Option<u64>) -> Self {
        let mut lanes: Vec<Lane> = Vec::new();
        let mut done = Vec::new();
        for ((id, road), described) in (1..).zip(roads).zip(&link.roads) {
            let from = described.from;
            let inherited = from.map_or_else(Vec::new, |(from, at)| {
                let by_hand = &lanes[from].by_hand;
                by_hand.iter().filter(|one| one.0 < at).cloned().collect()
            });
            let own = by_hand(
                &road,
                from.map_or_else(|| told_until.unwrap_or(0), |(_, at)| at),
            );
            for (place, deed) in own.iter().enumerate() {
                done.push(Done::Acted {
                    road: id,
                    at: deed.at,
                    elapsed: deed.elapsed,
                    forked: place == 0 && from.is_some(),
                });
            }
            let what = own
                .first()
                .map_or_else(String::new, |deed| deed.what.clone());
            let own = own.into_iter().map(|deed| (deed.at, deed.what));
            let elapsed = described.elapsed.min(quiet(&road));
            lanes.push(Lane {
                id,
                from: from.map(|(from, _)| lanes[from].id),
                at: from.map_or(0, |(_, at)| at),
                what: if from.is_some() { what } else { String::new() },
                scene: Scene { road },
                by_hand: inherited.into_iter().chain(own).collect(),
                elapsed,
            });
        }
        Self::of(lanes, link.shown, done)
    }
}

/// For how long nothing happens on a road from where one stands, ten years at most.
fn quiet(road: &Road<Watcher>) -> Duration {
    let longest = Duration::from_secs_f64(LONGEST_WAIT);
    match road.next() {
        // What is done next is done at this very time, unless it is a pause.
        Some(Moment::Act(Action::Pause(time))) => *time,
        Some(Moment::Act(_)) => Duration::ZERO,
        Some(Moment::Step(_)) => {
            let next = road.world().next();
            next.map_or(longest, |(at, _)| at.since(road.world().now()))
        }
        None => longest,
    }
}

/// Something that was done by hand.
struct Deed {
    /// The position before it, and before the pause that leads to it.
    at: u64,
    elapsed: Duration,
    what: String,
}

/// What was done by hand on a road from a position on.
fn by_hand(road: &Road<Watcher>, from: u64) -> Vec<Deed> {
    let mut pause = None;
    let mut deeds = Vec::new();
    for (position, action) in road.acts().filter(|(position, _)| *position >= from) {
        if let Action::Pause(time) = action {
            pause = Some((position, *time));
            continue;
        }
        let pause = pause.take().filter(|(before, _)| before + 1 == position);
        deeds.push(Deed {
            at: pause.map_or(position, |(before, _)| before),
            elapsed: pause.map_or(Duration::ZERO, |(_, time)| time),
            what: action.write(road.setup()),
        });
    }
    deeds
}
