//! The lab: a world whose time the page holds in its hand, and a session that was recorded.
//!
//! While one is open for a page ([`LabCommand::Open`] until [`LabCommand::Leave`]), all that its [`crate::View`] asks
//! for is answered from there, and the frame has a [`LabFrame`]. The lab has a worker of its own, which the page greets and
//! tells what it looks at like the broker's. The broker in the tab goes on meanwhile.
//!
//! A *moment* is the least that can happen: a packet arrives, a deadline comes, somebody acts. Moments are counted
//! along a *road*; position `n` is the world after `n` of them. Who acts where the road has gone on already begins
//! another road, which has the same moments up to there: a *fork*.

use serde::{Deserialize, Serialize};

use crate::{FlowFrame, PacketRow};

/// What the page wants of the lab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LabCommand {
    /// Opens something, in the place of what was open.
    Open(LabSource),
    /// Back to the broker in the tab.
    Leave,
    /// The language of texts: `pt`, `en`, `es`.
    Language(String),
    /// On to the next moment at which something can be seen.
    Step,
    /// Back to the one before.
    Back,
    /// On to where the lesson's next text begins; without a lesson to the next publication or connection.
    Next,
    /// Back to where this or the last text began.
    Previous,
    /// To this position.
    Go {
        /// The position, in moments.
        moment: u64,
    },
    /// Time goes on by itself.
    Run {
        /// How fast: 1 is as fast as the world's clock says; 0 stops.
        speed: f64,
    },
    /// So much time passes, and all that happens in it happens.
    Wait {
        /// Seconds, more than 0.
        seconds: f64,
    },
    /// Time passes until this one; where it is over, nothing happens.
    Until {
        /// As [`LabFrame::time`], in milliseconds.
        time: f64,
    },
    /// Somebody acts, now. Told in the lab's own language, such as `painel cut` or `sensor-5000 crash`.
    Act(String),
    /// Takes back what was done last by hand on this road.
    Undo,
    /// To another road, at its own position.
    Road(u32),
    /// Forgets a road that was forked off. Undo brings it back.
    DropRoad(u32),
    /// The same at QoS 0, 1 and 2, side by side; or no more.
    Beside(bool),
    /// The answer that was chosen to the question on screen, counted from 0.
    Answer(u32),
    /// A link to this moment: answered by [`crate::Event::Shared`].
    Share,
}

/// What is opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LabSource {
    /// A lesson.
    Lesson {
        /// The name of its file, without its ending.
        name: String,
        /// What is in the file.
        text: String,
    },
    /// The code of a link, as it stands in the address.
    Link {
        /// The code.
        code: String,
        /// The lesson's file, where the code names one (`name`, `text`) and it could be loaded.
        lesson: Option<(String, String)>,
    },
    /// A session that was saved as a file.
    Recording {
        /// The file's name.
        name: String,
        /// What is in it.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
}

/// Why something could not be opened or done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabProblem {
    /// What was asked for: `lesson`, `link`, `recording`, `act`.
    pub what: String,
    /// Its name, where it has one.
    pub name: String,
    /// The line that is wrong, counted from 1; 0 where there is none.
    pub line: u32,
    /// What is wrong and what would be right, in English.
    pub why: String,
}

/// The lab as it is now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabFrame {
    /// What is open: `lesson`, `world` (of a link, without its lesson), `recording`.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// The lesson's text, where there is one.
    pub lesson: Option<LessonFrame>,
    /// The position, in moments.
    pub moment: u64,
    /// How far this road is known; one can go further while [`Self::next`] is there.
    pub end: u64,
    /// Positions at which a text begins, or at which something was done by hand; ascending.
    pub marks: Vec<Mark>,
    /// The world's time since it began, in milliseconds.
    pub time: f64,
    /// How fast time goes on by itself; 0 while it stands.
    pub speed: f64,
    /// What the next step will be; `None` when nothing will happen until somebody acts.
    pub next: Option<Coming>,
    /// Whether there is something to take back.
    pub can_undo: bool,
    /// Whether one can act here; not in a recording.
    pub can_act: bool,
    /// Whether it can be shown at all three QoS.
    pub can_compare: bool,
    /// All roads, in the order in which they were made.
    pub roads: Vec<RoadRow>,
    /// The [`RoadRow::id`] of this one.
    pub road: u32,
    /// What is on its way, or hangs in a link that was cut at the last step; oldest first, at most 200.
    pub flying: Vec<Flying>,
    /// What is in each head: the broker first, then the clients in the order of the script.
    pub heads: Vec<Head>,
    /// The other two, while three are shown side by side; then [`Self::beside`] says which this one is.
    pub others: Vec<Beside>,
    /// The QoS of this one while three are shown side by side.
    pub beside: Option<u8>,
}

