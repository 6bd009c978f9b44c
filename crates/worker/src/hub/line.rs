//! What is known of one connection.

use super::Ending;
use super::between::Between;

/// The near end of a connection.
pub(super) struct Line<W> {
    pub(super) wire: W,
    /// Bytes sent that the client has not taken.
    pub(super) under_way: usize,
    /// Bytes of the client's that were taken, and it does not know.
    pub(super) taken: usize,
    /// Stands among those that are told so next.
    pub(super) heard: bool,
    /// Stands among those that are served next.
    pub(super) queued: bool,
    /// Has bytes to pull and no room to send them.
    pub(super) stalled: bool,
    /// The broker ends it, as soon as its last bytes are sent.
    pub(super) ending: Option<Ending>,
    /// What is done to it from in between.
    pub(super) between: Option<Box<Between>>,
}

impl<W> Line<W> {
    pub(super) fn new(wire: W) -> Self {
        Self {
            wire,
            under_way: 0,
            taken: 0,
            heard: false,
            queued: false,
            stalled: false,
            ending: None,
            between: None,
        }
    }

    /// Whether nothing is to be pulled for it.
    pub(super) fn is_held(&self) -> bool {
        (self.between.as_ref()).is_some_and(|between| between.down)
    }
}
