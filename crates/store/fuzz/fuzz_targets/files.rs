//! Whatever bytes a file has: it is opened, or an error says why not, and it is left as it is.
//!
//! The crate's tests run the same body on seeded input.
#![no_main]

#[path = "../body.rs"]
#[allow(dead_code)]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::open(data));
