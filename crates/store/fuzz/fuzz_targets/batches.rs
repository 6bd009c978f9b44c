//! Whatever the bytes of a batch are: reading them does not panic, and what is read can be kept.
//!
//! The crate's tests run the same body on seeded input.
#![no_main]

#[path = "../body.rs"]
#[allow(dead_code)]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
