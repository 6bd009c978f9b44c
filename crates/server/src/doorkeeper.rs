//! Checking passwords, on threads of their own: a good password hash is slow on purpose, and nobody else should wait for it.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::{Context, Result};
use mio::Waker;
use vitrine_broker::{ConnectionId, Credentials};

/// More threads than this check no passwords: each takes some 20 MB while it does.
const MOST_THREADS: usize = 4;

/// A password to be checked.
struct Question {
    connection: ConnectionId,
    password: Option<Vec<u8>>,
    hash: Option<String>,
}

/// Whether a connection's password is right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    pub(crate) connection: ConnectionId,
    pub(crate) accepted: bool,
}

/// The threads, which end with this.
pub(crate) struct Doorkeeper {
    questions: Sender<Question>,
    verdicts: Receiver<Verdict>,
}

impl Doorkeeper {
    /// Starts the threads. They wake the event loop whenever they have a verdict.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(waker: &Arc<Waker>) -> Result<Self> {
        let (questions, work) = channel::<Question>();
        let work = Arc::new(Mutex::new(work));
        let (say, verdicts) = channel();
        // One processor is left to those who are in already, where there are several.
        let processors = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..processors.saturating_sub(1).clamp(1, MOST_THREADS) {
            let (work, say, waker) = (Arc::clone(&work), say.clone(), Arc::clone(waker));
            let check = move || {
                // Taken in turns; a poisoned lock means that another thread broke down.
                while let Ok(question) = work
                    .lock()
                    .map_err(drop)
                    .and_then(|work| work.recv().map_err(drop))
                {
                    let right = vitrine_access::verify(
                        question.password.as_deref().unwrap_or_default(),
                        question
                            .hash
                            .as_deref()
                            .filter(|_| question.password.is_some()),
                    );
                    let verdict = Verdict {
                        connection: question.connection,
                        accepted: right,
                    };
                    if say.send(verdict).is_err() || waker.wake().is_err() {
                        return;
                    }
                }
            };
            thread::Builder::new()
                .name("passwords".into())
                .spawn(check)
                .context("cannot start a thread")?;
        }
        Ok(Self {
            questions,
            verdicts,
        })
    }

    /// Has a password checked.
    pub(crate) fn check(&self, connection: ConnectionId, credentials: &Credentials) {
        let question = Question {
            connection,
            password: credentials.password.as_deref().map(Vec::from),
            hash: credentials.hash.as_deref().map(String::from),
        };
        // The threads end only after this end of the channel.
        let _ = self.questions.send(question);
    }

    /// A verdict that was found since.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        self.verdicts.try_recv().ok()
    }
}
