//! The log's lines, written by a thread of their own: standard error that nobody reads (a terminal held with Ctrl+S, a full
//! pipe) must not stop the broker, and neither must one that is gone. Lines that find no room are counted and left out.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

/// Lines that may wait to be written.
const MOST_LINES: usize = 4_096;

/// See the module. A clone writes to the same place.
#[derive(Clone)]
pub(crate) struct Lines {
    lines: SyncSender<Vec<u8>>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    /// Lines that are not written yet.
    waiting: AtomicUsize,
    /// Lines that found no room, since that was last told.
    lost: AtomicUsize,
}

impl Lines {
    /// Starts the thread, which writes to `out`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn to(out: impl Write + Send + 'static) -> io::Result<Self> {
        let (lines, waiting) = sync_channel(MOST_LINES);
        let counts = Arc::<Counts>::default();
        let told = Arc::clone(&counts);
        thread::Builder::new()
            .name("log".into())
            .spawn(move || write_all(out, &waiting, &told))?;
        Ok(Self { lines, counts })
    }

    /// Waits until all is written, but no longer than this.
    pub(crate) fn flush(&self, most: Duration) {
        let begin = Instant::now();
        while self.counts.waiting.load(Ordering::Acquire) > 0 && begin.elapsed() < most {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn write_all(mut out: impl Write, lines: &Receiver<Vec<u8>>, counts: &Counts) {
    for line in lines {
        // There is nobody to tell that nobody can be told.
        let _ = out.write_all(&line);
        let lost = counts.lost.swap(0, Ordering::AcqRel);
        if lost > 0 {
            let _ = writeln!(
                out,
                "{lost} lines are missing here: they came faster than they could be written"
            );
        }
        counts.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Write for Lines {
    /// Takes a whole line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.counts.waiting.fetch_add(1, Ordering::AcqRel);
        if self.lines.try_send(line.to_vec()).is_err() {
            self.counts.waiting.fetch_sub(1, Ordering::AcqRel);
            self.counts.lost.fetch_add(1, Ordering::AcqRel);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::*;

    /// Takes nothing while somebody holds it.
    #[derive(Clone, Default)]
    struct Slow(Arc<Mutex<Vec<u8>>>);

    impl Slow {
        fn hold(&self) -> MutexGuard<'_, Vec<u8>> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.hold().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_nobody_takes_stop_nobody_and_are_counted() {
        let out = Slow::default();
        let mut lines = Lines::to(out.clone()).unwrap();
        let held = out.hold();
        for number in 0..2 * MOST_LINES {
            lines.write_all(format!("{number}\n").as_bytes()).unwrap();
        }
        drop(held);
        lines.flush(Duration::from_secs(60));
        let written = String::from_utf8(out.hold().clone()).unwrap();
        assert!(written.starts_with("0\n"), "{written}");
        let kept = written.lines().filter(|line| line.parse::<u32>().is_ok());
        let kept = kept.count();
        let told = written.lines().find(|line| line.contains("missing"));
        let told = told.and_then(|line| line.split(' ').next()?.parse::<usize>().ok());
        assert_eq!(told, Some(2 * MOST_LINES - kept));
        assert!(kept >= MOST_LINES, "{kept}");
    }
}
