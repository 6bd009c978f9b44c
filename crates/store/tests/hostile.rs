//! Bytes of any kind. The same body as the fuzz target's, on input that a seed makes.

use vitrine_store::Batch;

use crate::body;
use crate::harness::*;
use crate::life::Life;

#[test]
fn random_bytes() {
    for seed in seeds(2_000) {
        let mut random = Random::new(seed);
        let mut bytes = vec![1];
        bytes.extend((0..random.below(80)).map(|_| random.next() as u8));
        body::run(&bytes);
        // Nearly all numbers are small.
        bytes[1..].iter_mut().for_each(|byte| *byte %= 16);
        body::run(&bytes);
    }
}

/// What a broker left, with a few bytes changed: much of it can be read.
#[test]
fn batches_that_were_changed() {
    for seed in seeds(60) {
        let mut random = Random::new(seed);
        let mut life = Life::new(seed, 200);
        while !life.is_over() {
            let batch = Batch::from_changes(life.steps(30));
            let bytes = batch.as_bytes();
            body::run(bytes);
            for _ in 0..20 {
                if bytes.is_empty() {
                    break;
                }
                let mut bytes = bytes.to_vec();
                for _ in 0..=random.below(2) {
                    let at = random.below(bytes.len());
                    let any = random.next() as u8;
                    bytes[at] = random.pick(&[0, 1, 2, 0x7F, 0x80, 0xFF, any]);
                }
                if random.one_in(4) {
                    bytes.truncate(random.below(bytes.len()));
                }
                body::run(&bytes);
            }
        }
    }
}

/// A file of any bytes, and a store's in which some were written over.
#[test]
fn random_files() {
    for seed in seeds(400) {
        let mut random = Random::new(seed);
        let mut data = vec![random.next() as u8];
        for _ in 0..random.below(6) {
            // Most of what is there stands in the journal, or where the tables begin.
            let end = random.pick(&[200, 4_000, 65_536]);
            let at = random.below(end) as u16;
            data.extend(at.to_be_bytes());
            data.extend([random.next() as u8, random.next() as u8]);
        }
        body::open(&data);
    }
}
