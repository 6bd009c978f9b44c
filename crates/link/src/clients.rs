//! The client table.

use serde::{Deserialize, Serialize};

use crate::Payload;

/// Which rows of the client table are on screen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientsView {
    /// Index of the first row.
    pub first: u32,
    /// How many rows. At most 500 are answered.
    pub rows: u32,
}

/// The rows asked for, in the order in which the clients were first seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientsFrame {
    /// How many sessions there are.
    pub total: u32,
    /// Index of the first row answered.
    pub first: u32,
    /// The rows.
    pub rows: Vec<ClientRow>,
}

/// One session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientRow {
    /// The Client Identifier.
    pub client: String,
    /// Whether it is connected.
    pub connected: bool,
    /// By which door it came: `page`, `worker`, `iframe`, `tab`, `websocket`, `tcp`.
    pub door: String,
    /// 3, 4 or 5.
    pub version: u8,
    /// The User Name, if it gave one.
    pub username: Option<String>,
    /// Keep Alive in seconds; 0 for none.
    pub keep_alive: u16,
    /// Whether it came with Clean Start (or Clean Session) 1.
    pub clean: bool,
    /// Session Expiry Interval in seconds; `u32::MAX` for never; 0 ends with the connection.
    pub session_expiry: u32,
    /// The subscriptions.
    pub subscriptions: Vec<SubscriptionRow>,
    /// QoS 1 and 2 messages sent to it and not yet fully acknowledged.
    pub in_flight_out: u32,
    /// QoS 2 messages received from it and not yet released.
    pub in_flight_in: u32,
    /// Messages waiting in its queue.
    pub queued: u32,
    /// Since when connected, or since when gone; milliseconds since the Unix epoch.
    pub since: f64,
    /// Bytes received from it.
    pub bytes_in: u64,
    /// Bytes sent to it.
    pub bytes_out: u64,
    /// Messages it published.
    pub published: u64,
    /// Messages delivered to it.
    pub delivered: u64,
    /// Its will, while it is armed.
    pub will: Option<WillSummary>,
    /// The [`crate::Lifeline::id`] of its line.
    pub lifeline: Option<u32>,
    /// What somebody does to its connection from in between: bytes to (`up`) or from the broker (`down`) are held; it
    /// will be cut at a packet to (`cut-up`) or from the broker (`cut-down`).
    #[serde(default)]
    pub held: Vec<String>,
}

/// A subscription.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SubscriptionRow {
    /// The Topic Filter.
    pub filter: String,
    /// The granted QoS.
    pub qos: u8,
    /// Messages it brought since it was made.
    pub matched: u64,
}

/// An armed will.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WillSummary {
    /// Its topic.
    pub topic: String,
    /// Its payload.
    pub payload: Payload,
    /// Its QoS.
    pub qos: u8,
    /// Its RETAIN flag.
    pub retain: bool,
    /// Will Delay Interval in seconds.
    pub delay: u32,
}
