//! A payload as far as a row can show it.

use serde::{Deserialize, Serialize};

/// The beginning of an Application Message's payload. A payload is data: whether it is text is
/// found out, never assumed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// The payload's beginning as text, when that is well-formed UTF-8 without control characters
    /// other than line ends and tabs.
    pub text: Option<String>,
    /// The payload's beginning as bytes, when it is not text.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// The whole payload's size in bytes.
    pub size: u32,
    /// True when `text` or `bytes` is less than the whole.
    pub cut: bool,
}
