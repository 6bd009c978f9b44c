//! What both sides of every connection hold in memory, and until when.
//!
//! Nobody tells this: it follows from the packets (section 4.3 of the standard says who stores what
//! until which packet comes) and from what the broker says of its queues.

pub(crate) mod kept;
mod protocol;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use vitrine_link::{Hold, HoldKind};

use crate::chunks::Chunks;
use crate::lines::LineId;
pub(crate) use protocol::{Ends, Passing};

/// Who holds, in which part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// The client, what it publishes.
    ClientSends,
    /// The broker, identifiers of QoS 2 publications that it took on.
    BrokerReceives,
    /// The broker, what it delivers.
    BrokerSends,
    /// The client, identifiers of QoS 2 deliveries that it took on.
    ClientReceives,
    /// The broker, what waits in the queue.
    BrokerQueues,
}

const ROLES: usize = 5;

impl Role {
    fn at_broker(self) -> bool {
        matches!(
            self,
            Self::BrokerReceives | Self::BrokerSends | Self::BrokerQueues
        )
    }
}

/// A line has one hold of a role and number at a time. The number is the Packet Identifier, in the
/// queue the publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    line: LineId,
    role: Role,
    number: u64,
}

/// Something held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    key: Key,
    kind: HoldKind,
    pub(crate) publication: Option<u64>,
    /// The row since when.
    from: u64,
    /// The Control Packet type that ends it; 0 for none in particular.
    waits_for: u8,
}

impl Held {
    pub(crate) fn line(&self) -> LineId {
        self.key.line
    }

    pub(crate) fn is_queued(&self) -> bool {
        self.key.role == Role::BrokerQueues
    }

    fn tell(&self, until: Option<u64>) -> Hold {
        Hold {
            lifeline: self.key.line.0,
            at_broker: self.key.role.at_broker(),
            kind: self.kind,
            packet_id: (!self.is_queued()).then_some(self.key.number as u16),
            publication: self.publication,
            from: self.from,
            until,
            waits_for: self.waits_for,
        }
    }
}

/// All holds: those that last, and those that ended at a row that is still recorded.
#[derive(Clone)]
pub(crate) struct Holds {
    /// By the row since when, then by the order of making.
    open: BTreeMap<(u64, u64), Held>,
    keys: BTreeMap<Key, (u64, u64)>,
    /// With the row that ended it; in the order of these.
    ended: Chunks<(u64, Held)>,
    counts: BTreeMap<LineId, [u32; ROLES]>,
    made: u64,
    limit: usize,
}

