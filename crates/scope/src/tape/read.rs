//! Reading: strict, and bounded. A file that was written is read; anything else is refused with its line and what is
//! wrong with it.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use crate::tape::fields::Fields;
use crate::tape::{Entry, TAPE_VERSION, Told, access, events, outside};

/// Bytes of a file that is read.
const MOST_BYTES: usize = 512 * 1024 * 1024;
/// Lines of a file that is read.
const MOST_LINES: usize = 2_000_000;

/// Why a file is no recording that can be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapeError {
    /// The line, counted from 1; 0 where it is about the file as a whole.
    pub line: u32,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for TapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "the recording {}", self.why),
            line => write!(f, "line {line} of the recording {}", self.why),
        }
    }
}

impl Error for TapeError {}

/// A recording that was opened.
#[derive(Clone, Debug)]
pub struct Reel {
    entries: Rc<[Entry]>,
    prologue: usize,
    missing: u64,
    written: u64,
}

impl Reel {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is no recording, one of another version, or damaged.
    pub fn read(bytes: &[u8]) -> Result<Self, TapeError> {
        let fail = |line: usize, why: String| TapeError {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            why,
        };
        if bytes.len() > MOST_BYTES {
            let most = MOST_BYTES >> 20;
            return Err(fail(0, format!("is larger than {most} MiB")));
        }
        let mut lines = (bytes.split(|byte| *byte == b'\n').enumerate())
            .map(|(index, line)| (index + 1, line.strip_suffix(b"\r").unwrap_or(line)))
            .filter(|(_, line)| !line.is_empty());
        let text = |line: usize, bytes: &'_ [u8]| -> Result<String, TapeError> {
            let text = core::str::from_utf8(bytes).map(String::from);
            text.map_err(|_| fail(line, "is not UTF-8".into()))
        };
        let (number, first) = lines.next().ok_or_else(|| fail(0, "is empty".into()))?;
        let head = text(number, first)
            .and_then(|line| Head::read(&line).map_err(|why| fail(number, why)))?;
        let mut entries = Vec::new();
        for (number, line) in lines {
            if entries.len() >= MOST_LINES {
                return Err(fail(number, format!("is one more than {MOST_LINES}")));
            }
            let line = text(number, line)?;
            entries.push(entry(&line).map_err(|why| fail(number, why))?);
        }
        if head.prologue > entries.len() as u64 {
            let why = "says that more entries follow than there are: the end is missing";
            return Err(fail(number, why.into()));
        }
        Ok(Self {
            entries: entries.into(),
            prologue: head.prologue as usize,
            missing: head.missing,
            written: head.written,
        })
    }

    /// All that was told, in its order. The first [`Self::prologue`] of them tell how it was at the beginning.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many entries are to be played at once, to begin with.
    #[must_use]
    pub fn prologue(&self) -> usize {
        self.prologue
    }

    /// How many entries were gone when it was written, because a tape is bounded.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// When it was written, in microseconds since the Unix epoch.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }
}

/// The first line.
struct Head {
    written: u64,
    prologue: u64,
    missing: u64,
}

impl Head {
    fn read(line: &str) -> Result<Self, String> {
        let not_ours = |_| String::from("is not how a recording of Vitrine begins");
        let mut fields = Fields::of(line).map_err(not_ours)?;
        if fields.text("format").map_err(not_ours)? != "vitrine-recording" {
            return Err(not_ours(String::new()));
        }
        let version = fields.number("version")?;
        if version != u64::from(TAPE_VERSION) {
            return Err(format!(
                "says version {version}, and this program reads version {TAPE_VERSION}"
            ));
        }
        let head = Self {
            written: fields.number("written")?,
            prologue: fields.number("prologue")?,
            missing: fields.number("missing")?,
        };
        fields.done()?;
        Ok(head)
    }
}

/// Reads the line of an entry.
fn entry(line: &str) -> Result<Entry, String> {
    let mut fields = Fields::of(line)?;
    let at = fields.number("at")?;
    let event = fields.text("event")?;
    let entry = if event == "access" {
        Entry(Told::Access(Rc::new(access::read(&mut fields)?), at))
    } else if let Some(entry) = outside::read(&event, at, &mut fields)? {
        entry
    } else {
        events::read(&event, at, &mut fields)?
    };
    fields.done()?;
    Ok(entry)
}
