//! The worker that this page has its lab in: how it is.

use serde::Deserialize;

/// How the lab's worker is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BenchState {
    /// It answers, or there is none.
    #[default]
    Ready,
    /// It has not answered for a while.
    Busy,
    /// It has not answered for long.
    Slow,
    /// It failed, and is gone.
    Lost,
    /// It came from another build: the page must be reloaded.
    #[serde(skip)]
    Refused,
}

/// The lab's worker as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Bench {
    pub(crate) state: BenchState,
    /// Why it is gone.
    #[serde(default)]
    pub(crate) reason: Option<String>,
    /// It has shown what it was started for. Until then what is on screen of the lab, if anything, is what was open before.
    #[serde(skip)]
    pub(crate) shown: bool,
    /// What is open there was asked for a link and has none.
    #[serde(skip)]
    pub(crate) unshared: bool,
}

impl Bench {
    /// Whether it answers no more.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.state, BenchState::Lost | BenchState::Refused)
    }
}
