//! Writing the journal past the system's cache.
//!
//! A batch is written once and read at the next start, if at all. To copy it into the cache first, and then to
//! look through the cache for what is to be written, costs about as much as the writing. Where the system or
//! the disk has no way around, all goes through the cache.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// The same file, opened once more: what is written is on the disk when the call returns.
#[derive(Debug)]
pub(crate) struct Direct(File);

impl Direct {
    /// Opens `file`, which `path` led to, once more, if the system can write to it directly.
    pub(crate) fn open(path: &Path, file: (u64, u64)) -> Option<Self> {
        let flags = (OFlags::DIRECT | OFlags::DSYNC).bits() as i32;
        let mut options = OpenOptions::new();
        let direct = options.write(true).custom_flags(flags).open(path).ok()?;
        (identity(&direct).ok()? == file).then_some(Self(direct))
    }

    /// Writes durably. Offset, length and the place in memory are multiples of a sector.
    pub(crate) fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }
}

/// Tells whether two files are the same.
pub(crate) fn identity(file: &File) -> io::Result<(u64, u64)> {
    let about = file.metadata()?;
    Ok((about.dev(), about.ino()))
}
