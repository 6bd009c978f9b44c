//! Changes that the host has not taken yet, and what of them has come to nothing meanwhile.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::mem;
use core::num::NonZeroU64;

use crate::changes::{Change, ChangeNumber};
use crate::{Message, PublicationId};

/// There is room for so many changes at most before the first has happened.
const MANY: usize = 256;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Collected {
    /// The number of the latest change before `pressing`.
    before: ChangeNumber,
    /// Those on which something may rest that is sent, with numbers in a row; `None` where one has come to nothing. The first
    /// is never `None`.
    pressing: VecDeque<Option<Pressing>>,
    /// The others, and the number of the latest of `pressing` that each came after.
    others: Vec<(ChangeNumber, Change)>,
    /// How many of `pressing` are left.
    left: usize,
    /// How many of them are owed an acknowledgement.
    owed: usize,
    /// Bytes of messages, Wills and names.
    bytes: usize,
    weights: Weights,
    /// The latest change before those that were taken and are not known to be durable.
    taken_after: Option<ChangeNumber>,
}

#[derive(Clone, Debug)]
struct Pressing {
    change: Change,
    weight: Option<Weight>,
    /// It comes to nothing as soon as the client acknowledges what was sent, or is to be sent, on a connection that there is.
    owed: bool,
}

/// The number of what a change holds in memory besides itself, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weight(NonZeroU64);

/// What changes hold, as long as one of them is left that does.
#[derive(Clone, Debug, Default)]
struct Weights {
    /// How many were let go of before the first of these.
    before: u64,
    /// The bytes of each, and how many changes hold it.
    held: VecDeque<(usize, u32)>,
    /// The message that was weighed last.
    latest: Option<(PublicationId, Weight)>,
}

impl Weights {
    /// Adds one that a change holds, unless it is nothing.
    fn add(&mut self, bytes: usize) -> Option<Weight> {
        if bytes == 0 {
            return None;
        }
        self.held.push_back((bytes, 1));
        NonZeroU64::new(self.before + self.held.len() as u64).map(Weight)
    }

    /// One more change holds it, if any still does. Says whether.
    fn again(&mut self, weight: Weight) -> bool {
        let held = self.at(weight).filter(|(_, holders)| *holders > 0);
        held.map(|(_, holders)| *holders += 1).is_some()
    }

    /// One change holds it no longer. Gives the bytes that nobody holds any more.
    fn let_go(&mut self, weight: Weight) -> usize {
        let Some((bytes, holders)) = self.at(weight) else {
            return 0;
        };
        *holders -= 1;
        let free = if *holders == 0 { *bytes } else { 0 };
        while let Some((_, 0)) = self.held.front() {
            self.held.pop_front();
            self.before += 1;
        }
        free
    }

    fn at(&mut self, weight: Weight) -> Option<&mut (usize, u32)> {
        let at = weight.0.get().checked_sub(self.before + 1)?;
        self.held.get_mut(usize::try_from(at).ok()?)
    }

    fn clear(&mut self) {
        self.before += self.held.len() as u64;
        self.held.clear();
        self.held.shrink_to(MANY);
        self.latest = None;
    }
}

impl Collected {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.left + self.others.len()
    }

    /// How many places they take, with those of what has come to nothing.
    pub(crate) fn room(&self) -> usize {
        self.pressing.len() + self.others.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are on which something may rest that is sent.
    pub(crate) fn pressing(&self) -> usize {
        self.left
    }

    /// How many of these come to nothing with an acknowledgement.
    pub(crate) fn owed(&self) -> usize {
        self.owed
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The number of the latest change.
    pub(crate) fn latest(&self) -> ChangeNumber {
        self.before.plus(self.pressing.len())
    }

    /// All up to this one are durable or have come to nothing.
    pub(crate) fn settled(&self) -> ChangeNumber {
        self.taken_after.unwrap_or(self.before)
    }

    /// Adds one on which something may rest, and gives its number.
    pub(crate) fn press(
        &mut self,
        change: Change,
        weight: Option<Weight>,
        owed: bool,
    ) -> ChangeNumber {
        self.left += 1;
        self.owed += usize::from(owed);
        self.pressing.push_back(Some(Pressing {
            change,
            weight,
            owed,
        }));
        self.latest()
    }

    /// What the next change holds, and no other.
    pub(crate) fn weigh(&mut self, bytes: usize) -> Option<Weight> {
        self.bytes += bytes;
        self.weights.add(bytes)
    }

    /// The same of a message. Who gets the same one gets it one after the other: it counts once.
    pub(crate) fn weigh_message(&mut self, message: &Message) -> Option<Weight> {
        if let Some((latest, weight)) = self.weights.latest
            && latest == message.publication
            && self.weights.again(weight)
        {
            return Some(weight);
        }
        let weight = self.weigh(message.cost())?;
        self.weights.latest = Some((message.publication, weight));
        Some(weight)
    }

    /// Adds one on which nothing rests.
    pub(crate) fn add(&mut self, change: Change) {
        self.others.push((self.latest(), change));
    }

    /// What a change began is over, and nothing else was told of it: it comes to nothing, if it was not taken yet. Says whether.
    pub(crate) fn cancel(&mut self, number: ChangeNumber) -> bool {
        let Some(gone) = self.at(number).and_then(Option::take) else {
            return false;
        };
        self.left -= 1;
        self.owed -= usize::from(gone.owed);
        self.bytes -= gone.weight.map_or(0, |weight| self.weights.let_go(weight));
        while let Some(None) = self.pressing.front() {
            self.pressing.pop_front();
            self.before = self.before.plus(1);
        }
        true
    }

    /// The connection is gone that a change was owed an acknowledgement on.
    pub(crate) fn no_longer_owed(&mut self, number: ChangeNumber) {
        if let Some(Some(pressing)) = self.at(number) {
            self.owed -= usize::from(mem::take(&mut pressing.owed));
        }
    }

    fn at(&mut self, number: ChangeNumber) -> Option<&mut Option<Pressing>> {
        let at = number.0.checked_sub(self.before.0 + 1)?;
        self.pressing.get_mut(usize::try_from(at).ok()?)
    }

    /// Takes all there are, in the order of happening.
    pub(crate) fn take(&mut self) -> Vec<Change> {
        if self.left > 0 {
            self.taken_after.get_or_insert(self.before);
        }
        let mut changes = Vec::with_capacity(self.len());
        let mut others = self.others.drain(..).peekable();
        let mut number = self.before;
        for pressing in self.pressing.drain(..) {
            while let Some((_, other)) = others.next_if(|(after, _)| *after <= number) {
                changes.push(other);
            }
            number = number.plus(1);
            changes.extend(pressing.map(|pressing| pressing.change));
        }
        changes.extend(others.map(|(_, change)| change));
        self.before = number;
        (self.left, self.owed, self.bytes) = (0, 0, 0);
        self.weights.clear();
        self.pressing.shrink_to(MANY);
        self.others.shrink_to(MANY);
        changes
    }

    /// All that was taken is durable.
    pub(crate) fn kept(&mut self) {
        self.taken_after = None;
    }
}
