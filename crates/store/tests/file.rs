//! A store in a file.

use std::fs;
use std::path::PathBuf;
use std::sync::Barrier;
use std::thread;

use vitrine_broker::PersistentState;
use vitrine_store::{Batch, OpenErrorKind, Store};

use crate::life::Life;

/// A folder that is gone when the test is over.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let name = format!("vitrine-store-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("vitrine.db")
    }

    fn names(&self) -> Vec<String> {
        let files = fs::read_dir(&self.0).unwrap();
        let name = |file: std::io::Result<fs::DirEntry>| file.unwrap().file_name();
        let mut names: Vec<_> = files
            .map(|file| name(file).into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_file_keeps_what_was_committed() {
    let folder = Folder::new("keeps");
    let mut life = Life::new(1, 300);
    let (mut store, state) = Store::open(&folder.file()).unwrap();
    assert_eq!(state, PersistentState::default());
    while !life.is_over() {
        store.commit(&Batch::from_changes(life.steps(20))).unwrap();
    }
    drop(store);
    let (store, state) = Store::open(&folder.file()).unwrap();
    assert_eq!(state, life.state);
    store.close().unwrap();
    let (_store, state) = Store::open(&folder.file()).unwrap();
    assert_eq!(state, life.state);
    assert_eq!(folder.names(), ["vitrine.db"]);
}

#[test]
fn a_file_in_use_is_not_opened_twice() {
    let folder = Folder::new("twice");
    let (store, _) = Store::open(&folder.file()).unwrap();
    let error = Store::open(&folder.file()).unwrap_err();
    assert!(matches!(error.kind, OpenErrorKind::InUse), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("vitrine.db") && text.contains("another broker"),
        "{text}"
    );
    drop(store);
    Store::open(&folder.file()).unwrap();
}

#[test]
fn what_is_no_store_is_left_alone_until_set_aside() {
    let folder = Folder::new("foreign");
    let path = folder.file();
    for bytes in [
        &b""[..],
        b"x",
        b"SQLite format 3\0 and so on",
        &[0; 100_000],
    ] {
        fs::write(&path, bytes).unwrap();
        let error = Store::open(&path).unwrap_err();
        assert!(error.kind.may_be_set_aside(), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{error}");
    }
    let aside = Store::set_aside(&path, "20260101T000000").unwrap();
    assert_eq!(folder.names(), ["vitrine.db.damaged-20260101T000000"]);
    assert_eq!(fs::read(aside).unwrap().len(), 100_000);
    let (store, _) = Store::open(&path).unwrap();
    store.close().unwrap();
    // A copy that was set aside is not written over.
    assert!(Store::set_aside(&path, "20260101T000000").is_err());
    assert_eq!(folder.names().len(), 2);
}

/// What is left of a store whose maker was killed is of no use once there is one.
#[test]
fn what_was_left_of_making_a_store_is_removed_and_nothing_else() {
    let folder = Folder::new("left");
    let path = folder.file();
    let (store, _) = Store::open(&path).unwrap();
    let open = fs::read(&path).unwrap();
    store.close().unwrap();
    let whole = fs::read(&path).unwrap();
    let mut making = whole[..100_000].to_vec();
    making[20] = 0;
    let sum = crc32fast::hash(&making[..28]);
    making[28..32].copy_from_slice(&sum.to_le_bytes());
    // As far as its making may have come.
    let ours = [
        &b""[..],
        &[0; 4_096],
        &making[..4_096],
        &making,
        &open,
        &whole,
    ];
    for (number, bytes) in ours.into_iter().enumerate() {
        fs::write(folder.0.join(format!("vitrine.db.new-7-{number}")), bytes).unwrap();
    }
    // What has another name.
    for name in [
        "other.db.new-7-0",
        "vitrine.db.new-7",
        "vitrine.db.new-7-",
        "vitrine.db.new-7-0-0",
        "vitrine.db.new-7-0.txt",
        "vitrine.db.new-a-0",
        "vitrine.db.new--0",
    ] {
        fs::write(folder.0.join(name), &making).unwrap();
    }
    // What is something else.
    let write = |number: u8, bytes: &[u8]| {
        fs::write(folder.0.join(format!("vitrine.db.new-8-{number}")), bytes).unwrap();
    };
    write(0, b"a list");
    write(1, &[0; 4_097]);
    fs::create_dir(folder.0.join("vitrine.db.new-8-2")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("other.db.new-7-0", folder.0.join("vitrine.db.new-8-3")).unwrap();
    let (mut store, _) = Store::open(&folder.0.join("copy")).unwrap();
    let mut life = Life::new(1, 30);
    store.commit(&Batch::from_changes(life.steps(20))).unwrap();
    drop(store);
    write(4, &fs::read(folder.0.join("copy")).unwrap());
    write(5, &whole[..whole.len() - 50_000]);
    let before = folder.names();

    // A store that cannot be opened removes nothing.
    fs::write(&path, "x").unwrap();
    Store::open(&path).unwrap_err();
    assert_eq!(folder.names(), before);
    fs::write(&path, &whole).unwrap();
    let (store, _) = Store::open(&path).unwrap();
    let stays = |name: &&String| !name.starts_with("vitrine.db.new-7-") || name.len() != 18;
    let expected: Vec<_> = before.iter().filter(stays).collect();
    assert_eq!(before.len() - expected.len(), ours.len());
    assert_eq!(folder.names().iter().collect::<Vec<_>>(), expected);
    store.close().unwrap();
}

/// Its name may be one that the making of another store could have, and it may hold nothing yet.
#[test]
fn a_store_that_is_in_use_is_not_removed() {
    let folder = Folder::new("used");
    let other = folder.0.join("vitrine.db.new-2026-11");
    let (used, _) = Store::open(&other).unwrap();
    let (store, _) = Store::open(&folder.file()).unwrap();
    assert_eq!(folder.names(), ["vitrine.db", "vitrine.db.new-2026-11"]);
    let error = Store::open(&other).unwrap_err();
    assert!(matches!(error.kind, OpenErrorKind::InUse), "{error}");
    used.close().unwrap();
    store.close().unwrap();
}

/// A host that sets aside what is no store would move it away.
#[cfg(unix)]
#[test]
fn a_device_is_not_to_be_set_aside() {
    let error = Store::open("/dev/null".as_ref()).unwrap_err();
    assert!(!error.kind.may_be_set_aside(), "{error}");
    assert!(error.to_string().contains("no regular file"), "{error}");
}

/// It holds what clients told each other.
#[cfg(unix)]
#[test]
fn a_new_store_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("mode");
    let (store, _) = Store::open(&folder.file()).unwrap();
    store.close().unwrap();
    let mode = fs::metadata(folder.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn two_that_make_a_store_at_once_do_not_damage_it() {
    let folder = Folder::new("at-once");
    let path = folder.file();
    for _ in 0..20 {
        let start = Barrier::new(4);
        let open = || {
            start.wait();
            // Only the store: what it holds cannot be sent to another thread.
            Store::open(&path).map(|(store, _)| store)
        };
        let opened: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
            let ended = threads.into_iter().map(|thread| thread.join().unwrap());
            ended.collect()
        });
        assert_eq!(opened.iter().filter(|store| store.is_ok()).count(), 1);
        for error in opened.iter().filter_map(|store| store.as_ref().err()) {
            assert!(matches!(error.kind, OpenErrorKind::InUse), "{error}");
        }
        drop(opened);
        let (store, _) = Store::open(&path).unwrap();
        store.close().unwrap();
        assert_eq!(folder.names(), ["vitrine.db"]);
        fs::remove_file(&path).unwrap();
    }
}
