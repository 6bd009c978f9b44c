//! What the broker asks of the host.

use vitrine_packet::ReasonCode;

use crate::{ConnectionId, Time};

/// Something for the host to do.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The connection has bytes to pull with [`crate::Broker::poll_transmit`]. Said once until they are
    /// pulled, and again when some were left.
    Transmit {
        /// Which connection.
        connection: ConnectionId,
    },
    /// The connection ends: pull and send what [`crate::Broker::poll_transmit`] still gives (nothing
    /// where the end is abrupt), then close the transport. The broker takes nothing more from it.
    Close {
        /// Which connection.
        connection: ConnectionId,
        /// Why, in the words of 5.0, whatever version the client speaks.
        reason: ReasonCode,
    },
    /// The User Name and password of a CONNECT are to be checked ([`crate::Broker::credentials`]) and
    /// the answer given ([`crate::Command::Authenticated`]), at once or later. A host that can should read
    /// nothing more from the transport until then: what comes is kept only within
    /// [`crate::Config::max_early_bytes`]. The connection may end before the answer.
    Authenticate {
        /// Which connection.
        connection: ConnectionId,
    },
    /// What comes on the connection is published faster than those who receive it take it: a host that reads
    /// nothing from it until then loses fewer messages. It may be ignored: what finds no room is then
    /// discarded (QoS 0 first), as it is where a receiver has stopped to read, for which nobody has to
    /// wait. A publisher is never asked to wait for longer than [`crate::Config::publisher_pause`] at a
    /// time, so nobody waits for ever for somebody else.
    Throttle {
        /// Which connection.
        connection: ConnectionId,
        /// Until when.
        until: Time,
    },
    /// There are changes to make durable ([`crate::Broker::take_changes`]) before pulling further bytes, but for
    /// those that do not rest on them ([`crate::Broker::rests_on`]). Said only where [`crate::Config::durable`] is set.
    Persist,
}

/// When the broker wants to be woken with [`crate::Input::Deadline`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// When. May be in the past, which means at once.
    pub at: Time,
    /// For what. Where several fall on the same time, the first of them.
    pub reason: DeadlineReason,
}

/// What a deadline is for.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeadlineReason {
    /// A connection must have sent CONNECT.
    ConnectTimeout,
    /// A client must have been heard.
    KeepAlive,
    /// A Will is published.
    WillDelay,
    /// A Session ends.
    SessionExpiry,
    /// A queued or Retained Message is no longer worth delivering.
    MessageExpiry,
    /// A connection that was closed must have taken its last bytes.
    Linger,
    /// What is told under `$SYS` is to be brought up to date.
    Sys,
}
