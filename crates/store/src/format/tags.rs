//! The first byte of each change, and flags. Another one makes another version of the store ([`crate::head::VERSION`]).

pub(super) const SESSION: u8 = 0;
pub(super) const SESSION_ENDED: u8 = 1;
pub(super) const SUBSCRIBED: u8 = 2;
pub(super) const UNSUBSCRIBED: u8 = 3;
pub(super) const QUEUED: u8 = 4;
pub(super) const SENT: u8 = 5;
pub(super) const PUBREC_CAME: u8 = 6;
pub(super) const WAITS: u8 = 7;
pub(super) const MOVED: u8 = 8;
pub(super) const DELIVERED: u8 = 9;
pub(super) const RECEIVED: u8 = 10;
pub(super) const RELEASED: u8 = 11;
pub(super) const RETAINED: u8 = 12;
pub(super) const RETAINED_REMOVED: u8 = 13;
pub(super) const CLOCK: u8 = 14;

/// Flags of a delivery, beside its QoS in the lowest two bits.
pub(super) const RETAIN: u8 = 4;
pub(super) const HAS_IDENTIFIERS: u8 = 8;
pub(super) const HAS_GROUP: u8 = 16;
