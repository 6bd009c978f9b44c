//! Random numbers that a seed replays.

/// SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// True once in `times`.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }
}

/// The seeds of a property: the first `count` (or as many as `VITRINE_SEEDS` says), or the one that
/// `VITRINE_SEED` says. A test that fails has printed its seed last.
pub(crate) fn seeds(count: u64) -> impl Iterator<Item = u64> {
    let number = |name| {
        let value = std::env::var(name).ok();
        value.map(|value| value.parse::<u64>().expect("a number"))
    };
    let seeds = match number("VITRINE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("VITRINE_SEEDS").unwrap_or(count),
    };
    seeds.inspect(|seed| eprintln!("VITRINE_SEED={seed}"))
}
