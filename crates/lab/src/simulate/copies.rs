//! Copies of a message that came, and for which promises they may stand.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use vitrine_packet::{PacketId, QoS};

use super::promise::{By, Group, Over, Promise};

/// What one copy fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    /// The promise of this number to a client.
    One(usize),
    /// What the group of this number is promised.
    Group(u64),
}

/// A message that came to the application of a client.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    pub(super) client: Rc<str>,
    /// Of the Session that its connection was of.
    pub(super) generation: u64,
    /// The start of the broker that sent it.
    pub(super) start: u64,
    pub(super) qos: QoS,
    pub(super) retain: bool,
    pub(super) dup: bool,
    pub(super) packet_id: Option<PacketId>,
    /// Subscription Identifiers, sorted; `None` where the version has none.
    pub(super) ids: Option<Vec<u32>>,
    /// When it came, counted as [`Promise::made`] is.
    pub(super) came: u64,
    /// Whether PUBACK came, so that it must not come again.
    pub(super) over: Option<Over>,
}

impl Copy {
    pub(super) fn is_to(&self, client: &str, generation: u64) -> bool {
        *self.client == *client && self.generation == generation
    }

    /// Whether it may be one of a promise, for a broker since this start.
    fn fits(&self, promise: &Promise, start: u64) -> bool {
        let ids = self.ids.as_ref();
        promise.client == self.client
            && promise.generation == self.generation
            && promise.qos == self.qos
            && promise.retain == self.retain
            && ids.is_none_or(|ids| promise.ids == *ids)
            && promise.made < self.came
            && promise.lost.is_none_or(|lost| start < lost)
    }

    /// Whether another one looks like it, identifier included.
    fn is_like(&self, other: &Self) -> bool {
        let ids = self.ids.as_ref().zip(other.ids.as_ref());
        self.is_to(&other.client, other.generation)
            && self.packet_id == other.packet_id
            && self.qos == other.qos
            && self.retain == other.retain
            && ids.is_none_or(|(ours, theirs)| ours == theirs)
    }
}

/// All that was promised of a message, and what came.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    pub(super) promises: Vec<Promise>,
    pub(super) copies: Vec<Copy>,
    /// Which copy is for what, as far as that is told.
    slots: BTreeMap<Slot, usize>,
}

impl Message {
    fn slot(&self, promise: usize) -> Slot {
        match self.promises[promise].by {
            By::Group(group) => Slot::Group(group),
            By::Own | By::Retained => Slot::One(promise),
        }
    }

    /// What was promised and has not come.
    pub(super) fn open(&self) -> impl Iterator<Item = (Slot, &Promise)> {
        let all = self.promises.iter().enumerate();
        all.filter_map(|(at, promise)| {
            let slot = self.slot(at);
            let copy = self.slots.get(&slot).map(|copy| &self.copies[*copy]);
            let came = copy.is_some_and(|copy| copy.client == promise.client);
            (!came).then_some((slot, promise))
        })
    }

    /// Whether a copy of those came that are one handed on.
    pub(super) fn has(&self, groups: &BTreeMap<u64, Group>, root: u64) -> bool {
        let mut slots = self.slots.keys();
        slots.any(|slot| matches!(slot, Slot::Group(group) if groups[group].root == root))
    }

    /// Whether a Session was promised this already, since the broker started.
    pub(super) fn promises(&self, wanted: &Promise) -> bool {
        self.promises.iter().any(|promise| {
            promise.lost.is_none()
                && promise.by == wanted.by
                && promise.is_to(&wanted.client, wanted.generation)
                && promise.qos == wanted.qos
                && promise.retain == wanted.retain
                && promise.ids == wanted.ids
        })
    }

    /// Whether the broker does not know any more that a group is promised a copy.
    pub(super) fn forgets(&self, group: u64) -> bool {
        let mut promises = self.promises.iter();
        promises.all(|promise| promise.by != By::Group(group) || promise.lost.is_some())
    }

    /// Whether a copy may be of a promise that the broker knows of since this start.
    pub(super) fn knows(&self, copy: &Copy, start: u64) -> bool {
        let mut promises = self.promises.iter();
        promises.any(|promise| copy.fits(promise, start))
    }

