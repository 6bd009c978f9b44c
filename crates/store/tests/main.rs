//! What is kept is what was committed, whatever happens.
#![cfg(not(target_family = "wasm"))]
// A test picks out what it is about.
#![allow(clippy::wildcard_enum_match_arm)]

#[allow(dead_code, unused_imports)]
#[path = "../../broker/tests/harness/mod.rs"]
mod harness;

mod batch;
#[path = "../fuzz/body.rs"]
mod body;
mod crash;
mod damage;
mod disk;
mod file;
mod hostile;
mod life;
mod round_trip;
mod version;
