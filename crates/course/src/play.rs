//! A lesson laid out in time: what is done at which moment, and where each text begins.

use std::rc::Rc;

use vitrine_client::DeadlineReason;
use vitrine_lab::{Next, NotDone, Road, Script, World};
use vitrine_packet::PacketType;

use crate::lesson::{Count, Deed};
use crate::seen::{Seen, Sight};
use crate::until::{Place, Until, Way};
use crate::{Error, Lesson};

/// A condition that does not come true within so many moments never does.
const MOST_MOMENTS: u32 = 10_000;

/// A lesson in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// The world, what is done in it at which position, and how far it goes: the road of the lesson.
    pub script: Script,
    /// At which position each text begins; they ascend, and the last is the end. A text is on screen from its own
    /// position up to the next one's.
    pub marks: Vec<u64>,
}

impl Lesson {
    /// Plays the lesson to its end, and says when what happens.
    ///
    /// # Errors
    /// With the line: when something is to be done that can do nothing at that moment, when a condition does not come
    /// true, when a count is not what was claimed.
    pub fn lay_out(&self) -> Result<Laid, Error> {
        let mut road = Road::new(Rc::clone(&self.setup), Seen::default());
        for deed in &self.before {
            act(&mut road, deed)?;
        }
        if !go(&mut road, &Until::Quiet, 0, self) {
            let line = self.before.last().map_or(1, |deed| deed.line);
            let why = format!("nothing comes to rest within {MOST_MOMENTS} moments after this");
            return Err(Error::new(line, why));
        }
        let mut marks = vec![road.position()];
        let mut seen = vec![road.watch().seen.len()];
        for step in &self.steps {
            let Some((line, until)) = &step.until else {
                break;
            };
            let from = road.watch().seen.len();
            for deed in &step.actions {
                act(&mut road, deed)?;
            }
            if !go(&mut road, until, from, self) {
                let why = format!(
                    "`{until}` does not come true: nothing more happens, or not within {MOST_MOMENTS} moments"
                );
                return Err(Error::new(*line, why));
            }
            if marks.last() == Some(&road.position()) {
                let why = format!(
                    "nothing happens until `{until}`: it is so already, and the next text would never be seen"
                );
                return Err(Error::new(*line, why));
            }
            marks.push(road.position());
            seen.push(road.watch().seen.len());
        }
        self.check_counts(&road.watch().seen, &seen)?;
        Ok(Laid {
            script: road.script(),
            marks,
        })
    }

    fn check_counts(&self, seen: &[Sight], marks: &[usize]) -> Result<(), Error> {
        for (at, step) in self.steps.iter().enumerate() {
            for count in &step.counts {
                let from = marks.get(at).copied().unwrap_or(seen.len());
                let to = marks.get(at + count.texts as usize).copied();
                let to = to.ok_or_else(|| {
                    Error::new(
                        count.line,
                        format!("there are no {} texts after this one", count.texts),
                    )
                })?;
                let times = seen[from..to]
                    .iter()
                    .filter(|sight| self.counts(count, sight))
                    .count();
                if times != count.times as usize {
                    let what = count.packet.map_or("messages", PacketType::name);
                    let why = format!(
                        "{} gets {times} {what}{} here, not {}",
                        count.at,
                        such(count),
                        count.times
                    );
                    return Err(Error::new(count.line, why));
                }
            }
        }
        Ok(())
    }

