//! The two envelopes: [`Command`] from page to worker, [`Event`] from worker to page.

use serde::{Deserialize, Serialize};

use crate::{
    AccessChange, AccessState, ClientsFrame, ClientsView, Detail, Exported, FlowFrame, FlowView,
    Format, LabCommand, LabFrame, LabProblem, MatchFrame, MatchView, Meddle, Selection, Storage,
    TreeFrame, TreeView,
};

/// What the page tells the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// The first message of a page.
    Hello {
        /// [`crate::VERSION`] of the page.
        version: u32,
        /// The id of the build the page came from.
        build: String,
    },
    /// What the page looks at from now on. Replaces the view before it. No frame comes before the
    /// first one.
    Look(Box<View>),
    /// The page has drawn this frame; the next one may come.
    Seen {
        /// [`Frame::number`] of the frame drawn.
        frame: u64,
    },
    /// Forget the recorded packets (topics, sessions and retained messages stay).
    ClearFlow,
    /// The operator drops a client. Its will is published either way.
    Drop {
        /// The Client Identifier.
        client: String,
        /// With true a 5.0 client is told DISCONNECT 0x98 (Administrative action) first; with false
        /// the connection is cut as a broken network would.
        politely: bool,
    },
    /// From now on nothing is kept, and what was kept is removed. It cannot be begun again before the
    /// broker starts anew.
    StopKeeping,
    /// What was kept and cannot be read is to be set aside, so that the next broker can keep again.
    SetAside,
    /// Other rules or users.
    Access(AccessChange),
    /// Something about the lab, for this page. The lab's worker is told; the broker's does nothing.
    Lab(Box<LabCommand>),
    /// The session that is on screen, live or of the lab, as a file: answered by the first [`Event::Exported`]. It takes
    /// the place of a file that is under way.
    Export(Format),
    /// The page has that piece of the file; the next one may come.
    ExportMore,
    /// No more of the file that is under way.
    ExportStop,
    /// Something is done to a client of the broker in the tab.
    Meddle(Meddle),
}

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The answer to [`Command::Hello`].
    Welcome {
        /// [`crate::VERSION`] of the worker.
        version: u32,
        /// The id of the build the worker came from.
        build: String,
        /// Names the recording. Numbers of rows and publications mean something in it alone: a
        /// worker that begins anew begins another one.
        record: String,
    },
    /// Page and worker were not built together: the page must be reloaded.
    Refused {
        /// [`crate::VERSION`] of the worker.
        version: u32,
        /// The id of the build the worker came from.
        build: String,
    },
    /// How it is with what must survive: after [`Event::Welcome`], and when it changes.
    Storage(Storage),
    /// Who may do what: after [`Event::Welcome`], when it changes, and in answer to [`Command::Access`].
    Access(Box<AccessState>),
    /// What is on screen now.
    Frame(Box<Frame>),
    /// A piece of the file that [`Command::Export`] asked for.
    Exported(Box<Exported>),
    /// The answer to [`LabCommand::Share`]: the code for an address.
    Shared(String),
    /// The lab could not do what was asked for; all is as before.
    LabProblem(LabProblem),
}

/// Everything that a page shows at one time. A part that is `None` is not on screen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The topic tree.
    pub tree: Option<TreeView>,
    /// The ladder.
    pub flow: Option<FlowView>,
    /// The filter being tried out.
    pub matches: Option<MatchView>,
    /// The client table.
    pub clients: Option<ClientsView>,
    /// The one selection of the page.
    pub selection: Selection,
}

/// The answer to a [`View`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Counts up by one per frame and page; named in [`Command::Seen`].
    pub number: u64,
    /// The broker's time, in milliseconds since the Unix epoch. All times in a frame are on this
    /// clock; ages are differences to it.
    pub now: f64,
    /// The figures of the page's head.
    pub totals: Totals,
    /// Present when [`View::tree`] is.
    pub tree: Option<TreeFrame>,
    /// Present when [`View::flow`] is.
    pub flow: Option<FlowFrame>,
    /// Present when [`View::matches`] is.
    pub matches: Option<MatchFrame>,
    /// Present when [`View::clients`] is.
    pub clients: Option<ClientsFrame>,
    /// What is known of [`View::selection`]; [`Detail::None`] without one.
    pub detail: Detail,
    /// The lab, while one is open for this page.
    #[serde(default)]
    pub lab: Option<Box<LabFrame>>,
}

/// Figures of the whole broker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Connected clients.
    pub connected: u32,
    /// Sessions, connected or not.
    pub sessions: u32,
    /// Topics that carried a message or hold a retained one (`$` topics not counted).
    pub topics: u32,
    /// Retained messages (`$` topics not counted).
    pub retained: u32,
    /// Messages published to the broker in the last second.
    pub published_per_second: f32,
    /// Messages delivered by the broker in the last second.
    pub delivered_per_second: f32,
    /// Messages published since the start.
    pub published: u64,
    /// Packets recorded since the start.
    pub packets: u64,
}
