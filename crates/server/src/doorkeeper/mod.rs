//! Checking passwords, on threads of their own: a good password hash is slow on purpose, and nobody else should wait for it.
//!
//! No more is handed to the threads than they work on. What waits for them stays with the broker, so that its limits hold, and
//! who goes away meanwhile costs nothing.

mod queue;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::{Context, Result};
use mio::Waker;
use vitrine_broker::{ConnectionId, Credentials};

pub(crate) use crate::doorkeeper::queue::Queue;

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
    /// Threads that have nothing to do.
    idle: usize,
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
        let threads = processors.saturating_sub(1).clamp(1, MOST_THREADS);
        for _ in 0..threads {
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
            idle: threads,
        })
    }

    /// Whether a thread has nothing to do.
    pub(crate) const fn is_idle(&self) -> bool {
        self.idle > 0
    }

    /// Has a password checked, by a thread that is idle.
    pub(crate) fn check(&mut self, connection: ConnectionId, credentials: &Credentials) {
        let question = Question {
            connection,
            password: credentials.password.as_deref().map(Vec::from),
            hash: credentials.hash.as_deref().map(String::from),
        };
        self.idle = self.idle.saturating_sub(1);
        // The threads end only after this end of the channel.
        let _ = self.questions.send(question);
    }

    /// A verdict that was found since.
    pub(crate) fn verdict(&mut self) -> Option<Verdict> {
        let verdict = self.verdicts.try_recv().ok()?;
        self.idle += 1;
        Some(verdict)
    }
}
