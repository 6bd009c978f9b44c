//! Hashing: seeded by the host, the same on every run.
//!
//! **Invariant:** nothing iterates over a hash table. Where an order shows, there is a tree, a slab or
//! a list; `clippy.toml` bans the methods.

use core::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// A hash map with the broker's hasher.
pub(crate) type Map<K, V> = HashMap<K, V, FixedState>;

/// The hasher for this seed.
pub(crate) fn state(seed: u64) -> FixedState {
    FixedState::with_seed(seed)
}

/// The hash of a text, and of a number it stands under (0 where there is none).
#[inline]
pub(crate) fn text(state: &FixedState, under: u64, text: &str) -> u64 {
    bytes(state, under, text.as_bytes())
}

/// The same for bytes that need not be a text.
#[inline]
pub(crate) fn bytes(state: &FixedState, under: u64, bytes: &[u8]) -> u64 {
    let mut hasher = state.build_hasher();
    hasher.write_u64(under);
    hasher.write(bytes);
    hasher.finish()
}
