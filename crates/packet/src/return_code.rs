//! CONNACK's return codes before 5.0 (3.1.1 section 3.2.2.3).

use crate::ReasonCode;

/// A CONNACK return code of 3.1 and 3.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ConnectReturnCode {
    /// Connection accepted.
    Accepted = 0,
    /// The server does not speak that protocol version.
    UnacceptableProtocolVersion = 1,
    /// The Client Identifier is correct UTF-8, but not allowed.
    IdentifierRejected = 2,
    /// The MQTT service is unavailable.
    ServerUnavailable = 3,
    /// User name or password are malformed or wrong.
    BadUserNameOrPassword = 4,
    /// The client may not connect.
    NotAuthorized = 5,
}

impl ConnectReturnCode {
    /// The code of this number; `None` for the reserved 6 to 255.
    pub const fn from_u8(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Accepted,
            1 => Self::UnacceptableProtocolVersion,
            2 => Self::IdentifierRejected,
            3 => Self::ServerUnavailable,
            4 => Self::BadUserNameOrPassword,
            5 => Self::NotAuthorized,
            _ => return None,
        })
    }

    /// The code that says to a 3.x client what `reason` says to a 5.0 one; `None` when none fits,
    /// and then the connection is closed without a CONNACK [MQTT-3.2.2-6].
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the list is of those that have a counterpart"
    )]
    pub const fn from_reason(reason: ReasonCode) -> Option<Self> {
        Some(match reason {
            ReasonCode::Success => Self::Accepted,
            ReasonCode::UnsupportedProtocolVersion => Self::UnacceptableProtocolVersion,
            ReasonCode::ClientIdentifierNotValid => Self::IdentifierRejected,
            ReasonCode::ServerUnavailable
            | ReasonCode::ServerBusy
            | ReasonCode::QuotaExceeded
            | ReasonCode::UseAnotherServer
            | ReasonCode::ServerMoved
            | ReasonCode::ConnectionRateExceeded => Self::ServerUnavailable,
            ReasonCode::BadUserNameOrPassword => Self::BadUserNameOrPassword,
            ReasonCode::NotAuthorized
            | ReasonCode::Banned
            | ReasonCode::BadAuthenticationMethod => Self::NotAuthorized,
            _ => return None,
        })
    }

    /// Its number.
    #[inline]
    pub const fn as_u8(self) -> u8 {
        self as u8
    }

    /// Its meaning, in the words of the standard.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "Connection Accepted",
            Self::UnacceptableProtocolVersion => "unacceptable protocol version",
            Self::IdentifierRejected => "identifier rejected",
            Self::ServerUnavailable => "Server unavailable",
            Self::BadUserNameOrPassword => "bad user name or password",
            Self::NotAuthorized => "not authorized",
        }
    }
}
