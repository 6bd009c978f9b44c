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
    /// What could not be read when that was tried last.
    unread: Arc<Unread>,
}

/// See [`Parts`].
#[derive(Debug, Default)]
struct Unread {
    access: AtomicBool,
    tls: AtomicBool,
}

/// What is read as a whole, or not at all; each by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Who may do what.
    pub(crate) access: bool,
    /// Certificate and key.
    pub(crate) tls: bool,
}

impl Parts {
    pub(crate) const ALL: Self = Self {
        access: true,
        tls: true,
    };

    fn any(self) -> bool {
        self.access || self.tls
    }
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

    /// Who may do what was to be read, and was or was not: in the latter case a watch has that tried again as soon as it may help.
    pub(crate) fn access_was_read(&self, read: bool) {
        self.unread.access.store(!read, Ordering::Release);
    }

    /// The same of certificate and key.
    pub(crate) fn tls_was_read(&self, read: bool) {
        self.unread.tls.store(!read, Ordering::Release);
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

    /// What could not be read, and can be now. `complete` is false where it is not even known what belongs to it.
    fn can_be_read_again(&self, complete: bool) -> Parts {
        let unread = |part: &AtomicBool| part.load(Ordering::Acquire);
        let tls = || self.tls.as_ref().is_some_and(|tls| tls.read().is_ok());
        Parts {
            access: (!complete || unread(&self.unread.access)) && self.access.read().is_ok(),
            tls: unread(&self.unread.tls) && tls(),
        }
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

    /// Looks at the files. Says what is to be read again and why, if something is: some have changed and are the same now as at
    /// the last look, so that who writes one is done, and has written those that belong to it. Or some could not be read when they
    /// were to be, and now they can, though nothing else about them has changed.
    pub(crate) fn look(&mut self) -> Option<(Parts, &'static str)> {
        let now = look(&self.files);
        let rests = now == self.seen;
        self.seen = now;
        if !rests {
            return None;
        }
        let changed = self.seen != self.told;
        let told = if changed {
            (Parts::ALL, "files changed")
        } else {
            let parts = self.sources.can_be_read_again(self.complete);
            if !parts.any() {
                return None;
            }
            // It is told once.
            if parts.access {
                self.sources.access_was_read(true);
            }
            if parts.tls {
                self.sources.tls_was_read(true);
            }
            (parts, "files can be read now")
        };
        self.begin();
        Some(told)
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

    const CHANGED: Option<(Parts, &str)> = Some((Parts::ALL, "files changed"));
    const ACCESS: Parts = Parts {
        access: true,
        tls: false,
    };
    const TLS: Parts = Parts {
        access: false,
        tls: true,
    };

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

        /// Writes another text of the same length, at the same time.
        fn rewrite(&self, name: &str, text: &str) {
            let path = self.folder.join(name);
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            fs::write(&path, text).unwrap();
            let file = fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_modified(time).unwrap();
        }

        /// What is told of a change that is over: the second look sees that.
        fn told(&mut self) -> Option<(Parts, &'static str)> {
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
        assert_eq!(watched.watch.look(), CHANGED);
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
        watched.watch.sources.access_was_read(false);
        assert_eq!(watched.told(), None);
        watched.write("users", "# nobody");
        assert!(watched.told().is_some(), "it may be meant still");
        watched.watch.sources.access_was_read(false);
        watched.write("vitrine.toml", "[access]\npassword_file = \"others\"\n");
        assert_eq!(watched.told(), CHANGED);
        // The other file is to be made yet.
        watched.watch.sources.access_was_read(false);
        watched.write("others", "");
        assert_eq!(watched.told(), CHANGED);
        watched.watch.sources.access_was_read(true);
        assert_eq!(watched.told(), None);
    }

    #[test]
    fn what_can_be_read_again_is_told_once() {
        let mut watched = Watched::new("again", "users");
        watched.write("users", "ana");
        assert!(watched.told().is_some());
        watched.watch.sources.access_was_read(false);
        for _ in 0..3 {
            assert_eq!(watched.watch.look(), None, "a user needs a password");
        }
        // The file looks as before, as where only who may read it has changed.
        watched.rewrite("users", "#na");
        assert_eq!(
            watched.watch.look(),
            Some((ACCESS, "files can be read now"))
        );
        assert_eq!(watched.told(), None);
        // It could not be, after all.
        watched.watch.sources.access_was_read(false);
        assert_eq!(
            watched.watch.look(),
            Some((ACCESS, "files can be read now"))
        );
    }

    /// Neither waits for the other.
    #[test]
    fn what_can_be_read_again_does_not_wait_for_what_cannot() {
        for first in [ACCESS, TLS] {
            let mut watched = Watched::new("apart", "users");
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            watched.write("certificate.pem", &made.cert.pem());
            watched.write("users", "ana");
            let key = made.signing_key.serialize_pem();
            watched.write("key.pem", &key.replace('-', "?"));
            watched.watch.sources.tls = Some(tls::Source {
                certificate: watched.folder.join("certificate.pem"),
                key: watched.folder.join("key.pem"),
                client_authority: None,
            });
            watched.watch.begin();
            watched.watch.sources.access_was_read(false);
            watched.watch.sources.tls_was_read(false);
            assert_eq!(watched.told(), None);
            let other = if first == ACCESS { TLS } else { ACCESS };
            for part in [first, other] {
                // The files look as before.
                if part == ACCESS {
                    watched.rewrite("users", "#na");
                } else {
                    watched.rewrite("key.pem", &key);
                }
                assert_eq!(watched.watch.look(), Some((part, "files can be read now")));
                assert_eq!(watched.told(), None);
            }
        }
    }
}
