//! An MQTT client (3.1, 3.1.1 and 5.0) as a state machine: bytes and time go in; bytes, deadlines and events
//! come out. It opens no socket, reads no clock and draws no random number.
//!
//! # Driving it
//!
//! ```
//! use vitrine_client::{Client, Event, Input, Message, Options, Output, Time};
//! use vitrine_packet::QoS;
//!
//! let now = Time::from_secs(0); // from the host's clock
//! let mut client = Client::new(Options { client_id: "a".into(), ..Options::default() }, now);
//! client.connect(now);
//! client.publish(Message::new("hello", b"world", QoS::AtLeastOnce), now)?; // waits for the connection
//!
//! // After every call: do what it asks for, until it asks for nothing more.
//! assert_eq!(client.poll_output(), Some(Output::Open));
//! client.handle(Input::Opened, now);
//! assert_eq!(client.poll_output(), Some(Output::Transmit));
//! let mut out = Vec::new();
//! client.poll_transmit(&mut out, 65_536, now);
//! assert_eq!(out, b"\x10\x0e\0\x04MQTT\x05\x02\0\x3c\0\0\x01a"); // CONNECT
//!
//! // Hand it what comes, and take what it has to tell.
//! client.handle(Input::Received(b"\x20\x03\0\0\0"), now); // CONNACK
//! assert!(matches!(client.poll_event(), Some(Event::Connected { session_present: false, .. })));
//! out.clear();
//! client.poll_transmit(&mut out, 65_536, now); // PUBLISH
//! client.handle(Input::Received(b"\x40\x02\0\x01"), now); // PUBACK
//! assert!(matches!(client.poll_event(), Some(Event::Published { .. })));
//!
//! // And wake it when this time has come: it has been silent for its Keep Alive.
//! assert_eq!(client.next_deadline().map(|next| next.at), Some(Time::from_secs(60)));
//! # Ok::<(), vitrine_client::Refused>(())
//! ```
//!
//! # What is where
//!
//! - `client`: the state, and the way in and out. `connect`: how a connection begins and ends.
//! - `publish`: messages to the server, `receive`: from it; `request`: SUBSCRIBE and UNSUBSCRIBE.
//! - `contents`: what it holds, for who wants to see it.
//! - `timers`: Keep Alive, time-outs, coming back. `outbox`: bytes on their way out.
//!
//! # What always holds
//!
//! - **The same calls at the same times give the same everything.** The seed in [`BackOff`] is the only chance.
//! - **No input fails.** A server's fault ends the connection with a reason.
//! - **A message is never sent where the server said no**: not above its Maximum QoS, its Maximum Packet Size,
//!   its Receive Maximum, not retained where it retains nothing.
//! - **What was under way is sent again on the next connection** if the server has the Session, in the same
//!   order with the same identifiers, and on the same connection only where 3.x and the options say so.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod client;
mod connect;
mod connection;
mod contents;
mod event;
mod message;
mod options;
mod outbox;
mod publish;
mod receive;
mod refused;
mod request;
mod server;
mod timers;

pub use client::{Client, Input};
pub use contents::{Held, HeldAs, Status};
pub use event::{Deadline, DeadlineReason, Event, Failure, Loss, Output};
pub use message::{Message, Ticket};
pub use options::{BackOff, Options, Will};
pub use refused::Refused;
pub use server::Server;
pub use vitrine_session::Time;
