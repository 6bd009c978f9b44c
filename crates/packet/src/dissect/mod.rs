//! Naming every field of a packet: what an inspector of bytes draws.
//!
//! It walks on its own, apart from the decoder, because it has to go on where the decoder stops:
//! what is there is named, however wrong it is, and what cannot be told apart any more is covered
//! by a field of its own.

mod connect;
mod field;
mod list;
mod names;
mod packets;
mod properties;
mod walker;

use crate::{Packet, ProtocolVersion};
use walker::Walker;

pub use field::{Dissection, Field, FieldValue};

/// Names every field of `bytes`, one packet with its fixed header, by the rules of `version`, which
/// does not matter for CONNECT. Goes as far as it can with bytes that are malformed or end early.
pub fn dissect(bytes: &[u8], version: ProtocolVersion) -> Dissection<'_> {
    let mut walker = Walker::new(bytes, version);
    // Whether it got to the end shows in the fields.
    let _: Option<()> = packets::packet(&mut walker);
    Dissection {
        fields: walker.finish(),
        error: Packet::decode(bytes, version).err(),
    }
}
