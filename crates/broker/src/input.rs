//! What the host tells the broker.

use alloc::rc::Rc;

use vitrine_packet::QoS;

use crate::Access;

/// A transport connection. The host mints the number and never uses it twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Who is at the other end of a transport connection, as far as the host knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// By which door it came: `page`, `worker`, `iframe`, `tab`, `websocket`, `tcp`, `lab`.
    pub door: Rc<str>,
    /// An address or another name for people to read; may be empty.
    pub name: Rc<str>,
}

impl Peer {
    /// A peer that came by this door and has no other name.
    #[must_use]
    pub fn by(door: &str) -> Self {
        Self {
            door: door.into(),
            name: "".into(),
        }
    }
}

/// Something that happened in the world. Handling one never fails: a peer's fault is an outcome.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A transport connection was opened.
    Opened {
        /// Its number, never used before.
        connection: ConnectionId,
        /// Who it is.
        peer: Peer,
    },
    /// Bytes came on a connection, cut anywhere: half a packet, three packets and a half.
    Received {
        /// Where.
        connection: ConnectionId,
        /// The bytes, in the order of the transport.
        bytes: &'a [u8],
    },
    /// A transport connection is gone. Not an error for a connection that the broker closed itself.
    Closed {
        /// Which.
        connection: ConnectionId,
    },
    /// The time of [`crate::Broker::next_deadline`] has come. Harmless when it has not.
    Deadline,
    /// An operator wants something.
    Command(Command<'a>),
}

/// What an operator may ask for.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub enum Command<'a> {
    /// Drop a connected client. Its Will is published, its Session lives on as after any lost connection.
    Drop {
        /// The Client Identifier.
        client: &'a str,
        /// With true a 5.0 client is told DISCONNECT 0x98 (Administrative action) first; with false the
        /// connection ends as a broken network would end it.
        politely: bool,
    },
    /// Publish as the broker itself, which may use topics that begin with `$` too. A topic that is no
    /// valid Topic Name is ignored.
    Publish {
        /// The Topic Name.
        topic: &'a str,
        /// The payload.
        payload: &'a [u8],
        /// The QoS of the publication.
        qos: QoS,
        /// Whether it becomes the topic's Retained Message (or, when empty, removes it).
        retain: bool,
    },
    /// Another [`Access`] counts from now on, also for Subscriptions that were made, messages that wait
    /// and Wills that are not published yet. Clients whose user is gone or has another password are
    /// disconnected (0x87), anonymous ones where none may be any more.
    SetAccess(Rc<Access>),
    /// The answer to [`crate::Output::Authenticate`]. Harmless when nobody asked, or a second time.
    Authenticated {
        /// Which connection.
        connection: ConnectionId,
        /// Whether the password is the user's.
        accepted: bool,
    },
    /// The host stops: every connection ends, 5.0 clients are told DISCONNECT 0x8B (Server shutting
    /// down). What happens to Sessions and Wills is what happens after any lost connection.
    Shutdown,
}
