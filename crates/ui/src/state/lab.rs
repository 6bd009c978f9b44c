//! What of the lab is open, and where it stands: the part of the page's state that an address must be able to say.

/// What is open in the lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// A lesson, by the name of its file without the ending.
    Lesson(String),
    /// What a link tells: its code, and the lesson it goes with, if any.
    Link {
        /// The code.
        code: String,
        /// The name of the lesson's file, without the ending.
        lesson: Option<String>,
    },
    /// A session that was saved as a file, by the file's name. No address leads to it: it is on the user's machine.
    Recording(String),
}

impl Default for Opened {
    fn default() -> Self {
        Self::Lesson(String::new())
    }
}

impl Opened {
    /// The lesson's name.
    #[must_use]
    pub fn lesson(&self) -> Option<&str> {
        match self {
            Self::Lesson(name) => Some(name),
            Self::Link { lesson, .. } => lesson.as_deref(),
            Self::Recording(_) => None,
        }
    }
}

/// What is open in the lab, and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabAt {
    /// What.
    pub what: Opened,
    /// The road an address asked for.
    pub road: Option<u32>,
    /// The position; `None` until it is known.
    pub moment: Option<u64>,
    /// The code that tells what was done by hand since it was opened, once the worker has said it. An address has it in
    /// the place of [`Self::what`].
    pub told: Option<String>,
    /// A position that is to be gone to, on the road that is open: a step in the browser's history.
    pub go: Option<u64>,
    /// The depth was chosen with the address, so the lesson does not choose it.
    pub deep: bool,
    /// Counts what was opened, so that the same thing can be opened again.
    pub visit: u32,
    /// Counts how often it was begun anew where it stood, because its worker was stopped or failed.
    pub again: u32,
}

impl LabAt {
    /// Whether the same thing is open as in `other`, whatever became of it since.
    pub(super) fn is(&self, other: &Self) -> bool {
        let code = |lab: &Self| match (&lab.told, &lab.what) {
            (Some(code), _) | (None, Opened::Link { code, .. }) => Some(code.clone()),
            (None, _) => None,
        };
        let same = code(self) == code(other);
        same && (code(self).is_some() || self.what == other.what)
    }
}