/// A lesson, at its present text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LessonFrame {
    /// The name of its file, without its ending.
    pub name: String,
    /// Which text it is, counted from 0.
    pub step: u32,
    /// How many texts there are.
    pub steps: u32,
    /// The text. Pieces between `*` stand out; pieces between backticks are code.
    pub text: String,
    /// What the text speaks of: names of clients, `broker`, or names of Control Packets.
    pub points: Vec<String>,
    /// A question, to be answered before one goes on.
    pub question: Option<Question>,
    /// Sections of the standard: what they are called, and where they are.
    pub standard: Vec<(String, String)>,
    /// The depth that the lesson asks for: `story`, `handshake`, `bytes`.
    pub depth: String,
    /// Whether the lesson speaks of PINGREQ or PINGRESP, which a ladder leaves out otherwise.
    pub pings: bool,
    /// Whether the lesson speaks of the tree of topics, which then stands beside the ladder.
    pub topics: bool,
    /// Whether this is the end, from which one goes on as one likes.
    pub free: bool,
    /// Whether one has left the lesson's road, and reads no text for what happens.
    pub astray: bool,
}

/// A question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// What may be answered; two to six.
    pub options: Vec<String>,
    /// What was answered, counted from 0.
    pub answered: Option<u32>,
    /// Which is right; told only when answered, or when one went on.
    pub right: Option<u32>,
    /// Why; told with it.
    pub because: String,
}

/// A position that is worth going to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// The position.
    pub moment: u64,
    /// `text`, `act` (by hand), `fork` (where the road left another).
    pub kind: String,
    /// The text's number, or what was done, in the lab's language.
    pub what: String,
}

/// What comes next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coming {
    /// `arrival`, `opening`, `closing`, `broker-deadline`, `client-deadline`, `commit`, `act`.
    pub kind: String,
    /// The client concerned; empty for the broker.
    pub client: String,
    /// Whether it goes to the broker.
    pub to_broker: bool,
    /// The packet that arrives.
    pub packet: Option<Box<PacketRow>>,
    /// For a deadline its reason in the words of the code, such as `KeepAlive`; for an act what will be done.
    pub what: String,
    /// How much time passes until then, in milliseconds.
    pub after: f64,
}

/// A road.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RoadRow {
    /// Never used for another one.
    pub id: u32,
    /// The road that it left, if any.
    pub from: Option<u32>,
    /// The position at which it left that.
    pub at: u64,
    /// What was done there, in the lab's language; empty for the first road.
    pub what: String,
    /// Its own position, and how far it is known.
    pub moment: u64,
    /// See `moment`.
    pub end: u64,
}

/// A packet on a link.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flying {
    /// The client whose link it is, as its lifeline is named.
    pub client: String,
    /// Its name in the script, by which [`LabCommand::Act`] calls it.
    pub who: String,
    /// Its lifeline, where it has one.
    pub lifeline: Option<u32>,
    /// True from client to broker.
    pub to_broker: bool,
    /// The packet.
    pub packet: PacketRow,
    /// Which one it is in its direction, the next to arrive being 0: what [`LabCommand::Act`] counts by in
    /// `cut up+1` or `hold down+0`.
    pub index: u32,
    /// How much of its way it has gone, from 0 to 1.
    pub gone: f32,
    /// When it arrives, in milliseconds from now; `None` when it is held, or waits in front of the link.
    pub arrives: Option<f64>,
    /// `moving`, `held`, `waiting` (for changes to become durable, or for room), `lost` (in the last step).
    pub state: String,
    /// The publication that it belongs to, where that is known.
    pub publication: Option<u64>,
    /// The ladder's row that tells of its leaving, for a packet from the broker.
    pub row: Option<u64>,
}

/// What one machine holds in memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// `broker`, or the client's name in the script, by which [`LabCommand::Act`] calls it.
    pub who: String,
    /// The Client Identifier, by which its lifeline is called and the broker knows it; empty for the broker.
    pub id: String,
    /// Whether it runs.
    pub up: bool,
    /// What it is: `connected`, `connecting`, `waiting` (to try again), `offline`, `down`; of the broker `up`, `down`.
    pub state: String,
    /// Links of this client that are held: `up`, `down`.
    pub held: Vec<String>,
    /// What it holds, in a fixed order of kinds.
    pub facts: Vec<Fact>,
}

