//! Bytes of any kind: nothing panics, and all parts of the crate agree. The same body as the fuzz
//! target's, on input that a seed makes.

use crate::{body, sample};

/// SplitMix64: a seed's numbers are the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.next() as u8
    }
}

/// Says which seed it was, if the run panics.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}", self.0);
        }
    }
}

fn run(seeds: core::ops::Range<u64>, input: impl Fn(&mut Random) -> Vec<u8>) {
    for seed in seeds {
        let guard = Seed(seed);
        body::run(&input(&mut Random(seed)));
        drop(guard);
    }
}

#[test]
fn random_bytes() {
    run(0..3000, |random| {
        (0..random.below(80)).map(|_| random.byte()).collect()
    });
}

/// Random bytes after a fixed header that fits them, so that more than the header is reached.
#[test]
fn random_bytes_in_a_packet() {
    run(0..6000, |random| {
        let mut input = vec![random.byte()];
        while random.below(3) > 0 {
            let packet = random.below(16) as u8;
            let flags = match packet {
                6 | 8 | 10 => 2,
                3 => random.byte() & 0x0F,
                _ => 0,
            };
            let len = random.below(40);
            input.extend([packet << 4 | flags, len as u8]);
            // Small numbers are likely to be lengths that fit.
            input.extend((0..len).map(|_| match random.below(3) {
                0 => random.byte(),
                1 => random.below(8) as u8,
                _ => b"/+#a$\0"[random.below(6)],
            }));
        }
        input
    });
}

/// Valid packets with some bytes changed, put in, taken out or cut off.
#[test]
fn mutated_packets() {
    let samples = sample::all();
    run(0..12_000, |random| {
        let mut input = vec![random.byte()];
        for _ in 0..=random.below(2) {
            input.extend(&samples[random.below(samples.len())].bytes);
        }
        for _ in 0..random.below(4) {
            let at = 1 + random.below(input.len() - 1).min(input.len() - 1);
            if at >= input.len() {
                continue;
            }
            match random.below(6) {
                0 => input[at] = random.byte(),
                1 => input[at] ^= 1 << random.below(8),
                2 => input[at] = input[at].wrapping_add(1),
                3 => input.insert(at, random.byte()),
                4 => drop(input.remove(at)),
                _ => input.truncate(at),
            }
        }
        input
    });
}

/// Text of few characters, so that filters and topics are likely to match.
#[test]
fn random_topics() {
    run(0..20_000, |random| {
        let mut text = |alphabet: &[u8], len| -> Vec<u8> {
            (0..len)
                .map(|_| alphabet[random.below(alphabet.len())])
                .collect()
        };
        let len = 1 + text(b"abcdefg", 1)[0] as usize - b'a' as usize;
        [vec![0], text(b"a//+#$", len), text(b"aa//$", len)].concat()
    });
}
