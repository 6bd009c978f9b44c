//! The world, and simulations in it.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks out what it is about"
)]

mod code;
mod packets;
mod road;
mod script;
mod simulation;
mod world;
