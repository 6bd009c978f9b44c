//! Snapshots of a road: few enough to cost nothing, near enough that every moment is reached at once.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;

use crate::World;

/// More are thinned to every second. A watcher may hold a whole ladder, so there are not many.
const MOST: usize = 24;

/// The distance between two at first, in moments.
const FIRST_SPACING: u64 = 16;

/// So far before a position that was gone to there are some more.
pub(super) const NEAR: [u64; 4] = [4, 16, 64, 256];

/// So many of them at most.
const MOST_NEAR: usize = 8;

/// The world and its watcher at some position.
#[derive(Debug)]
pub(super) struct Snapshot<W> {
    pub(super) world: World,
    pub(super) watch: W,
}

impl<W: Clone> Snapshot<W> {
    pub(super) fn new(world: &World, watch: &W) -> Self {
        Self {
            world: world.clone(),
            watch: watch.clone(),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Snapshots<W> {
    /// By position; the first is that of the beginning.
    even: BTreeMap<u64, Rc<Snapshot<W>>>,
    spacing: u64,
    /// Those before a position that was gone to.
    pub(super) near: BTreeMap<u64, Rc<Snapshot<W>>>,
    first: Rc<Snapshot<W>>,
}

impl<W> Clone for Snapshots<W> {
    fn clone(&self) -> Self {
        Self {
            even: self.even.clone(),
            spacing: self.spacing,
            near: self.near.clone(),
            first: Rc::clone(&self.first),
        }
    }
}

impl<W> Snapshots<W> {
    pub(super) fn new(first: Rc<Snapshot<W>>) -> Self {
        Self {
            even: BTreeMap::new(),
            spacing: FIRST_SPACING,
            near: BTreeMap::new(),
            first,
        }
    }

    /// A position was reached: makes a snapshot of it where there should be one and is none.
    pub(super) fn passed(&mut self, position: u64, end: u64, make: impl FnOnce() -> Snapshot<W>) {
        if !position.is_multiple_of(self.spacing) || self.even.contains_key(&position) {
            return;
        }
        self.even.insert(position, Rc::new(make()));
        while self.even.len() > MOST {
            self.spacing *= 2;
            let spacing = self.spacing;
            self.even
                .retain(|position, _| position.is_multiple_of(spacing));
        }
        debug_assert!(position <= end, "what is not known was not reached");
    }

    /// Keeps one near a position that is gone to; those furthest back make room.
    pub(super) fn keep_near(&mut self, position: u64, snapshot: Snapshot<W>) {
        self.near.insert(position, Rc::new(snapshot));
        if self.near.len() > MOST_NEAR {
            self.near.pop_first();
        }
    }

    /// The last at or before a position.
    pub(super) fn before(&self, position: u64) -> (u64, Rc<Snapshot<W>>) {
        let last = |map: &BTreeMap<u64, Rc<Snapshot<W>>>| {
            let found = map.range(..=position).next_back();
            found.map(|(at, snapshot)| (*at, Rc::clone(snapshot)))
        };
        let even = last(&self.even);
        let near = last(&self.near);
        let found = even.into_iter().chain(near).max_by_key(|(at, _)| *at);
        found.unwrap_or_else(|| (0, Rc::clone(&self.first)))
    }

    /// Forgets those after a position.
    pub(super) fn forget_after(&mut self, position: u64) {
        self.even.retain(|at, _| *at <= position);
        self.near.retain(|at, _| *at <= position);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        1 + self.even.len() + self.near.len()
    }
}
