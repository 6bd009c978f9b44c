//! A long queue whose copies share what they have in common: a copy of a scope is a snapshot, and most of a
//! recording is older than the snapshot and never changes again.

use alloc::collections::VecDeque;
use alloc::rc::Rc;

/// Things in one piece. A change to a shared piece copies that piece.
const PIECE: usize = 64;

/// A queue in pieces that copies share.
#[derive(Clone)]
pub(crate) struct Chunks<T> {
    /// None is empty, and all but the first and the last are full.
    pieces: VecDeque<Rc<VecDeque<T>>>,
    len: usize,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self {
            pieces: VecDeque::new(),
            len: 0,
        }
    }
}

impl<T: Clone> Chunks<T> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        let (piece, place) = self.place(index);
        self.pieces.get(piece)?.get(place)
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let (piece, place) = self.place(index);
        Rc::make_mut(self.pieces.get_mut(piece)?).get_mut(place)
    }

    pub(crate) fn front(&self) -> Option<&T> {
        self.pieces.front()?.front()
    }

    pub(crate) fn push_back(&mut self, item: T) {
        self.len += 1;
        match self.pieces.back_mut() {
            Some(last) if last.len() < PIECE => Rc::make_mut(last).push_back(item),
            _ => {
                let mut piece = VecDeque::with_capacity(PIECE);
                piece.push_back(item);
                self.pieces.push_back(Rc::new(piece));
            }
        }
    }

    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let first = Rc::make_mut(self.pieces.front_mut()?);
        let item = first.pop_front();
        if first.is_empty() {
            self.pieces.pop_front();
        }
        self.len -= 1;
        item
    }

    /// From this place on.
    pub(crate) fn iter_from(&self, index: usize) -> impl Iterator<Item = &T> {
        (index..self.len).filter_map(|index| self.get(index))
    }

    /// How many come before the first that is not `before`; they are sorted by that.
    pub(crate) fn partition_point(&self, mut before: impl FnMut(&T) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(&mut before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// In which piece, and where in it.
    fn place(&self, index: usize) -> (usize, usize) {
        let first = self.pieces.front().map_or(0, |piece| piece.len());
        match index.checked_sub(first) {
            Some(behind) => (1 + behind / PIECE, behind % PIECE),
            None => (0, index),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn it_is_a_queue_and_a_copy_is_not_changed() {
        let (mut chunks, mut model) = (Chunks::default(), VecDeque::new());
        let mut seed = 1_u64;
        let mut copies = Vec::new();
        for n in 0..3_000_u64 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            match seed >> 60 {
                0..=4 => assert_eq!(chunks.pop_front(), model.pop_front()),
                5 if !model.is_empty() => {
                    let index = (seed >> 20) as usize % model.len();
                    *chunks.get_mut(index).expect("it is there") += 7;
                    model[index] += 7;
                }
                _ => {
                    chunks.push_back(n);
                    model.push_back(n);
                }
            }
            assert_eq!(chunks.len(), model.len());
            assert_eq!(chunks.get(model.len()), None);
            if n % 500 == 0 {
                copies.push((chunks.clone(), model.clone()));
            }
        }
        copies.push((chunks, model));
        for (chunks, model) in copies {
            assert!(chunks.iter_from(0).eq(model.iter()));
            assert!(chunks.iter_from(3).eq(model.iter().skip(3)));
        }
    }

    #[test]
    fn a_sorted_queue_is_searched() {
        let mut chunks = Chunks::default();
        (0..1_000).for_each(|n| chunks.push_back(n));
        (0..300).for_each(|_| {
            chunks.pop_front();
        });
        for wanted in [0, 299, 300, 301, 700, 999, 1_000] {
            let found = chunks.partition_point(|n| *n < wanted);
            assert_eq!(found, (wanted as usize).saturating_sub(300).min(700));
        }
    }
}
