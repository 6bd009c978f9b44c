//! An MQTT broker (3.1, 3.1.1 and 5.0) as a state machine: bytes, time and a seed go in; bytes,
//! deadlines and observations come out. It opens no socket, reads no clock and draws no random number.
//!
//! # Driving it
//!
//! ```
//! use vitrine_broker::{Broker, Config, ConnectionId, Input, Output, Peer, Time};
//!
//! let now = Time::from_secs(0); // from the host's clock
//! let mut broker = Broker::new(Config::default(), now);
//! let connection = ConnectionId(1);
//! broker.handle(Input::Opened { connection, peer: Peer::by("tcp") }, now);
//! let connect = b"\x10\x0d\0\x04MQTT\x04\x02\0\0\0\x01a";
//! broker.handle(Input::Received { connection, bytes: connect }, now);
//!
//! // After every input: do what it asks for, until it asks for nothing more.
//! let mut out = Vec::new();
//! while let Some(output) = broker.poll_output() {
//!     match output {
//!         Output::Transmit { connection } => {
//!             // Whenever the transport can take bytes: at once, or later.
//!             broker.poll_transmit(connection, &mut out, 65_536, now);
//!         }
//!         Output::Close { connection, .. } => {
//!             // Send what `poll_transmit` still gives, close the transport, and say so.
//!             broker.handle(Input::Closed { connection }, now);
//!         }
//!         _ => {}
//!     }
//! }
//! assert_eq!(out, b"\x20\x02\0\0"); // CONNACK
//!
//! // And wake it when this time has come.
//! assert!(broker.next_deadline().is_none());
//! ```
//!
//! # What is where
//!
//! - `broker`: the state, and the way in and out. `handle/`: what is done with each kind of packet.
//! - `access`: who may connect, publish, subscribe and receive.
//! - `ahead`: fetching from memory what the next packets will ask for.
//! - `publication`: accepting a message; `router`, `trie` and `route_cache`: who gets it; `deliver`: giving it
//!   to them, at once (`send`, `encodings`), later (`queue`) or not at all; `retained`: keeping it for those to come.
//! - `shared`: which member of a group of shared subscriptions gets a message.
//! - `connection`, `outbox`, `transmit`: transports, and bytes on their way out. `session`: what is kept
//!   for a client. `close`: how both end. `timers`: what happens at a time.
//! - `pressure`: what is done for a receiver that is slower than its publishers.
//! - `limits`: what each limit is called, what is said where it is reached, and how often that was. `offers`: what the
//!   configuration takes away.
//! - `statistics`, `sys`: what is counted, and told under `$SYS`.
//! - `observer`, `observation`, `reasons`: what those who watch are told. `queries`, `contents`: what a host may ask.
//!   `changes`, `collected`, `restore`: what survives.
//!
//! # What always holds
//!
//! - **The same inputs at the same times give the same everything.** No order of a hash table shows.
//! - **No input fails.** A peer's fault ends its connection, and nobody else's.
//! - **Everything is bounded** by [`Config`], and the first thing to go is never something promised.
//! - **Bytes are pulled.** What a transport does not take waits here, within limits.
//! - **A message is encoded once** for each version, QoS and RETAIN, however many get it; properties
//!   that only one of them gets are the exception.
//! - **Topics that begin with `$` are the broker's.** A client's PUBLISH to one is refused with 0x87;
//!   before 5.0 it is acknowledged and goes nowhere [MQTT-3.3.5-2].
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod access;
mod ahead;
mod broker;
mod changes;
mod client_id;
mod close;
mod collected;
mod config;
mod connection;
mod contents;
mod deliver;
mod encodings;
mod handle;
mod hash;
mod input;
mod limits;
mod message;
mod observation;
mod observer;
mod offers;
mod outbox;
mod output;
mod pressure;
mod publication;
mod queries;
mod queue;
mod reasons;
mod restore;
mod retained;
mod route_cache;
mod router;
mod send;
mod session;
mod shared;
mod statistics;
mod sys;
mod timers;
mod transmit;
mod trie;
mod verify;

pub use access::{
    Access, Actions, Credentials, Judge, PatternError, Rule, ScramKeys, Secret, User,
};
pub use broker::Broker;
pub use changes::{
    Change, ChangeNumber, ClockReading, PersistentState, SavedDelivery, SavedMessage, SavedSession,
    SavedSubscription, SessionSettings,
};
pub use client_id::ClientId;
pub use config::Config;
pub use contents::{Held, HeldAs, Timer, Whose};
pub use input::{Command, ConnectionId, Input, Peer};
pub use limits::{Limit, LimitState};
pub use message::Message;
pub use observation::{Event, Observation, ObservationMask, PublicationId, WillInfo};
pub use output::{Deadline, DeadlineReason, Output};
pub use queries::{ConnectionInfo, Counts, RetainedInfo, SessionInfo};
pub use reasons::{CloseReason, DiscardReason, SessionEnd, WillDrop};
pub use restore::RestoreError;
pub use session::Will;
pub use statistics::Statistics;
pub use vitrine_session::Time;
