//! What something else did to the bytes is reported, and nothing is made up.

use vitrine_broker::PersistentState;
use vitrine_store::{Batch, OpenErrorKind, Store};

use crate::disk::Disk;
use crate::harness::*;
use crate::life::Life;

/// The bytes of a store, what it keeps, and what it kept before the last commit.
fn sample(seed: u64, closed: bool) -> (Vec<u8>, [PersistentState; 2]) {
    let disk = Disk::default();
    let mut life = Life::new(seed, 300);
    let (mut store, _) = Store::with_journal(disk.medium(), 64_000, "disk").unwrap();
    let mut before = PersistentState::default();
    while !life.is_over() {
        before = life.state.clone();
        store.commit(&Batch::from_changes(life.steps(50))).unwrap();
    }
    if closed {
        store.close().unwrap();
        return (disk.bytes(), [life.state.clone(), life.state]);
    }
    // As it is on the disk when the process ends here.
    let bytes = disk.bytes();
    drop(store);
    (bytes, [life.state, before])
}

fn damage(bytes: &mut Vec<u8>, random: &mut Random) -> String {
    let at = random.below(bytes.len());
    match random.below(8) {
        0 => {
            bytes.truncate(at);
            format!("truncated to {at}")
        }
        1 => {
            let end = (at + 4_096).min(bytes.len());
            bytes[at..end].fill(random.next() as u8);
            format!("a page from {at} overwritten")
        }
        2 => {
            // What the file begins with is small and matters most.
            let at = random.below(400);
            bytes[at] = random.next() as u8;
            format!("byte {at} overwritten")
        }
        3 => {
            // Where pages begin they say what they are.
            let at = at / 4_096 * 4_096 + random.below(16);
            bytes[at] ^= 1 << random.below(8);
            format!("a bit of byte {at} flipped")
        }
        _ => {
            bytes[at] ^= 1 << random.below(8);
            format!("a bit of byte {at} flipped")
        }
    }
}

/// Whatever the damage: there is an error that says what it is, or all that was kept is there. After a
/// crash the commit that was the last may be taken for one that was not finished.
#[test]
fn damage_is_reported_or_harmless() {
    let mut reported = 0;
    for (sample_seed, closed) in [(1, true), (2, false), (3, true), (4, false)] {
        let (whole, possible) = sample(sample_seed, closed);
        for seed in seeds(500) {
            let mut random = Random::new(seed);
            let mut bytes = whole.clone();
            let what = damage(&mut bytes, &mut random);
            let disk = Disk::with(bytes.clone());
            match Store::with_backend(disk.medium(), "the disk") {
                Ok((_, state)) => assert!(possible.contains(&state), "{what}: {state:?}"),
                Err(error) => {
                    reported += 1;
                    assert!(error.kind.may_be_set_aside(), "{what}: {error}");
                    let text = error.to_string();
                    assert!(
                        text.starts_with("the disk ") && text.contains("aside"),
                        "{text}"
                    );
                    assert!(disk.bytes() == bytes, "{what}: {error}");
                }
            }
        }
    }
    assert!(
        reported > 100 || std::env::var("VITRINE_SEED").is_ok(),
        "{reported}"
    );
}

/// A bare redb database is no store: those of the first version were.
#[test]
fn a_database_is_not_touched() {
    let disk = Disk::default();
    {
        let table: redb::TableDefinition<'_, u64, u64> = redb::TableDefinition::new("its own");
        let database = redb::Builder::new()
            .create_with_backend(disk.clone())
            .unwrap();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(table).unwrap().insert(1, 1).unwrap();
        transaction.commit().unwrap();
    }
    let bytes = disk.bytes();
    let error = Store::with_backend(disk.medium(), "disk").unwrap_err();
    assert!(
        matches!(error.kind, OpenErrorKind::Older { found: 1 }),
        "{error}"
    );
    assert!(disk.bytes() == bytes);
}

/// Of the journal: what was synced before something later was written is missed, and so is more than a crash
/// takes with it. The last batch may be one that the power failed in.
#[test]
fn a_journal_misses_what_it_lost() {
    let disk = Disk::default();
    let (mut store, _) = Store::with_journal(disk.medium(), 64_000, "disk").unwrap();
    let mut states = vec![PersistentState::default()];
    let mut ends = vec![0];
    for n in 0..10 {
        let change = vitrine_broker::Change::RetainedRemoved {
            topic: "x".repeat(n * 200).into(),
        };
        let session = vitrine_broker::Change::Session {
            client: format!("{n}").as_str().into(),
            settings: vitrine_broker::SessionSettings {
                expiry: 1,
                left: None,
                user: None,
                will: None,
            },
        };
        let mut state = states.last().unwrap().clone();
        state.apply(session.clone());
        states.push(state);
        let batch = Batch::from_changes(vec![change, session]);
        ends.push(ends.last().unwrap() + batch.as_bytes().len().div_ceil(492));
        store.commit(&batch).unwrap();
    }
    let whole = disk.bytes();
    drop(store);
    let last = ends[9]..ends[10];
    assert!(last.len() > 2);
    for sector in 0..ends[10] {
        for fill in [0, 0xFF] {
            let mut bytes = whole.clone();
            let at = 4_096 + sector * 512;
            bytes[at..at + 512].fill(fill);
            let opened = Store::with_backend(Disk::with(bytes).medium(), "disk");
            if last.contains(&sector) {
                assert_eq!(opened.unwrap().1, states[9]);
            } else {
                let error = opened.unwrap_err();
                assert!(
                    matches!(error.kind, OpenErrorKind::Damaged { .. }),
                    "{error}"
                );
            }
        }
    }
    // All of the last batch but its first sector is gone, as in a crash.
    let mut bytes = whole.clone();
    bytes[4_096 + 512 * (last.start + 1)..][..512 * (last.len() - 1)].fill(0);
    let (_, state) = Store::with_backend(Disk::with(bytes).medium(), "disk").unwrap();
    assert_eq!(state, states[9]);
    // The last batch and the one before: no crash does that.
    let mut bytes = whole;
    bytes[4_096 + 512 * ends[8]..][..512 * (ends[10] - ends[8])].fill(0);
    let error = Store::with_backend(Disk::with(bytes).medium(), "disk").unwrap_err();
    assert!(
        matches!(error.kind, OpenErrorKind::Damaged { .. }),
        "{error}"
    );
}
