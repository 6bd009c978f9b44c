//! What links said and could not be handled in one go.
//!
//! One message may hold more bytes than are to be handled in one task: the door cuts what it sends, but who has a port
//! may post buffers of any size. The rest waits here, and behind it what else came on that link. Links take turns.

use std::collections::{HashMap, VecDeque};

/// What waits, by link. `T` is one thing that waits.
pub(super) struct Backlog<T> {
    /// Of each link at least one thing, oldest first.
    waiting: HashMap<u64, VecDeque<T>>,
    /// Every link that has something waiting, once; and links that were forgotten.
    turns: VecDeque<u64>,
}

impl<T> Backlog<T> {
    pub(super) fn new() -> Self {
        Self {
            waiting: HashMap::new(),
            turns: VecDeque::new(),
        }
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Keeps `thing` if it must wait behind what the link said before; else gives it back.
    pub(super) fn behind(&mut self, link: u64, thing: T) -> Option<T> {
        match self.waiting.get_mut(&link) {
            Some(waiting) => {
                waiting.push_back(thing);
                None
            }
            None => Some(thing),
        }
    }

    /// Keeps the rest of what is being handled: it comes before all else that the link said.
    pub(super) fn rest(&mut self, link: u64, thing: T) {
        let turns = &mut self.turns;
        let waiting = self.waiting.entry(link).or_insert_with(|| {
            turns.push_back(link);
            VecDeque::new()
        });
        waiting.push_front(thing);
    }

    /// Takes the next thing of the link whose turn it is.
    pub(super) fn next(&mut self) -> Option<(u64, T)> {
        loop {
            let link = self.turns.pop_front()?;
            let Some(waiting) = self.waiting.get_mut(&link) else {
                continue;
            };
            let thing = waiting.pop_front()?;
            if waiting.is_empty() {
                self.waiting.remove(&link);
            } else {
                self.turns.push_back(link);
            }
            return Some((link, thing));
        }
    }

    /// The link is over; its number is not used again.
    pub(super) fn forget(&mut self, link: u64) {
        self.waiting.remove(&link);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_waits_behind_nothing() {
        let mut backlog = Backlog::new();
        assert_eq!(backlog.behind(1, 'a'), Some('a'));
        assert!(backlog.is_empty());
        assert_eq!(backlog.next(), None);
    }

    #[test]
    fn a_rest_comes_before_what_came_later() {
        let mut backlog = Backlog::new();
        backlog.rest(1, 'a');
        assert_eq!(backlog.behind(1, 'd'), None);
        assert_eq!(backlog.next(), Some((1, 'a')));
        // Something is left of it, twice.
        backlog.rest(1, 'b');
        assert_eq!(backlog.next(), Some((1, 'b')));
        backlog.rest(1, 'c');
        assert_eq!(backlog.next(), Some((1, 'c')));
        assert_eq!(backlog.next(), Some((1, 'd')));
        assert!(backlog.is_empty());
        assert_eq!(backlog.next(), None);
        assert_eq!(backlog.behind(1, 'e'), Some('e'));
    }

    #[test]
    fn links_take_turns() {
        let mut backlog = Backlog::new();
        for link in [1, 2] {
            backlog.rest(link, 'a');
            backlog.behind(link, 'b');
        }
        let order: Vec<_> = std::iter::from_fn(|| backlog.next()).collect();
        assert_eq!(order, [(1, 'a'), (2, 'a'), (1, 'b'), (2, 'b')]);
    }

    #[test]
    fn what_a_link_said_is_forgotten_with_it() {
        let mut backlog = Backlog::new();
        backlog.rest(1, 'a');
        backlog.behind(1, 'b');
        backlog.rest(2, 'c');
        backlog.forget(1);
        assert_eq!(backlog.next(), Some((2, 'c')));
        assert_eq!(backlog.next(), None);
        assert!(backlog.is_empty());
    }
}
