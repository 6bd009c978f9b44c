//! mqtt5-wasm as it is: this package only fixes its version, its features and how it is built.

#![cfg(target_arch = "wasm32")]

pub use mqtt5_wasm::*;
