//! What the page is told of a world, besides what the view model says.

use vitrine_broker::Time;
use vitrine_link::{Beside, Coming, Flying, Head, LabFrame, Mark, View};
use vitrine_scope::Lens;

use super::Worlds;
use crate::coming::coming;
use crate::flying::flying;
use crate::heads::{self, Mind, millis, minds};
use crate::player::Player;
use crate::scene::Scene;
use crate::show::Show as _;
use crate::watcher::Watcher;

/// What was in the heads of a world at the stop before the one on screen.
pub(super) struct Before {
    road: u32,
    position: u64,
    time: Time,
    trio: bool,
    minds: Vec<Vec<Mind>>,
}

impl Worlds {
    /// All of it.
    pub(super) fn tell(&mut self, view: &View, language: &str) -> LabFrame {
        self.look_back();
        let now = self.time();
        let next = self.coming(now);
        let lane = self.roads.lane();
        let place = self.place();
        let player = self.player.as_ref();
        let before = self.before.as_ref();
        let head = |scene: &Scene, at: usize| told_heads(scene, before, at, now);
        let scene = self.scene();
        LabFrame {
            kind: if player.is_some() { "lesson" } else { "world" }.into(),
            title: player.map_or_else(String::new, |player| player.title(language)),
            lesson: place.and_then(|place| Some(player?.frame(place, language))),
            moment: lane.scene.position(),
            end: lane.scene.road.end(),
            marks: self.marks(),
            time: self.since_start(),
            speed: 0.0,
            next,
            can_undo: self.roads.can_undo(),
            can_act: true,
            can_compare: player.is_none_or(Player::compares),
            roads: self.roads.rows(),
            road: lane.id,
            flying: fly(scene, now),
            heads: head(scene, 0),
            others: self.others(view, now),
            beside: self.trio.as_ref().map(|trio| trio.main().0),
        }
    }

    fn others(&self, view: &View, now: Time) -> Vec<Beside> {
        let Some(trio) = &self.trio else {
            return Vec::new();
        };
        let others = (1..).zip(trio.others());
        others
            .map(|(at, (qos, scene))| {
                // Only the ladder is shown of them, each time anew.
                let mut lens = Lens::new();
                lens.look(View {
                    flow: view.flow.clone(),
                    ..View::default()
                });
                let since = now.since(scene.world().now());
                let clock = scene.world().broker_clock() + since;
                let frame = scene.watcher().scope().frame(&mut lens, clock.as_micros());
                Beside {
                    qos,
                    flow: frame.and_then(|frame| frame.flow).unwrap_or_default(),
                    flying: fly(scene, now),
                    heads: told_heads(scene, self.before.as_ref(), at, now),
                }
            })
            .collect()
    }

    fn marks(&self) -> Vec<Mark> {
        let mut marks = self.roads.marks();
        if let Some(player) = &self.player {
            marks.extend(player.text_marks(self.roads.leaves_first_at()));
        }
        marks.sort_by_key(|mark| mark.moment);
        marks
    }

    /// Looks into the heads at the stop before this one, unless that is known.
    fn look_back(&mut self) {
        let lane = self.roads.lane();
        let (road, position, time) = (lane.id, lane.scene.position(), self.time());
        let trio = self.trio.is_some();
        let known = self.before.as_ref().is_some_and(|before| {
            (before.road, before.position, before.trio) == (road, position, trio)
                && (!trio || before.time == time)
        });
        if known {
            return;
        }
        let minds = match &self.trio {
            None => {
                let at = self.stop_before(position);
                at.map(|at| vec![of_scene(&lane.scene.at(at))])
            }
            Some(trio) => trio.before(time, Watcher::stops).map(|time| {
                let scenes = [trio.main().1].into_iter();
                let scenes = scenes.chain(trio.others().map(|(_, scene)| scene));
                scenes
                    .map(|scene| {
                        let mut back = scene.clone();
                        back.seek(time);
                        of_scene(&back)
                    })
                    .collect()
            }),
        };
        self.before = Some(Before {
            road,
            position,
            time,
            trio,
            minds: minds.unwrap_or_default(),
        });
    }

    /// What comes next. It is looked for once for each position.
    fn coming(&mut self, now: Time) -> Option<Coming> {
        let lane = self.roads.lane();
        let trio = self.trio.is_some();
        let key = (lane.id, self.scene().position(), trio);
        let at = self.scene().world().now();
        let known = self
            .next
            .take()
            .filter(|known| (known.0, known.1, known.2) == key);
        let next = known.map_or_else(|| coming(self.scene(), at), |known| known.3);
        self.next = Some((key.0, key.1, key.2, next.clone()));
        // It was told as from the position; some of the time has passed since.
        let passed = millis(now.since(at).as_micros());
        next.map(|next| Coming {
            after: (next.after - passed).max(0.0),
            ..next
        })
    }
}

fn fly(scene: &Scene, now: Time) -> Vec<Flying> {
    let watcher = scene.watcher();
    flying(scene.world(), watcher.scope(), watcher.lost(), now)
}

fn of_scene(scene: &Scene) -> Vec<Mind> {
    minds(scene.world(), scene.watcher().scope())
}

fn told_heads(scene: &Scene, before: Option<&Before>, at: usize, now: Time) -> Vec<Head> {
    let minds = of_scene(scene);
    let before = before.and_then(|before| before.minds.get(at));
    // At the beginning nothing is new.
    heads::tell(&minds, before.unwrap_or(&minds), now)
}
