//! What can be on a page's screen in the place of the broker in the tab.

use core::time::Duration;

use vitrine_link::{Format, LabCommand, LabFrame, View};
use vitrine_scope::Scope;

/// What a command led to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Done {
    /// What is on screen may have nothing in common with what was: what a lens has kept of it is to be dropped.
    pub(crate) anew: bool,
    /// Time is to stand.
    pub(crate) stops: bool,
}

impl Done {
    /// One went on to more of the same, or nothing moved.
    pub(crate) const ON: Self = Self {
        anew: false,
        stops: true,
    };
    /// One went somewhere else.
    pub(crate) const AWAY: Self = Self {
        anew: true,
        stops: true,
    };
    /// Something was done, and time goes on as before.
    pub(crate) const ACTED: Self = Self {
        anew: true,
        stops: false,
    };
    /// Something was said that moves nothing.
    pub(crate) const SAID: Self = Self {
        anew: false,
        stops: false,
    };
}

/// See the module.
pub(crate) trait Show {
    /// The view model, and the broker's time on the page in microseconds.
    fn scope(&self) -> (&Scope, u64);

    /// The time that is on screen, as in [`LabFrame::time`].
    fn since_start(&self) -> f64;

    /// Does what a command says; the reason, when it cannot be done. Then nothing is changed.
    fn command(&mut self, command: LabCommand) -> Result<Done, String>;

    /// So much time passes. False when nothing happens any more, or when one is to stop.
    fn advance(&mut self, time: Duration) -> bool;

    /// How long it is until the next moment; `None` when there is none.
    fn until_next(&self) -> Option<Duration>;

    /// Whether something is on its way.
    fn moves(&self) -> bool;

    /// What the page is told besides what the view model says.
    fn frame(&mut self, view: &View, language: &str) -> LabFrame;

    /// A code for an address that leads to this moment.
    fn share(&self) -> Result<String, String>;

    /// What is on screen as a file, from its beginning to as far as it is known. `now` is when it is written, in
    /// microseconds since the Unix epoch.
    fn export(&self, format: Format, now: u64) -> Vec<u8>;

    /// What it is called, for the name of a file.
    fn name(&self) -> String;
}
