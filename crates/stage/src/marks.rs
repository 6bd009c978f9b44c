//! Sets of positions: a bit each, so that a snapshot of them costs next to nothing.

/// Positions on a road.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Positions {
    words: Vec<u64>,
}

impl Positions {
    /// Adds one.
    pub(crate) fn set(&mut self, position: u64) {
        let word = (position / 64) as usize;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (position % 64);
    }

    /// Whether it is among them. The beginning always is.
    pub(crate) fn has(&self, position: u64) -> bool {
        let word = self.words.get((position / 64) as usize);
        position == 0 || word.is_some_and(|word| word & (1 << (position % 64)) != 0)
    }

    /// The last one before a position; the beginning when there is no other. `None` at the beginning.
    pub(crate) fn before(&self, position: u64) -> Option<u64> {
        let last = position.checked_sub(1)?;
        let (at, bit) = ((last / 64) as usize, last % 64);
        let partial = self
            .words
            .get(at)
            .map(|word| word & (u64::MAX >> (63 - bit)));
        let above = partial.into_iter().map(|word| (at, word));
        let whole = self.words.iter().copied().enumerate().take(at).rev();
        let found = above.chain(whole).find(|(_, word)| *word != 0);
        Some(found.map_or(0, |(at, word)| {
            at as u64 * 64 + u64::from(63 - word.leading_zeros())
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_before_a_position_is_found_over_words() {
        let mut set = Positions::default();
        for position in [3, 63, 64, 200] {
            set.set(position);
        }
        let before = |position| set.before(position);
        assert_eq!(before(0), None);
        assert_eq!(before(3), Some(0));
        assert_eq!(before(4), Some(3));
        assert_eq!(before(64), Some(63));
        assert_eq!(before(65), Some(64));
        assert_eq!(before(200), Some(64));
        assert_eq!(before(201), Some(200));
        assert_eq!(before(10_000), Some(200));
        assert!(set.has(0) && set.has(63) && !set.has(62) && !set.has(1_000));
    }
}
