//! The ladder: lifelines, and one row for everything that happened.

use serde::{Deserialize, Serialize};

use crate::Payload;

/// Which part of the ladder is on screen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowView {
    /// Where the rows begin or end.
    pub anchor: Anchor,
    /// How many rows fit. At most 500 are answered.
    pub rows: u32,
    /// Which rows count.
    pub filter: FlowFilter,
    /// How much is told.
    pub depth: Depth,
}

/// Where the window on the rows stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Anchor {
    /// The newest row is the last one on screen.
    #[default]
    Newest,
    /// The window begins at this index of the rows that pass the filter; earlier when it would not be
    /// full. Where the recording forgets its oldest rows, the index of every row goes down.
    Index(u64),
    /// The window ends at the last row whose number is at most this one: a paused ladder, which stays
    /// as it is whatever comes. While the view stays the same, rows that were on screen stay there even
    /// if the recording forgets them; they no longer count in [`FlowFrame::total`], and
    /// [`FlowFrame::first`] is then 0.
    UpTo(u64),
    /// The window is placed so that the row with this number is in its middle.
    Around(u64),
}

/// Which rows pass. A row that is no packet passes unless a client, type or publication rules it out
/// (any type does, and so does a client when the row concerns no client).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowFilter {
    /// Only these clients (by lifeline name); empty for all.
    pub clients: Vec<String>,
    /// Only packets whose publication's topic matches this Topic Filter; empty or invalid for all.
    /// Other rows that belong to a publication pass or fail with it.
    pub topic: String,
    /// Bit n set: packets of type n (1 CONNECT … 15 AUTH) pass. 0 for all.
    pub types: u16,
    /// Only this publication.
    pub publication: Option<u64>,
    /// Leave out PINGREQ and PINGRESP.
    pub hide_pings: bool,
    /// Leave out what belongs to publications under `$SYS/`, with which the broker tells of itself; but not where
    /// [`Self::topic`] begins with `$` or [`Self::publication`] is given.
    #[serde(default)]
    pub hide_system: bool,
}

/// How much the page tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Depth {
    /// Publications only: one arrow in, arrows out. Packets other than PUBLISH do not pass, and of what
    /// is held only the queues are told.
    Story,
    /// Every Control Packet.
    #[default]
    Handshake,
    /// Every Control Packet, with its bytes.
    Bytes,
}

/// The rows asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowFrame {
    /// All lifelines that pass the client filter and have a row in the recording or a hold among
    /// `holds`, in the order of their first appearance; at most 500, those of the answered rows before others. The broker is
    /// not among them.
    pub lifelines: Vec<Lifeline>,
    /// How many lifelines more there are.
    #[serde(default)]
    pub lifelines_left_out: u32,
    /// How many rows pass the filter.
    pub total: u64,
    /// The index (among those that pass) of the first row answered.
    pub first: u64,
    /// The rows.
    pub rows: Vec<FlowRow>,
    /// What is held in memory during these rows and passes the filter's clients, topic and
    /// publication, oldest first. At most 500: what ends there comes before what lasts, and of that
    /// the newest before the oldest.
    pub holds: Vec<Hold>,
    /// How many holds more there are.
    #[serde(default)]
    pub holds_left_out: u32,
    /// Rows that passed the filter and came after the last one answered.
    pub newer: u64,
    /// The number of the newest row recorded, filtered or not.
    pub newest: u64,
    /// Rows (of all) that were forgotten because the recording is bounded.
    pub forgotten: u64,
}

/// On which side of the broker a lifeline stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// Left: published before it subscribed, or has done neither yet.
    #[default]
    Publisher,
    /// Right: subscribed before it published.
    Subscriber,
}

/// One client's line. A client that reconnects keeps its line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lifeline {
    /// Never used for another client.
    pub id: u32,
    /// The Client Identifier, or the connection's number while no CONNECT was accepted.
    pub name: String,
    /// Where it stands.
    pub side: Side,
    /// Whether it is connected now.
    pub connected: bool,
    /// Whether its will is armed now.
    #[serde(default)]
    pub will: bool,
    /// What somebody does to its connection with the broker in the tab: see [`crate::ClientRow::held`].
    #[serde(default)]
    pub held: Vec<String>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowRow {
    /// Counts up; never reused.
    pub number: u64,
    /// When, in milliseconds since the Unix epoch, with microseconds behind the point.
    pub at: f64,
    /// The [`Lifeline::id`] concerned; `None` when it concerns the broker alone.
    pub lifeline: Option<u32>,
    /// The publication it belongs to.
    pub publication: Option<u64>,
    /// The row whose handling led to this one (an outgoing PUBLISH names the incoming one).
    pub cause: Option<u64>,
    /// What it was.
    pub kind: RowKind,
}

