//! UTF-8 Encoded Strings (5.0 section 1.5.4, 3.1.1 section 1.5.3).
//!
//! Scans look at eight bytes at a time: most strings are short, and byte by byte loops are what a
//! decoder spends its time in.

use crate::DecodeErrorKind;

/// The text of `bytes`: valid UTF-8, which has no surrogates, and without U+0000. A byte order mark
/// is a character like any other. On failure says what and at which byte.
#[inline]
pub(crate) fn check(bytes: &[u8]) -> Result<&str, (DecodeErrorKind, usize)> {
    let text = utf8(bytes)?;
    match find_nul(bytes) {
        None => Ok(text),
        Some(at) => Err((DecodeErrorKind::NulCharacter, at)),
    }
}

/// [`check`] without the rule against U+0000, for fields whose other rules include it.
#[inline]
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, (DecodeErrorKind, usize)> {
    core::str::from_utf8(bytes).map_err(|error| (DecodeErrorKind::InvalidUtf8, error.valid_up_to()))
}

/// Where the first U+0000 is.
#[inline]
fn find_nul(bytes: &[u8]) -> Option<usize> {
    let found = any(bytes, zeros, |byte| byte == 0);
    if found { position(bytes, &[0]) } else { None }
}

/// Where the first U+0000, `+` or `#` is.
#[inline]
pub(crate) fn find_nul_or_wildcard(bytes: &[u8]) -> Option<usize> {
    if has_nul_or_wildcard(bytes) {
        position(bytes, b"\0+#")
    } else {
        None
    }
}

/// Whether there is a U+0000, `+` or `#`.
#[inline]
pub(crate) fn has_nul_or_wildcard(bytes: &[u8]) -> bool {
    any(bytes, nuls_or_wildcards, |byte| {
        matches!(byte, 0 | b'+' | b'#')
    })
}

/// A byte in each of eight.
const fn eight(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Has the highest bit of a byte set when one of the eight bytes of `word` is 0, and none of these
/// eight bits when none is. Other bits mean nothing.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(eight(1)) & !word
}

/// [`zeros`] for bytes that are 0, `+` or `#`.
#[inline]
const fn nuls_or_wildcards(word: u64) -> u64 {
    // The two wildcards differ in one bit.
    const DIFFERENCE: u8 = b'+' ^ b'#';
    const { assert!(DIFFERENCE.count_ones() == 1) };
    zeros(word) | zeros((word & eight(!DIFFERENCE)) ^ eight(b'#' & !DIFFERENCE))
}

/// Whether one of `bytes` is a hit, as `hits` says of eight and `is_hit` of one.
#[inline]
fn any(bytes: &[u8], hits: impl Fn(u64) -> u64, is_hit: impl Fn(u8) -> bool) -> bool {
    let Some(last) = bytes.last_chunk() else {
        return bytes.iter().any(|&byte| is_hit(byte));
    };
    let (words, _) = bytes.as_chunks();
    // The last eight bytes overlap those before them, which does no harm.
    let found = words
        .iter()
        .fold(hits(u64::from_ne_bytes(*last)), |found, word| {
            found | hits(u64::from_ne_bytes(*word))
        });
    found & eight(0x80) != 0
}

/// Where the first of `wanted` is.
#[cold]
#[inline(never)]
fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| wanted.contains(byte))
}
