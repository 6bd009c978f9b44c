//! What passes between the page and the worker.
//!
//! The page tells the worker what it is looking at ([`View`]); the worker answers with what is on
//! screen there ([`Frame`]), and with nothing else: neither side ever sends a whole model. Messages
//! travel as structured-clone values, so they can be read in the browser's console as they are.
//!
//! The exchange, seen from the page:
//!
//! 1. [`Command::Hello`] with [`VERSION`] and the build id; the worker answers [`Event::Welcome`],
//!    or [`Event::Refused`] when the two were not built together.
//! 2. [`Command::Look`] once it knows which recording it looks at, and whenever what is on screen
//!    changes.
//! 3. For every [`Event::Frame`] drawn, [`Command::Seen`]. At most one frame is under way per page:
//!    a page in the background that draws nothing costs nothing.
//!
//! **Invariant:** of the project's crates this one uses `packet` alone, and gives on no more of it than what the types
//! of packets are called ([`PacketType`]). So the page can reach neither broker nor decoder, and what it shows has gone
//! through the view model.

#![forbid(unsafe_code)]

mod access;
mod clients;
mod detail;
mod flow;
mod lab;
mod matches;
mod message;
mod payload;
mod storage;
mod tree;

pub use access::{AccessChange, AccessProblem, AccessState};
pub use clients::{ClientRow, ClientsFrame, ClientsView, SubscriptionRow, WillSummary};
pub use detail::{
    ClientDetail, Delivery, Detail, Field, FieldValue, Missed, Outcome, PacketDetail, Selection,
    Story, TopicDetail,
};
pub use flow::{
    Anchor, Depth, Ending, Fate, FlowFilter, FlowFrame, FlowRow, FlowView, Hold, HoldKind,
    Lifeline, Outside, PacketRow, Problem, Refusal, RowKind, Side,
};
pub use lab::{
    Beside, Coming, Exported, Fact, Flying, Format, Head, LabCommand, LabFrame, LabProblem,
    LabSource, LessonFrame, Mark, Meddle, Question, RoadRow,
};
pub use matches::{
    Explanation, FilterCheck, FilterProblem, LevelVerdict, MatchFrame, MatchView, Receiver, Verdict,
};
pub use message::{Command, Event, Frame, Totals, View};
pub use payload::Payload;
pub use storage::{Storage, StorageState};
pub use tree::{LastMessage, RetainedNow, TreeFrame, TreeRow, TreeView};
pub use vitrine_packet::PacketType;

/// The version of these types. Page and worker must agree on it.
pub const VERSION: u32 = 4;
