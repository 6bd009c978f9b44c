//! Placeholder header, replaced as the crate is written.
#![no_std]
extern crate alloc;
