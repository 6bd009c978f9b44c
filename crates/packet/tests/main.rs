//! The packets from outside: byte for byte, by the standard's statements, and by properties that
//! hold for all packets and for all bytes.

mod dissect;
mod encode;
mod framer;
mod hostile;
mod owned;
mod round_trip;
mod rules;
mod sample;
mod topic;

#[path = "../fuzz/body.rs"]
mod body;