/// What a row tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RowKind {
    /// A Control Packet.
    Packet(PacketRow),
    /// A transport connection was opened.
    Opened {
        /// By which door: `page`, `worker`, `iframe`, `tab`, `websocket`, `tcp`.
        door: String,
    },
    /// A transport connection ended.
    Closed(Ending),
    /// Bytes that are no valid Control Packet.
    Malformed(Problem),
    /// A message was put into the queue of a session that is offline or has a full window.
    Queued {
        /// Messages in that queue afterwards.
        length: u32,
    },
    /// A message was not delivered to this client.
    Discarded {
        /// `offline-qos0`, `slow-consumer`, `queue-full`, `too-large`, `expired`, `session-ended`,
        /// `refused`.
        why: String,
    },
    /// Something was refused by a rule, or because of who the client is.
    Refused(Box<Refusal>),
    /// A will was published.
    WillPublished {
        /// The will's topic.
        topic: String,
    },
    /// A session ended and its state is gone.
    SessionEnded {
        /// `expired`, `clean-start`, `disconnected`.
        why: String,
    },
    /// An operator dropped the client. [`RowKind::Closed`] follows.
    Dropped,
    /// A packet to the broker that never arrived: its link was cut, or nobody read it any more. Of a packet from the
    /// broker the row that tells of its leaving says the same ([`PacketRow::fate`]).
    Lost(Box<PacketRow>),
    /// Something that was done to the world, or happened outside of the broker.
    Outside(Outside),
}

/// What happened outside of the broker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outside {
    /// `cut`, `hold`, `release`, `client-crashed`, `client-started`, `broker-crashed`, `broker-started`, `skipped`
    /// (time passed unnoticed), `clock`, `reconnecting`, `gave-up`.
    pub what: String,
    /// Whether the memory (of a client) or the store (of the broker) survived.
    pub kept: bool,
    /// Milliseconds, where it is about time.
    pub time: f64,
    /// In which direction, where that matters.
    pub to_broker: Option<bool>,
}

/// What was refused, and by what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// `connect`, `publish`, `subscribe`, `delivery` (a message that matches is withheld from this
    /// client), `will`.
    pub what: String,
    /// The Topic Name or Topic Filter; empty for a connection.
    pub topic: String,
    /// The Reason Code, in the words of 5.0 whatever version the client speaks.
    pub reason: Option<u8>,
    /// The rule's name; `default` where none fits. For a connection also `anonymous` (a User Name is
    /// needed) and `users` (the User Name or the password is wrong).
    pub rule: String,
    /// The User Name, for a connection that gave one.
    pub username: Option<String>,
}

/// A Control Packet in a row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PacketRow {
    /// True from client to broker.
    pub to_broker: bool,
    /// The number of the Control Packet type ([`crate::PacketType`]), 1 to 15.
    pub packet_type: u8,
    /// The Packet Identifier.
    pub packet_id: Option<u16>,
    /// DUP.
    pub dup: bool,
    /// QoS of a PUBLISH.
    pub qos: Option<u8>,
    /// RETAIN of a PUBLISH.
    pub retain: bool,
    /// The packet's size in bytes, fixed header included.
    pub size: u32,
    /// The Topic Name of a PUBLISH (the one meant, where the packet names only a Topic Alias); the
    /// first Topic Filter of a SUBSCRIBE or UNSUBSCRIBE.
    pub topic: Option<String>,
    /// The payload of a PUBLISH.
    pub payload: Option<Payload>,
    /// The (first) Reason Code or return code of a packet that has one.
    pub reason: Option<u8>,
    /// Protocol version of the connection: 3, 4 or 5.
    pub version: u8,
    /// The packet's first bytes, at most 24; only at [`Depth::Bytes`], else empty.
    #[serde(with = "serde_bytes", default)]
    pub head: Vec<u8>,
    /// What became of a packet from the broker, where somebody knows.
    #[serde(default)]
    pub fate: Fate,
}

/// What became of a packet that the broker sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// Nobody looks at the link.
    #[default]
    Unknown,
    /// It is on its way.
    Flying,
    /// It arrived.
    Arrived,
    /// It was lost with its connection.
    Lost,
}

/// How a connection ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ending {
    /// `client-disconnect` (DISCONNECT came), `cut` (the transport went away), `taken-over`,
    /// `keep-alive`, `protocol-error`, `malformed`, `refused`, `connect-timeout`, `operator`, `limit`,
    /// `shutdown`, `not-authorized`.
    pub why: String,
    /// True when the connection ended without a DISCONNECT: what was in flight is lost with it.
    pub cut: bool,
    /// The Reason Code, where there is one.
    pub reason: Option<u8>,
    /// The statement of the standard that was broken, such as `MQTT-3.1.0-2`.
    pub statement: Option<String>,
    /// The publications whose QoS 1 or 2 handshake with this client was under way, to or from it; at
    /// most 20, oldest first.
    #[serde(default)]
    pub under_way: Vec<u64>,
}

/// A fault found in bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// What is wrong, as a key for the page's texts, such as `reserved-flags`.
    pub code: String,
    /// Offset in the packet, in bytes.
    pub offset: u32,
    /// The statement of the standard that was broken.
    pub statement: Option<String>,
}

/// What is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoldKind {
    /// The whole message.
    #[default]
    Message,
    /// Only the Packet Identifier.
    PacketId,
    /// The whole message, waiting in a queue.
    Queued,
}

/// Something held in memory, from one row until another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// The client concerned.
    pub lifeline: u32,
    /// True when the broker holds it for (or of) that client, false when the client does.
    pub at_broker: bool,
    /// What.
    pub kind: HoldKind,
    /// The Packet Identifier, once there is one.
    pub packet_id: Option<u16>,
    /// The publication.
    pub publication: Option<u64>,
    /// The number of the row since when it is held.
    pub from: u64,
    /// The number of the row that ended it; `None` while it lasts.
    pub until: Option<u64>,
    /// The Control Packet type that will end it (4 PUBACK …); 0 when it is the connection.
    pub waits_for: u8,
}
