//! A store in a file of the browser's origin private file system, which only a dedicated worker can use.
//!
//! A file has one access handle at a time, so that two tabs cannot write to the same store. When the tab
//! goes, its handle goes with it.

use std::io;
use std::sync::Arc;

use redb::StorageBackend;
use send_wrapper::SendWrapper;
use vitrine_broker::PersistentState;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

use crate::error::OpenError;
use crate::store::Store;

/// Bytes that are copied at a time.
const PIECE: usize = 1 << 20;

impl Store {
    /// Opens the store in the file of this handle, or makes one when the file is empty, and reads all that
    /// is kept. The handle is closed when the store is dropped. `place` is what errors call the file.
    ///
    /// # Errors
    /// When the file holds something else, is damaged or cannot be read or written. It is left as it is.
    pub fn open_handle(
        handle: FileSystemSyncAccessHandle,
        place: &str,
    ) -> Result<(Self, PersistentState), OpenError> {
        let file = OriginFile(SendWrapper::new(handle));
        Self::with_backend(Arc::new(file), place)
    }
}

/// Copies what `from` holds to `to`, which is emptied first, and then empties `from`, so that the next
/// [`Store::open_handle`] makes a new store there.
///
/// # Errors
/// When one of them cannot be read or written, or there is no room for a copy. `from` is then as it was.
pub fn set_aside(
    from: &FileSystemSyncAccessHandle,
    to: &FileSystemSyncAccessHandle,
) -> io::Result<()> {
    truncate(to, 0)?;
    let length = length(from)?;
    let mut piece = vec![0; PIECE];
    let mut at = 0;
    while at < length {
        let most = usize::try_from(length - at).map_or(PIECE, |left| left.min(PIECE));
        let piece = &mut piece[..most];
        read(from, at, piece)?;
        write(to, at, piece)?;
        at += most as u64;
    }
    flush(to)?;
    truncate(from, 0)?;
    flush(from)
}

/// See the module. Used by the worker that opened it, and by no other thread, as there is none.
#[derive(Debug)]
struct OriginFile(SendWrapper<FileSystemSyncAccessHandle>);

impl Drop for OriginFile {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl StorageBackend for OriginFile {
    fn len(&self) -> io::Result<u64> {
        length(&self.0)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        read(&self.0, offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        truncate(&self.0, length)
    }

    fn sync_data(&self) -> io::Result<()> {
        flush(&self.0)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        write(&self.0, offset, data)
    }
}

fn length(handle: &FileSystemSyncAccessHandle) -> io::Result<u64> {
    Ok(handle.get_size().map_err(error)? as u64)
}

fn truncate(handle: &FileSystemSyncAccessHandle, length: u64) -> io::Result<()> {
    handle.truncate_with_f64(length as f64).map_err(error)
}

fn flush(handle: &FileSystemSyncAccessHandle) -> io::Result<()> {
    handle.flush().map_err(error)
}

fn read(handle: &FileSystemSyncAccessHandle, offset: u64, out: &mut [u8]) -> io::Result<()> {
    let mut done = 0;
    while done < out.len() {
        let options = at(offset + done as u64);
        let count = handle.read_with_u8_array_and_options(&mut out[done..], &options);
        match count.map_err(error)? as usize {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => done += count,
        }
    }
    Ok(())
}

fn write(handle: &FileSystemSyncAccessHandle, offset: u64, data: &[u8]) -> io::Result<()> {
    let mut done = 0;
    while done < data.len() {
        let options = at(offset + done as u64);
        let count = handle.write_with_u8_array_and_options(&data[done..], &options);
        match count.map_err(error)? as usize {
            // What is over the quota is not written.
            0 => return Err(io::ErrorKind::StorageFull.into()),
            count => done += count,
        }
    }
    Ok(())
}

fn at(offset: u64) -> FileSystemReadWriteOptions {
    let options = FileSystemReadWriteOptions::new();
    options.set_at(offset as f64);
    options
}

/// The exception that the browser threw.
fn error(thrown: JsValue) -> io::Error {
    let Some(exception) = thrown.dyn_ref::<DomException>() else {
        return io::Error::other(format!("{thrown:?}"));
    };
    let kind = match &*exception.name() {
        "QuotaExceededError" => io::ErrorKind::StorageFull,
        "NotFoundError" => io::ErrorKind::NotFound,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, exception.message())
}
