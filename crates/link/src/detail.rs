//! What is known of the one thing that is selected.

use serde::{Deserialize, Serialize};

use crate::{ClientRow, FlowRow, LevelVerdict, Payload, Problem, Receiver, Refusal, TreeRow};

/// The one selection of the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Selection {
    /// Nothing.
    #[default]
    None,
    /// A row of the ladder, by its number.
    Row(u64),
    /// A publication, by its number.
    Publication(u64),
    /// A topic.
    Topic(String),
    /// A client, by its Client Identifier.
    Client(String),
    /// A subscription.
    Subscription {
        /// The Client Identifier.
        client: String,
        /// The Topic Filter.
        filter: String,
    },
}

/// The answer for the selection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Detail {
    /// Nothing is selected.
    #[default]
    None,
    /// What was selected is no longer (or not yet) known.
    Gone,
    /// For [`Selection::Row`].
    Packet(Box<PacketDetail>),
    /// For [`Selection::Publication`].
    Story(Box<Story>),
    /// For [`Selection::Topic`].
    Topic(Box<TopicDetail>),
    /// For [`Selection::Client`] and [`Selection::Subscription`].
    Client(Box<ClientDetail>),
}

/// A row taken apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PacketDetail {
    /// The row.
    pub row: FlowRow,
    /// The name of the row's lifeline.
    pub client: String,
    /// The packet's bytes; at most 64 KiB of them. Empty for a row that is no packet.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// True when `bytes` is less than the whole packet.
    pub cut: bool,
    /// The fields, in the order of the bytes.
    pub fields: Vec<Field>,
    /// What is wrong with the bytes, when something is.
    pub problem: Option<Problem>,
    /// The publication the packet belongs to.
    pub story: Option<Story>,
    /// What of it was refused, as the rows that follow from it tell; at most 20.
    #[serde(default)]
    pub refused: Vec<Refusal>,
}

/// A field of a Control Packet: a span of bytes (or of bits in a byte) and what it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The standard's name of the field, in English, such as `Remaining Length`.
    pub name: String,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// For a field of less than a byte: its highest and lowest bit, 7 to 0.
    pub bits: Option<(u8, u8)>,
    /// Its value.
    pub value: FieldValue,
    /// 0 for the top; a property is deeper than the property list it stands in.
    pub depth: u8,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FieldValue {
    /// A group: its parts follow, one deeper.
    Group,
    /// A number.
    Number(u64),
    /// A flag.
    Flag(bool),
    /// Text.
    Text(String),
    /// Bytes that need not be text, such as a payload or a password, as far as they fit a row.
    Binary(Payload),
    /// A value with a name in the standard, such as `PUBLISH` or `0x00 Success`.
    Named {
        /// The number.
        value: u64,
        /// The name, in the standard's English.
        name: String,
    },
}

/// The story of a publication: from its publisher to everyone who gets it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// Its number.
    pub publication: u64,
    /// The Topic Name.
    pub topic: String,
    /// The payload.
    pub payload: Payload,
    /// The publisher's Client Identifier; empty for the broker itself.
    pub publisher: String,
    /// The QoS it was published with.
    pub qos: u8,
    /// Whether it was published with RETAIN 1.
    pub retain: bool,
    /// Whether it is a will.
    pub will: bool,
    /// When it was published, in milliseconds since the Unix epoch.
    pub at: f64,
    /// The numbers of its rows that are still recorded, rising; at most the first 2,000.
    pub rows: Vec<u64>,
    /// Who it goes to, at most 500. Empty when nobody subscribed.
    pub deliveries: Vec<Delivery>,
    /// How many deliveries more there are.
    #[serde(default)]
    pub deliveries_left_out: u32,
    /// Clients with a Subscription that it did not go to, at most 5: those whose Subscription came nearest.
    #[serde(default)]
    pub missed: Vec<Missed>,
}

/// A client that a publication did not go to, and the one of its Subscriptions that came nearest, as they are now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Missed {
    /// The Client Identifier.
    pub client: String,
    /// The Topic Filter.
    pub filter: String,
    /// `filter` (it does not match), `no-local` (it matches its own message, with No Local), `share` (another one of
    /// the group got it), `share-none` (it is shared, and of nobody in the group it is known that it got it), `later` (it
    /// matches, but was made after the message came).
    pub why: String,
    /// `filter` against the topic.
    pub levels: Vec<LevelVerdict>,
}

/// One subscriber's part of a story.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The Client Identifier.
    pub client: String,
    /// The filter that brought it.
    pub filter: String,
    /// The QoS granted to that filter.
    pub granted: u8,
    /// The QoS it is delivered with: the lower of publication and grant.
    pub qos: u8,
    /// Sent because of RETAIN, on subscribing.
    pub retained: bool,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, for [`Outcome::Discarded`], as in [`crate::RowKind::Discarded`].
    pub why: Option<String>,
    /// For [`Outcome::Discarded`]: it was sent before, and whether it arrived the broker does not know.
    #[serde(default)]
    pub sent: bool,
    /// The rule that withholds it, where one does.
    #[serde(default)]
    pub rule: Option<String>,
    /// The filter against the topic.
    pub levels: Vec<LevelVerdict>,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Waits in the queue.
    #[default]
    Queued,
    /// Sent; for QoS 0 that is the end.
    Sent,
    /// Sent, and the handshake goes on.
    InFlight,
    /// The handshake is complete.
    Acknowledged,
    /// Not delivered.
    Discarded,
}

/// A topic in full.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TopicDetail {
    /// The node.
    pub row: TreeRow,
    /// The latest messages, newest first; at most 20.
    pub history: Vec<crate::LastMessage>,
    /// Who would receive a message on it now, at QoS 2 (so that the grants show); at most 500.
    pub receivers: Vec<Receiver>,
}

/// A client in full.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientDetail {
    /// The row of the table.
    pub row: ClientRow,
    /// What the broker holds of it and for it, oldest first; at most 100.
    pub holds: Vec<crate::Hold>,
    /// The selected subscription's filter, for [`Selection::Subscription`].
    pub filter: Option<String>,
    /// Topics of the tree that the filter matches; at most 200.
    pub topics: Vec<String>,
}
