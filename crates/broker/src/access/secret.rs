//! What nobody outside may guess, made from a secret of the host: the core draws no random numbers.

use alloc::vec::Vec;
use core::fmt;

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// A secret of 32 random bytes. All zero, the default, is none.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A secret of these bytes, which must come from a good source of random numbers.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0 != [0; 32]
    }

    /// Bytes that cannot be told without the secret, and are the same for the same purpose and texts.
    pub(crate) fn derive(&self, purpose: &str, texts: &[&[u8]]) -> [u8; 32] {
        let mut message = Vec::new();
        for text in [purpose.as_bytes()].iter().chain(texts) {
            // With its length, so that no two lists give the same bytes.
            message.extend_from_slice(&(text.len() as u64).to_be_bytes());
            message.extend_from_slice(text);
        }
        mac(&self.0, &message)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_set() {
            "Secret(set)"
        } else {
            "Secret(none)"
        })
    }
}

/// HMAC with SHA-256 (RFC 2104).
pub(crate) fn mac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    // A shorter key stands for one of a block's length that goes on with zeros.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}
