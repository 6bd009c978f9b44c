//! What the operator asks of the running broker: to stop, or to read its files again.
//!
//! Threads listen for that, one for each kind, and wake the event loop when they have heard something. Systems differ in how they tell
//! it; that difference ends here.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use mio::Waker;

use crate::watch::{Parts, Watch};

/// How long clients may take for their last bytes when the server stops.
const STOP_TIME: Duration = Duration::from_secs(5);
/// How often files are looked at, where they are watched.
const LOOK: Duration = Duration::from_secs(1);

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To stop; whoever asks again has it stop at once.
    Stop {
        /// How it was asked, for the log.
        by: &'static str,
        /// How long that may take.
        within: Duration,
    },
    /// To read its files again, these of them, and why, for the log.
    Read(Parts, &'static str),
}

/// What was asked and not yet done.
pub(crate) struct Requests(Receiver<Asked>);

/// What a thread tells by what it heard.
struct Teller {
    say: Sender<Asked>,
    waker: Arc<Waker>,
}

impl Requests {
    /// Listens from now on; also to files that change, where there is a watch on them. The event loop is woken whenever
    /// something was asked.
    ///
    /// # Errors
    /// When the system gives no thread, or does not let it listen.
    pub(crate) fn listen(waker: &Arc<Waker>, watch: Option<Watch>) -> Result<Self> {
        let (say, asked) = channel();
        let teller = || Teller {
            say: say.clone(),
            waker: Arc::clone(waker),
        };
        system::hear(teller())?;
        if let Some(mut watch) = watch {
            let teller = teller();
            spawn("files", move || {
                loop {
                    thread::sleep(LOOK);
                    if let Some((parts, why)) = watch.look()
                        && !teller.tell(Asked::Read(parts, why))
                    {
                        return;
                    }
                }
            })?;
        }
        Ok(Self(asked))
    }

    /// The next.
    pub(crate) fn next(&self) -> Option<Asked> {
        self.0.try_recv().ok()
    }
}

impl Teller {
    /// False when nobody listens any more.
    fn tell(&self, asked: Asked) -> bool {
        self.say.send(asked).is_ok() && self.waker.wake().is_ok()
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = thread::Builder::new().name(name.into());
    thread.spawn(work).context("cannot start a thread")?;
    Ok(())
}

/// Signals.
#[cfg(unix)]
mod system {
    use anyhow::{Context, Result};
    use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::SignalsInfo;
    use signal_hook::iterator::exfiltrator::WithOrigin;

    use super::{Asked, STOP_TIME, Teller, spawn};
    use crate::terminal::Terminal;
    use crate::watch::Parts;

    pub(super) fn hear(teller: Teller) -> Result<()> {
        let terminal = Terminal::here();
        let signals = SignalsInfo::<WithOrigin>::new([SIGTERM, SIGINT, SIGHUP]);
        let mut signals = signals.context("cannot listen to signals")?;
        spawn("signals", move || {
            let mut closed = false;
            for origin in signals.forever() {
                let from = origin.process.map(|process| process.pid.cast_unsigned());
                let asked = match origin.signal {
                    SIGHUP if terminal.is_gone(from) => {
                        // The system tells of it, and so does the shell.
                        if std::mem::replace(&mut closed, true) {
                            continue;
                        }
                        stop("the terminal is closed")
                    }
                    SIGHUP => Asked::Read(Parts::ALL, "SIGHUP"),
                    SIGINT => stop("SIGINT"),
                    _ => stop("SIGTERM"),
                };
                if !teller.tell(asked) {
                    return;
                }
            }
        })
    }

    const fn stop(by: &'static str) -> Asked {
        let within = STOP_TIME;
        Asked::Stop { by, within }
    }
}

/// What a console tells the programs in it.
#[cfg(windows)]
mod system {
    use std::future::poll_fn;
    use std::task::{Context as Task, Poll};
    use std::time::Duration;

    use anyhow::{Context, Result};
    use tokio::runtime::Builder;
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};

    use super::{Asked, STOP_TIME, Teller, spawn};

    /// The system ends a program five seconds after it was told of one of these.
    const HURRY: Duration = Duration::from_secs(3);

    type Heard = Box<dyn FnMut(&mut Task<'_>) -> Poll<Option<()>> + Send>;

    pub(super) fn hear(teller: Teller) -> Result<()> {
        let mut kinds = kinds().context("cannot listen to the console")?;
        let runtime = Builder::new_current_thread().build();
        let runtime = runtime.context("cannot listen to the console")?;
        spawn("console", move || {
            loop {
                let asked = runtime.block_on(poll_fn(|task| {
                    let heard =
                        kinds
                            .iter_mut()
                            .find_map(|(by, within, heard)| match heard(task) {
                                Poll::Ready(_) => Some((*by, *within)),
                                Poll::Pending => None,
                            });
                    match heard {
                        Some((by, within)) => Poll::Ready(Asked::Stop { by, within }),
                        None => Poll::Pending,
                    }
                }));
                if !teller.tell(asked) {
                    return;
                }
            }
        })
    }

    fn kinds() -> std::io::Result<[(&'static str, Duration, Heard); 5]> {
        let (mut c, mut breaks, mut close) = (ctrl_c()?, ctrl_break()?, ctrl_close()?);
        let (mut logoff, mut shutdown) = (ctrl_logoff()?, ctrl_shutdown()?);
        Ok([
            ("Ctrl+C", STOP_TIME, Box::new(move |task| c.poll_recv(task))),
            (
                "Ctrl+Break",
                STOP_TIME,
                Box::new(move |task| breaks.poll_recv(task)),
            ),
            (
                "the window is closed",
                HURRY,
                Box::new(move |task| close.poll_recv(task)),
            ),
            (
                "the user logs off",
                HURRY,
                Box::new(move |task| logoff.poll_recv(task)),
            ),
            (
                "the machine shuts down",
                HURRY,
                Box::new(move |task| shutdown.poll_recv(task)),
            ),
        ])
    }
}
