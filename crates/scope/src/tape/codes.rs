//! Reasons by their codes.

use vitrine_broker::{CloseReason, DiscardReason, SessionEnd, WillDrop};

const CLOSE: [CloseReason; 12] = [
    CloseReason::ClientDisconnect,
    CloseReason::Cut,
    CloseReason::TakenOver,
    CloseReason::KeepAlive,
    CloseReason::ProtocolError,
    CloseReason::Malformed,
    CloseReason::Refused,
    CloseReason::ConnectTimeout,
    CloseReason::Operator,
    CloseReason::Limit,
    CloseReason::NotAuthorized,
    CloseReason::Shutdown,
];

const DISCARD: [DiscardReason; 8] = [
    DiscardReason::OfflineQoS0,
    DiscardReason::SlowConsumer,
    DiscardReason::QueueFull,
    DiscardReason::TooLarge,
    DiscardReason::Expired,
    DiscardReason::SessionEnded,
    DiscardReason::Refused,
    DiscardReason::NotAuthorized,
];

const SESSION: [SessionEnd; 3] = [
    SessionEnd::Expired,
    SessionEnd::CleanStart,
    SessionEnd::Disconnected,
];

const WILL: [WillDrop; 4] = [
    WillDrop::Disconnected,
    WillDrop::Reconnected,
    WillDrop::Limit,
    WillDrop::NotAuthorized,
];

pub(crate) fn close(code: &str) -> Option<CloseReason> {
    CLOSE.into_iter().find(|reason| reason.code() == code)
}

pub(crate) fn discard(code: &str) -> Option<DiscardReason> {
    DISCARD.into_iter().find(|reason| reason.code() == code)
}

pub(crate) fn session(code: &str) -> Option<SessionEnd> {
    SESSION.into_iter().find(|reason| reason.code() == code)
}

pub(crate) fn will(code: &str) -> Option<WillDrop> {
    WILL.into_iter().find(|reason| reason.code() == code)
}