    /// Whether a copy can be nothing but what a client's own subscriptions gave it.
    pub(super) fn is_own(&self, copy: &Copy) -> bool {
        let mut promises = self.promises.iter();
        promises.all(|promise| promise.by == By::Own || !copy.fits(promise, copy.start))
    }

    /// Later batches than this one are gone: the next start knows nothing of them.
    pub(super) fn crashed(&mut self, committed: u64, start: u64) {
        let promises = self.promises.iter_mut();
        for promise in promises.filter(|promise| promise.lost.is_none()) {
            let is_kept = promise.batch.is_some_and(|batch| batch <= committed);
            promise.lost = (!is_kept).then_some(start);
        }
        for copy in &mut self.copies {
            // What it forgets it may send again.
            copy.over = copy.over.filter(|over| match over {
                Over::Known => false,
                Over::Batch(batch) => *batch <= committed,
            });
        }
    }

    /// A copy came: it is of a promise, or one that came before comes again.
    pub(super) fn take(
        &mut self,
        copy: Copy,
        may_come_again: bool,
        is_twin: bool,
    ) -> Result<(), String> {
        let start = copy.start;
        let mut before = self.copies.iter().filter(|before| before.is_like(&copy));
        let known = before
            .clone()
            .rfind(|before| before.over.is_none() && self.knows(before, start));
        if let Some(known) = known
            && copy.dup
            && may_come_again
        {
            // After a crash the broker may have the identifier for another copy that looks the same.
            if known.start != start || is_twin {
                self.copies.push(copy);
            }
            return Ok(());
        }
        // Of two that share a name the one may get it with DUP before the other gets it first, on a slower link.
        let again = is_twin && may_come_again && before.any(|before| before.dup);
        self.copies.push(copy);
        let at = self.copies.len() - 1;
        if again || self.place(at, &mut BTreeSet::new()) {
            return Ok(());
        }
        let copy = &self.copies[at];
        let said = self.promises.iter();
        let said: Vec<_> = said.filter(|it| it.client == copy.client).collect();
        Err(format!(
            "nothing allows {copy:?}; for this client: {said:?}"
        ))
    }

    /// Gives a copy to a promise, and those that it takes the place of to others.
    fn place(&mut self, copy: usize, tried: &mut BTreeSet<Slot>) -> bool {
        let found = &self.copies[copy];
        let all = self.promises.iter().enumerate();
        let fitting = all.filter(|(_, promise)| found.fits(promise, found.start));
        let slots: Vec<_> = fitting.map(|(at, _)| self.slot(at)).collect();
        if let Some(free) = slots.iter().find(|slot| !self.slots.contains_key(slot)) {
            self.slots.insert(*free, copy);
            return true;
        }
        slots.into_iter().any(|slot| {
            let moves = tried.insert(slot) && self.place(self.slots[&slot], tried);
            if moves {
                self.slots.insert(slot, copy);
            }
            moves
        })
    }

    /// Gives copies to all that must have come: to each a copy of one of its promises. Gives the number of one for which there is
    /// none.
    pub(super) fn cover(&self, due: &[Vec<usize>]) -> Option<usize> {
        let mut owners = vec![None; self.copies.len()];
        (0..due.len()).find(|of| !self.covers(*of, due, &mut owners, &mut BTreeSet::new()))
    }

    fn covers(
        &self,
        of: usize,
        due: &[Vec<usize>],
        owners: &mut [Option<usize>],
        tried: &mut BTreeSet<usize>,
    ) -> bool {
        let fits = |copy: &Copy| {
            let mut promises = due[of].iter().map(|promise| &self.promises[*promise]);
            promises.any(|promise| copy.fits(promise, copy.start))
        };
        let copies = 0..self.copies.len();
        let fitting: Vec<_> = copies.filter(|at| fits(&self.copies[*at])).collect();
        if let Some(free) = fitting.iter().find(|at| owners[**at].is_none()) {
            owners[*free] = Some(of);
            return true;
        }
        fitting.into_iter().any(|at| {
            let other = owners[at].filter(|_| tried.insert(at));
            let moves = other.is_some_and(|other| self.covers(other, due, owners, tried));
            if moves {
                owners[at] = Some(of);
            }
            moves
        })
    }
}