impl Holds {
    /// Knows at most `limit` holds at a time.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            open: BTreeMap::new(),
            keys: BTreeMap::new(),
            ended: Chunks::default(),
            counts: BTreeMap::new(),
            made: 0,
            limit,
        }
    }

    /// How many things are held in this role for a line.
    pub(crate) fn count(&self, line: LineId, role: Role) -> u32 {
        self.counts
            .get(&line)
            .map_or(0, |counts| counts[role as usize])
    }

    /// A publication waits in the line's queue since `row`.
    pub(crate) fn queue(&mut self, line: LineId, publication: u64, row: u64) {
        let key = Key {
            line,
            role: Role::BrokerQueues,
            number: publication,
        };
        self.start(key, HoldKind::Queued, Some(publication), row, 0);
    }

    /// A publication left the line's queue at `row`. Tells whether it was there.
    pub(crate) fn unqueue(&mut self, line: LineId, publication: u64, row: u64) -> bool {
        self.end(
            Key {
                line,
                role: Role::BrokerQueues,
                number: publication,
            },
            row,
        )
        .is_some()
    }

    /// All that is held of and for the line ended at `row`.
    pub(crate) fn end_all(&mut self, line: LineId, row: u64) {
        for key in self.keys_of(line) {
            self.end(key, row);
        }
    }

    /// At `row` one side of the line, the broker or the client, lost all that it held.
    pub(crate) fn end_side(&mut self, line: LineId, at_broker: bool, row: u64) {
        for key in self.keys_of(line) {
            if key.role.at_broker() == at_broker {
                self.end(key, row);
            }
        }
    }

    /// Publications of the line whose handshake is under way, at most `limit`, oldest first.
    pub(crate) fn under_way(&self, line: LineId, limit: usize) -> Vec<u64> {
        let senders = |key: &Key| matches!(key.role, Role::ClientSends | Role::BrokerSends);
        let mut found: Vec<u64> = (self.range(line))
            .filter(|(key, _)| senders(key))
            .filter_map(|(_, place)| self.open.get(place)?.publication)
            .collect();
        found.sort_unstable();
        found.dedup();
        found.truncate(limit);
        found
    }

    /// What is held now of and for a line, oldest first.
    pub(crate) fn of_line(&self, line: LineId, limit: usize) -> Vec<Hold> {
        let mut places: Vec<_> = self.range(line).map(|(_, place)| *place).collect();
        places.sort_unstable();
        let held = places
            .iter()
            .take(limit)
            .filter_map(|place| self.open.get(place));
        held.map(|held| held.tell(None)).collect()
    }

    /// What was held at some time between the rows `first` and `last` and is `wanted`, oldest first;
    /// and how many more than `limit` there were. What ended there comes before what lasts, and of
    /// that the newest before the oldest.
    pub(crate) fn between(
        &self,
        (first, last): (u64, u64),
        limit: usize,
        mut wanted: impl FnMut(&Held) -> bool,
    ) -> (Vec<Hold>, usize) {
        let start = self.ended.partition_point(|(until, _)| *until < first);
        let ended = self
            .ended
            .iter_from(start)
            .map(|(until, held)| (held, Some(*until)));
        let open = self
            .open
            .range(..=(last, u64::MAX))
            .rev()
            .map(|(_, held)| (held, None));
        let mut holds = Vec::new();
        let mut left_out = 0;
        for (held, until) in ended.filter(|(held, _)| held.from <= last).chain(open) {
            if !wanted(held) {
                continue;
            }
            if holds.len() < limit {
                holds.push(held.tell(until));
            } else {
                left_out += 1;
            }
        }
        holds.sort_by_key(|hold| (hold.from, hold.lifeline));
        (holds, left_out)
    }

    /// Forgets what ended before row `first`.
    pub(crate) fn forget_before(&mut self, first: u64) {
        while self.ended.front().is_some_and(|(until, _)| *until < first) {
            self.ended.pop_front();
        }
    }

    fn start(
        &mut self,
        key: Key,
        kind: HoldKind,
        publication: Option<u64>,
        from: u64,
        waits_for: u8,
    ) {
        self.end(key, from);
        if self.open.len() >= self.limit {
            return;
        }
        self.made += 1;
        let place = (from, self.made);
        self.open.insert(
            place,
            Held {
                key,
                kind,
                publication,
                from,
                waits_for,
            },
        );
        self.keys.insert(key, place);
        self.counts.entry(key.line).or_default()[key.role as usize] += 1;
    }

    fn end(&mut self, key: Key, until: u64) -> Option<Held> {
        let held = self.open.remove(&self.keys.remove(&key)?)?;
        if let Some(counts) = self.counts.get_mut(&key.line) {
            counts[key.role as usize] -= 1;
            if *counts == [0; ROLES] {
                self.counts.remove(&key.line);
            }
        }
        self.ended.push_back((until, held));
        Some(held)
    }

    fn get_mut(&mut self, key: Key) -> Option<&mut Held> {
        self.open.get_mut(self.keys.get(&key)?)
    }

    fn get(&self, key: Key) -> Option<&Held> {
        self.open.get(self.keys.get(&key)?)
    }

    fn range(&self, line: LineId) -> impl Iterator<Item = (&Key, &(u64, u64))> {
        let first = Key {
            line,
            role: Role::ClientSends,
            number: 0,
        };
        let last = Key {
            line,
            role: Role::BrokerQueues,
            number: u64::MAX,
        };
        self.keys.range(first..=last)
    }

    fn keys_of(&self, line: LineId) -> Vec<Key> {
        self.range(line).map(|(key, _)| *key).collect()
    }
}
