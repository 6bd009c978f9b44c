//! What is in each head: the broker's and every client's, at a position, and what the last step did to it.

mod broker;
mod client;

use std::rc::Rc;

use vitrine_broker::Time;
use vitrine_lab::{Direction, World};
use vitrine_link::{Fact, Head};
use vitrine_packet::QoS;
use vitrine_scope::Scope;

use crate::outside::client_id;

/// Things in a head that are told at most.
const MOST: usize = 400;

/// Characters of a payload that are told.
const PAYLOAD: usize = 80;

/// Kinds of things, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Message,
    PacketId,
    Queued,
    Request,
    Session,
    Subscription,
    Retained,
    Will,
    Timer,
    Alias,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::PacketId => "packet-id",
            Self::Queued => "queued",
            Self::Request => "request",
            Self::Session => "session",
            Self::Subscription => "subscription",
            Self::Retained => "retained",
            Self::Will => "will",
            Self::Timer => "timer",
            Self::Alias => "alias",
        }
    }
}

/// One thing in a head.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Thing {
    pub(crate) kind: Kind,
    /// Its client, in the broker's head: where that stands among the clients, and who it is.
    pub(crate) of: Option<(usize, Rc<str>)>,
    pub(crate) packet_id: Option<u16>,
    pub(crate) name: Rc<str>,
    pub(crate) qos: Option<QoS>,
    pub(crate) value: String,
    pub(crate) waits_for: u8,
    /// For a timer: when it fires, by the world's clock.
    pub(crate) fires: Option<Time>,
    pub(crate) publication: Option<u64>,
    /// For a Will: its RETAIN flag, and its Will Delay Interval in seconds.
    pub(crate) retain: bool,
    pub(crate) delay: u32,
}

impl Thing {
    pub(crate) fn new(kind: Kind, name: &str) -> Self {
        Self {
            kind,
            of: None,
            packet_id: None,
            name: name.into(),
            qos: None,
            value: String::new(),
            waits_for: 0,
            fires: None,
            publication: None,
            retain: false,
            delay: 0,
        }
    }

    /// Whether it is the same thing at another time, in whatever state.
    fn is(&self, other: &Self) -> bool {
        let by_name = match self.kind {
            // An identifier stands for one handshake at a time.
            Kind::Message | Kind::PacketId | Kind::Request => {
                self.waits_for == other.waits_for && self.publication == other.publication
            }
            // An alias may come to stand for another topic.
            Kind::Alias => self.value == other.value,
            Kind::Queued => self.publication == other.publication && self.name == other.name,
            Kind::Session | Kind::Subscription | Kind::Retained | Kind::Will | Kind::Timer => {
                self.name == other.name
            }
        };
        self.kind == other.kind
            && self.whose() == other.whose()
            && self.packet_id == other.packet_id
            && by_name
    }

    /// Whether it is as it was. That a Keep Alive begins anew with every packet is not worth telling.
    fn is_unchanged(&self, before: &Self) -> bool {
        // Nor is it that another client came or went, and this one stands in another place.
        let there = Self {
            of: self.of.clone(),
            ..before.clone()
        };
        *self == there || self.kind == Kind::Timer && &*self.name == "KeepAlive"
    }

    /// Whose it is, in the broker's head.
    fn whose(&self) -> Option<&str> {
        self.of.as_ref().map(|(_, of)| &**of)
    }

    fn fact(&self, now: Time, change: &str) -> Fact {
        Fact {
            kind: self.kind.name().into(),
            of: self
                .of
                .as_ref()
                .map_or_else(String::new, |(_, of)| of.as_ref().into()),
            packet_id: self.packet_id,
            name: self.name.as_ref().into(),
            qos: self.qos.map(|qos| qos as u8),
            value: self.value.clone(),
            waits_for: self.waits_for,
            fires_in: self.fires.map(|at| millis(at.since(now).as_micros())),
            change: change.into(),
            publication: self.publication,
            retain: self.retain,
            delay: self.delay,
        }
    }
}