    fn counts(&self, count: &Count, sight: &Sight) -> bool {
        let at = self.setup.client(&count.at);
        let facts = match sight {
            Sight::Message(node, facts) if count.packet.is_none() && at == Some(*node) => facts,
            Sight::Arrived(node, packet, facts) if count.packet == Some(*packet) && *node == at => {
                facts
            }
            Sight::Message(..)
            | Sight::Arrived(..)
            | Sight::Sent(..)
            | Sight::Left(..)
            | Sight::Connected(_)
            | Sight::Closed(_) => return false,
        };
        let topic = count.topic.as_deref();
        topic.is_none_or(|topic| facts.topic.as_deref() == Some(topic))
            && count.qos.is_none_or(|qos| facts.qos == Some(qos))
            && count.dup.is_none_or(|dup| facts.dup == dup)
            && count.retain.is_none_or(|retain| facts.retain == retain)
            && count
                .reason
                .is_none_or(|reason| facts.reasons.contains(&reason))
    }
}

/// What a count counts only, for people.
fn such(count: &Count) -> String {
    let mut such = String::new();
    let mut add = |text: Option<String>| such.extend(text);
    add(count.topic.as_ref().map(|topic| format!(" on {topic}")));
    add(count.qos.map(|qos| format!(" at QoS {qos}")));
    for (flag, name) in [(count.dup, "DUP"), (count.retain, "RETAIN")] {
        let with = |flag| if flag { "with" } else { "without" };
        add(flag.map(|flag| format!(" {} {name}", with(flag))));
    }
    add(count
        .reason
        .map(|reason| format!(" with reason 0x{reason:02x}")));
    such
}

fn act(road: &mut Road<Seen>, deed: &Deed) -> Result<(), Error> {
    road.act(deed.action.clone()).map_err(|why| {
        let what = if matches!(why, NotDone::Idle(_)) {
            " does nothing here"
        } else {
            ""
        };
        let why = format!("`{}`{what}: {why}", deed.text.trim());
        Error::new(deed.line, why)
    })
}

/// Goes until a condition is true, which counts what was seen from `from` on. False: it does not come true.
fn go(road: &mut Road<Seen>, until: &Until, from: usize, lesson: &Lesson) -> bool {
    if let Until::Wait(time) = until {
        // What is left could not pass: the road is as long as one can be.
        return road.wait(*time).is_zero();
    }
    if let Until::Steps(number) = until {
        return (0..*number).all(|_| road.step().is_some());
    }
    let mut looked = from;
    for _ in 0..=MOST_MOMENTS {
        let seen = &road.watch().seen[looked..];
        looked += seen.len();
        let is_so = if *until == Until::Quiet {
            is_quiet(road.world())
        } else {
            seen.iter().any(|sight| is_it(lesson, until, sight))
        };
        if is_so {
            return true;
        }
        if road.step().is_none() {
            break;
        }
    }
    false
}

/// Whether a condition came true by this.
fn is_it(lesson: &Lesson, until: &Until, sight: &Sight) -> bool {
    let node = until.client().and_then(|who| lesson.setup.client(who));
    match (until, sight) {
        (Until::Arrived(wanted, place), Sight::Arrived(at, packet, _)) => {
            let at_broker = *place == Place::Broker;
            wanted == packet && if at_broker { at.is_none() } else { *at == node }
        }
        (Until::Left(wanted, Way::From, _), Sight::Left(from, packet)) => {
            wanted == packet && Some(*from) == node
        }
        (Until::Left(wanted, Way::To, _), Sight::Sent(to, packet)) => {
            wanted == packet && Some(*to) == node
        }
        (Until::Connected(_), Sight::Connected(at)) | (Until::Closed(_), Sight::Closed(at)) => {
            Some(*at) == node
        }
        _ => false,
    }
}

/// Whether nothing is on its way, and nobody waits to connect again: what comes, if anything, is a deadline.
fn is_quiet(world: &World) -> bool {
    match world.next() {
        None => true,
        Some((_, Next::Arrival(..) | Next::Commit)) => false,
        Some((at, Next::Broker)) => at > world.now(),
        Some((at, Next::Client(node))) => {
            let deadline = world.client(node).next_deadline();
            let returns =
                deadline.is_some_and(|deadline| deadline.reason == DeadlineReason::Reconnect);
            at > world.now() && !returns
        }
    }
}
