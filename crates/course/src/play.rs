//! A lesson laid out in time: what is done at which moment, and where each text begins.

use std::rc::Rc;

use vitrine_broker::ConnectionId;
use vitrine_client::{DeadlineReason, Event};
use vitrine_lab::{Happening, Next, NotDone, Road, Script, Trace, Watch, World};
use vitrine_packet::{Packet, PacketType};

use crate::lesson::{Count, Deed};
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
                    let on = count.topic.as_ref().map(|topic| format!(" on {topic}"));
                    let why = format!(
                        "{} gets {times} {what}{} here, not {}",
                        count.at,
                        on.unwrap_or_default(),
                        count.times
                    );
                    return Err(Error::new(count.line, why));
                }
            }
        }
        Ok(())
    }

    fn counts(&self, count: &Count, sight: &Sight) -> bool {
        let is_wanted = |topic: &Option<Rc<str>>| {
            count
                .topic
                .as_deref()
                .is_none_or(|wanted| topic.as_deref() == Some(wanted))
        };
        let at = self.setup.client(&count.at);
        match sight {
            Sight::Message(node, topic) => {
                count.packet.is_none() && at == Some(*node) && is_wanted(&Some(Rc::clone(topic)))
            }
            Sight::Arrived(node, packet, topic) => {
                count.packet == Some(*packet) && *node == at && is_wanted(topic)
            }
            Sight::Sent(..) | Sight::Left(..) | Sight::Connected(_) | Sight::Closed(_) => false,
        }
    }
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

/// What a lesson's conditions and counts speak of. A client is told by its number.
#[derive(Clone, Debug)]
enum Sight {
    /// A packet arrived at a client, or at the broker (`None`); a PUBLISH with its topic.
    Arrived(Option<usize>, PacketType, Option<Rc<str>>),
    /// A packet left the broker.
    Sent(usize, PacketType),
    /// A packet left a client.
    Left(usize, PacketType),
    /// A client has its CONNACK.
    Connected(usize),
    /// A client's connection is gone.
    Closed(usize),
    /// A client gave its application a message of this topic.
    Message(usize, Rc<str>),
}

/// What was seen so far.
#[derive(Clone, Debug, Default)]
struct Seen {
    seen: Vec<Sight>,
    /// Whose connection is which.
    whose: Vec<(ConnectionId, usize)>,
}

impl Seen {
    fn node(&self, connection: ConnectionId) -> Option<usize> {
        let found = self.whose.iter().rev().find(|(of, _)| *of == connection);
        found.map(|(_, node)| *node)
    }

    fn arrived(&mut self, world: &World, at: Option<usize>, from: Option<usize>, bytes: &[u8]) {
        let Some(packet) = packet_type(bytes) else {
            return;
        };
        let version = from.map(|node| world.client(node).options().version);
        let decoded = version.and_then(|version| Packet::decode(bytes, version).ok());
        let topic = match decoded {
            Some(Packet::Publish(publish)) => Some(publish.topic.into()),
            _ => None,
        };
        self.seen.push(Sight::Arrived(at, packet, topic));
    }
}

fn packet_type(bytes: &[u8]) -> Option<PacketType> {
    bytes
        .first()
        .and_then(|first| PacketType::from_bits(first >> 4))
}

impl Watch for Seen {
    fn happened(&mut self, world: &World, trace: Trace) {
        match trace.what {
            Happening::Opening(connection, node) => self.whose.push((connection, node)),
            Happening::ToBroker(connection, bytes) => {
                let from = self.node(connection);
                self.arrived(world, None, from, &bytes);
            }
            Happening::ToClient(_, node, bytes) => {
                self.arrived(world, Some(node), Some(node), &bytes);
            }
            Happening::FromBroker(connection, bytes) => {
                let to = self.node(connection).zip(packet_type(&bytes));
                self.seen
                    .extend(to.map(|(node, packet)| Sight::Sent(node, packet)));
            }
            Happening::FromClient(_, node, bytes) => {
                let packet = packet_type(&bytes);
                self.seen
                    .extend(packet.map(|packet| Sight::Left(node, packet)));
            }
            Happening::Client(node, Event::Connected { .. }) => {
                self.seen.push(Sight::Connected(node));
            }
            Happening::Client(node, Event::Message { message, .. }) => {
                self.seen.push(Sight::Message(node, message.topic));
            }
            Happening::Client(node, Event::Disconnected { .. })
            | Happening::ClientCrashed { node, .. } => self.seen.push(Sight::Closed(node)),
            Happening::Opened(..)
            | Happening::Gone(_)
            | Happening::Ended(..)
            | Happening::Client(..)
            | Happening::Cut(..)
            | Happening::Taken(_)
            | Happening::Committed(_)
            | Happening::BrokerDeadline
            | Happening::BrokerCrashed
            | Happening::BrokerStarted { .. }
            | Happening::ClientStarted(_)
            | Happening::Acted(_)
            | Happening::Idle(_)
            | Happening::Lost(_)
            | Happening::Observed(_)
            | _ => {}
        }
    }
}
