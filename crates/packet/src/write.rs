//! Writing fields to the end of a `Vec<u8>`.

use alloc::vec::Vec;

use crate::{EncodeError, MAX_REMAINING_LENGTH, varint};

/// Appends a fixed header and makes room for the `remaining` bytes that follow it.
#[inline]
pub(crate) fn header(first: u8, remaining: usize, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let length = remaining_length(remaining)?;
    let ([a, b, c, d], len) = varint::bytes(length);
    out.reserve(1 + len + remaining);
    // Lengths that are known at compile time are copied without a call.
    match len {
        1 => out.extend_from_slice(&[first, a]),
        2 => out.extend_from_slice(&[first, a, b]),
        3 => out.extend_from_slice(&[first, a, b, c]),
        _ => out.extend_from_slice(&[first, a, b, c, d]),
    }
    Ok(())
}

/// `remaining` as a Remaining Length.
#[inline]
pub(crate) fn remaining_length(remaining: usize) -> Result<u32, EncodeError> {
    match u32::try_from(remaining) {
        Ok(length @ ..=MAX_REMAINING_LENGTH) => Ok(length),
        _ => Err(EncodeError::PacketTooLarge),
    }
}

/// The size of a whole packet with this Remaining Length.
#[inline]
pub(crate) fn packet_len(remaining: usize) -> Result<usize, EncodeError> {
    Ok(1 + varint::len(remaining_length(remaining)?) + remaining)
}

/// How many bytes `field` takes with its two byte length.
#[inline]
pub(crate) const fn field_len(field: &[u8]) -> Result<usize, EncodeError> {
    if field.len() > 0xFFFF {
        return Err(EncodeError::FieldTooLong);
    }
    Ok(2 + field.len())
}

/// How many bytes a Variable Byte Integer and as many bytes as it says take.
#[inline]
pub(crate) fn counted_len(bytes: &[u8]) -> Result<usize, EncodeError> {
    Ok(varint::len(remaining_length(bytes.len())?) + bytes.len())
}

/// Appends Binary Data or a UTF-8 Encoded String, of which [`field_len`] was asked.
#[inline]
pub(crate) fn field(field: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(field.len() as u16).to_be_bytes());
    out.extend_from_slice(field);
}

/// Appends a Variable Byte Integer.
#[inline]
pub(crate) fn var(value: u32, out: &mut Vec<u8>) {
    let (bytes, len) = varint::bytes(value);
    out.extend_from_slice(&bytes[..len]);
}

/// Appends `bytes` after their count, of which [`counted_len`] was asked.
#[inline]
pub(crate) fn counted(bytes: &[u8], out: &mut Vec<u8>) {
    var(bytes.len() as u32, out);
    out.extend_from_slice(bytes);
}
