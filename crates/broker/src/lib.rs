//! An MQTT broker (3.1, 3.1.1 and 5.0) as a state machine: bytes, time and a seed go in; bytes,
//! deadlines and observations come out. It opens no socket, reads no clock and draws no random number.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod client_id;
mod config;
mod input;
mod observation;
mod output;
mod time;

pub use client_id::ClientId;
pub use config::Config;
pub use input::{Command, ConnectionId, Input, Peer};
pub use observation::{
    CloseReason, DiscardReason, Event, Observation, ObservationMask, PublicationId, SessionEnd,
    WillDrop, WillInfo,
};
pub use output::{Deadline, DeadlineReason, Output};
pub use time::Time;
