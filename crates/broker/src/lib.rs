//! An MQTT broker (3.1, 3.1.1 and 5.0) as a state machine: bytes, time and a seed go in; bytes,
//! deadlines and observations come out. It opens no socket, reads no clock and draws no random number.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod broker;
mod changes;
mod client_id;
mod close;
mod config;
mod connection;
mod deliver;
mod handle;
mod hash;
mod input;
mod message;
mod observation;
mod observer;
mod outbox;
mod output;
mod publication;
mod queries;
mod queue;
mod restore;
mod retained;
mod router;
mod send;
mod session;
mod time;
mod timers;
mod transmit;
mod trie;

pub use broker::Broker;
pub use changes::{
    Change, PersistentState, SavedDelivery, SavedMessage, SavedSession, SavedSubscription,
    SessionSettings,
};
pub use client_id::ClientId;
pub use config::Config;
pub use input::{Command, ConnectionId, Input, Peer};
pub use message::Message;
pub use observation::{
    CloseReason, DiscardReason, Event, Observation, ObservationMask, PublicationId, SessionEnd,
    WillDrop, WillInfo,
};
pub use output::{Deadline, DeadlineReason, Output};
pub use queries::{ConnectionInfo, Counts, RetainedInfo, SessionInfo};
pub use restore::RestoreError;
pub use session::Will;
pub use time::Time;
