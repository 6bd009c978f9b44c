//! Whatever comes on several connections at once: the broker stands and keeps to its limits.
//!
//! The crate's tests run the same body on seeded input.
#![no_main]

#[path = "../body.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
