//! What the view model may use of memory, and what one answer may carry.

/// Bounds on what [`crate::Scope`] keeps. What is over a bound is forgotten (oldest first) or, for
/// topics, not shown; the frames say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Topics in the tree. Further new ones are not shown
    /// ([`vitrine_link::TreeFrame::full`]). Default 50,000.
    pub topics: usize,
    /// Nodes in the tree, levels without messages of their own included. Default 200,000.
    pub nodes: usize,
    /// Messages remembered per topic. Default 20.
    pub history: usize,
    /// Payload bytes remembered in the histories of all topics; every topic's last message stays.
    /// Default 16 MiB.
    pub history_bytes: usize,
    /// Bytes of a payload that a row or a topic shows. Default 256.
    pub preview: usize,
    /// Rows of the recording. Default 100,000.
    pub rows: usize,
    /// Packet bytes in the recording. Default 64 MiB.
    pub packet_bytes: usize,
    /// Bytes kept of one packet. Default 64 KiB.
    pub packet: usize,
    /// Things held at one time ([`vitrine_link::Hold`]); further ones are not shown.
    /// Default 100,000.
    pub holds: usize,
    /// Seeds the hashing of topic levels. It changes nothing that is visible; a host that expects
    /// hostile topic names draws it at random.
    pub seed: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            topics: 50_000,
            nodes: 200_000,
            history: 20,
            history_bytes: 16 * 1024 * 1024,
            preview: 256,
            rows: 100_000,
            packet_bytes: 64 * 1024 * 1024,
            packet: 64 * 1024,
            holds: 100_000,
            seed: 0,
        }
    }
}

/// Rows of tree, ladder or table in one answer.
pub(crate) const ANSWERED_ROWS: usize = 500;
/// Topics that match a filter in one answer.
pub(crate) const ANSWERED_TOPICS: usize = 200;
/// Receivers and deliveries in one answer.
pub(crate) const ANSWERED_RECEIVERS: usize = 500;
/// Lifelines in one answer.
pub(crate) const ANSWERED_LIFELINES: usize = 500;
/// Holds beside the ladder in one answer.
pub(crate) const ANSWERED_HOLDS: usize = 500;
/// Holds of one client in one answer.
pub(crate) const ANSWERED_CLIENT_HOLDS: usize = 100;
/// Rows of one story in one answer.
pub(crate) const ANSWERED_STORY_ROWS: usize = 2_000;
