//! The files that may change while the broker runs: who may do what, certificate and key.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::{access, tls};

/// Where they stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    pub(crate) access: access::Source,
    /// Where anybody listens for TLS.
    pub(crate) tls: Option<tls::Source>,
}

/// What may be read again.
pub(crate) struct Files {
    pub(crate) sources: Sources,
    /// Where it is to be read again as soon as it changes.
    pub(crate) watch: Option<Watch>,
}

/// When a file was changed last, and its length in bytes. `None` where there is none.
type Mark = Option<(SystemTime, u64)>;

/// Looks whether they change.
pub(crate) struct Watch {
    sources: Sources,
    files: Vec<PathBuf>,
    /// What was told of already, or was there at the beginning.
    told: Vec<Mark>,
    /// What was seen last.
    seen: Vec<Mark>,
}

impl Sources {
    /// All files that there are to read.
    fn files(&self) -> Vec<PathBuf> {
        let mut files = self.access.files();
        if let Some(tls) = &self.tls {
            files.extend([tls.certificate.clone(), tls.key.clone()]);
            files.extend(tls.client_authority.clone());
        }
        files
    }
}

impl Files {
    /// To be called before they are read, so that no change is missed.
    pub(crate) fn new(sources: Sources, watched: bool) -> Self {
        let watch = watched.then(|| Watch::new(sources.clone()));
        Self { sources, watch }
    }
}

impl Watch {
    fn new(sources: Sources) -> Self {
        let mut watch = Self {
            sources,
            files: Vec::new(),
            told: Vec::new(),
            seen: Vec::new(),
        };
        watch.begin();
        watch
    }

    /// Looks at the files. True when some have changed and are the same now as at the last look: who writes one is done
    /// then, and has written those that belong to it.
    pub(crate) fn has_changed(&mut self) -> bool {
        let now = look(&self.files);
        let rests = now == self.seen;
        self.seen = now;
        if !rests || self.seen == self.told {
            return false;
        }
        // The configuration may name another password file now.
        self.begin();
        true
    }

    fn begin(&mut self) {
        self.files = self.sources.files();
        self.told = look(&self.files);
        self.seen.clone_from(&self.told);
    }
}

fn look(files: &[PathBuf]) -> Vec<Mark> {
    files.iter().map(|file| mark(file)).collect()
}

fn mark(file: &Path) -> Mark {
    let found = fs::metadata(file).ok()?;
    Some((found.modified().ok()?, found.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_and_when_it_is_over() {
        let folder = std::env::temp_dir().join(format!("vitrine-watch-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let config = folder.join("vitrine.toml");
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        write("vitrine.toml", "[access]\npassword_file = \"users\"\n");
        write("users", "");
        let mut watch = Watch::new(Sources {
            access: access::Source {
                config: Some(config.clone()),
                ..access::Source::default()
            },
            tls: None,
        });
        assert!(!watch.has_changed());
        write("users", "#");
        assert!(!watch.has_changed(), "it may be half of it");
        write("users", "# nobody");
        assert!(!watch.has_changed(), "and so it was");
        assert!(watch.has_changed());
        assert!(!watch.has_changed());

        // Another file is meant now.
        write("vitrine.toml", "[access]\npassword_file = \"others\"\n");
        watch.has_changed();
        assert!(watch.has_changed());
        write("others", "# somebody");
        watch.has_changed();
        assert!(watch.has_changed(), "it is made");
        fs::remove_file(&config).unwrap();
        watch.has_changed();
        assert!(watch.has_changed(), "it is gone");
        fs::remove_dir_all(folder).unwrap();
    }
}
