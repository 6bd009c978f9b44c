//! The world, and simulations in it.

// A test picks out what it is about.
#![allow(clippy::wildcard_enum_match_arm)]

mod code;
mod packets;
mod road;
mod script;
mod simulation;
mod world;
