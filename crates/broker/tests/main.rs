//! What the broker does, seen from the clients: bytes in, bytes out, under a clock of the test's own.
//!
//! Each test names the statements of the standards that it proves, for each version apart.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks out what it is about"
)]

#[path = "../fuzz/body.rs"]
mod fuzz;
mod harness;

mod access;
mod aliases;
mod auth;
mod conformance;
mod connect;
mod contents;
mod determinism;
mod dollar;
mod durable;
mod durable_shared;
mod early;
mod expiry;
mod flow_control;
mod hostile;
mod keepalive;
mod limits;
mod malformed;
mod model;
mod observations;
mod pressure;
mod properties;
mod qos0;
mod qos1;
mod qos2;
mod retained;
mod session;
mod shared;
mod subscribe;
mod sys;
mod takeover;
mod throttle;
mod unsubscribe;
mod wildcard;
mod will;
