//! What the client tells the application, and what it asks of the host.

use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_packet::{PacketId, PropertyBuf, ReasonCode};
use vitrine_session::Time;

use crate::{Message, Ticket};

/// Something that the application may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The server accepted CONNECT. What it said is in [`crate::Client::server`].
    Connected {
        /// Whether the server goes on with the Session. False: the client begins anew too.
        session_present: bool,
        /// CONNACK's properties.
        properties: PropertyBuf,
    },
    /// A message came. QoS 2: once for each handshake.
    Message {
        /// The message, with its whole topic.
        message: Message,
        /// Whether the server says that it may have been sent before.
        dup: bool,
        /// The Packet Identifier, with QoS 1 and 2.
        packet_id: Option<PacketId>,
    },
    /// A publication reached its end: QoS 0 was sent, QoS 1 acknowledged, the handshake of QoS 2 completed.
    /// Of a message sent again on a timer only the first end is told.
    Published {
        /// Its number.
        ticket: Ticket,
        /// From PUBACK or PUBREC; 0x80 and above: the server refused it. Success with QoS 0 and in 3.x.
        reason: ReasonCode,
    },
    /// PUBREC: the server has a QoS 2 message. [`Self::Published`] follows.
    Received {
        /// Its number.
        ticket: Ticket,
    },
    /// A SUBSCRIBE was answered.
    Subscribed {
        /// Its number.
        ticket: Ticket,
        /// For each filter, in their order: the granted QoS, or 0x80 and above for a refusal.
        codes: Vec<u8>,
    },
    /// An UNSUBSCRIBE was answered.
    Unsubscribed {
        /// Its number.
        ticket: Ticket,
        /// For each filter, in their order, the Reason Code; none in 3.x.
        codes: Vec<u8>,
    },
    /// A publication or request ended without an answer.
    Failed {
        /// Its number.
        ticket: Ticket,
        /// Why.
        why: Failure,
    },
    /// AUTH came, or CONNACK with authentication data. With Continue authentication the server waits for
    /// [`crate::Client::authenticate`].
    Auth {
        /// Its Reason Code.
        reason: ReasonCode,
        /// Authentication Data.
        data: Rc<[u8]>,
    },
    /// The connection ended, or an attempt at one.
    Disconnected {
        /// Why.
        why: Loss,
        /// When the client will ask for another, if it will.
        retry_at: Option<Time>,
    },
}

/// Why a publication or request ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Failure {
    /// The connection ended before a QoS 0 message was sent or a request answered.
    ConnectionLost,
    /// The Session that it belonged to is over: whether the server has the message is not known.
    SessionLost,
    /// Its QoS is above the server's Maximum QoS [MQTT-3.2.2-11].
    QosNotSupported,
    /// The server keeps no Retained Messages [MQTT-3.2.2-14].
    RetainNotSupported,
    /// The packet would be larger than the server's Maximum Packet Size [MQTT-3.2.2-15].
    TooLarge,
    /// The server has no such subscriptions: with wildcards, shared, or with identifiers.
    SubscriptionNotSupported,
}

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// The application wanted it.
    Requested,
    /// The server refused CONNECT, with this code: a Reason Code in 5.0, a return code before.
    Refused(u8),
    /// The server sent DISCONNECT.
    Server(ReasonCode),
    /// The transport ended, or could not be opened.
    Transport,
    /// CONNACK did not come in time.
    ConnectTimeout,
    /// PINGRESP did not come in time.
    PingTimeout,
    /// The server broke a rule, and was told this. With the statement, where there is one.
    Violation(ReasonCode, Option<&'static str>),
    /// The transport takes no bytes, and too many wait for it.
    Stuck,
}

/// Something for the host to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// Open a transport connection to the server, then say [`crate::Input::Opened`], or
    /// [`crate::Input::Closed`] where that cannot be done.
    Open,
    /// There are bytes to pull with [`crate::Client::poll_transmit`]. Said once until they are pulled.
    Transmit,
    /// Send what [`crate::Client::poll_transmit`] still gives, then close the transport. What comes until
    /// then is not listened to. [`crate::Input::Closed`] need not be said for it.
    Close,
}

/// When the client wants to be woken with [`crate::Input::Deadline`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// When. May be in the past, which means at once.
    pub at: Time,
    /// For what.
    pub reason: DeadlineReason,
}

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DeadlineReason {
    /// CONNACK must have come.
    ConnectTimeout,
    /// PINGRESP must have come.
    PingTimeout,
    /// Something must be sent, to be heard.
    KeepAlive,
    /// In 3.x: what was not answered is sent again.
    Resend,
    /// The next attempt to connect.
    Reconnect,
}
