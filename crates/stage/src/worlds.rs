//! Worlds that were made up: a lesson's, or one that somebody sent as a link. One moves in time on roads, and acts.

mod tell;

use core::time::Duration;

use vitrine_broker::Time;
use vitrine_lab::{Action, State};
use vitrine_link::{Coming, Format, LabCommand, LabFrame, View};
use vitrine_scope::Scope;

use crate::carry;
use crate::heads::millis;
use crate::player::{Place, Player};
use crate::roads::{Refused, Roads};
use crate::scene::Scene;
use crate::show::{Done, Show};
use crate::trio::{MOST_AT_ONCE, Trio};
use crate::watcher::Watcher;
use tell::Before;

/// Bytes of a line that says what is done.
const LONGEST_ACT: usize = 16 * 1024;

/// The longest that can be waited at once: ten years.
pub(crate) const LONGEST_WAIT: f64 = 10.0 * 365.0 * 86_400.0;

/// Moments that a wait goes through at most.
const MOST_MOMENTS_WAITED: u32 = 50_000;

/// See the module.
pub(crate) struct Worlds {
    roads: Roads,
    player: Option<Player>,
    /// The name of the lesson that it comes from, told or not.
    lesson: Option<String>,
    trio: Option<Trio>,
    before: Option<Before>,
    next: Option<(u32, u64, bool, Option<Coming>)>,
}

impl Worlds {
    /// A world with its roads, and the lesson that is played in it.
    pub(crate) fn new(roads: Roads, player: Option<Player>) -> Self {
        let lesson = player.as_ref().map(|player| player.name.clone());
        let mut worlds = Self {
            roads,
            player,
            lesson,
            trio: None,
            before: None,
            next: None,
        };
        worlds.came();
        worlds
    }

    pub(crate) fn roads(&self) -> &Roads {
        &self.roads
    }

    /// The name of the lesson that it comes from.
    pub(crate) fn lesson_name(&self) -> Option<&str> {
        self.lesson.as_deref()
    }

    /// It comes from this lesson, even where that is not told.
    pub(crate) fn remember_lesson(&mut self, name: Option<&str>) {
        self.lesson = name.map(String::from);
    }

    /// Whether three are shown side by side.
    pub(crate) fn is_beside(&self) -> bool {
        self.trio.is_some()
    }

    /// The world's time on the page.
    pub(crate) fn time(&self) -> Time {
        let lane = self.roads.lane();
        lane.scene.world().now() + lane.elapsed
    }

    /// The road on screen; the one in its place while three are shown.
    fn scene(&self) -> &Scene {
        match &self.trio {
            Some(trio) => trio.main().1,
            None => &self.roads.lane().scene,
        }
    }

    fn place(&self) -> Option<Place> {
        let player = self.player.as_ref()?;
        let position = self.roads.lane().scene.position();
        Some(player.place(position, self.roads.leaves_first_at()))
    }

    /// On to the next moment at which something can be seen.
    pub(crate) fn step(&mut self) {
        match &self.trio {
            Some(trio) => {
                if let Some(time) = trio.next() {
                    self.run_or_go_back_to(time);
                }
            }
            None => {
                // That a text begins is something that can be seen, too.
                let leaves = self.roads.leaves_first_at();
                let player = self.player.as_ref();
                let begins = |at| player.is_some_and(|player| player.begins_at(at, leaves));
                let lane = self.roads.lane_mut();
                if lane.scene.forward(Watcher::stops, begins) {
                    lane.elapsed = Duration::ZERO;
                }
            }
        }
        self.came();
    }

    /// The last position before this one at which something could be seen.
    fn stop_before(&self, position: u64) -> Option<u64> {
        let stops = self.roads.lane().scene.watcher().stops();
        let text = self.player.as_ref().and_then(|player| {
            let leaves = self.roads.leaves_first_at();
            player.last_before(position, leaves)
        });
        stops.before(position).max(text)
    }

    /// Back to the one before.
    pub(crate) fn back(&mut self) {
        if self.roads.lane().elapsed > Duration::ZERO && self.trio.is_none() {
            // Where time has passed since, that is one back.
            self.roads.lane_mut().elapsed = Duration::ZERO;
            return self.came();
        }
        match &self.trio {
            Some(trio) => {
                if let Some(time) = trio.before(self.time(), Watcher::stops) {
                    self.run_or_go_back_to(time);
                }
            }
            None => {
                let position = self.roads.lane().scene.position();
                if let Some(before) = self.stop_before(position) {
                    self.roads.lane_mut().scene.road.go(before);
                }
            }
        }
        self.came();
    }