/// A head without what changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mind {
    who: String,
    /// The Client Identifier.
    id: String,
    up: bool,
    state: &'static str,
    held: Vec<String>,
    things: Vec<Thing>,
}

/// All heads of a world: the broker's first, then the clients' in the order of the script.
pub(crate) fn minds(world: &World, scope: &Scope) -> Vec<Mind> {
    let broker = Mind {
        who: "broker".into(),
        id: String::new(),
        up: world.broker().is_some(),
        state: if world.broker().is_some() {
            "up"
        } else {
            "down"
        },
        held: Vec::new(),
        things: broker::things(world, scope),
    };
    let clients = (0..world.clients()).map(|node| Mind {
        who: world.name(node).into(),
        id: client_id(world, node).as_str().into(),
        up: world.is_up(node),
        state: client::state(world, node),
        held: held(world, node),
        things: client::things(world, node),
    });
    std::iter::once(broker).chain(clients).collect()
}

/// The heads as they are told at `now`, with what changed since `before`.
pub(crate) fn tell(minds: &[Mind], before: &[Mind], now: Time) -> Vec<Head> {
    let head = |(at, mind): (usize, &Mind)| {
        let nothing = Vec::new();
        let before = before.get(at).map_or(&nothing, |before| &before.things);
        Head {
            who: mind.who.clone(),
            id: mind.id.clone(),
            up: mind.up,
            state: mind.state.into(),
            held: mind.held.clone(),
            facts: facts(&mind.things, before, now),
        }
    };
    minds.iter().enumerate().map(head).collect()
}

fn facts(things: &[Thing], before: &[Thing], now: Time) -> Vec<Fact> {
    // Two may be alike: each is held against one of before.
    let mut left: Vec<Option<&Thing>> = before.iter().map(Some).collect();
    let mut told: Vec<(&Thing, &str)> = Vec::new();
    for thing in things {
        let same = left
            .iter_mut()
            .find(|one| one.is_some_and(|one| one.is(thing)));
        let change = match same.and_then(Option::take) {
            None => "new",
            Some(before) if thing.is_unchanged(before) => "",
            Some(_) => "changed",
        };
        told.push((thing, change));
    }
    told.extend(left.into_iter().flatten().map(|gone| (gone, "gone")));
    told.sort_by_key(|(thing, _)| (thing.kind, thing.of.as_ref().map(|(place, _)| *place)));
    told.truncate(MOST);
    let facts = told.into_iter();
    facts
        .map(|(thing, change)| thing.fact(now, change))
        .collect()
}

/// Directions of a client's link that are held.
fn held(world: &World, node: usize) -> Vec<String> {
    [("up", Direction::Up), ("down", Direction::Down)]
        .into_iter()
        .filter(|(_, direction)| world.held(node, *direction).is_some())
        .map(|(name, _)| name.into())
        .collect()
}

/// A payload, cut for display: its text, or its bytes in hexadecimal.
pub(crate) fn payload(bytes: &[u8]) -> String {
    let shown = |sign: char| !sign.is_control() || sign == '\n';
    match std::str::from_utf8(bytes) {
        Ok(text) if text.chars().all(shown) => {
            let mut cut: String = text.chars().take(PAYLOAD).collect();
            if cut.len() < text.len() {
                cut.push('…');
            }
            cut
        }
        _ => {
            let digits = bytes.iter().take(PAYLOAD / 3);
            let digits: Vec<_> = digits.map(|byte| format!("{byte:02x}")).collect();
            let more = if bytes.len() > digits.len() {
                " …"
            } else {
                ""
            };
            digits.join(" ") + more
        }
    }
}

/// Milliseconds from microseconds.
pub(crate) fn millis(micros: u128) -> f64 {
    // Exact for centuries.
    #[expect(clippy::cast_precision_loss)]
    let micros = micros as f64;
    micros / 1_000.0
}
