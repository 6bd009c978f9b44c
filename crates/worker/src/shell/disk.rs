//! The broker's file in the origin private file system.
//!
//! A handle for synchronous access is had by one worker at a time, and goes with it: after a tab was closed or its worker
//! ended, the next host may have to wait a moment for it.

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DedicatedWorkerGlobalScope, FileSystemDirectoryHandle, FileSystemGetFileOptions,
    FileSystemSyncAccessHandle, StorageManager,
};

/// The file in the origin's root.
const FILE: &str = "vitrine.db";

/// How often, and how long apart in milliseconds, a file is asked for that another worker has.
const ATTEMPTS: u32 = 200;
const PAUSE: i32 = 25;

/// Opens the broker's file, which is made if there is none.
///
/// # Errors
/// What the browser says where it has no such file system, or refuses it.
pub(super) async fn open(
    scope: &DedicatedWorkerGlobalScope,
) -> Result<FileSystemSyncAccessHandle, String> {
    let open = async || handle(scope, &root(scope).await?, FILE).await;
    open().await.map_err(|error: JsValue| said(&error))
}

/// Moves what is in the broker's file to another one, so that the next broker begins anew, and gives its name.
///
/// # Errors
/// What the browser says. The file is then as it was.
pub(super) async fn set_aside(
    scope: &DedicatedWorkerGlobalScope,
    stamp: u64,
) -> Result<String, String> {
    let put = async || {
        let root = root(scope).await?;
        let name = format!("vitrine-aside-{stamp}.db");
        let from = handle(scope, &root, FILE).await?;
        let to = handle(scope, &root, &name).await?;
        let done = move_bytes(&from, &to);
        from.close();
        to.close();
        done.map_err(|error| JsValue::from_str(&error.to_string()))?;
        Ok(name)
    };
    put().await.map_err(|error: JsValue| said(&error))
}

#[cfg(target_family = "wasm")]
use vitrine_store::set_aside as move_bytes;

/// Where the rest of this crate is tested there is no such file.
#[cfg(not(target_family = "wasm"))]
fn move_bytes(
    _: &FileSystemSyncAccessHandle,
    _: &FileSystemSyncAccessHandle,
) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// Removes the broker's file, and all that it keeps.
///
/// # Errors
/// What the browser says.
pub(super) async fn remove(scope: &DedicatedWorkerGlobalScope) -> Result<(), String> {
    let gone = async || {
        let root = root(scope).await?;
        match JsFuture::from(root.remove_entry(FILE)).await {
            Err(error) if name(&error) != "NotFoundError" => Err(error),
            _ => Ok(()),
        }
    };
    gone().await.map_err(|error: JsValue| said(&error))
}

async fn root(scope: &DedicatedWorkerGlobalScope) -> Result<FileSystemDirectoryHandle, JsValue> {
    // Missing where the context is not secure.
    let storage = Reflect::get(&scope.navigator(), &"storage".into())?;
    if !storage.is_object() || !Reflect::has(&storage, &"getDirectory".into())? {
        return Err(JsValue::from_str(
            "navigator.storage.getDirectory is missing",
        ));
    }
    let storage: StorageManager = storage.unchecked_into();
    let root = JsFuture::from(storage.get_directory()).await?;
    Ok(root.unchecked_into())
}

async fn handle(
    scope: &DedicatedWorkerGlobalScope,
    root: &FileSystemDirectoryHandle,
    file: &str,
) -> Result<FileSystemSyncAccessHandle, JsValue> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let file = JsFuture::from(root.get_file_handle_with_options(file, &options)).await?;
    let file: web_sys::FileSystemFileHandle = file.unchecked_into();
    for _ in 1..ATTEMPTS {
        match JsFuture::from(file.create_sync_access_handle()).await {
            Ok(handle) => return Ok(handle.unchecked_into()),
            Err(error) if name(&error) == "NoModificationAllowedError" => pause(scope).await,
            Err(error) => return Err(error),
        }
    }
    let handle = JsFuture::from(file.create_sync_access_handle()).await?;
    Ok(handle.unchecked_into())
}

async fn pause(scope: &DedicatedWorkerGlobalScope) {
    let wait = Promise::new(&mut |done, _| {
        // A timer that cannot be set is one that is over.
        if scope
            .set_timeout_with_callback_and_timeout_and_arguments_0(&done, PAUSE)
            .is_err()
        {
            let _ = done.call0(&JsValue::UNDEFINED);
        }
    });
    let _ = JsFuture::from(wait).await;
}

/// The name of a browser's error.
fn name(error: &JsValue) -> String {
    let name = Reflect::get(error, &"name".into()).ok();
    name.and_then(|name| name.as_string()).unwrap_or_default()
}

/// What a browser's error says.
fn said(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok();
    let message = message.and_then(|message| message.as_string());
    match (name(error).as_str(), message) {
        ("", Some(message)) => message,
        ("", None) => error.as_string().unwrap_or_else(|| format!("{error:?}")),
        (name, message) => format!("{name}: {}", message.unwrap_or_default()),
    }
}