    /// On to where the next text begins; without one to the next publication or connection.
    pub(crate) fn next(&mut self) {
        let text = self.place().filter(|place| !place.astray);
        let text = text.and_then(|place| self.player.as_ref()?.begins(place.text + 1));
        match text {
            Some(position) => return self.go(position),
            None => {
                let lane = self.roads.lane_mut();
                let nowhere = |_| false;
                if lane.scene.forward(Watcher::events, nowhere)
                    || lane.scene.forward(Watcher::stops, nowhere)
                {
                    lane.elapsed = Duration::ZERO;
                }
            }
        }
        self.came();
    }

    /// Back to where this text or the last one began; without one to the last publication or connection.
    pub(crate) fn previous(&mut self) {
        let lane = self.roads.lane();
        let position = lane.scene.position();
        let elapsed = lane.elapsed > Duration::ZERO;
        let text = self.place().and_then(|place| {
            let player = self.player.as_ref()?;
            if place.astray {
                return self.roads.leaves_first_at();
            }
            let last = player
                .begins(place.text)
                .filter(|at| *at < position || elapsed);
            last.or_else(|| player.begins(place.text.checked_sub(1)?))
        });
        match text {
            Some(position) => return self.go(position),
            None => {
                let lane = self.roads.lane_mut();
                lane.elapsed = Duration::ZERO;
                lane.scene.back(Watcher::events);
            }
        }
        self.came();
    }

    /// To a position, as far as the road is known.
    pub(crate) fn go(&mut self, moment: u64) {
        let lane = self.roads.lane_mut();
        lane.elapsed = Duration::ZERO;
        lane.scene.road.go(moment.min(lane.scene.road.end()));
        self.came();
    }

    /// So much time passes.
    pub(crate) fn wait(&mut self, seconds: f64) -> Result<(), String> {
        if !(seconds > 0.0 && seconds <= LONGEST_WAIT) {
            return Err(format!(
                "{seconds} s cannot be waited: more than 0 and at most ten years"
            ));
        }
        let time = self.time() + Duration::from_secs_f64(seconds);
        self.run_or_go_back_to(time);
        self.came();
        Ok(())
    }

    /// Somebody acts.
    pub(crate) fn act(&mut self, line: &str) -> Result<(), String> {
        if line.len() > LONGEST_ACT {
            return Err(format!(
                "a line has {LONGEST_ACT} bytes at most, and this one has {}",
                line.len()
            ));
        }
        let setup = self.roads.lane().scene.road.setup();
        let action = Action::parse(setup, line).map_err(|problem| problem.why)?;
        let what = action.write(setup);
        self.roads
            .act(action, &what)
            .map_err(|why| why.to_string())?;
        self.changed();
        Ok(())
    }

    /// Takes back what was done last.
    pub(crate) fn undo(&mut self) -> Result<(), Refused> {
        self.roads.undo()?;
        self.changed();
        Ok(())
    }

    /// To another road.
    pub(crate) fn switch(&mut self, road: u32) -> Result<(), Refused> {
        self.roads.switch(road)?;
        self.changed();
        Ok(())
    }

    /// Forgets a road.
    pub(crate) fn forget(&mut self, road: u32) -> Result<(), Refused> {
        self.roads.forget(road)?;
        self.changed();
        Ok(())
    }

    /// Three side by side, or one.
    pub(crate) fn beside(&mut self, wanted: bool) {
        self.trio = wanted.then(|| Trio::of(&self.roads.lane().scene, self.time()));
        self.came();
    }

    /// Chooses an answer.
    pub(crate) fn answer(&mut self, answer: u32) -> Result<(), String> {
        match (self.place(), &mut self.player) {
            (Some(place), Some(player)) => player.answer(place, answer),
            _ => Err("no lesson is open".into()),
        }
    }

    /// To the last position at or before a time, and what is left of it.
    fn run_or_go_back_to(&mut self, time: Time) {
        let lane = self.roads.lane_mut();
        if lane.scene.world().now() > time {
            lane.scene.seek(time);
        } else {
            lane.scene.run_to(time, MOST_MOMENTS_WAITED);
        }
        lane.elapsed = time.since(lane.scene.world().now());
    }

    /// What happened, or which road it is, is another now.
    fn changed(&mut self) {
        (self.before, self.next) = (None, None);
        if self.trio.is_some() {
            self.beside(true);
        }
        self.came();
    }

    /// One has come to a position.
    fn came(&mut self) {
        if let (Some(place), Some(player)) = (self.place(), &mut self.player) {
            player.came_to(place);
        }
        let time = self.time();
        if let Some(trio) = &mut self.trio {
            trio.seek(time);
        }
    }
}

