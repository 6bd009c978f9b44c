//! Variable Byte Integers (5.0 section 1.5.5, 3.1.1 section 2.2.3): seven bits a byte, lowest first.

use crate::DecodeErrorKind;
use crate::error::Fault;

/// The largest Remaining Length, and the largest Variable Byte Integer: 268,435,455.
pub const MAX_REMAINING_LENGTH: u32 = 0x0FFF_FFFF;

/// A decoded Variable Byte Integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VarInt {
    pub(crate) value: u32,
    /// How many bytes it took, 1 to 4.
    pub(crate) len: usize,
}

impl VarInt {
    /// Whether fewer bytes would have done.
    #[inline]
    pub(crate) const fn is_overlong(self) -> bool {
        self.len != len(self.value)
    }
}

/// How many bytes `value` takes.
#[inline]
pub(crate) const fn len(value: u32) -> usize {
    match value {
        0..=0x7F => 1,
        0x80..=0x3FFF => 2,
        0x4000..=0x1F_FFFF => 3,
        _ => 4,
    }
}

/// The integer at the start of `bytes`, which stand at byte `at` of the packet. `Ok(None)` when the
/// bytes end before it does.
#[inline]
pub(crate) fn read(bytes: &[u8], at: usize) -> Result<Option<VarInt>, Fault> {
    // Nearly all are short.
    match *bytes {
        [a @ 0..=0x7F, ..] => Ok(Some(VarInt {
            value: a as u32,
            len: 1,
        })),
        [a, b @ 0..=0x7F, ..] => Ok(Some(VarInt {
            value: (a & 0x7F) as u32 | (b as u32) << 7,
            len: 2,
        })),
        _ => read_long(bytes, at),
    }
}

#[cold]
#[inline(never)]
fn read_long(bytes: &[u8], at: usize) -> Result<Option<VarInt>, Fault> {
    let mut value = 0;
    for (i, &byte) in bytes.iter().take(4).enumerate() {
        value |= u32::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 {
            return Ok(Some(VarInt { value, len: i + 1 }));
        }
    }
    if bytes.len() < 4 {
        return Ok(None);
    }
    Err(Fault::new(DecodeErrorKind::VariableByteInteger, at + 3))
}

/// The bytes of `value`, which is at most [`MAX_REMAINING_LENGTH`], and how many they are.
#[inline]
pub(crate) const fn bytes(value: u32) -> ([u8; 4], usize) {
    match len(value) {
        1 => ([value as u8, 0, 0, 0], 1),
        2 => ([value as u8 | 0x80, (value >> 7) as u8, 0, 0], 2),
        3 => (
            [
                value as u8 | 0x80,
                (value >> 7) as u8 | 0x80,
                (value >> 14) as u8,
                0,
            ],
            3,
        ),
        _ => (
            [
                value as u8 | 0x80,
                (value >> 7) as u8 | 0x80,
                (value >> 14) as u8 | 0x80,
                (value >> 21) as u8 & 0x7F,
            ],
            4,
        ),
    }
}
