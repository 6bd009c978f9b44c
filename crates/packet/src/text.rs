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

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Nonzero when one of the eight bytes of `word` is 0.
#[inline]
const fn has_zero(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// Whether one of the eight bytes of `word` is 0, `+` or `#`.
#[inline]
const fn has_nul_or_wildcard(word: u64) -> bool {
    has_zero(word) | has_zero(word ^ (ONES * b'+' as u64)) | has_zero(word ^ (ONES * b'#' as u64))
        != 0
}

/// Where the first U+0000 is.
#[inline]
fn find_nul(bytes: &[u8]) -> Option<usize> {
    find(bytes, |word| has_zero(word) != 0, |byte| byte == 0)
}

/// Where the first U+0000, `+` or `#` is.
#[inline]
pub(crate) fn find_nul_or_wildcard(bytes: &[u8]) -> Option<usize> {
    find(bytes, has_nul_or_wildcard, |byte| {
        matches!(byte, 0 | b'+' | b'#')
    })
}

/// Where the first byte is that `is_hit`; `may_hit` says whether eight bytes hold one.
#[inline]
fn find(
    bytes: &[u8],
    may_hit: impl Fn(u64) -> bool,
    is_hit: impl Fn(u8) -> bool + Copy,
) -> Option<usize> {
    let hit = match bytes.last_chunk() {
        Some(last) => {
            let (words, _) = bytes.as_chunks::<8>();
            // The last eight bytes overlap those before them, which does no harm.
            may_hit(u64::from_le_bytes(*last))
                || words.iter().any(|word| may_hit(u64::from_le_bytes(*word)))
        }
        None => true,
    };
    if hit {
        bytes.iter().position(|&byte| is_hit(byte))
    } else {
        None
    }
}
