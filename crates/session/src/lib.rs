//! What both ends of an MQTT connection share: the sending and the receiving half of the QoS flows with
//! their Packet Identifiers and flow control, and Topic Aliases.
//!
//! - [`Outgoing`]: messages sent at QoS 1 and 2 until their handshake is complete.
//! - [`Incoming`]: QoS 2 messages received and not yet released.
//! - [`Time`]: told by whoever hosts an end.
//! - [`TopicAliases`]: what the other side's aliases stand for. [`AliasBook`]: those given to it.
//!
//! Generic over what a message is, so that a broker can hold shared messages and a client its own.
//! No I/O, no clock.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod incoming;
mod outgoing;
mod time;
mod topic_aliases;

pub use incoming::Incoming;
pub use outgoing::{AckError, Flight, Outgoing, Pending, PubRecOutcome};
pub use time::Time;
pub use topic_aliases::{AliasBook, TopicAliases};
