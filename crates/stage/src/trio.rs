//! The same at QoS 0, 1 and 2, side by side.
//!
//! Three worlds begin as the one on screen did, and in each everything is published, subscribed to and left as a Will at
//! one QoS. What was done is done in all three at the same time of the world: so the same faults hit all of them. They
//! follow the road on screen by the world's time, since a moment of one is none of another.
#![expect(clippy::wildcard_enum_match_arm, reason = "the others have no QoS")]

use core::time::Duration;
use std::rc::Rc;

use vitrine_broker::Time;
use vitrine_client::Options;
use vitrine_lab::{Action, Setup};
use vitrine_packet::QoS;

use crate::marks::Positions;
use crate::scene::Scene;
use crate::watcher::Watcher;

/// Moments that a world goes on at once at most.
pub(crate) const MOST_AT_ONCE: u32 = 20_000;

/// The three QoS.
const ALL: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

/// Three worlds.
pub(crate) struct Trio {
    scenes: [Scene; 3],
    /// Which of them stands in the place of the road on screen.
    main: usize,
}

impl Trio {
    /// The three for a road, as they are at `time`.
    pub(crate) fn of(base: &Scene, time: Time) -> Self {
        let acts = acts(base);
        let scenes = ALL.map(|qos| {
            let mut scene = play(base, &acts, qos);
            scene.seek(time);
            scene
        });
        Self {
            scenes,
            main: main(base) as usize,
        }
    }

    /// The one that stands in the place of the road on screen, and its QoS.
    pub(crate) fn main(&self) -> (u8, &Scene) {
        (self.main as u8, &self.scenes[self.main])
    }

    /// The other two.
    pub(crate) fn others(&self) -> impl Iterator<Item = (u8, &Scene)> {
        let all = (0..).zip(&self.scenes);
        all.filter(|(qos, _)| usize::from(*qos) != self.main)
    }

    /// All three.
    pub(crate) fn scenes(&self) -> &[Scene; 3] {
        &self.scenes
    }

    /// To where they are at this time.
    pub(crate) fn seek(&mut self, time: Time) {
        for scene in &mut self.scenes {
            scene.seek(time);
        }
    }

    /// The next time at which something can be seen in one of them.
    pub(crate) fn next(&self) -> Option<Time> {
        let times = self.scenes.iter().filter_map(|scene| {
            let mut ahead = scene.clone();
            ahead
                .forward(Watcher::stops, |_| false)
                .then(|| ahead.world().now())
        });
        times.min()
    }

    /// The last time before this one at which something could be seen in one of them.
    pub(crate) fn before(&self, time: Time, which: fn(&Watcher) -> &Positions) -> Option<Time> {
        let earlier = Time(time.0.checked_sub(1)?);
        let times = self.scenes.iter().filter_map(|scene| {
            let mut back = scene.clone();
            back.seek(earlier);
            let position = which(back.watcher()).before(back.position() + 1)?;
            back.road.go(position);
            Some(back.world().now()).filter(|at| *at < time)
        });
        times.max()
    }
}

/// What is done on a road, and when by the world's clock.
fn acts(base: &Scene) -> Vec<(Time, Action)> {
    let mut road = base.road.clone();
    let all: Vec<(u64, Action)> = road
        .acts()
        .map(|(at, action)| (at, action.clone()))
        .collect();
    all.into_iter()
        .filter(|(_, action)| !matches!(action, Action::Pause(_) | Action::Wait(_)))
        .map(|(at, action)| {
            road.go(at);
            (road.world().now(), action)
        })
        .collect()
}

/// The world of a road at one QoS, with all that was done in it.
fn play(base: &Scene, acts: &[(Time, Action)], qos: QoS) -> Scene {
    let mut setup = Setup::clone(base.road.setup());
    for client in &mut setup.clients {
        at_qos(&mut client.options, qos);
    }
    let mut scene = Scene::new(Rc::new(setup));
    for (time, action) in acts {
        scene.run_to(*time, MOST_AT_ONCE);
        let left = time.since(scene.world().now());
        if left > Duration::ZERO {
            // Nothing comes before the pause is over.
            let _ = scene.road.act(Action::Pause(left));
        }
        // What makes no sense at this QoS does nothing: nothing waits to be acknowledged, say.
        let _ = scene.road.act(action_at_qos(action, qos));
    }
    scene
}

fn at_qos(options: &mut Options, qos: QoS) {
    if let Some(will) = &mut options.will {
        will.qos = qos;
    }
}

fn action_at_qos(action: &Action, qos: QoS) -> Action {
    let mut action = action.clone();
    match &mut action {
        Action::Publish(_, message) => message.qos = qos,
        Action::Subscribe(_, filters, _) => {
            for (_, options) in filters {
                options.qos = qos;
            }
        }
        Action::ConnectAs(_, options) => at_qos(options, qos),
        _ => {}
    }
    action
}

/// The QoS of the road itself: that of what is published on it first.
fn main(base: &Scene) -> QoS {
    let published = base.road.acts().find_map(|(_, action)| match action {
        Action::Publish(_, message) => Some(message.qos),
        _ => None,
    });
    published.unwrap_or(QoS::AtLeastOnce)
}
