//! The fields of a packet.

use alloc::vec::Vec;

use crate::DecodeError;

/// A packet taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dissection<'a> {
    /// The fields in the order of their bytes; groups stand before their parts. Every byte belongs
    /// to exactly one field that is not a group, every bit of a divided byte to one of its parts.
    pub fields: Vec<Field<'a>>,
    /// What is wrong with the packet.
    pub error: Option<DecodeError>,
}

/// A field of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The standard's name of it, such as `Remaining Length`.
    pub name: &'static str,
    /// Its first byte.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// For a field of less than a byte: its highest and lowest bit, 7 to 0.
    pub bits: Option<(u8, u8)>,
    /// Its value.
    pub value: FieldValue<'a>,
    /// 0 for the top; the parts of a group are one deeper than the group.
    pub depth: u8,
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldValue<'a> {
    /// A group: its parts follow, one deeper.
    Group,
    /// A number.
    Number(u64),
    /// A flag.
    Flag(bool),
    /// Text.
    Text(&'a str),
    /// Bytes that are no text, or may be none.
    Binary(&'a [u8]),
    /// A number with a name in the standard, such as `PUBLISH` or `Success`.
    Named {
        /// The number.
        value: u64,
        /// The name.
        name: &'static str,
    },
}
