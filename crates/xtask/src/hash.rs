//! Content hashes, and the stamps that let a step be skipped when nothing that goes into it has changed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// A hash over a sequence of parts; where one part ends and the next begins counts.
#[derive(Default)]
pub(crate) struct Hasher(Sha256);

impl Hasher {
    pub(crate) fn part(mut self, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// A file's content. A missing file is an error.
    pub(crate) fn file(self, path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(self.part(bytes))
    }

    /// The first 16 hexadecimal digits: enough to tell builds apart.
    pub(crate) fn finish(self) -> String {
        self.0.finalize()[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// Runs `work` unless `stamp` says that it was done for the same `input`. True when it ran.
pub(crate) fn unless_done(
    stamp: &Path,
    input: &str,
    work: impl FnOnce() -> Result<()>,
) -> Result<bool> {
    if fs::read_to_string(stamp).is_ok_and(|done| done == input) {
        return Ok(false);
    }
    // A run that fails half-way must not look done.
    let _ = fs::remove_file(stamp);
    work()?;
    if let Some(dir) = stamp.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(stamp, input).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        let one = Hasher::default().part("ab").part("c").finish();
        let other = Hasher::default().part("a").part("bc").finish();
        assert_ne!(one, other);
        assert_eq!(one.len(), 16);
    }

    #[test]
    fn a_stamp_skips_the_same_input_only() {
        let dir = std::env::temp_dir().join(format!("vitrine-stamp-{}", std::process::id()));
        let stamp = dir.join("stamp");
        assert!(unless_done(&stamp, "1", || Ok(())).unwrap());
        assert!(!unless_done(&stamp, "1", || panic!("must be skipped")).unwrap());
        assert!(unless_done(&stamp, "2", || Ok(())).unwrap());
        assert!(unless_done(&stamp, "3", || anyhow::bail!("no")).is_err());
        assert!(unless_done(&stamp, "2", || Ok(())).unwrap());
        fs::remove_dir_all(dir).unwrap();
    }
}
