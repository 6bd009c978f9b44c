//! The files that may change while the broker runs: who may do what, certificate and key.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use anyhow::Result;

use crate::{access, tls};

/// Where they stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    pub(crate) access: access::Source,
    /// Where anybody listens for TLS.
    pub(crate) tls: Option<tls::Source>,
    /// Not all could be read when that was tried last.
    unread: Arc<AtomicBool>,
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
    /// These are all: the configuration, which names others, could be read.
    complete: bool,
    /// What was told of already, or was there at the beginning.
    told: Vec<Mark>,
    /// What was seen last.
    seen: Vec<Mark>,
}

impl Sources {
    pub(crate) fn new(access: access::Source, tls: Option<tls::Source>) -> Self {
        let unread = Arc::default();
        Self {
            access,
            tls,
            unread,
        }
    }

    /// They were read again, all or not all of them: in the latter case a watch has that tried again as soon as it may help.
    pub(crate) fn were_read(&self, all: bool) {
        self.unread.store(!all, Ordering::Release);
    }

    /// All files that there are to read.
    fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files = self.access.files()?;
        if let Some(tls) = &self.tls {
            files.extend([tls.certificate.clone(), tls.key.clone()]);
            files.extend(tls.client_authority.clone());
        }
        Ok(files)
    }

    /// Whether reading them now does what is asked.
    fn can_be_read(&self) -> bool {
        self.access.read().is_ok() && self.tls.as_ref().is_none_or(|tls| tls.read().is_ok())
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
            complete: false,
            told: Vec::new(),
            seen: Vec::new(),
        };
        watch.begin();
        watch
    }

    /// Looks at the files. Says why they are to be read again, if they are: some have changed and are the same now as at the last
    /// look, so that who writes one is done, and has written those that belong to it. Or they could not be read when they were to
    /// be, and now they can, though nothing else about them has changed.
    pub(crate) fn look(&mut self) -> Option<&'static str> {
        let now = look(&self.files);
        let rests = now == self.seen;
        self.seen = now;
        if !rests {
            return None;
        }
        let why = if self.seen != self.told {
            "files changed"
        } else if self.is_behind() && self.sources.can_be_read() {
            self.sources.were_read(true);
            "files can be read now"
        } else {
            return None;
        };
        self.begin();
        Some(why)
    }

    /// Whether something is to be read that could not be.
    fn is_behind(&self) -> bool {
        !self.complete || self.sources.unread.load(Ordering::Acquire)
    }

    fn begin(&mut self) {
        // The configuration may name another password file now. When it cannot be read nobody knows, and that of before may be
        // meant as well.
        let files = self.sources.files();
        self.complete = files.is_ok();
        if let Ok(files) = files {
            self.files = files;
        }
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

    /// A folder with a configuration, and a watch on it.
    struct Watched {
        folder: PathBuf,
        watch: Watch,
    }

    impl Watched {
        fn new(name: &str, password_file: &str) -> Self {
            let name = format!("vitrine-watch-{name}-{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            fs::create_dir_all(&folder).unwrap();
            let text = format!("[access]\npassword_file = \"{password_file}\"\n");
            fs::write(folder.join("vitrine.toml"), text).unwrap();
            let access = access::Source {
                config: Some(folder.join("vitrine.toml")),
                ..access::Source::default()
            };
            let watch = Watch::new(Sources::new(access, None));
            Self { folder, watch }
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.folder.join(name), text).unwrap();
        }

        /// What is told of a change that is over: the second look sees that.
        fn told(&mut self) -> Option<&'static str> {
            let first = self.watch.look();
            assert_eq!(first, None);
            self.watch.look()
        }
    }

    impl Drop for Watched {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }

    #[test]
    fn a_change_is_told_once_and_when_it_is_over() {
        let mut watched = Watched::new("once", "users");
        watched.write("users", "");
        assert!(watched.told().is_some(), "it is made");
        watched.write("users", "#");
        assert_eq!(watched.watch.look(), None, "it may be half of it");
        watched.write("users", "# nobody");
        assert_eq!(watched.watch.look(), None, "and so it was");
        assert_eq!(watched.watch.look(), Some("files changed"));
        assert_eq!(watched.told(), None);

        // Another file is meant now.
        watched.write("vitrine.toml", "[access]\npassword_file = \"others\"\n");
        assert!(watched.told().is_some());
        watched.write("others", "# somebody");
        assert!(watched.told().is_some(), "it is made");
        watched.write("users", "");
        assert_eq!(watched.told(), None, "it is not meant any more");
        fs::remove_file(watched.folder.join("vitrine.toml")).unwrap();
        assert!(watched.told().is_some(), "it is gone");
    }

    #[test]
    fn what_cannot_be_read_is_watched_on() {
        let mut watched = Watched::new("half", "users");
        watched.write("users", "");
        assert!(watched.told().is_some());
        watched.write("vitrine.toml", "[access]\npassword_fi");
        assert!(watched.told().is_some());
        watched.watch.sources.were_read(false);
        assert_eq!(watched.told(), None);
        watched.write("users", "# nobody");
        assert!(watched.told().is_some(), "it may be meant still");
        watched.watch.sources.were_read(false);
        watched.write("vitrine.toml", "[access]\npassword_file = \"others\"\n");
        assert_eq!(watched.told(), Some("files changed"));
        // The other file is to be made yet.
        watched.watch.sources.were_read(false);
        watched.write("others", "");
        assert_eq!(watched.told(), Some("files changed"));
        watched.watch.sources.were_read(true);
        assert_eq!(watched.told(), None);
    }

    #[test]
    fn what_can_be_read_again_is_told_once() {
        let mut watched = Watched::new("again", "users");
        watched.write("users", "ana");
        assert!(watched.told().is_some());
        watched.watch.sources.were_read(false);
        for _ in 0..3 {
            assert_eq!(watched.watch.look(), None, "a user needs a password");
        }
        // The file looks as before, as where only who may read it has changed.
        let users = watched.folder.join("users");
        let time = fs::metadata(&users).unwrap().modified().unwrap();
        watched.write("users", "#na");
        let file = fs::OpenOptions::new().write(true).open(users).unwrap();
        file.set_modified(time).unwrap();
        assert_eq!(watched.watch.look(), Some("files can be read now"));
        assert_eq!(watched.told(), None);
        // It could not be, after all.
        watched.watch.sources.were_read(false);
        assert_eq!(watched.watch.look(), Some("files can be read now"));
    }
}
