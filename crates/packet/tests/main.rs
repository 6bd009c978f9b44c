//! The packets from outside: byte for byte, by the standard's statements, and by properties that
//! hold for all packets and for all bytes.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test fails on whatever it did not expect, named or not"
)]

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
