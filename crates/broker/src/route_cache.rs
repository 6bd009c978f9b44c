//! Who gets messages of the topics that were published to lately, so that the next message need not search.
//!
//! A message to one of very many topics costs mostly the waiting for memory that is in no cache of the
//! processor. So the common case, one receiver without anything special about it, is answered from a single
//! place in memory: the entry has the topic, if that is short, and the receiver in it.

use alloc::rc::Rc;
use core::mem;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::IntoIter;
use vitrine_packet::QoS;

use crate::hash;
use crate::router::{Found, Route, Target};

/// What all entries may weigh together, for each that is allowed. Most have one target or two.
const WEIGHT_EACH: usize = 4;

/// A route may have this part of all that may be remembered: more would push out too many others.
const LARGEST_PART: usize = 8;

/// More entries than this are too many for the nearer caches of a processor.
const MANY: usize = 1 << 12;

/// Bytes of a topic's beginning that are in the entry.
const HEAD: usize = 32;

/// What is known of a topic. As large as what a processor fetches at once, and where that begins.
#[derive(Debug)]
#[repr(align(64))]
struct Entry {
    kind: Kind,
    /// The generation of the subscriptions it is true for: a later one makes it void.
    generation: u32,
    session: u32,
    subscription: u32,
    /// The granted QoS of a simple target.
    granted: QoS,
    no_local: bool,
    /// Retain As Published.
    retain: bool,
    /// The bytes of `head` in use.
    length: u8,
    head: [u8; HEAD],
}

#[derive(Debug)]
enum Kind {
    /// One receiver: the target in the entry. The topic is kept for the messages that need it.
    One(Rc<str>),
    Route(Rc<Route>),
}

/// When it is full all entries are forgotten: what is still asked for is soon known again, at a cost that
/// is small beside that of having filled it.
#[derive(Debug)]
pub(crate) struct RouteCache {
    hasher: FixedState,
    entries: HashTable<Entry>,
    most: usize,
    weight: usize,
    /// Those forgotten, which are dropped few at a time: all at once would make everybody wait.
    forgotten: IntoIter<Entry>,
}

impl RouteCache {
    /// Remembers `most` topics.
    pub(crate) fn new(hasher: FixedState, most: usize) -> Self {
        Self {
            hasher,
            entries: HashTable::new(),
            // What is reckoned from it is a number, too.
            most: most.min(usize::MAX / WEIGHT_EACH),
            weight: 0,
            forgotten: IntoIter::default(),
        }
    }

    /// Who gets messages of a topic, if that is known as of this generation.
    #[inline]
    pub(crate) fn get(&self, topic: &str, generation: u32) -> Option<Found> {
        let entry = self.find(topic)?;
        if entry.generation != generation {
            return None;
        }
        Some(entry.found())
    }

    /// The topic as one that can be shared, if it is known.
    pub(crate) fn topic(&self, topic: &str) -> Option<Rc<str>> {
        self.find(topic).map(|entry| Rc::clone(entry.topic()))
    }

    /// Whether there are so many entries that most of them are in no cache of the processor.
    #[inline]
    pub(crate) fn is_large(&self) -> bool {
        self.entries.len() > MANY
    }

    /// Reads the entries of these topics side by side: memory that is far away answers many questions in the
    /// time of one.
    pub(crate) fn look_ahead(&self, topics: &[&[u8]]) {
        let mut seen = 0;
        for topic in topics {
            let hash = hash::bytes(&self.hasher, 0, topic);
            let entry = self.entries.find(hash, |_| true);
            seen ^= entry.map_or(0, |entry| entry.generation);
        }
        core::hint::black_box(seen);
    }

    fn find(&self, topic: &str) -> Option<&Entry> {
        let hash = hash::text(&self.hasher, 0, topic);
        self.entries.find(hash, |entry| entry.is_for(topic))
    }

    /// Remembers a route for its topic, if it is not too large, and gives the short form of it.
    pub(crate) fn remember(&mut self, route: Route, generation: u32) -> Found {
        let weight = route.weight();
        let topic = Rc::clone(&route.topic);
        let entry = Entry::new(route, generation);
        let found = entry.found();
        if weight > self.most * WEIGHT_EACH / LARGEST_PART {
            return found;
        }
        let hash = hash::text(&self.hasher, 0, &topic);
        if let Some(before) = self.entries.find_mut(hash, |entry| entry.is_for(&topic)) {
            self.weight = self.weight + weight - before.weight();
            *before = entry;
            return found;
        }
        if self.entries.len() >= self.most || self.weight >= self.most * WEIGHT_EACH {
            self.forget();
        }
        drop((self.forgotten.next(), self.forgotten.next()));
        self.weight += weight;
        let hasher = &self.hasher;
        let hash_of = |entry: &Entry| hash::text(hasher, 0, entry.topic());
        self.entries.insert_unique(hash, entry, hash_of);
        found
    }

    /// Forgets everything.
    pub(crate) fn forget(&mut self) {
        self.forgotten = mem::take(&mut self.entries).into_iter();
        self.weight = 0;
    }
}

/// A copy begins with nothing remembered: what is remembered changes nothing but the time it takes.
impl Clone for RouteCache {
    fn clone(&self) -> Self {
        Self::new(self.hasher.clone(), self.most)
    }
}

impl Entry {
    fn new(route: Route, generation: u32) -> Self {
        let mut head = [0; HEAD];
        let length = route.topic.len().min(HEAD);
        head[..length].copy_from_slice(&route.topic.as_bytes()[..length]);
        let mut entry = Self {
            kind: Kind::One(Rc::clone(&route.topic)),
            generation,
            session: 0,
            subscription: 0,
            granted: QoS::AtMostOnce,
            no_local: false,
            retain: false,
            length: length as u8,
            head,
        };
        match simple(&route) {
            Some((target, session, subscription)) => {
                entry.session = session;
                entry.subscription = subscription;
                entry.granted = target.granted;
                entry.no_local = target.no_local;
                entry.retain = target.retain_as_published;
            }
            None => entry.kind = Kind::Route(Rc::new(route)),
        }
        entry
    }

    #[inline]
    fn is_for(&self, topic: &str) -> bool {
        let length = usize::from(self.length);
        if length < HEAD {
            return topic.as_bytes() == &self.head[..length];
        }
        topic.as_bytes().starts_with(&self.head) && **self.topic() == *topic
    }

    fn topic(&self) -> &Rc<str> {
        match &self.kind {
            Kind::One(topic) => topic,
            Kind::Route(route) => &route.topic,
        }
    }

    #[inline]
    fn found(&self) -> Found {
        match &self.kind {
            Kind::One(_) => Found::One(Target::simple(
                self.session as usize,
                self.subscription as usize,
                self.granted,
                self.no_local,
                self.retain,
            )),
            Kind::Route(route) => Found::Route(Rc::clone(route)),
        }
    }

    fn weight(&self) -> usize {
        match &self.kind {
            Kind::One(_) => 2,
            Kind::Route(route) => route.weight(),
        }
    }
}

/// The only target of a route, if nothing is special about it.
fn simple(route: &Route) -> Option<(&Target, u32, u32)> {
    let [target] = &*route.targets else {
        return None;
    };
    if !route.groups.is_empty() || !target.is_simple() {
        return None;
    }
    let session = u32::try_from(target.session).ok()?;
    let subscription = u32::try_from(target.subscription).ok()?;
    Some((target, session, subscription))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Larger entries cost a second wait for memory.
    #[test]
    fn an_entry_is_fetched_at_once() {
        assert_eq!(size_of::<Entry>(), 64);
    }
}
