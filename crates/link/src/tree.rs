//! The topic tree: the rows that are on screen, of a tree that may have thousands.

use serde::{Deserialize, Serialize};

use crate::Payload;

/// Which part of the tree is on screen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TreeView {
    /// Nodes less deep than this are open unless named in `toggled` (the top level has depth 0).
    pub open_depth: u16,
    /// Nodes (by their full topic) that are the other way round than `open_depth` says.
    pub toggled: Vec<String>,
    /// Index of the first row on screen.
    pub first: u32,
    /// How many rows are on screen. At most 500 are answered.
    pub rows: u32,
    /// While true no row comes in between (the pointer is over the tree): new topics wait and are
    /// counted in [`TreeFrame::withheld`]. What the rows say stays live, and opening and closing works.
    pub hold: bool,
    /// Show only nodes whose topic contains this text, upper and lower case being the same, and the
    /// way to them, which then counts as open; empty for all.
    pub search: String,
    /// Topics that match this Topic Filter are marked; empty or invalid for none.
    pub highlight: String,
    /// Show topics that begin with `$` too.
    pub system: bool,
    /// The topic whose row the page wants to scroll to; its ancestors count as open. Empty for none.
    #[serde(default)]
    pub find: String,
}

/// The rows asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TreeFrame {
    /// How many rows the tree has with what is open now.
    pub total: u32,
    /// Index of the first row answered.
    pub first: u32,
    /// The rows.
    pub rows: Vec<TreeRow>,
    /// New rows that are kept back while [`TreeView::hold`] is set.
    pub withheld: u32,
    /// How many topics match [`TreeView::highlight`].
    pub matched: u32,
    /// True when the limit of topics is reached and further new topics are not shown.
    pub full: bool,
    /// Index of the row of [`TreeView::find`], when the tree has it.
    #[serde(default)]
    pub found: Option<u32>,
}

/// One node of the tree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TreeRow {
    /// The levels from the top to here, joined by `/`.
    pub topic: String,
    /// The last level; may be empty, which MQTT allows.
    pub label: String,
    /// 0 for the top level.
    pub depth: u16,
    /// How many children the node has.
    pub children: u32,
    /// Whether the children are shown.
    pub open: bool,
    /// Topics with messages below this node (itself not counted).
    pub topics_below: u32,
    /// Whether this very topic matches the highlighted filter.
    pub matched: bool,
    /// How many topics below match the highlighted filter.
    pub matched_below: u32,
    /// The last message, if this node ever got one.
    pub last: Option<LastMessage>,
    /// The retained message, if the topic holds one **now**.
    pub retained: Option<RetainedNow>,
    /// Messages published to exactly this topic.
    pub count: u64,
    /// Messages per second to exactly this topic, over the last five seconds.
    pub rate: f32,
    /// Messages per second to this topic and all below.
    pub rate_below: f32,
}

/// The last message of a topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LastMessage {
    /// Its payload.
    pub payload: Payload,
    /// The QoS it was published with.
    pub qos: u8,
    /// Whether it was published with RETAIN 1.
    pub retain: bool,
    /// Who published it (a Client Identifier), empty for the broker itself.
    pub publisher: String,
    /// When, in milliseconds since the Unix epoch.
    pub at: f64,
    /// The publication's number, for [`crate::Selection::Publication`].
    pub publication: u64,
}

/// The retained message of a topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RetainedNow {
    /// Its payload.
    pub payload: Payload,
    /// The QoS it was published with.
    pub qos: u8,
    /// Whether it is also the topic's last message.
    pub is_last: bool,
}
