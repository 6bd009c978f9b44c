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
    let (mut store, _) = Store::with_backend(disk.medium(), "disk").unwrap();
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

/// A store that says that it has another version.
#[test]
fn a_newer_version_stays_one() {
    let disk = Disk::default();
    let (store, _) = Store::with_backend(disk.medium(), "disk").unwrap();
    store.close().unwrap();
    {
        let about: redb::TableDefinition<'_, &str, u64> = redb::TableDefinition::new("about");
        let database = redb::Builder::new()
            .create_with_backend(disk.clone())
            .unwrap();
        let transaction = database.begin_write().unwrap();
        let mut table = transaction.open_table(about).unwrap();
        table.insert("tables", 2).unwrap();
        drop(table);
        transaction.commit().unwrap();
    }
    let bytes = disk.bytes();
    let error = Store::with_backend(disk.medium(), "disk").unwrap_err();
    assert!(
        matches!(error.kind, OpenErrorKind::Newer { found: 2, known: 1 }),
        "{error}"
    );
    assert!(error.to_string().contains("newer version"));
    assert!(disk.bytes() == bytes);
}

/// Another program's redb database is no store.
#[test]
fn another_database_is_not_touched() {
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
    let error = Store::with_backend(disk.medium(), "disk").unwrap_err();
    assert!(matches!(error.kind, OpenErrorKind::Foreign), "{error}");
}
