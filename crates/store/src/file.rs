//! A store in a file.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::StorageBackend;
use redb::backends::{FileBackend, InMemoryBackend};
use vitrine_broker::PersistentState;

#[cfg(target_os = "linux")]
use crate::direct::{self, Direct};
use crate::error::{OpenError, OpenErrorKind, is_not_supported};
use crate::head;
use crate::store::Store;

impl Store {
    /// Opens the store in this file, or makes one when there is no such file, and reads all that is kept.
    ///
    /// # Errors
    /// When the file holds something else, is damaged, in use or cannot be read or written. It is left as
    /// it is.
    pub fn open(path: &Path) -> Result<(Self, PersistentState), OpenError> {
        let place = path.display().to_string();
        // A device is nothing to make a store of, and nothing to set aside.
        let is_device = |found: fs::Metadata| !found.is_file() && !found.is_dir();
        if fs::metadata(path).is_ok_and(is_device) {
            let error = io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file");
            return Err(OpenErrorKind::Io(error).at(&place));
        }
        make(path).map_err(|kind| kind.at(&place))?;
        let file = open_file(path).map_err(|error| OpenErrorKind::Io(error).at(&place))?;
        // Another process may have written to it since; an empty file is made by nobody.
        let length = file.metadata().map(|metadata| metadata.len());
        match length {
            Ok(0) => return Err(OpenErrorKind::damaged("it is empty").at(&place)),
            Ok(_) => {}
            Err(error) => return Err(OpenErrorKind::Io(error).at(&place)),
        }
        #[cfg(target_os = "linux")]
        let identity = direct::identity(&file).ok();
        let backend = backend(file).map_err(|kind| kind.at(&place))?;
        #[cfg_attr(not(target_os = "linux"), expect(unused_mut))]
        let (mut store, state) = Self::with_backend(Arc::new(backend), &place)?;
        #[cfg(target_os = "linux")]
        store.write_directly(identity.and_then(|file| Direct::open(path, file)));
        remove_unfinished(path);
        Ok((store, state))
    }

    /// Moves the file away, to its name with `.damaged-` and `time` at its end, so that the next
    /// [`Self::open`] makes a new one; gives its new name. `time` should sort, such as `20260131T235959`.
    ///
    /// # Errors
    /// When there is none, or the new name is taken, or the file cannot be moved.
    pub fn set_aside(path: &Path, time: &str) -> io::Result<PathBuf> {
        let aside = with_suffix(path, &format!(".damaged-{time}"));
        if aside.try_exists()? {
            let message = format!("{} exists already", aside.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
        }
        fs::rename(path, &aside)?;
        sync_folder(path)?;
        Ok(aside)
    }
}

/// What the name of a store that is being made has behind its own, before the number of the process and one more.
const UNFINISHED: &str = ".new-";

/// Bytes that a store has at most when it is made; it is about a quarter of that.
const MOST_UNFINISHED: u64 = 16 << 20;

/// Makes a store where there is no file. It gets its name when it is whole: so a file that is there and
/// is no store was damaged, and is not merely unfinished. Two that do so at once do not meet: each makes
/// its own, and the first to name it makes it for both.
fn make(path: &Path) -> Result<(), OpenErrorKind> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    if path.try_exists().map_err(OpenErrorKind::Io)? {
        return Ok(());
    }
    let count = MADE.fetch_add(1, Ordering::Relaxed);
    let unfinished = with_suffix(path, &format!("{UNFINISHED}{}-{count}", process::id()));
    let made = make_whole(&unfinished).and_then(|()| {
        publish(&unfinished, path).map_err(OpenErrorKind::Io)?;
        sync_folder(path).map_err(OpenErrorKind::Io)
    });
    // It has its name by now, or is of no use.
    let _ = fs::remove_file(&unfinished);
    made
}

fn make_whole(path: &Path) -> Result<(), OpenErrorKind> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    // It holds what clients tell each other.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(OpenErrorKind::Io)?;
    let (store, _) =
        Store::with_backend(Arc::new(backend(file)?), "").map_err(|error| error.kind)?;
    Ok(store.close()?)
}

/// Gives a file its name, unless that is taken: then another is there, which is as good.
fn publish(unfinished: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(unfinished, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Not all file systems have links.
        Err(_) if !path.try_exists()? => fs::rename(unfinished, path),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Removes what was left of stores that were being made for this place when their makers were killed. It is called when the store
/// is open: from then on nothing with such a name becomes one, as nobody puts another in its place, and whoever makes one still is
/// content with the one that is there. Where it cannot be done, nothing is the worse for it.
fn remove_unfinished(path: &Path) {
    let (Some(folder), Some(name)) = (folder(path), path.file_name()) else {
        return;
    };
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut begin = name.to_owned();
    begin.push(UNFINISHED);
    let begin = begin.as_encoded_bytes();
    let is_number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    for entry in entries.flatten() {
        let name = entry.file_name();
        let numbers = name.as_encoded_bytes().strip_prefix(begin);
        let Some(numbers) = numbers.map(|numbers| numbers.split(|byte| *byte == b'-')) else {
            continue;
        };
        let numbers: Vec<_> = numbers.collect();
        if numbers.len() == 2 && numbers.into_iter().all(is_number) {
            let _ = remove_if_unfinished(&entry.path());
        }
    }
}

/// Removes a file by such a name, unless it is in use or somebody's own.
fn remove_if_unfinished(path: &Path) -> Result<(), OpenErrorKind> {
    // Not what a link leads to, and not a device.
    let found = fs::symlink_metadata(path).map_err(OpenErrorKind::Io)?;
    if !found.is_file() || found.len() > MOST_UNFINISHED {
        return Ok(());
    }
    let file = backend(open_file(path).map_err(OpenErrorKind::Io)?)?;
    // A broker that has it open locks some of it, which this does not go with.
    let is_free = file.try_lock_range(Bound::Unbounded, Bound::Unbounded);
    if is_free.is_ok_and(|free| free) && is_unfinished(&file).map_err(OpenErrorKind::Io)? {
        fs::remove_file(path).map_err(OpenErrorKind::Io)?;
    }
    Ok(())
}

/// Whether a file is what there may be of a store that is being made, and not somebody's own file by such a name: a copy of a store
/// perhaps.
fn is_unfinished(file: &FileBackend) -> io::Result<bool> {
    let mut bytes = vec![0; file.len()?.min(MOST_UNFINISHED) as usize];
    file.read(0, &mut bytes)?;
    let copy = InMemoryBackend::new();
    copy.set_len(bytes.len() as u64)?;
    copy.write(0, &bytes)?;
    if head::is_unfinished(&copy)? {
        return Ok(true);
    }
    // It was whole, and had no time to get its name or to lose this one.
    let opened = Store::with_backend(Arc::new(copy), "");
    Ok(opened.is_ok_and(|(store, _)| store.is_new()))
}

fn open_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

fn backend(file: File) -> Result<FileBackend, OpenErrorKind> {
    Ok(FileBackend::new(file)?)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes a change of the names in the file's folder durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = folder(path).unwrap_or(path);
        match File::open(folder)?.sync_all() {
            // Some file systems, such as folders that a virtual machine shares with its host, have no way to ask for that.
            Err(error) if is_not_supported(&error) => {}
            result => return result,
        }
    }
    Ok(())
}

/// The folder that a path is in.
fn folder(path: &Path) -> Option<&Path> {
    let folder = path.parent()?;
    let here = folder.as_os_str().is_empty();
    Some(if here { Path::new(".") } else { folder })
}
