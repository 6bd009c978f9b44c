//! Whatever the bytes are: decoder, encoder, framer and dissection agree, and none panics.
//!
//! The crate's tests run the same body on seeded input.
#![no_main]

#[path = "../body.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
