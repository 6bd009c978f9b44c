//! What must survive, on its way to the disk: a thread of its own commits, so that a slow disk stalls nobody who asks for nothing
//! to be kept.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use mio::Waker;
use tracing::warn;
use vitrine_broker::PersistentState;
use vitrine_store::{Batch, Store};

use crate::place::Place;

/// After a commit that failed it is tried again so much later.
const AGAIN: Duration = Duration::from_secs(1);

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

/// The thread that commits, one batch after the other.
pub(crate) struct Keeper {
    batches: Sender<Batch>,
    said: Receiver<Said>,
    /// Ends with the store, or with why the last batch could not be kept.
    thread: JoinHandle<Result<Kept>>,
}

impl Keeper {
    /// Starts the thread. It wakes the event loop whenever it has said something.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(mut store: Kept, waker: Arc<Waker>) -> Result<Self> {
        let (batches, work) = channel::<Batch>();
        let (say, said) = channel();
        let thread = thread::Builder::new().name("store".into());
        let thread = thread.spawn(move || {
            for batch in work {
                while let Err(error) = store.commit(&batch) {
                    // Nobody listens any more when the server stops. No other batch may follow then: it would rest on one that
                    // is missing.
                    if say.send(Said::Failed(store.told(&error))).is_err() {
                        return Err(error);
                    }
                    let _ = waker.wake();
                    thread::sleep(AGAIN);
                }
                let _ = say.send(Said::Kept(batch));
                let _ = waker.wake();
            }
            Ok(store)
        });
        Ok(Self {
            batches,
            said,
            thread: thread.context("cannot start a thread")?,
        })
    }

    /// Has a batch made durable.
    pub(crate) fn keep(&self, batch: Batch) {
        // The thread ends only after this end of the channel.
        let _ = self.batches.send(batch);
    }

    /// What the thread said since.
    pub(crate) fn said(&self) -> Option<Said> {
        self.said.try_recv().ok()
    }

    /// Ends the thread and gives the store back, with all batches in it. One that could not be kept until now is tried once more.
    ///
    /// # Errors
    /// When it still cannot be kept: then the store ends with the batch before it. When the thread broke down.
    pub(crate) fn stop(self) -> Result<Kept> {
        drop((self.batches, self.said));
        let store = self.thread.join();
        store
            .map_err(|_| anyhow!("the thread that keeps the store broke down"))?
            .context("the latest changes could not be kept; no client was told that they were")
    }
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
        return Err(error.into());
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