impl Show for Worlds {
    fn scope(&self) -> (&Scope, u64) {
        let scene = self.scene();
        let since = self.time().since(scene.world().now());
        let now = scene.world().broker_clock() + since;
        (scene.watcher().scope(), now.as_micros())
    }

    fn since_start(&self) -> f64 {
        let start = self.scene().road.setup().start;
        millis(self.time().since(start).as_micros())
    }

    fn command(&mut self, command: LabCommand) -> Result<Done, String> {
        let told = |why: Refused| why.to_string();
        Ok(match command {
            LabCommand::Step => {
                self.step();
                Done::ON
            }
            LabCommand::Next => {
                self.next();
                Done::ON
            }
            LabCommand::Wait { seconds } => {
                self.wait(seconds)?;
                Done::ON
            }
            LabCommand::Back => {
                self.back();
                Done::AWAY
            }
            LabCommand::Previous => {
                self.previous();
                Done::AWAY
            }
            LabCommand::Go { moment } => {
                self.go(moment);
                Done::AWAY
            }
            LabCommand::Act(line) => {
                self.act(&line)?;
                Done::ACTED
            }
            LabCommand::Undo => {
                self.undo().map_err(told)?;
                Done::AWAY
            }
            LabCommand::Road(road) => {
                self.switch(road).map_err(told)?;
                Done::AWAY
            }
            LabCommand::DropRoad(road) => {
                self.forget(road).map_err(told)?;
                Done::ACTED
            }
            LabCommand::Beside(wanted) => {
                self.beside(wanted);
                Done::AWAY
            }
            LabCommand::Answer(answer) => {
                self.answer(answer)?;
                Done::SAID
            }
            LabCommand::Open(_)
            | LabCommand::Leave
            | LabCommand::Until { .. }
            | LabCommand::Language(_)
            | LabCommand::Run { .. }
            | LabCommand::Share => Done::SAID,
        })
    }

    fn advance(&mut self, time: Duration) -> bool {
        let until = self.time() + time;
        let position = self.roads.lane().scene.position();
        let leaves = self.roads.leaves_first_at();
        let asks = self
            .player
            .as_ref()
            .and_then(|player| player.asks_at(position));
        let stop = asks.filter(|at| leaves.is_none_or(|leaves| *at <= leaves));
        let mut goes_on = true;
        let lane = self.roads.lane_mut();
        for _ in 0..MOST_AT_ONCE {
            if stop == Some(lane.scene.position()) {
                goes_on = false;
                break;
            }
            match lane.scene.due() {
                None => {
                    goes_on = self.trio.is_some();
                    break;
                }
                Some(due) if due > until => break,
                Some(_) => {
                    lane.scene.road.step();
                    lane.elapsed = Duration::ZERO;
                }
            }
        }
        if goes_on {
            lane.elapsed = until.since(lane.scene.world().now());
            if self.trio.as_ref().is_some_and(|trio| {
                lane.scene.due().is_none() && trio.scenes().iter().all(|one| one.due().is_none())
            }) {
                goes_on = false;
            }
        }
        self.came();
        goes_on
    }

    fn until_next(&self) -> Option<Duration> {
        let scenes = self.trio.iter().flat_map(Trio::scenes);
        let dues = scenes.chain([&self.roads.lane().scene]);
        let due = dues.filter_map(Scene::due).min()?;
        Some(due.since(self.time()))
    }

    fn moves(&self) -> bool {
        let others = self.trio.iter().flat_map(Trio::scenes);
        others.chain([self.scene()]).any(|scene| {
            let mut flying = scene.world().flying();
            flying.any(|one| one.packet.is_some() && one.state == State::Moving)
        })
    }

    fn frame(&mut self, view: &View, language: &str) -> LabFrame {
        self.tell(view, language)
    }

    fn share(&self) -> Result<String, String> {
        self.link()
    }

    fn export(&self, format: Format, now: u64) -> Vec<u8> {
        carry::export(&self.scene().road, format, now)
    }

    fn name(&self) -> String {
        let road = self.roads.lane().id;
        let lesson = self.lesson.as_deref().unwrap_or("lab");
        let beside = self.trio.as_ref().map(|trio| trio.main().0);
        match (road, beside) {
            (1, None) => lesson.into(),
            (road, None) => format!("{lesson}-road-{road}"),
            (1, Some(qos)) => format!("{lesson}-qos-{qos}"),
            (road, Some(qos)) => format!("{lesson}-road-{road}-qos-{qos}"),
        }
    }
}
