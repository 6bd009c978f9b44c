//! How a connection ends, in the words of WebSocket.

use vitrine_packet::ReasonCode;

/// What a client is told at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The host closes.
    Close {
        /// The close code (RFC 6455, section 7.4).
        code: u16,
        /// For people.
        reason: &'static str,
    },
    /// The client closed; this is the answer, with what it said.
    Closed {
        /// The client's code.
        code: Option<u16>,
        /// The client's reason.
        reason: Option<String>,
    },
    /// Nothing: the connection is cut.
    Cut,
}

/// A close code that says an MQTT Reason Code is this much higher: 4000 to 4999 are for private use.
const PRIVATE: u16 = 4000;

impl Ending {
    /// A text frame came, where MQTT allows binary ones only [MQTT-6.0.0-1].
    pub(crate) const TEXT: Self = Self::Close {
        code: 1003,
        reason: "MQTT travels in binary frames",
    };

    /// The broker ended the connection for this reason.
    pub(super) fn by_broker(reason: ReasonCode) -> Self {
        let code = match reason as u8 {
            0 => 1000,
            code => PRIVATE + u16::from(code),
        };
        Self::Close {
            code,
            reason: reason.name(),
        }
    }
}
