//! What must survive, on its way to the disk. A thread of its own commits, so that a slow disk stalls nobody who asks for nothing to be
//! kept. While the disk is quick (`pace`), waking another thread and being woken by it costs more than it saves: then small batches are
//! committed at once. So a disk that suddenly becomes slow stalls everybody once.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use mio::Waker;
use tracing::warn;
use vitrine_broker::PersistentState;
use vitrine_store::{Batch, Store};

use crate::pace::Pace;
use crate::place::Place;

/// After a commit that failed it is tried again so much later.
const AGAIN: Duration = Duration::from_secs(1);

/// No longer batches are committed by the event loop: they take longer, and the thread is worth its price.
const SMALL: usize = 64 << 10;

/// What the thread says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// The batch is durable, and of no more use.
    Kept(Batch),
    /// The batch could not be made durable; it is tried again.
    Failed(String),
}

/// A store in a file, and where that is.
pub(crate) struct Kept {
    store: Store,
    place: Place,
    /// The batch of the last attempt is in the file, but the file was not in its place.
    homeless: bool,
}

impl Kept {
    /// Makes a batch durable, so that the next start finds it. After a failure the same batch has to be tried again.
    ///
    /// # Errors
    /// When it could not be written, or the file is not in its place any more.
    pub(crate) fn commit(&mut self, batch: &Batch) -> Result<()> {
        if !self.homeless {
            self.store.commit(batch)?;
        }
        // Afterwards: what is written to a file that was gone before is never called kept.
        self.homeless = true;
        self.place.check()?;
        self.homeless = false;
        Ok(())
    }

    /// Whether a batch only has to be written, where the one before it was as it should be.
    fn is_ready(&self, batch: &Batch) -> bool {
        !self.homeless && self.store.has_room(batch)
    }

    /// Makes a batch durable, and says how long that took if it was only written.
    fn commit_in_time(&mut self, batch: &Batch) -> Result<Option<Duration>> {
        let ready = self.is_ready(batch);
        let started = Instant::now();
        self.commit(batch)?;
        Ok(ready.then(|| started.elapsed()))
    }

    /// What whoever runs the broker is told of a failure.
    fn told(&self, error: &anyhow::Error) -> String {
        if self.homeless {
            format!("{error}: {}", self.place.advice())
        } else {
            error.to_string()
        }
    }

    /// Closes it.
    ///
    /// # Errors
    /// When that could not be written. What was committed is kept.
    pub(crate) fn close(self) -> Result<()> {
        Ok(self.store.close()?)
    }
}

/// Commits one batch after the other.
pub(crate) struct Keeper {
    /// The thread has it while it has a batch.
    store: Arc<Mutex<Kept>>,
    pace: Pace,
    batches: Sender<Batch>,
    said: Receiver<(Said, Option<Duration>)>,
    /// Ends with why the last batch could not be kept, if so.
    thread: JoinHandle<Result<()>>,
}

impl Keeper {
    /// Starts the thread. It wakes the event loop whenever it has said something.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(store: Kept, waker: Arc<Waker>) -> Result<Self> {
        let store = Arc::new(Mutex::new(store));
        let (batches, work) = channel::<Batch>();
        let (say, said) = channel();
        let thread = thread::Builder::new().name("store".into());
        let shared = Arc::clone(&store);
        let thread = thread.spawn(move || {
            for batch in work {
                let took = loop {
                    let mut store = lock(&shared);
                    match store.commit_in_time(&batch) {
                        Ok(took) => break took,
                        // Nobody listens any more when the server stops. No other batch may follow then: it would rest on one
                        // that is missing.
                        Err(error) => {
                            if say.send((Said::Failed(store.told(&error)), None)).is_err() {
                                return Err(error);
                            }
                        }
                    }
                    drop(store);
                    let _ = waker.wake();
                    thread::sleep(AGAIN);
                };
                let _ = say.send((Said::Kept(batch), took));
                let _ = waker.wake();
            }
            Ok(())
        });
        Ok(Self {
            store,
            pace: Pace::default(),
            batches,
            said,
            thread: thread.context("cannot start a thread")?,
        })
    }

    /// Has a batch made durable, when those before it are. Gives it back when it is already.
    pub(crate) fn keep(&mut self, batch: Batch) -> Option<Batch> {
        if self.pace.is_quick() && batch.as_bytes().len() <= SMALL {
            let mut store = lock(&self.store);
            if store.is_ready(&batch) {
                let kept = store.commit_in_time(&batch);
                self.pace.saw(kept.as_ref().ok().copied().flatten());
                if kept.is_ok() {
                    return Some(batch);
                }
                // The thread tries again, and says why if that does not help.
            }
        }
        // The thread ends only after this end of the channel.
        let _ = self.batches.send(batch);
        None
    }

    /// What the thread said since.
    pub(crate) fn said(&mut self) -> Option<Said> {
        let (said, took) = self.said.try_recv().ok()?;
        if took.is_some() {
            self.pace.saw(took);
        }
        Some(said)
    }

    /// Ends the thread and gives the store back, with all batches in it. One that could not be kept until now is tried once more.
    ///
    /// # Errors
    /// When it still cannot be kept: then the store ends with the batch before it. When the thread broke down.
    pub(crate) fn stop(self) -> Result<Kept> {
        drop((self.batches, self.said));
        let broke_down = || anyhow!("the thread that keeps the store broke down");
        self.thread
            .join()
            .map_err(|_| broke_down())?
            .context("the latest changes could not be kept; no client was told that they were")?;
        let store = Arc::into_inner(self.store).ok_or_else(broke_down)?;
        Ok(store.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whoever had it before left it whole, or ended the server.
fn lock(store: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens a store. One that cannot be read is moved aside when `set_aside` is true.
///
/// # Errors
/// When it cannot be opened; it is left as it is then.
pub(crate) fn open(path: &Path, set_aside: bool) -> Result<(Kept, PersistentState)> {
    let kept = |(store, state)| {
        let place =
            Place::of(path).with_context(|| format!("cannot look at {}", path.display()))?;
        let homeless = false;
        let kept = Kept {
            store,
            place,
            homeless,
        };
        Ok((kept, state))
    };
    let error = match Store::open(path) {
        Ok(opened) => return kept(opened),
        Err(error) => error,
    };
    if !error.kind.may_be_set_aside() {
        return match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() && !folder.exists() => {
                bail!("{error}; make the folder {} first", folder.display())
            }
            _ => Err(error.into()),
        };
    }
    if !set_aside {
        bail!("{error} (--set-store-aside does that, and keeps the file under another name)");
    }
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let aside = Store::set_aside(path, &seconds.unwrap_or_default().as_secs().to_string())?;
    warn!(
        "{error}. It is now {}; beginning with an empty store",
        aside.display()
    );
    kept(Store::open(path)?)
}