/// One thing in a head.
///
/// | kind | what it is | what tells of it |
/// | --- | --- | --- |
/// | `message` | a message stored until an acknowledgement comes | `packet_id` `name` (Topic Name) `qos` `value` (payload) `waits_for` `publication` |
/// | `packet-id` | only the Packet Identifier is remembered | `packet_id` `waits_for` `publication`, `name` where it is known |
/// | `queued` | a message that waits for its turn | `name` `qos` `value` `publication` |
/// | `request` | something was asked and not yet answered | `packet_id` `name` (the first Topic Filter, if any) `waits_for` |
/// | `session` | a Session | `value`: Session Expiry Interval in seconds, 0 ends with the connection, 4294967295 never |
/// | `subscription` | a Subscription | `name` (Topic Filter) `qos` |
/// | `retained` | a Retained Message | `name` `qos` `value` |
/// | `will` | a Will that is armed | `name` `qos` `value` `retain` `delay` |
/// | `timer` | a deadline | `name` (its reason in the words of the code) `fires_in` |
/// | `alias` | a Topic Alias in force | `value` (its number) `name` (the topic that it stands for) |
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Which of the kinds above.
    pub kind: String,
    /// For a broker's head the client it is held for; else empty.
    pub of: String,
    /// The Packet Identifier, where it has one.
    pub packet_id: Option<u16>,
    /// Topic Name, Topic Filter, or the reason of a timer in the words of the code.
    pub name: String,
    /// QoS, where it has one.
    pub qos: Option<u8>,
    /// A payload cut for display, or a number with its meaning told by `kind`; may be empty.
    pub value: String,
    /// The Control Packet type that will end it; 0 for none.
    pub waits_for: u8,
    /// For a timer: how long until it fires, in milliseconds.
    pub fires_in: Option<f64>,
    /// What the last step did to it: empty, `new`, `changed`, `gone` (told once more, with the step that ended it).
    pub change: String,
    /// The publication, where there is one.
    pub publication: Option<u64>,
    /// RETAIN flag, of a Will.
    pub retain: bool,
    /// Will Delay Interval in seconds, of a Will.
    pub delay: u32,
}

/// One of three worlds that are shown side by side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    /// Its QoS.
    pub qos: u8,
    /// Its ladder, by the view's [`crate::FlowView`].
    pub flow: FlowFrame,
    /// See [`LabFrame::flying`].
    pub flying: Vec<Flying>,
    /// See [`LabFrame::heads`].
    pub heads: Vec<Head>,
}

/// In what form a session is given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// Our own: it can be opened again.
    Recording,
    /// pcapng, for Wireshark.
    Pcapng,
    /// One JSON object a line, for programs.
    JsonLines,
}

/// A piece of a session that is given out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exported {
    /// In which form.
    pub format: Format,
    /// A name for the file; empty for the live session, which has none: the page names it by the time of day.
    pub name: String,
    /// How many bytes of the file came before this piece. With 0 a file begins, and whatever was not whole is given up.
    pub at: u64,
    /// The piece, which may be empty.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// How much of the work is done, from 0 to 1.
    pub done: f32,
    /// The file is whole with this piece.
    pub last: bool,
}

/// What is done to a client of the broker in the tab, from in between.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Meddle {
    /// Bytes to or from the client are held from now on.
    Hold {
        /// The Client Identifier.
        client: String,
        /// True for those to the broker.
        to_broker: bool,
    },
    /// They go on.
    Release {
        /// The Client Identifier.
        client: String,
        /// True for those to the broker.
        to_broker: bool,
    },
    /// The connection is cut when the next packet of this type comes by.
    CutAt {
        /// The Client Identifier.
        client: String,
        /// True for packets to the broker.
        to_broker: bool,
        /// The Control Packet type; 0 for any.
        packet_type: u8,
        /// Whether the packet still arrives.
        after: bool,
    },
    /// A virtual client of the lab's joins the broker, or does something. In the lab's language: the line that
    /// describes a client (`client ana version=5.0`), or what one does (`ana publish a/b "1" qos=1`).
    Virtual(String),
}
