//! Stores of other versions: those of the version before are read and marked, all others are named and left as they are.

use vitrine_broker::{Change, ClockReading, PersistentState, Time};
use vitrine_store::{Batch, OpenErrorKind, Store};

use crate::disk::Disk;
use crate::harness::*;
use crate::life::Life;

/// What is written today.
const TODAY: u32 = 3;

/// A store that says that it has this version.
fn marked(mut bytes: Vec<u8>, version: u32) -> Vec<u8> {
    bytes[16..20].copy_from_slice(&version.to_le_bytes());
    let sum = crc32fast::hash(&bytes[..28]);
    bytes[28..32].copy_from_slice(&sum.to_le_bytes());
    bytes
}

fn version(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|at| bytes[16 + at]))
}

/// A store of the version before, and what it holds: in its tables, and in its journal if it was not closed.
fn former(seed: u64, closed: bool) -> (Vec<u8>, PersistentState) {
    let disk = Disk::default();
    let mut life = Life::new(seed, 100);
    let (mut store, _) = Store::with_journal(disk.medium(), 30_000, "disk").unwrap();
    while !life.is_over() {
        store.commit(&Batch::from_changes(life.steps(10))).unwrap();
    }
    if closed {
        store.close().unwrap();
    } else {
        drop(store);
    }
    assert_eq!(version(&disk.bytes()), TODAY);
    (marked(disk.bytes(), TODAY - 1), life.state)
}

fn clock() -> Batch {
    let (time, machine) = (Time::from_secs(7), Time::from_secs(8));
    Batch::from_changes(vec![Change::Clock(ClockReading { time, machine })])
}

#[test]
fn a_store_of_the_version_before_is_read_and_marked() {
    for closed in [false, true] {
        let (bytes, mut expected) = former(1, closed);
        assert!(!expected.sessions.is_empty());
        let disk = Disk::with(bytes);
        let (mut store, state) = Store::with_backend(disk.medium(), "disk").unwrap();
        assert_eq!(state, expected);
        // Before anything is written that came with the new one.
        assert_eq!(version(&disk.bytes()), TODAY);
        store.commit(&clock()).unwrap();
        clock()
            .changes()
            .unwrap()
            .into_iter()
            .for_each(|change| expected.apply(change));
        drop(store);
        let (_store, state) = Store::with_backend(disk.medium(), "disk").unwrap();
        assert_eq!(state, expected);
    }
}

/// Wherever the power fails: what still has the version of before is what it was.
#[test]
fn nothing_new_is_in_a_store_before_it_is_marked() {
    let mut unmarked = 0;
    for seed in seeds(200) {
        let mut random = Random::new(seed);
        let (before, expected) = former(seed % 4, random.one_in(2));
        let disk = Disk::with(before.clone());
        let (mut store, _) = Store::with_backend(disk.medium(), "disk").unwrap();
        let opened = disk.notes();
        store.commit(&clock()).unwrap();
        let done = random.below(opened + 1);
        let after = disk.after_crash(done, &mut random);
        if version(&after) < TODAY {
            unmarked += 1;
            assert!(after == before, "after {done} of {opened} steps");
        }
        let (_store, state) = Store::with_backend(Disk::with(after).medium(), "disk").unwrap();
        assert_eq!(state, expected);
    }
    assert!(unmarked > 0 || std::env::var("VITRINE_SEED").is_ok());
}

#[test]
fn any_other_version_is_told_and_not_touched() {
    let (bytes, _) = former(1, true);
    for other in [1, TODAY + 1] {
        let bytes = marked(bytes.clone(), other);
        let disk = Disk::with(bytes.clone());
        let error = Store::with_backend(disk.medium(), "disk").unwrap_err();
        let text = error.to_string();
        match error.kind {
            OpenErrorKind::Newer { found: 4, known: 3 } => assert!(text.contains("newer version")),
            OpenErrorKind::Older { found: 1 } => assert!(text.contains("older version")),
            _ => panic!("{text}"),
        }
        assert!(disk.bytes() == bytes);
        assert_eq!(disk.notes(), 0);
    }
}
