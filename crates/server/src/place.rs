//! Whether the store's file is still where the next start looks for it.
//!
//! A file that is open outlives its name: if somebody deletes or replaces it, the broker would go on acknowledging what nobody finds
//! again.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Result, bail};

/// A path, and which file it led to.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    file: Identity,
}

/// Says of two files whether they are the same.
type Identity = (u64, u64);

impl Place {
    /// Notes which file is there.
    ///
    /// # Errors
    /// When there is none, or it may not be looked at.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.into(),
            file: identity(path)?,
        })
    }

    /// Checks that the same file is there. Where that cannot be told it counts as there.
    ///
    /// # Errors
    /// When it is gone, or another is in its place.
    pub(crate) fn check(&self) -> Result<()> {
        let what = match identity(&self.path) {
            Ok(found) if found == self.file => return Ok(()),
            Ok(_) => "was replaced by another",
            Err(error) if error.kind() == ErrorKind::NotFound => "was deleted or moved away",
            Err(_) => return Ok(()),
        };
        bail!(
            "the store's file {} {what} while the broker ran",
            self.path.display()
        )
    }

    /// What to do about that while the broker still runs.
    pub(crate) fn advice(&self) -> String {
        let copy = match self.descriptor() {
            Some(descriptor) => format!(
                "; or copy it back while the broker runs (cp {} {}) and restart it then",
                descriptor.display(),
                self.path.display()
            ),
            None => String::new(),
        };
        format!(
            "what it keeps would be lost when the broker ends, so nothing is acknowledged. Move the file back{copy}. To do \
             without what it holds, restart the broker"
        )
    }

    /// Where the system still shows the file, though it has no name.
    fn descriptor(&self) -> Option<PathBuf> {
        let folder = PathBuf::from(format!("/proc/{}/fd", process::id()));
        fs::read_dir(folder)
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| identity(path).is_ok_and(|found| found == self.file))
    }
}

/// Asks for nothing else: where somebody has asked when the file was changed last, Linux notes the time of the next change exactly,
/// and so writes it to the disk with each commit.
#[cfg(target_os = "linux")]
fn identity(path: &Path) -> io::Result<Identity> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, makedev, statx};
    match statx(CWD, path, AtFlags::empty(), StatxFlags::INO) {
        Ok(found) => {
            let device = makedev(found.stx_dev_major, found.stx_dev_minor);
            Ok((device, found.stx_ino))
        }
        // Linux before 4.11 does not know how to ask so, and containers of that time forbid it.
        Err(_) => asked_for_all(path),
    }
}

#[cfg(unix)]
fn asked_for_all(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn identity(path: &Path) -> io::Result<Identity> {
    asked_for_all(path)
}

/// Opened for no reading or writing, which nobody can forbid.
#[cfg(windows)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::windows::fs::OpenOptionsExt;
    let file = fs::OpenOptions::new().access_mode(0).open(path)?;
    let found = winapi_util::file::information(&file)?;
    Ok((found.volume_serial_number(), found.file_index()))
}
