//! A store in the origin private file system of a real browser.
#![cfg(target_family = "wasm")]

use js_sys::global;
use vitrine_broker::{Change, PersistentState, SessionSettings};
use vitrine_store::{Batch, OpenErrorKind, Store, set_aside};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{
    DedicatedWorkerGlobalScope, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemGetFileOptions, FileSystemReadWriteOptions, FileSystemSyncAccessHandle,
};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

async fn handle(name: &str) -> FileSystemSyncAccessHandle {
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let folder = JsFuture::from(scope.navigator().storage().get_directory());
    let folder: FileSystemDirectoryHandle = folder.await.unwrap().unchecked_into();
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let file = JsFuture::from(folder.get_file_handle_with_options(name, &options));
    let file: FileSystemFileHandle = file.await.unwrap().unchecked_into();
    let handle = JsFuture::from(file.create_sync_access_handle());
    handle.await.unwrap().unchecked_into()
}

fn session(client: &str) -> Change {
    let settings = SessionSettings {
        expiry: 60,
        left: None,
        user: None,
        will: None,
    };
    let client = client.into();
    Change::Session { client, settings }
}

#[wasm_bindgen_test]
async fn what_was_committed_is_there() {
    let mut expected = PersistentState::default();
    for n in 0..20 {
        if n == 10 {
            // More than the journal holds.
            let changes: Vec<_> = (0..300_000)
                .map(|m| session(&format!("one of many {m}")))
                .collect();
            changes
                .iter()
                .cloned()
                .for_each(|change| expected.apply(change));
            let (mut store, _) = Store::open_handle(handle("there.db").await, "there.db").unwrap();
            store.commit(&Batch::from_changes(changes)).unwrap();
        }
        let (mut store, state) = Store::open_handle(handle("there.db").await, "there.db").unwrap();
        assert_eq!(state, expected);
        for m in 0..10 {
            let change = session(&format!("client {n} {m}"));
            expected.apply(change.clone());
            store.commit(&Batch::from_changes(vec![change])).unwrap();
        }
        if n % 2 == 0 {
            store.close().unwrap();
        }
    }
}

#[wasm_bindgen_test]
async fn what_was_never_finished_is_begun_again() {
    let file = handle("unfinished.db").await;
    // The tab ended before even the first sector was there.
    file.write_with_u8_array(&[0; 4_096]).unwrap();
    let (store, state) = Store::open_handle(file, "unfinished.db").unwrap();
    assert_eq!(state, PersistentState::default());
    store.close().unwrap();
}

#[wasm_bindgen_test]
async fn what_is_damaged_is_set_aside() {
    let file = handle("damaged.db").await;
    let (mut store, _) = Store::open_handle(file, "damaged.db").unwrap();
    let changes = (0..500).map(|n| session(&n.to_string())).collect();
    store.commit(&Batch::from_changes(changes)).unwrap();
    store.close().unwrap();
    let file = handle("damaged.db").await;
    let size = file.get_size().unwrap();
    file.truncate_with_f64(size / 2.0).unwrap();
    let error = Store::open_handle(file, "damaged.db").unwrap_err();
    assert!(
        matches!(error.kind, OpenErrorKind::Damaged { .. }),
        "{error}"
    );

    let (file, aside) = (handle("damaged.db").await, handle("aside.db").await);
    set_aside(&file, &aside).unwrap();
    assert_eq!(aside.get_size().unwrap(), size / 2.0);
    aside.close();
    let (_store, state) = Store::open_handle(file, "damaged.db").unwrap();
    assert_eq!(state, PersistentState::default());
}

#[wasm_bindgen_test]
async fn the_version_before_is_read_and_marked_and_a_newer_one_is_left_as_it_is() {
    const NAME: &str = "version.db";
    let mark = async |version: u32| {
        let file = handle(NAME).await;
        let mut head = [0; 32];
        file.read_with_u8_array(&mut head).unwrap();
        let was = u32::from_le_bytes(std::array::from_fn(|at| head[16 + at]));
        head[16..20].copy_from_slice(&version.to_le_bytes());
        let sum = crc32fast::hash(&head[..28]);
        head[28..].copy_from_slice(&sum.to_le_bytes());
        let options = FileSystemReadWriteOptions::new();
        options.set_at(0.0);
        let written = file.write_with_u8_array_and_options(&head, &options);
        assert_eq!(written.unwrap(), 32.0);
        file.close();
        was
    };
    let (mut store, _) = Store::open_handle(handle(NAME).await, NAME).unwrap();
    let mut expected = PersistentState::default();
    expected.apply(session("a client"));
    let batch = Batch::from_changes(vec![session("a client")]);
    store.commit(&batch).unwrap();
    drop(store);
    let today = mark(2).await;
    let (store, state) = Store::open_handle(handle(NAME).await, NAME).unwrap();
    assert_eq!(state, expected);
    drop(store);
    assert_eq!(mark(today + 1).await, today);
    let error = Store::open_handle(handle(NAME).await, NAME).unwrap_err();
    assert!(matches!(error.kind, OpenErrorKind::Newer { .. }), "{error}");
    assert_eq!(mark(today).await, today + 1);
    let (_store, state) = Store::open_handle(handle(NAME).await, NAME).unwrap();
    assert_eq!(state, expected);
}
